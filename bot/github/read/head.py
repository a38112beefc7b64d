"""Reads only which head a pull request has and whether our check stands there, for when a whole look failed."""

from __future__ import annotations

from dataclasses import dataclass

import msgspec

from bot.core.decision import Conclusion
from bot.core.pull import Actor, ActorKind, PullRequest, PullState, Repository
from bot.core.render import check_name
from bot.github.client import Client, shaped
from bot.jobs import Evaluate

_MOST_RUNS = 100
_BLOCKING = frozenset({Conclusion.ACTION_REQUIRED.value, Conclusion.FAILURE.value})


class _Branch(msgspec.Struct, frozen=True):
    ref: str
    sha: str


class _Pull(msgspec.Struct, frozen=True):
    state: str
    head: _Branch
    base: _Branch


class _Run(msgspec.Struct, frozen=True):
    status: str
    conclusion: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Head:
    """`pull` holds what a check run needs and claims nothing else. `is_shut`: a check of ours blocks there."""

    pull: PullRequest
    is_shut: bool


async def read_head(client: Client, job: Evaluate) -> Head:
    """GitHubError when GitHub does not answer well."""
    place = {"owner": job.owner, "name": job.name}
    answer = await client.get("/repos/{owner}/{name}/pulls/{number}", number=job.number, **place)
    told = shaped(answer, _Pull)
    runs = await client.items(
        "/repos/{owner}/{name}/commits/{sha}/check-runs?check_name={check}&app_id={app}",
        key="check_runs",
        most=_MOST_RUNS,
        sha=told.head.sha,
        check=check_name(told.base.ref),
        app=client.app_id,
        **place,
    )
    pull = PullRequest(
        repository=Repository(id=job.repository_id, owner=job.owner, name=job.name),
        number=job.number,
        author=Actor(login="ghost", id=None, kind=ActorKind.GHOST),
        title="",
        body="",
        state=PullState.OPEN if told.state == "open" else PullState.CLOSED,
        draft=False,
        base_ref=told.base.ref,
        base_sha=told.base.sha,
        merge_base="",
        head_ref=told.head.ref,
        head_sha=told.head.sha,
        labels=(),
        commits=(),
        files=(),
        incomplete=("nothing but the head was read",),
    )
    # GitHub lists the latest run of each name and suite: https://docs.github.com/en/rest/checks/runs
    return Head(pull=pull, is_shut=bool(runs) and all(_blocks(shaped(run, _Run)) for run in runs))


def _blocks(run: _Run) -> bool:
    return run.status == "completed" and run.conclusion in _BLOCKING
