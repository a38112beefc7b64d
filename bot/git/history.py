"""The first-parent line of a branch: each commit on it is what one pull request, or one direct push, landed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

import re2

from bot.core.pull import Commit
from bot.git.clone import Revision
from bot.git.command import GitError
from bot.git.commit import commit_time, parse_commit
from bot.git.lineage import LARGEST_COMMIT
from bot.git.read import Supplied
from bot.git.source import Source

# The subjects that GitHub writes by itself:
# https://docs.github.com/pull-requests/collaborating-with-pull-requests/incorporating-changes-from-a-pull-request/about-pull-request-merges
_MERGE = re2.compile(r"^Merge pull request #([0-9]{1,9}) from [^/\s]{1,100}/(\S{1,250})")
_MERGED_BRANCH = re2.compile(r"^Merge (?:remote-tracking )?branch '(?:origin/)?([^'\s]{1,250})'")
_SQUASH = re2.compile(r"\(#([0-9]{1,9})\)$")


class Way(StrEnum):
    """How a change came onto the line."""

    MERGE = "merge"
    SQUASH = "squash"
    DIRECT = "direct"


@dataclass(frozen=True, slots=True, kw_only=True)
class Landing:
    """One commit of the line. `number` is the pull request's as the subject tells it, None when it does not.

    `landed_at` is the committer's time, Unix seconds. `head_ref` is "" where the subject names no branch.
    """

    sha: str
    parent: str
    way: Way
    landed_at: int
    number: int | None
    title: str
    head_ref: str

    @property
    def range(self) -> tuple[Revision, Revision]:
        """What the change is judged between: the line before it and after it, so that nothing landed unseen."""
        return Revision(sha=self.parent, ref=""), Revision(sha=self.sha, ref="")

    @property
    def supplied(self) -> Supplied:
        return Supplied(head_ref=self.head_ref, title=self.title)


def first_parent_line(source: Source, tip: Revision) -> Iterator[Landing]:
    """All landings before and at `tip`, newest first. The root, and a shallow clone's last commit, land nothing."""
    listing = source.clone.read("rev-list", "--first-parent", "--parents", "--end-of-options", tip.sha)
    if not listing.good:
        raise GitError(f"the history of {source.clone.path} cannot be read: {listing.stderr or 'too long'}")
    for line in listing.stdout.decode("ascii").splitlines():
        sha, *parents = line.split()
        if parents:
            yield _landing(source, sha, parents)


def _landing(source: Source, sha: str, parents: list[str]) -> Landing:
    header = source.objects.header(sha)
    if header is None or header.size > LARGEST_COMMIT:
        return Landing(
            sha=sha, parent=parents[0], way=Way.DIRECT, landed_at=0, number=None, title="(not read)", head_ref=""
        )
    raw = source.objects.content(sha)
    commit = parse_commit(sha, raw, ())
    way, number, head_ref = _way(commit, len(parents))
    return Landing(
        sha=sha,
        parent=parents[0],
        way=way,
        landed_at=commit_time(raw),
        number=number,
        title=_title(commit, way),
        head_ref=head_ref,
    )


def _way(commit: Commit, parents: int) -> tuple[Way, int | None, str]:
    subject = commit.message.partition("\n")[0].rstrip()
    if parents > 1:
        merge = _MERGE.match(subject)
        if merge:
            return Way.MERGE, int(merge[1]), merge[2]
        branch = _MERGED_BRANCH.match(subject)
        return Way.MERGE, None, branch[1] if branch else ""
    squash = _SQUASH.search(subject)
    return (Way.SQUASH, int(squash[1]), "") if squash else (Way.DIRECT, None, "")


def _title(commit: Commit, way: Way) -> str:
    """The pull request's title: the first line of the body of GitHub's merge commits, the subject of all others."""
    subject, _, body = commit.message.partition("\n")
    first = body.strip().partition("\n")[0]
    return first if way is Way.MERGE and first and _MERGE.match(subject) else subject.strip()
