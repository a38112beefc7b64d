"""Check runs as GraphQL tells them, and which of them is ours."""

from __future__ import annotations

import msgspec

from bot.core.writes import PostedCheck
from bot.github.read.shapes import Nodes


class App(msgspec.Struct, frozen=True, rename="camel"):
    database_id: int | None
    slug: str


class Run(msgspec.Struct, frozen=True, rename="camel"):
    database_id: int | None
    name: str
    status: str
    conclusion: str | None
    external_id: str | None


class Suite(msgspec.Struct, frozen=True, rename="camel"):
    app: App | None
    check_runs: Nodes[Run] | None


def is_app(suite: Suite, app_id: int) -> bool:
    return suite.app is not None and suite.app.database_id == app_id


def latest_own_run(suites: Nodes[Suite] | None, app_id: int, name: str, head_sha: str) -> PostedCheck | None:
    """The latest run of our App with our name; runs are numbered in the order they are made."""
    own = [suite for suite in (suites.nodes if suites else ()) if suite is not None and is_app(suite, app_id)]
    runs = [run for suite in own for run in (suite.check_runs.nodes if suite.check_runs else ()) if run is not None]
    named = [run for run in runs if run.name == name and run.database_id is not None]
    latest = max(named, key=lambda run: run.database_id or 0, default=None)
    if latest is None or latest.database_id is None:
        return None
    done = latest.status == "COMPLETED" and latest.conclusion
    return PostedCheck(
        id=latest.database_id,
        name=latest.name,
        head_sha=head_sha,
        external_id=latest.external_id or "",
        conclusion=latest.conclusion.lower() if done and latest.conclusion else "",
    )
