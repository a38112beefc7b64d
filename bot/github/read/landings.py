"""How a branch moved, and which merged pull requests it moved by."""

from __future__ import annotations

from datetime import datetime

import msgspec

from bot.core.landing import MergedPull, Move, MoveKind
from bot.github.client import Client, shaped
from bot.github.read.branch import HEADS, Branch
from bot.github.read.commits import RestUser

# A branch that moved more often since it was last looked at is not followed, and that is an incident.
MOST_MOVES = 300
_PAGE = 100


class _Activity(msgspec.Struct, frozen=True):
    id: int
    activity_type: str
    before: str
    after: str
    timestamp: datetime
    actor: RestUser | None = None

    def move(self) -> Move:
        known = self.activity_type in MoveKind._value2member_map_
        return Move(
            id=self.id,
            kind=MoveKind(self.activity_type) if known else MoveKind.UNKNOWN,
            before=self.before,
            after=self.after,
            actor=(self.actor.login if self.actor else None) or "",
            at=int(self.timestamp.timestamp()),
        )


class _Side(msgspec.Struct, frozen=True):
    ref: str
    sha: str


class _Pull(msgspec.Struct, frozen=True):
    number: int
    head: _Side
    base: _Side
    merged_at: datetime | None = None
    merge_commit_sha: str | None = None


async def list_moves(client: Client, where: Branch, after: Move) -> tuple[Move, ...] | None:
    """The moves since `after`, oldest first; None when GitHub does not tell all of them.

    https://docs.github.com/en/rest/repos/repos#list-repository-activities
    """
    listed = await _list(client, where, _PAGE)
    found = _since(listed, after)
    if found is None and len(listed) >= _PAGE:
        listed = await _list(client, where, MOST_MOVES)
        found = _since(listed, after)
    if found is None and len(listed) <= MOST_MOVES:
        # Told whole, and it does not reach back as far: a gap shows in the commits, which then do not join.
        found = listed
    return None if found is None else tuple(reversed(found))


async def _list(client: Client, where: Branch, most: int) -> list[Move]:
    """Newest first."""
    answers = await client.items(
        "/repos/{owner}/{name}/activity{?ref,per_page}",
        most=most,
        owner=where.owner,
        name=where.name,
        ref=f"{HEADS}{where.branch}",
        per_page=_PAGE,
    )
    return [one.move() for one in shaped(answers, tuple[_Activity, ...])]


def _since(listed: list[Move], after: Move) -> list[Move] | None:
    """Those that came after the known one. Our own notes have no id: they are known by their commit and their time."""
    if after.id:
        known = [index for index, move in enumerate(listed) if move.id == after.id]
    else:
        there = [index for index, move in enumerate(listed) if move.after == after.after]
        # GitHub's clock may be ahead of ours; then the last time that the branch was there is taken.
        known = [index for index in there if listed[index].at <= after.at] or there
    return listed[: known[0]] if known else None


async def list_merged(client: Client, where: Branch) -> tuple[MergedPull, ...]:
    """The pull requests into the branch that GitHub calls merged; of those closed, the 100 touched last."""
    answers = await client.get(
        "/repos/{owner}/{name}/pulls{?state,base,sort,direction,per_page}",
        owner=where.owner,
        name=where.name,
        state="closed",
        base=where.branch,
        sort="updated",
        direction="desc",
        per_page=_PAGE,
    )
    return _merged(answers)


async def list_merged_with(client: Client, where: Branch, commit: str) -> tuple[MergedPull, ...]:
    """Those that brought the commit, however long ago."""
    answers = await client.get(
        "/repos/{owner}/{name}/commits/{sha}/pulls?per_page=100", owner=where.owner, name=where.name, sha=commit
    )
    return _merged(answers)


def _merged(answers: object) -> tuple[MergedPull, ...]:
    return tuple(
        MergedPull(number=one.number, head_sha=one.head.sha, base_ref=one.base.ref, merge_sha=one.merge_commit_sha)
        for one in shaped(answers, tuple[_Pull, ...])
        if one.merged_at is not None and one.merge_commit_sha
    )
