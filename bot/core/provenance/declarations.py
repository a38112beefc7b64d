"""What the author states about AI use: a ticked box of the pull request template, or a command on record."""

from __future__ import annotations

from collections.abc import Iterable

import re2

from bot.core.approval.records import Act, Record
from bot.core.finding import Declaration
from bot.core.pull import Actor

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

_BOX = re2.compile(r"^ {0,3}[-*+] \[([xX ])\] ?(.*)$")
_ANCHOR = re2.compile(r"<!--\s*(countersign:(?:ai|human))\s*-->")
_FENCE = re2.compile(r"^ {0,3}(?:```|~~~)")


def declaration_of(body: str, records: Iterable[Record], author: Actor) -> Declaration:
    """The author's statement as it stands.

    AI wins over human: once said it is only ever disputed. A `/declare-ai` on record counts from anybody it was
    accepted from, `/declare-human` only from the author. A box counts when it is ticked, anchored and no quotation.
    """
    said = {*ticked_boxes(body), *_commanded(records, author)}
    if Declaration.AI in said:
        return Declaration.AI
    return Declaration.HUMAN if Declaration.HUMAN in said else Declaration.NONE


def ticked_boxes(body: str) -> frozenset[Declaration]:
    """What the ticked boxes of a pull request body declare; a body over LONGEST_BODY declares nothing."""
    if len(body) > LONGEST_BODY or "countersign:" not in body:
        return frozenset()
    found: set[Declaration] = set()
    fenced = False
    for line in body.splitlines():
        if _FENCE.search(line):
            fenced = not fenced
            continue
        box = None if fenced else _BOX.search(line)
        anchor = _ANCHOR.search(box.group(2)) if box and box.group(1) in "xX" else None
        if anchor:
            found.add(Declaration.AI if anchor.group(1) == AI_ANCHOR else Declaration.HUMAN)
    return frozenset(found)


def _commanded(records: Iterable[Record], author: Actor) -> Iterable[Declaration]:
    for record in records:
        if record.refusal:
            continue
        statement = record.statement
        if statement.act is Act.DECLARE_AI:
            yield Declaration.AI
        elif statement.act is Act.DECLARE_HUMAN and author.id is not None and statement.actor.id == author.id:
            yield Declaration.HUMAN
