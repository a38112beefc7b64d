"""Changed files as tests write them."""

from __future__ import annotations

from bot.core.pull import Blob, ChangedFile, FileStatus


def blob(text: str | None, *, mode: str = "100644", unread: str = "") -> Blob:
    return Blob(sha="", mode=mode, size=len(text or ""), text=text, unread=unread)


def changed(path: str, base: str | None, head: str | None, *, old_path: str = "") -> ChangedFile:
    """A file whose text goes from `base` to `head`; None where that side has no file."""
    if base is None:
        status = FileStatus.ADDED
    elif head is None:
        status = FileStatus.REMOVED
    else:
        status = FileStatus.RENAMED if old_path else FileStatus.MODIFIED
    return ChangedFile(
        path=path,
        old_path=old_path or path,
        status=status,
        base=None if base is None else blob(base),
        head=None if head is None else blob(head),
    )
