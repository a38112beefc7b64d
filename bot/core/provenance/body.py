"""What of a pull request's body its author has written: without comments and reviewers' summaries."""

from __future__ import annotations

import re2

# Between these marks an AI reviewer has summed up somebody else's change: it says nothing about who made it.
_SUMMARY = re2.compile(
    r"(?is)<!--\s*cursor_summary\s*-->.*?<!--\s*/cursor_summary\s*-->"
    r"|<!-- this is an auto-generated comment: [^>]{0,80}coderabbit\.ai -->"
    r".*?<!-- end of auto-generated comment: [^>]{0,80}coderabbit\.ai -->",
)
_COMMENT = re2.compile(r"(?s)<!--.*?-->")


def readable(body: str) -> str:
    """The body as a reader sees it: HTML comments and reviewers' summaries are gone."""
    return without_comments(_SUMMARY.sub("", body)) if "<!--" in body else body


def without_comments(text: str) -> str:
    """The text without its closed HTML comments."""
    return str(_COMMENT.sub("", text))
