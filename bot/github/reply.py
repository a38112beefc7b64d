"""The invisible mark by which the gate knows its own replies again."""

from __future__ import annotations

import re2

_MARK = re2.compile(r"<!-- countersign:reply:([A-Za-z0-9:._-]{1,200}) -->\s*$")


def with_key(body: str, key: str) -> str:
    """The body with its mark. A mark is worth something only in a comment that GitHub says is our own."""
    return f"{body}\n\n<!-- countersign:reply:{key} -->"


def key_of(body: str) -> str:
    """The key at the end of one of our own comments, "" when there is none."""
    found = _MARK.search(body)
    return found.group(1) if found else ""
