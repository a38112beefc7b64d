"""Both sides of every changed file, within limits; what is not read says why."""

from __future__ import annotations

from bot.core.pull import SUBMODULE_MODE, Blob, ChangedFile
from bot.git.diff import Change, Side
from bot.git.objects import ObjectReader

MEBIBYTE = 1024 * 1024
LARGEST_BLOB = MEBIBYTE
LARGEST_TOTAL = 256 * MEBIBYTE
_BINARY_WINDOW = 8000


class BlobReader:
    """Reads blobs until `budget` bytes of one change are spent."""

    def __init__(self, objects: ObjectReader, budget: int = LARGEST_TOTAL) -> None:
        self._objects = objects
        self._budget = budget
        self._total = budget

    def read_file(self, change: Change) -> ChangedFile:
        return ChangedFile(
            path=change.path,
            old_path=change.old_path,
            status=change.status,
            base=self._read(change.base),
            head=self._read(change.head),
        )

    def _read(self, side: Side | None) -> Blob | None:
        if side is None:
            return None
        if side.mode == SUBMODULE_MODE:
            return Blob(sha=side.sha, mode=side.mode, size=0, text=None, unread="a submodule's commit")
        header = self._objects.header(side.sha)
        if header is None or header.kind != "blob":
            return Blob(sha=side.sha, mode=side.mode, size=0, text=None, unread="missing from this clone")
        refusal = self._refuse(header.size)
        content = b"" if refusal else self._objects.content(side.sha)
        # git's own test of what is binary: a NUL byte near the start.
        if b"\0" in content[:_BINARY_WINDOW]:
            refusal = "binary"
        text = None if refusal else content.decode("utf-8", "replace")
        return Blob(sha=side.sha, mode=side.mode, size=header.size, text=text, unread=refusal)

    def _refuse(self, size: int) -> str:
        """Why a blob of this size is not read, "" when it is; then its size is spent."""
        if size > LARGEST_BLOB:
            return f"{size / MEBIBYTE:.1f} MiB, over the limit of {LARGEST_BLOB // MEBIBYTE} MiB"
        if size > self._budget:
            return f"the change is over the limit of {self._total // MEBIBYTE} MiB"
        self._budget -= size
        return ""
