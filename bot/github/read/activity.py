"""Who pushed to the head branch, as far as GitHub tells."""

from __future__ import annotations

import msgspec

from bot.core.pull import Actor
from bot.github.client import Client, shaped
from bot.github.errors import Refused
from bot.github.read.accounts import actor_of
from bot.github.read.commits import RestUser
from bot.github.read.told import Told

MOST_ACTIVITIES = 100


class _Activity(msgspec.Struct, frozen=True):
    actor: RestUser | None = None


async def read_branch_pushers(client: Client, told: Told) -> tuple[Actor, ...]:
    """The accounts seen pushing to the head branch, sorted by login: of the last 100 pushes and all forced ones.

    A fork's activity is not open to the App, and GitHub Enterprise may not have it: then only the forced pushes
    of the timeline are known. The authors and committers of the commits are known in any case.
    """
    forced = [node.actor for node in told.timeline if node.typename == "HeadRefForcePushedEvent" and node.actor]
    found = {actor_of(account) for account in forced}
    if not told.pull.is_cross_repository:
        found |= await pushers_of(client, told.owner, told.name, told.pull.head_ref_name)
    return tuple(sorted(found, key=lambda actor: (actor.login.lower(), actor.id or 0)))


async def pushers_of(client: Client, owner: str, name: str, branch: str) -> set[Actor]:
    """The accounts behind the last pushes to a branch, none where GitHub does not tell."""
    try:
        # https://docs.github.com/en/rest/repos/repos#list-repository-activities
        answer = await client.get(
            "/repos/{owner}/{name}/activity{?ref,per_page}",
            owner=owner,
            name=name,
            ref=f"refs/heads/{branch}",
            per_page=MOST_ACTIVITIES,
        )
    except Refused:
        return set()
    actors = (activity.actor.actor() for activity in shaped(answer, tuple[_Activity, ...]) if activity.actor)
    return {actor for actor in actors if actor is not None}
