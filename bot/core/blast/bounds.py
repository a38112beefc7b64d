"""What of a change can be read, and what is only touched: size caps, unread blobs, links, submodules."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from bot.core.blast.kinds import Kinds, extension_of, kinds_of
from bot.core.blast.language import Change, Source
from bot.core.pull import SUBMODULE_MODE, SYMLINK_MODE, Blob, ChangedFile

MEBIBYTE = 1024 * 1024
MAX_BYTES = MEBIBYTE
# Hostile texts cost up to three seconds a MiB, so the sum needs a bound too: characters of both sides.
MAX_TOTAL_BYTES = 4 * MEBIBYTE
# Kinds of at most this weight change how people work, not what runs.
LIGHT = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Readable:
    """`touched` is every changed file with its kinds. `changes` are those of a kind whose sides could both be read;
    `unread` says of each other one, a sentence, why it could not.
    """

    touched: tuple[tuple[ChangedFile, frozenset[str]], ...]
    changes: tuple[Change, ...]
    unread: tuple[str, ...]


def readable(files: Iterable[ChangedFile], kinds: Kinds) -> Readable:
    """Sort files into readable and unread ones. A file of no kind is not read and not missed."""
    touched = tuple((file, kinds_of(file, kinds)) for file in sorted(files, key=lambda file: file.path))
    changes, unread = [], []
    left = MAX_TOTAL_BYTES
    # Small files first: a large one must not use up what many others need.
    for file, found in sorted(touched, key=lambda one: _size(one[0])):
        if not found:
            continue
        if all(_links_to_light(path, blob, kinds) for path, blob in _sides(file)):
            continue
        obstacle = _obstacle(file)
        left -= 0 if obstacle else _size(file)
        if obstacle or left < 0:
            obstacle = obstacle or f"the change holds more than {MAX_TOTAL_BYTES // MEBIBYTE} MiB to parse"
            unread.append(f"`{file.path}` counts as touched only: {obstacle}")
        else:
            changes.append(_change(file, found, kinds))
    changes.sort(key=lambda change: change.path)
    return Readable(touched=touched, changes=tuple(changes), unread=tuple(sorted(unread)))


def _sides(file: ChangedFile) -> tuple[tuple[str, Blob | None], ...]:
    present = ((file.old_path, file.base), (file.path, file.head))
    return tuple(side for side in present if side[1] is not None) or present


def _links_to_light(path: str, blob: Blob | None, kinds: Kinds) -> bool:
    """Whether a side is a link from a light name to a file of a light name: what it points at says nothing either.

    A target without an extension may be a folder of anything.
    """
    if blob is None or blob.mode != SYMLINK_MODE or not blob.text or not extension_of(blob.text):
        return False
    unknown = replace(blob, mode="100644", text=None)
    names = kinds.of_side(path, unknown) | kinds.of_side(blob.text, unknown)
    return all(kinds.rows[kind].weight <= LIGHT for kind in names)


def _size(file: ChangedFile) -> int:
    return sum(len(side.text or "") for side in (file.base, file.head) if side is not None)


def _change(file: ChangedFile, found: frozenset[str], kinds: Kinds) -> Change:
    base, head = _source(file.old_path, file.base), _source(file.path, file.head)
    if file.path == file.old_path or base is None or head is None:
        return Change(base=base, head=head, kinds=found)
    before, after = kinds.of_side(file.old_path, file.base), kinds.of_side(file.path, file.head)
    return Change(base=base, head=head, kinds=found, left=before - after, joined=after - before)


def _source(path: str, blob: Blob | None) -> Source | None:
    return Source(path=path, text=blob.text) if blob is not None and blob.text is not None else None


def _obstacle(file: ChangedFile) -> str:
    if file.base is None and file.head is None:
        return "neither side of it is known"
    return next((why for blob in (file.base, file.head) if blob is not None and (why := _why_unread(blob))), "")


def _why_unread(blob: Blob) -> str:
    if blob.mode == SYMLINK_MODE:
        return "it is a symbolic link, what it points at is not part of the change"
    if blob.mode == SUBMODULE_MODE:
        return "it is a submodule, its content is in another repository"
    if blob.text is None:
        return blob.unread or "it was not read"
    if len(blob.text) > MAX_BYTES or len(blob.text.encode("utf-8", "replace")) > MAX_BYTES:
        return f"it is larger than {MAX_BYTES // MEBIBYTE} MiB, the limit for parsing"
    return ""
