"""The changed paths between two commits, by git's raw diff: object ids and modes, no text."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from bot.core.pull import FileStatus
from bot.git.clone import Clone
from bot.git.command import GitError

RENAME_LIMIT = 1000
_OPTIONS = ("-r", "-z", "--raw", "--no-abbrev", "--no-ext-diff", "--no-textconv", "--ignore-submodules=none")
_ABSENT = "000000"


@dataclass(frozen=True, slots=True, kw_only=True)
class Side:
    """A path's object on one side; `mode` is git's octal mode."""

    sha: str
    mode: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One entry. `base` is None for an added path, `head` for a removed one; `old_path` differs for renames only."""

    path: str
    old_path: str
    status: FileStatus
    base: Side | None
    head: Side | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """All changes, sorted by path. `notices` say how the detection of renames was limited."""

    changes: tuple[Change, ...]
    notices: tuple[str, ...] = ()


def read_difference(clone: Clone, base: str, head: str) -> Difference:
    """What changed from the tree of `base` to that of `head`. GitError when git cannot tell.

    An undetected rename shows as a removal and an addition, which can only raise what is asked.
    """
    output = clone.read("diff-tree", *_OPTIONS, "-M", f"-l{RENAME_LIMIT}", "--end-of-options", base, head)
    notices = []
    if "rename detection was skipped" in output.stderr:
        notices.append(f"renames were found by name and identity only: more than {RENAME_LIMIT} candidates")
    if not output.good:
        output = clone.read("diff-tree", *_OPTIONS, "--no-renames", "--end-of-options", base, head)
        notices.append("renames were not looked for: contents that this needs are missing from the clone")
    if not output.good:
        reason = "too large" if output.cut else output.stderr.partition("\n")[0] or "git failed"
        raise GitError(f"cannot compare {base[:12]} with {head[:12]}: {reason}")
    changes = sorted(_parse(output.stdout), key=lambda change: change.path)
    return Difference(changes=tuple(changes), notices=tuple(notices))


def _parse(raw: bytes) -> Iterator[Change]:
    """`:oldmode newmode oldsha newsha status NUL path NUL [path NUL]`, https://git-scm.com/docs/git-diff#_raw_output_format."""
    fields = iter(raw.split(b"\0"))
    for description in fields:
        if not description:
            return
        old_mode, new_mode, old_sha, new_sha, letter = description.decode("ascii").removeprefix(":").split(" ")
        first = _decode_path(next(fields))
        path = _decode_path(next(fields)) if letter[0] in "RC" else first
        base, head = _side(old_mode, old_sha), _side(new_mode, new_sha)
        yield Change(path=path, old_path=first, status=_status(letter[0], base, head), base=base, head=head)


def _side(mode: str, sha: str) -> Side | None:
    return None if mode == _ABSENT else Side(sha=sha, mode=mode)


def _status(letter: str, base: Side | None, head: Side | None) -> FileStatus:
    match letter:
        case "A":
            return FileStatus.ADDED
        case "D":
            return FileStatus.REMOVED
        case "R":
            return FileStatus.RENAMED
        case "C":
            return FileStatus.COPIED
        case _:
            same = base is not None and head is not None and base.sha == head.sha
            return FileStatus.CHANGED if same else FileStatus.MODIFIED


def _decode_path(raw: bytes) -> str:
    """UTF-8; a byte that is none is written as its escape, so that different paths stay different and printable."""
    return raw.decode("utf-8", "backslashreplace")
