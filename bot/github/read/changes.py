"""Which paths the pull request changes, from its merge base to its head."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import msgspec

from bot.core.pull import FileStatus
from bot.github.client import Client, shaped
from bot.github.errors import NotFound
from bot.github.read.told import Told

# https://docs.github.com/en/rest/commits/commits#compare-two-commits
MOST_COMPARED_FILES = 300
# https://docs.github.com/en/rest/pulls/pulls#list-pull-requests-files
MOST_LISTED_FILES = 3000


class Status(StrEnum):
    """GitHub's words; `unchanged` it documents and hardly says."""

    ADDED = "added"
    MODIFIED = "modified"
    REMOVED = "removed"
    RENAMED = "renamed"
    COPIED = "copied"
    CHANGED = "changed"
    UNCHANGED = "unchanged"


class Change(msgspec.Struct, frozen=True):
    """A changed path. `sha` is the head's blob, of a removed file the base's; null for a submodule."""

    filename: str
    status: Status
    sha: str | None = None
    previous_filename: str | None = None

    @property
    def old_path(self) -> str:
        return self.previous_filename or self.filename

    @property
    def file_status(self) -> FileStatus:
        return FileStatus.CHANGED if self.status is Status.UNCHANGED else FileStatus(self.status.value)


class _MergeBase(msgspec.Struct, frozen=True):
    sha: str


class _Comparison(msgspec.Struct, frozen=True):
    merge_base_commit: _MergeBase
    total_commits: int
    files: tuple[Change, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Changes:
    """`merge_base` is "" when GitHub finds none. `lost` names what was not told whole."""

    merge_base: str
    files: tuple[Change, ...]
    lost: tuple[str, ...]


async def list_changes(client: Client, told: Told, base_sha: str) -> Changes:
    """The changed files, both names of a rename, and the commit the three-dot diff starts from."""
    pull = told.pull
    try:
        # The commits are known already; one to a page keeps the answer small, the files all come with the first.
        answer = await client.get(
            "/repos/{owner}/{name}/compare/{base}...{head}?per_page=1",
            owner=told.owner,
            name=told.name,
            base=base_sha,
            head=pull.head_ref_oid,
        )
    except NotFound:
        return Changes(merge_base="", files=(), lost=("GitHub cannot compare the base with the head",))
    comparison = shaped(answer, _Comparison)
    files = comparison.files
    if len(files) >= MOST_COMPARED_FILES:
        files = await _list_pages(client, told)
    lost = []
    # More than GitHub counts is no loss: its own counts lag behind a base branch that took some of the commits.
    if len(files) < pull.changed_files or len(files) >= MOST_LISTED_FILES:
        lost.append(f"changed files: GitHub counts {pull.changed_files}, {len(files)} were told")
    if comparison.total_commits > len(told.commits):
        lost.append(f"commits: {comparison.total_commits} lie between base and head, {len(told.commits)} were told")
    return Changes(merge_base=comparison.merge_base_commit.sha, files=files, lost=tuple(lost))


async def _list_pages(client: Client, told: Told) -> tuple[Change, ...]:
    items = await client.items(
        "/repos/{owner}/{name}/pulls/{number}/files?per_page=100",
        most=MOST_LISTED_FILES,
        owner=told.owner,
        name=told.name,
        number=told.pull.number,
    )
    return shaped(items, tuple[Change, ...])
