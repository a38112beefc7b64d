"""Two revisions of a local clone as the pull request they would be."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from bot.core.policy.requirement import POLICY_PATH
from bot.core.pull import Actor, ActorKind, Commit, PullRequest, PullState, Repository
from bot.git.blobs import BlobReader
from bot.git.clone import Clone, Revision, open_clone
from bot.git.command import GitError
from bot.git.commit import parse_commit
from bot.git.diff import Difference, read_difference
from bot.git.notes import NOTES_REF, Notes, find_notes, read_note
from bot.git.objects import ObjectReader, open_objects

LARGEST_COMMIT = 1024 * 1024
MOST_COMMITS = 10_000
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """A clone with its objects and notes at hand."""

    clone: Clone
    objects: ObjectReader
    notes: Notes


@contextmanager
def open_source(path: Path) -> Iterator[Source]:
    """Open the repository at `path` for reading. GitError when there is none."""
    with open_clone(path) as clone, open_objects(clone) as objects:
        yield Source(clone=clone, objects=objects, notes=find_notes(clone))


def read_pull(source: Source, base: Revision, head: Revision, supplied: Supplied) -> Reading:
    """The pull request that would bring `head` into `base`. GitError when the two cannot be compared.

    As on GitHub the diff starts from the merge base; of several, from the first that git names.
    """
    clone = source.clone
    clone.require_whole_history(base.sha, head.sha)
    merge_bases = _merge_bases(clone, base, head)
    difference = read_difference(clone, merge_bases[0], head.sha)
    commits, lost = _read_commits(source, base, head)
    blobs = BlobReader(source.objects)
    pull = PullRequest(
        repository=Repository(id=0, owner="local", name=clone.name),
        number=0,
        author=author_of(supplied.author),
        title=supplied.title,
        body=supplied.body,
        state=PullState.OPEN,
        draft=False,
        base_ref=base.branch or base.sha[:12],
        base_sha=base.sha,
        merge_base=merge_bases[0],
        head_ref=supplied.head_ref or head.branch,
        head_sha=head.sha,
        labels=supplied.labels,
        commits=commits,
        files=tuple(blobs.read_file(change) for change in difference.changes[:MOST_FILES]),
        incomplete=(*lost, *_too_many_files(difference)),
    )
    return Reading(pull=pull, notices=(*_range_notices(pull, merge_bases), *difference.notices))


def read_policy(source: Source, base: Revision) -> str | None:
    """The text of the policy file in the base commit, None when there is none. GitError when it cannot be read."""
    blob = _entry(source.clone, base.sha, POLICY_PATH)
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


def _merge_bases(clone: Clone, base: Revision, head: Revision) -> tuple[str, ...]:
    output = clone.read("merge-base", "--all", "--end-of-options", base.sha, head.sha)
    found = tuple(output.stdout.decode("ascii").split())
    if output.stderr or output.cut:
        raise GitError(
            f"the history of {clone.path} cannot be read: {output.stderr.partition(chr(10))[0] or 'too long'}"
        )
    if not found:
        raise GitError(f"{base.sha[:12]} and {head.sha[:12]} have no common history: there is no merge base")
    return found


def _read_commits(source: Source, base: Revision, head: Revision) -> tuple[tuple[Commit, ...], tuple[str, ...]]:
    """The commits of `base..head`, oldest first, and what of them could not be read."""
    clone = source.clone
    output = clone.read("rev-list", "--topo-order", "--reverse", "--end-of-options", f"^{base.sha}", head.sha)
    if not output.good:
        raise GitError(
            f"the history of {clone.path} cannot be read: {output.stderr.partition(chr(10))[0] or 'too long'}"
        )
    shas = output.stdout.decode("ascii").split()
    lost = [] if source.notes.whole else [f"the list of {NOTES_REF} was not read whole"]
    if len(shas) > MOST_COMMITS:
        lost.append(f"{len(shas)} commits, over the limit of {MOST_COMMITS}")
    commits = []
    for sha in shas[-MOST_COMMITS:]:
        commit = _read_commit(source, sha, lost)
        if commit is not None:
            commits.append(commit)
    return tuple(commits), tuple(lost)


def _read_commit(source: Source, sha: str, lost: list[str]) -> Commit | None:
    header = source.objects.header(sha)
    if header is None or header.size > LARGEST_COMMIT:
        lost.append(f"commit {sha[:8]}: {'missing' if header is None else 'over the limit of 1 MiB'}")
        return None
    note = read_note(source.notes, source.objects, sha)
    if note is None:
        lost.append(f"commit {sha[:8]}: its note cannot be read")
    return parse_commit(sha, source.objects.content(sha), note or ())


def _entry(clone: Clone, commit: str, path: str) -> str | None:
    output = clone.read("ls-tree", "-z", "--full-tree", "--end-of-options", commit, path)
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
        notices.append(
            f"{len(merge_bases)} merge bases: the diff starts from {pull.merge_base[:12]}, as git and GitHub do"
        )
    return notices
