"""What the boxes of a pull request template declare about AI use."""

from __future__ import annotations

from typing import Any

import re2

from bot.core.finding import Declaration

AI_ANCHOR = "countersign:ai"
HUMAN_ANCHOR = "countersign:human"
TEMPLATE = f"""\
### Did an AI tool write or help to write this change?

- [ ] Yes <!-- {AI_ANCHOR} -->
- [ ] No <!-- {HUMAN_ANCHOR} -->
"""
"""A section for `.github/pull_request_template.md`; the anchors tell the boxes apart, the words may be translated."""

LONGEST_BODY = 1 << 18
"""Characters of a pull request body; GitHub allows 65,536."""

_BOX = re2.compile(r"^ {0,3}[-*+] \[[xX]\] ?(.*)$")
_COMMENT = re2.compile(r"(?s)<!--(.*?)-->")
_FENCE = ("```", "~~~")


def declared_in(body: str) -> Declaration:
    """What the ticked boxes say; AI when both are ticked. A body over LONGEST_BODY declares nothing.

    A box counts when it carries its anchor and is no code, quotation or comment. Anybody who can write may edit a
    body, so that this is the author's word only as far as those are trusted; it lowers nothing.
    """
    if len(body) > LONGEST_BODY or "countersign:" not in body:
        return Declaration.NONE
    ticked = frozenset(_ticked(_COMMENT.sub(_anchor, body)))
    if AI_ANCHOR in ticked:
        return Declaration.AI
    return Declaration.HUMAN if HUMAN_ANCHOR in ticked else Declaration.NONE


def _anchor(comment: Any) -> str:
    """A comment's anchor as a word of its own that nobody can type into rendered text; any other comment is gone."""
    word = comment.group(1).strip()
    return f"\0{word}\0" if word in (AI_ANCHOR, HUMAN_ANCHOR) else ""


def _ticked(body: str) -> list[str]:
    found = []
    fenced = False
    for line in body.splitlines():
        if line.lstrip()[:3] in _FENCE:
            fenced = not fenced
        box = None if fenced else _BOX.search(line)
        if box is not None:
            found += [anchor for anchor in (AI_ANCHOR, HUMAN_ANCHOR) if f"\0{anchor}\0" in box.group(1)]
    return found
