"""What a change does to the lines of its files, wherever they stand: the same on any base, by anybody, at any time."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Iterable

from bot.core.pull import Blob, ChangedFile


def patch_digest(files: Iterable[ChangedFile]) -> str | None:
    """`sha256:` of the lines that each file loses and gains, None when no line changes.

    Blanks around a line, empty lines and the order of lines do not count, so that a rebase over other changes of the
    same files, a move within a file or a new indentation makes no other patch. A side without text (binary, too
    large) counts by its object name, which is the same only for the same bytes.
    """
    rows = sorted(row for row in map(_row, files) if row[2] or row[3])
    if not rows:
        return None
    canonical = json.dumps(rows, ensure_ascii=True, separators=(",", ":"))
    return f"sha256:{hashlib.sha256(canonical.encode()).hexdigest()}"


def _row(file: ChangedFile) -> tuple[str, str, list[str], list[str]]:
    """Old and new path, lines lost and lines gained, both sorted."""
    base, head = _lines(file.base), _lines(file.head)
    return file.old_path, file.path, sorted((base - head).elements()), sorted((head - base).elements())


def _lines(blob: Blob | None) -> Counter[str]:
    if blob is None:
        return Counter()
    if blob.text is None:
        return Counter((f"object {blob.sha}",))
    return Counter(line for line in map(str.strip, blob.text.splitlines()) if line)
