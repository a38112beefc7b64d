"""Commits that were on an earlier head of the pull request and were pushed away."""

from __future__ import annotations

from dataclasses import dataclass

import msgspec

from bot.core.history import History
from bot.core.pull import Commit
from bot.github.client import Client, shaped
from bot.github.errors import NotFound
from bot.github.read.commits import RestCommit
from bot.github.read.told import Told

MOST_PAST_HEADS = 50
MOST_PAST_COMMITS = 1000


class _Comparison(msgspec.Struct, frozen=True):
    total_commits: int
    commits: tuple[RestCommit, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Past:
    """`heads` are those whose commits are all in `commits`; `is_whole` is false while more heads wait their turn."""

    commits: tuple[Commit, ...]
    lost: tuple[str, ...]
    heads: tuple[str, ...] = ()
    is_whole: bool = True


async def read_past(client: Client, told: Told, base_sha: str, history: History) -> Past:
    """The commits of earlier heads that were never judged, so many at one look; what was judged is in the ledger."""
    judged = {sighting.head_sha for sighting in history.sightings if sighting.published_at is not None}
    judged |= set(history.past_heads)
    present = {commit.oid for commit in told.commits} | {told.pull.head_ref_oid}
    pushed = [node for node in told.timeline if node.typename == "HeadRefForcePushedEvent"]
    lost = ["a head that was pushed away is no longer told" for node in pushed if node.before_commit is None]
    seen = {sighting.head_sha for sighting in history.sightings}
    heads = sorted(({node.before_commit.oid for node in pushed if node.before_commit} | seen) - judged - present)
    if len(heads) > MOST_PAST_HEADS:
        lost.append(f"{len(heads)} earlier heads are still to be read, {MOST_PAST_HEADS} at a time")
    commits: dict[str, Commit] = {}
    read = []
    for head in heads[:MOST_PAST_HEADS]:
        past = await _read_head(client, told, base_sha, head)
        commits |= {commit.sha: commit for commit in past.commits if commit.sha not in present}
        lost += past.lost
        read += [] if past.lost else [head]
    return Past(
        commits=tuple(commits.values()),
        lost=tuple(lost),
        heads=tuple(read),
        is_whole=len(heads) <= MOST_PAST_HEADS,
    )


async def _read_head(client: Client, told: Told, base_sha: str, head: str) -> Past:
    commits: list[RestCommit] = []
    page = total = 1
    while len(commits) < total and len(commits) < MOST_PAST_COMMITS:
        try:
            answer = await client.get(
                "/repos/{owner}/{name}/compare/{base}...{head}?per_page=100&page={page}",
                owner=told.owner,
                name=told.name,
                base=base_sha,
                head=head,
                page=page,
            )
        except NotFound:
            return Past(commits=(), lost=(f"the earlier head {head[:8]} cannot be read any more",))
        comparison = shaped(answer, _Comparison)
        total = comparison.total_commits
        if not comparison.commits:
            break
        commits += comparison.commits
        page += 1
    lost = () if len(commits) == total else (f"earlier head {head[:8]}: {len(commits)} of {total} commits read",)
    return Past(commits=tuple(commit.as_commit() for commit in commits), lost=lost)
