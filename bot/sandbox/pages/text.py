"""Text for pages: Markdown to safe HTML, times as people say them, patches as rows."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

import re2
from markdown_it import MarkdownIt
from markupsafe import Markup, escape
from unidiff.patch import Hunk, PatchSet

_MARKDOWN = MarkdownIt("commonmark", {"html": False, "breaks": True}).enable(["table", "strikethrough"])
# GitHub shows nothing of a comment; no Markdown of ours has one inside code.
_COMMENT = re2.compile(r"(?s)<!--.*?-->")
_KINDS = {"+": "added", "-": "removed", " ": "same", "": "same", "\\": "more"}
_UNITS = ((86_400, "day"), (3_600, "hour"), (60, "minute"))
MOST_DIFF_LINES = 2000


@lru_cache(maxsize=512)
def markdown(text: str) -> Markup:
    """Markdown as HTML; comments are hidden, other raw HTML is shown as text, and links with odd schemes are none."""
    return Markup(_MARKDOWN.render(_COMMENT.sub("", text)))  # noqa: S704 - the renderer escapes all HTML


def inline(text: str) -> Markup:
    """One line of text with `code` in it."""
    parts = str(escape(text)).split("`")
    marked = "".join(f"<code>{part}</code>" if place % 2 else part for place, part in enumerate(parts))
    return Markup(marked)  # noqa: S704 - escaped above


def ago(seconds: int) -> str:
    for size, unit in _UNITS:
        if seconds >= size:
            count = seconds // size
            return f"{count} {unit}{'s' if count > 1 else ''} ago"
    return "just now"


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One row of a shown patch. `kind` is hunk, added, removed, same or more; numbers are None where there are none."""

    kind: str
    old: int | None = None
    new: int | None = None
    text: str = ""


def patch_lines(patch: str) -> Iterator[Line]:
    """The rows of a patch, the first `MOST_DIFF_LINES` of them; what is left out is said in the last row.

    GitHub's patches start at the first hunk; unidiff wants the two lines before it.
    """
    rows = [row for hunk in PatchSet(f"--- a\n+++ b\n{patch}\n")[0] for row in _hunk_lines(hunk)]
    yield from rows[:MOST_DIFF_LINES]
    if len(rows) > MOST_DIFF_LINES:
        yield Line(kind="more", text=f"{len(rows) - MOST_DIFF_LINES} more lines are not shown")


def _hunk_lines(hunk: Hunk) -> Iterator[Line]:
    yield Line(kind="hunk", text=str(hunk).split("\n", 1)[0])
    for line in hunk:
        text = f"{line.line_type}{line.value}".rstrip("\n")
        yield Line(kind=_KINDS[line.line_type], old=line.source_line_no, new=line.target_line_no, text=text)
