"""What is declared about AI use: by the boxes of a pull request template, and by the tool that a command names."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import re2

from bot.core.finding import LONGEST_EVIDENCE, Declaration, Evidence, Involvement, Strength
from bot.core.policy.model import ProvenancePolicy
from bot.core.provenance.index import Index, index_of
from bot.core.provenance.markers import Markers
from bot.core.provenance.strangers import tool_named

DECLARED_AI = "declared-ai"
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

LONGEST_TOOL = 40
MOST_WORDS = 3
"""Words of a tool's name; more are a sentence."""

_WORD = re2.compile(r"[a-z0-9][a-z0-9.]*")
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


def declared_evidence(tools: Iterable[str], policy: ProvenancePolicy, markers: Markers) -> tuple[Evidence, ...]:
    """A sign for each tool that a declaration names in its own words; "" and whole sentences name an unknown one."""
    index = index_of(markers, policy)
    return tuple(_declared(words, _tool(words, index)) for words in tools)


def declared_unnamed() -> Evidence:
    """The sign of a declaration that names no tool."""
    return _declared("", "unknown")


def _tool(words: str, index: Index) -> str:
    """The listed tool that the words name, else what they call it, as an id: letters, digits, dots and hyphens."""
    plain = words.lower()
    listed = index.tools_by_name.get(plain) or tool_named(plain, index)
    called = _WORD.findall(plain)
    return listed or ("-".join(called)[:LONGEST_TOOL] if 0 < len(called) <= MOST_WORDS else "unknown")


def _declared(words: str, agent: str) -> Evidence:
    said = "AI was declared for this change"
    return Evidence(
        rule=DECLARED_AI,
        agent=agent,
        strength=Strength.EXPLICIT,
        involvement=Involvement.ASSISTED,
        where="declaration",
        text=(f"{said}: {words}" if words else said)[:LONGEST_EVIDENCE],
    )


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
