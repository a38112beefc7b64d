"""Which deployments of a workflow run still wait, and how a commit lies to another."""

from __future__ import annotations

import msgspec

from bot.github.client import Client, shaped
from bot.github.errors import NotFound
from bot.github.read.branch import Branch

_OLDER = frozenset({"behind", "identical"})


class _Environment(msgspec.Struct, frozen=True):
    name: str


class _Pending(msgspec.Struct, frozen=True):
    environment: _Environment


class _Comparison(msgspec.Struct, frozen=True):
    status: str


async def still_waits(client: Client, where: Branch, run_id: int, environment: str) -> bool:
    """False also when there is no such run any more.

    https://docs.github.com/en/rest/actions/workflow-runs#get-pending-deployments-for-a-workflow-run
    """
    try:
        answer = await client.get(
            "/repos/{owner}/{name}/actions/runs/{run_id}/pending_deployments",
            owner=where.owner,
            name=where.name,
            run_id=run_id,
        )
    except NotFound:
        return False
    pending = shaped(answer, tuple[_Pending, ...])
    return environment.lower() in {one.environment.name.lower() for one in pending}


async def is_older(client: Client, where: Branch, sha: str, than: str) -> bool:
    """Whether `sha` is `than` or an ancestor of it; false when GitHub does not know one of them."""
    try:
        answer = await client.get(
            "/repos/{owner}/{name}/compare/{base}...{head}?per_page=1",
            owner=where.owner,
            name=where.name,
            base=than,
            head=sha,
        )
    except NotFound:
        return False
    return shaped(answer, _Comparison).status in _OLDER
