"""Two revisions of a local clone as the pull request they would be."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from bot.core.policy.requirement import POLICY_PATH
from bot.core.pull import Actor, ActorKind, PullRequest, PullState, Repository
from bot.git.blobs import BlobReader
from bot.git.clone import Revision
from bot.git.command import GitError
from bot.git.diff import Difference, read_difference
from bot.git.lineage import read_lineage
from bot.git.source import Source

MOST_FILES = 10_000
_LARGEST_POLICY = 1024 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Supplied:
    """What git does not know of a pull request, as the caller told it; "" and () where nothing was told."""

    author: str = ""
    head_ref: str = ""
    title: str = ""
    body: str = ""
    labels: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """`notices` are sentences about the reading that change nothing in the judgement."""

    pull: PullRequest
    notices: tuple[str, ...] = ()


def read_pull(source: Source, base: Revision, head: Revision, supplied: Supplied) -> Reading:
    """The pull request that would bring `head` into `base`. GitError when the two cannot be compared.

    As on GitHub the diff starts from the merge base; of several, from the first that git names.
    """
    lineage = read_lineage(source, base, head)
    difference = read_difference(source.clone, lineage.merge_bases[0], head.sha)
    blobs = BlobReader(source.objects)
    pull = PullRequest(
        repository=Repository(id=0, owner="local", name=source.clone.name),
        number=0,
        author=author_of(supplied.author),
        title=supplied.title,
        body=supplied.body,
        state=PullState.OPEN,
        draft=False,
        base_ref=base.branch or base.sha[:12],
        base_sha=base.sha,
        merge_base=lineage.merge_bases[0],
        head_ref=supplied.head_ref or head.branch,
        head_sha=head.sha,
        labels=supplied.labels,
        commits=lineage.commits,
        files=tuple(blobs.read_file(change) for change in difference.changes[:MOST_FILES]),
        incomplete=(*lineage.lost, *_too_many_files(difference)),
    )
    return Reading(pull=pull, notices=(*_range_notices(pull, lineage.merge_bases), *difference.notices))


def read_policy(source: Source, base: Revision) -> str | None:
    """The text of the policy file in the base commit, None when there is none. GitError when it cannot be read."""
    blob = _entry(source, base.sha, POLICY_PATH)
    if blob is None:
        return None
    header = source.objects.header(blob)
    if header is None or header.kind != "blob" or header.size > _LARGEST_POLICY:
        raise GitError(f"{POLICY_PATH} of {base.sha[:12]} cannot be read: expected a file of at most 1 MiB")
    return source.objects.content(blob).decode("utf-8", "replace")


def author_of(login: str) -> Actor:
    """The account of the given login; a ghost when none is given, since git does not know accounts."""
    if not login:
        return Actor(login="ghost", id=None, kind=ActorKind.GHOST)
    kind = ActorKind.BOT if login.lower().endswith("[bot]") else ActorKind.USER
    return Actor(login=login, id=None, kind=kind)


def _entry(source: Source, commit: str, path: str) -> str | None:
    output = source.clone.read("ls-tree", "-z", "--full-tree", "--end-of-options", commit, path)
    if not output.good:
        raise GitError(f"the tree of {commit[:12]} cannot be read")
    words = output.stdout.partition(b"\t")[0].split()
    return words[2].decode("ascii") if words else None


def _too_many_files(difference: Difference) -> Sequence[str]:
    count = len(difference.changes)
    return [f"{count} changed files, over the limit of {MOST_FILES}"] if count > MOST_FILES else []


def _range_notices(pull: PullRequest, merge_bases: tuple[str, ...]) -> list[str]:
    notices = []
    if pull.merge_base == pull.head_sha:
        notices.append("the base already contains the head: there is nothing to judge")
    if len(merge_bases) > 1:
        start = pull.merge_base[:12]
        notices.append(f"{len(merge_bases)} merge bases: the diff starts from {start}, as git and GitHub do")
    return notices
