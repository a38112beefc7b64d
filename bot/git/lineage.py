"""The commits between two revisions, and where the two forked."""

from __future__ import annotations

from dataclasses import dataclass

from bot.core.pull import Commit
from bot.git.clone import Revision
from bot.git.command import GitError, Output
from bot.git.commit import parse_commit
from bot.git.notes import NOTES_REF, read_note
from bot.git.source import Source

LARGEST_COMMIT = 1024 * 1024
MOST_COMMITS = 10_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Lineage:
    """`merge_bases` has at least one id. `commits` are those of `base..head`, oldest first; `lost` names what of
    them was not read.
    """

    merge_bases: tuple[str, ...]
    commits: tuple[Commit, ...]
    lost: tuple[str, ...]


def read_lineage(source: Source, base: Revision, head: Revision) -> Lineage:
    """GitError when the two have no common history, or the clone does not hold it."""
    source.clone.require_whole_history(base.sha, head.sha)
    parents = _parents(source, head.sha)
    # A child of the base needs no walk: a long history consists of such pairs.
    merge_bases = (base.sha,) if base.sha in parents else _merge_bases(source, base, head)
    shas = (head.sha,) if parents == (base.sha,) else _ids_between(source, base, head)
    lost = [] if source.notes.whole else [f"the list of {NOTES_REF} was not read whole"]
    if len(shas) > MOST_COMMITS:
        lost.append(f"{len(shas)} commits, over the limit of {MOST_COMMITS}")
    commits = [_read_commit(source, sha, lost) for sha in shas[-MOST_COMMITS:]]
    return Lineage(
        merge_bases=merge_bases,
        commits=tuple(commit for commit in commits if commit is not None),
        lost=tuple(lost),
    )


def _parents(source: Source, sha: str) -> tuple[str, ...]:
    header = source.objects.header(sha)
    if header is None or header.size > LARGEST_COMMIT:
        return ()
    return parse_commit(sha, source.objects.content(sha), ()).parents


def _merge_bases(source: Source, base: Revision, head: Revision) -> tuple[str, ...]:
    output = source.clone.read("merge-base", "--all", "--end-of-options", base.sha, head.sha)
    # Without a common commit git is silent and answers 1.
    if output.stderr or output.cut:
        raise _unreadable(source, output)
    if not output.stdout:
        raise GitError(f"{base.sha[:12]} and {head.sha[:12]} have no common history: there is no merge base")
    return tuple(output.stdout.decode("ascii").split())


def _ids_between(source: Source, base: Revision, head: Revision) -> tuple[str, ...]:
    walk = ("rev-list", "--topo-order", "--reverse", "--end-of-options", f"^{base.sha}", head.sha)
    output = source.clone.read(*walk)
    if not output.good:
        raise _unreadable(source, output)
    return tuple(output.stdout.decode("ascii").split())


def _read_commit(source: Source, sha: str, lost: list[str]) -> Commit | None:
    header = source.objects.header(sha)
    if header is None or header.size > LARGEST_COMMIT:
        lost.append(f"commit {sha[:8]}: {'missing' if header is None else 'over the limit of 1 MiB'}")
        return None
    note = read_note(source.notes, source.objects, sha)
    if note is None:
        lost.append(f"commit {sha[:8]}: its note cannot be read")
    return parse_commit(sha, source.objects.content(sha), note or ())


def _unreadable(source: Source, output: Output) -> GitError:
    reason = "too long" if output.cut else output.stderr.partition("\n")[0] or "git failed"
    return GitError(f"the history of {source.clone.path} cannot be read: {reason}")
