"""Text for pages: Markdown to safe HTML, times as people say them, patches as rows."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from markdown_it import MarkdownIt
from markupsafe import Markup, escape

_MARKDOWN = MarkdownIt("commonmark", {"html": False, "breaks": True}).enable(["table", "strikethrough"])
_HUNK = re.compile(r"^@@ -(\d+)(?:,\d+)? \+(\d+)(?:,\d+)? @@(.*)$")
_UNITS = ((86_400, "day"), (3_600, "hour"), (60, "minute"))
MOST_DIFF_LINES = 2000


@lru_cache(maxsize=512)
def markdown(text: str) -> Markup:
    """Markdown as HTML; raw HTML in it is shown as text, and links with odd schemes are none."""
    return Markup(_MARKDOWN.render(text))  # noqa: S704 - the renderer escapes all HTML


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
    """The rows of a patch, the first `MOST_DIFF_LINES` of them; what is left out is said in the last row."""
    old = new = 0
    lines = patch.split("\n")
    for text in lines[:MOST_DIFF_LINES]:
        hunk = _HUNK.match(text)
        if hunk:
            old, new = int(hunk[1]), int(hunk[2])
            yield Line(kind="hunk", text=text)
        elif text.startswith("+"):
            yield Line(kind="added", new=new, text=text)
            new += 1
        elif text.startswith("-"):
            yield Line(kind="removed", old=old, text=text)
            old += 1
        elif text.startswith("\\"):
            yield Line(kind="more", text=text)
        else:
            yield Line(kind="same", old=old, new=new, text=text)
            old, new = old + 1, new + 1
    if len(lines) > MOST_DIFF_LINES:
        yield Line(kind="more", text=f"{len(lines) - MOST_DIFF_LINES} more lines are not shown")
