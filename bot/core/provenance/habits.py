"""What a line says of AI by its form alone, whichever the tool: trailers, footers, links, disclosures."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import re2

from bot.core.finding import Involvement, Strength
from bot.core.provenance.identities import Sign, sign_of, signs_of_person, tool_named
from bot.core.provenance.index import Index
from bot.core.provenance.markers import Surface
from bot.core.provenance.message import Line
from bot.core.provenance.trailers import separator

AUTHORS = frozenset(
    {"co-authored-by", "co-author", "co-authors", "co-developed-by", "authored-by", "author", "signed-off-by"}
)
HELPERS = frozenset(
    {
        "assisted-by", "assisted-with", "generated-by", "generated-with", "made-with", "made-by", "created-by",
        "created-with", "written-by", "coded-by", "coded-with", "built-with", "built-by", "developed-by",
        "developed-with", "implemented-by", "implemented-with", "drafted-by", "drafted-with", "powered-by",
        "prompted-by", "produced-by", "produced-with", "helped-by", "pair-programmed-with", "paired-with",
        "co-created-by", "co-piloted-by", "prepared-by", "authored-with", "co-authored-with",
    },
)  # fmt: skip
"""Keys that name a tool as readily as a person: the value decides."""

_AI_KEY = re2.compile(r"^(?:x-)?(?:(?:gen)?ai|llm|agent|agentic|a-i)(?:$|-)|-(?:ai|llm|agent)$")
_PEOPLE_KEY = re2.compile(
    r"^(?:reviewed|acked|tested|reported|suggested|requested|approved|cc|thanks|spotted|found|fixed-by)"
)
_PERSON = re2.compile(r"^\W*([^<]*?)\s*<([^<>\s]*)>")
_NEGATED = re2.compile(
    r"(?i)^\W*(?:no|none|n/?a|nil|not|never|false|zero|0|human|manual|research|nothing)\b"
    r"|\b(?:no (?:ai|llm|generative|agent)|not (?:ai|been|use|used|generated|written)"
    r"|without (?:any )?(?:ai|llm)|(?:did|was|were|is|has|have)(?: not|n't)"
    r"|never (?:used|uses))\b",
)
_SHAPE_OF_TOOL = re2.compile(
    r"^\[?[\w.+-]+(?: [\w.+-]+)?:[\w./-]*\d[\w./-]*|^[\w-]+/[\w-]+[-. ]?\d|\bvia [A-Z]"
    r"|\((?:via )?[\w ./-]*\d[\w ./-]*\)"
    r"|\]\(https?://|(?i)\b(?:ai|llms?|agent|a\.i\.|coding assistant|chatbot|autopilot|language model)\b",
)


def signs_of_line(line: Line, index: Index) -> Iterator[Sign]:
    """Every rule that fires on one line of a message."""
    if line.quoted:
        return
    trailer = _trailer(line.text)
    if trailer is not None:
        key, value = trailer
        yield from _of_trailer(key, value, line, index)
    yield from (sign_of(row) for pattern, row in index.patterns[Surface.MESSAGE] if _found(pattern, line.text))
    if line.subject:
        yield from (sign_of(row) for pattern, row in index.patterns[Surface.SUBJECT] if _found(pattern, line.text))


def _found(pattern: Any, text: str) -> bool:
    return pattern.search(text) is not None


def _trailer(text: str) -> tuple[str, str] | None:
    """The key, lower case with hyphens, and the value of a `Key: value` line in any dress; None when it is none."""
    bare = text.lstrip("*_-•#> \t")
    place = separator(bare.replace("*", "").replace("_", " ") if "*" in bare[:40] else bare)
    if place < 1:
        return None
    bare = bare.replace("*", "") if "*" in bare[:40] else bare
    key = "-".join(bare[:place].lower().replace("_", " ").split())
    return key, bare[place + 1 :].strip(" \t*_")


def _of_trailer(key: str, value: str, line: Line, index: Index) -> Iterator[Sign]:
    row = index.keys.get(key)
    if row is not None:
        yield sign_of(row)
    yield from (sign_of(row) for pattern, row in index.patterns[Surface.TRAILER] if _found(pattern, f"{key}: {value}"))
    if key in AUTHORS or key in HELPERS:
        yield from _of_credit(key, value, index)
    elif row is None and not line.subject and _found(_AI_KEY, key) and value and not _found(_NEGATED, value):
        yield Sign(
            rule="ai-trailer",
            agent=tool_named(value, index) or "unknown",
            strength=Strength.EXPLICIT,
            involvement=Involvement.ASSISTED,
        )


def _of_credit(key: str, value: str, index: Index) -> Iterator[Sign]:
    """Whom or what a credit names."""
    person = _PERSON.search(value)
    name, email = (person.group(1), person.group(2)) if person is not None else (value, "")
    found = list(signs_of_person(name.strip(), email, Surface.CO_AUTHOR, index))
    yield from found
    if found or key not in HELPERS or _NEGATED.search(value) is not None:
        return
    shared = index.shared.search(name)
    tool = index.tools_by_name[shared.group(1).lower()] if shared is not None and _stands_alone(name, shared) else None
    if tool is not None or _found(_SHAPE_OF_TOOL, name):
        yield Sign(
            rule="assisted-by-tool",
            agent=tool or "unknown",
            strength=Strength.EXPLICIT,
            involvement=Involvement.ASSISTED,
        )


def _stands_alone(name: str, shared: Any) -> bool:
    """Whether a tool's everyday name is not a part of somebody's name: it comes first, and no surname follows."""
    before, after = name[: shared.start(1)].strip(" @[("), name[shared.end(1) :].strip()
    return not before and (
        not after or not after[0].isalpha() or after.split()[0].lower() in ("with", "via", "and", "code")
    )
