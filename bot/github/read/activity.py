"""Who pushed to the head branch: as GitHub lists it, and as the events told."""

from __future__ import annotations

from dataclasses import dataclass

import msgspec

from bot.core.approval.records import Push
from bot.core.pull import Actor, PullState
from bot.github.client import Client, shaped
from bot.github.errors import Refused
from bot.github.read.accounts import actor_of
from bot.github.read.commits import RestUser
from bot.github.read.told import Told

ACTIVITIES_PER_PAGE = 100
MOST_ACTIVITIES = 1000
# After these an older push may have brought a commit that another one brought again.
_REWRITING = frozenset({"force_push", "branch_deletion"})
_PATH = "/repos/{owner}/{name}/activity?per_page=100{&ref}"


class _Activity(msgspec.Struct, frozen=True):
    activity_type: str
    before: str
    actor: RestUser | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class BranchPushers:
    """`unread` says why there may be more than these, "" when there are not."""

    accounts: frozenset[Actor]
    unread: str = ""


async def read_branch_pushers(client: Client, told: Told, pushes: tuple[Push, ...]) -> BranchPushers:
    """Everybody who is known to have pushed to the head branch; `pushes` are those that were heard of.

    A fork's list may be closed to the App. Who pushed there is known all the same when the events told of every head
    from the opening on; who pushed to it before, its owner let in.
    """
    forced = (node.actor for node in told.timeline if node.typename == "HeadRefForcePushedEvent" and node.actor)
    known = {actor_of(account) for account in forced} | {push.by for push in pushes}
    repository = told.pull.head_repository
    if repository is None:
        listed = BranchPushers(accounts=frozenset(), unread="the repository of the head branch is gone")
    else:
        owner, _, name = repository.name_with_owner.partition("/")
        commits = frozenset(commit.oid for commit in told.commits)
        listed = await pushers_of(client, owner, name, told.pull.head_ref_name, commits)
    # Of a branch that is gone GitHub may tell nothing; a late review of what is not open opens nothing.
    unread = listed.unread if told.pull.state is PullState.OPEN else ""
    if unread and told.pull.is_cross_repository:
        heard = _heard_from_the_start(told.pull.head_ref_oid, pushes)
        unread = "" if heard else f"{unread}; if this stays, open a new pull request from the fork"
    return BranchPushers(accounts=frozenset(known) | listed.accounts, unread=unread)


async def pushers_of(client: Client, owner: str, name: str, branch: str, commits: frozenset[str]) -> BranchPushers:
    """The accounts behind the pushes to a branch that may have brought one of `commits`, and maybe more."""
    place = {"owner": owner, "name": name, "ref": f"refs/heads/{branch}"}
    try:
        # https://docs.github.com/en/rest/repos/repos#list-repository-activities: newest first, for `contents: read`
        activities = shaped(await client.get(_PATH, **place), tuple[_Activity, ...])
        is_whole = len(activities) < ACTIVITIES_PER_PAGE or _reaches_base(activities, commits)
        if not is_whole:
            more = await client.items(_PATH, most=MOST_ACTIVITIES, **place)
            activities = shaped(more, tuple[_Activity, ...])
            is_whole = len(activities) <= MOST_ACTIVITIES or _reaches_base(activities, commits)
    except Refused as error:
        return BranchPushers(
            accounts=frozenset(), unread=f"who pushed to the head branch: GitHub answers {error.status}"
        )
    actors = (activity.actor.actor() for activity in activities if activity.actor)
    return BranchPushers(
        accounts=frozenset(actor for actor in actors if actor is not None),
        unread="" if is_whole else f"who pushed to the head branch: more than {MOST_ACTIVITIES} pushes",
    )


def _reaches_base(activities: tuple[_Activity, ...], commits: frozenset[str]) -> bool:
    """Whether a push began outside of the pull request and nothing was rewritten since: older ones brought none."""
    return not any(activity.activity_type in _REWRITING for activity in activities) and any(
        activity.before not in commits for activity in activities
    )


def _heard_from_the_start(head_sha: str, pushes: tuple[Push, ...]) -> bool:
    """Whether the head can be followed back, push by push, to the one that the pull request was opened with."""
    seen: set[str] = set()
    heads = {head_sha}
    while heads:
        seen |= heads
        heads = {push.before for push in pushes if push.after in heads} - seen
        if "" in heads:
            return True
    return False
