"""How a page writes times, and the sentences of the judgement, which mark code and names as Markdown does."""

from __future__ import annotations

import datetime as dt
import re

from markupsafe import Markup, escape

_MARKED = re.compile(r"`([^`\n]+)`|\*\*([^*\n]+)\*\*")


_DEEDS = {
    "approve": "approved",
    "revoke": "withdrew the approval",
    "block": "blocked",
    "unblock": "lifted a block",
    "declare-ai": "declared AI",
    "declare-human": "declared human work",
    "dispute": "disputed the AI evidence",
    "break-glass": "broke the glass",
    "status": "asked for the status",
    "recheck": "asked for a new look",
    "malformed": "wrote a command that is none",
    "review-dismissed": "dismissed a review",
    "changes-requested": "requested changes",
    "comment-edited": "edited a comment",
    "comment-deleted": "deleted a comment",
}
_WAYS = {
    "review": "by a review",
    "comment": "by a comment",
    "button": "by the check's button",
    "step-up": "with a passkey",
}


def deed(act: str) -> str:
    """An act as a person did it; one of another release by its own name."""
    return _DEEDS.get(act, act)


def way(method: str) -> str:
    return _WAYS.get(method, f"by {method}")


def iso(seconds: int) -> str:
    """Unix seconds as `2026-11-26 18:00:00Z`."""
    return dt.datetime.fromtimestamp(seconds, tz=dt.UTC).strftime("%Y-%m-%d %H:%M:%SZ")


def sentence(text: str) -> Markup:
    """The text escaped, its code and its names marked up; whatever else it holds stays text."""
    parts, end = [], 0
    for found in _MARKED.finditer(text):
        tag = "code" if found[1] else "b"
        parts += [escape(text[end : found.start()]), Markup("<{0}>{1}</{0}>").format(tag, found[1] or found[2])]
        end = found.end()
    return Markup("").join([*parts, escape(text[end:])])
