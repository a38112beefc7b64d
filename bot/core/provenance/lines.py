"""What one line of a message says of AI: its trailer, its wording, and the catalogue's patterns."""

from __future__ import annotations

import functools
from collections.abc import Iterator
from typing import Any

import re2

from bot.core.provenance.identities import UNREAD_IDENTITY, signs_of_person
from bot.core.provenance.index import Index
from bot.core.provenance.markers import Surface
from bot.core.provenance.message import Line
from bot.core.provenance.phrases import is_plain_maker, signs_of_phrase
from bot.core.provenance.signs import Sign, habit, sign_of
from bot.core.provenance.strangers import tool_named

AUTHORS = frozenset(
    {"co-authored-by", "co-author", "co-authors", "co-developed-by", "authored-by", "author", "signed-off-by"}
)
HELPERS = frozenset(
    {
        "assisted-by", "assisted-with", "generated-by", "generated-with", "made-with", "made-by", "created-by",
        "created-with", "written-by", "coded-by", "coded-with", "built-with", "built-by", "developed-by",
        "developed-with", "implemented-by", "implemented-with", "drafted-by", "drafted-with", "powered-by",
        "prompted-by", "produced-by", "produced-with", "helped-by", "pair-programmed-with", "paired-with",
        "co-created-by", "co-piloted-by", "prepared-by", "authored-with", "co-authored-with", "aided-by",
        "assited-by", "code-by", "done-by", "done-with", "fixed-by", "fixed-with", "patch-by", "refactored-by",
    },
)  # fmt: skip
"""Keys that name a tool as readily as a person: the value decides."""

MADE_WITH = frozenset({"made-with", "generated-with", "coded-with", "written-with", "authored-with", "created-with"})
"""Keys that nobody uses for people: any proper name is a tool."""

ASSISTED = frozenset({"assisted-by", "assisted-with", "ai-assisted-by"})
"""Keys whose value, when it is a single word, is a tool: people have two names, or are credited with where they are."""

CREDITS = AUTHORS | HELPERS
LONGEST_REMEMBERED = 256
LONGEST_KEY = 56
"""Characters of a trailer's key."""

_DRESS = " \t*_-•#~+"
_REPLACED = "\N{REPLACEMENT CHARACTER}"

REVIEWERS = frozenset({"reviewed-by", "acked-by", "tested-by", "reported-by", "suggested-by", "found-by", "spotted-by"})

# A key that speaks of AI by itself, and one that does so only among other trailers: `* ai-tools: bump` is a scope,
# and before a colon prose may say anything (`what the agent does with an agent: nothing`).
_MOST_WORDS = 4
_TELLING = (
    "ai", "llm", "agent", "session", "thread", "conversation", "transcript", "trajectory", "checkpoint"
)  # fmt: skip
_AI_KEY = re2.compile(
    r"^(?:x-)?(?:gen-?)?(?:ai|llm)-(?:assist|generat|author|writ|used|usage|use$|disclos|disclaim|attribut|co-?author"
    r"|contribut|help|involve|declar|statement|notice|provenance|percent|level)"
    r"|(?:by|with|using)-(?:an-)?(?:ai|llm|agent)$",
)
_AI_KEY_IN_BLOCK = re2.compile(r"^(?:x-)?(?:gen-?)?(?:ai|llm|agent|agentic)-[a-z-]+$")
_AI_WORDS_IN_BLOCK = re2.compile(r"^(?:x-)?(?:gen-?)?(?:ai|llm|agent)-(?:tools?|models?|agents?|assistants?|credits?)$")
_SESSION_KEY = re2.compile(
    r"[a-z0-9]-(?:session|thread|conversation|transcript|trajectory|checkpoint)(?:-(?:id|url|link))?$"
    r"|^session-(?:url|link)$",
)
_SESSION_VALUE = re2.compile(r"^(?:https?://\S+|[A-Za-z_-]{0,12}[0-9A-Za-z-]*[0-9][0-9A-Za-z_-]{7,})$")
_NEGATED = re2.compile(
    r"(?i)^\W*(?:no|none|n/?a|nil|not|never|false|zero|0|research|nothing)\b"
    r"|^\W*human(?:[- ](?:only|written|made))?\W*$"
    r"|\b(?:no (?:ai|llm|generative|agent)|not (?:ai|been|use|used|generated|written)"
    r"|without (?:any )?(?:ai|llm)|(?:did|was|were|is|has|have)(?: not|n't)"
    r"|never (?:used|uses))\b",
)
_PROPER_NAME = re2.compile(r"^[A-Z][\w.-]*(?: [A-Z0-9][\w.-]*){0,2}$")
_UNREAD_MAIL = re2.compile(r"(?i)^(?:no-?reply|do-?not-?reply)@|(?:^|[-_.+]|\b)(?:agent|ai|bot)@")
# A single word with or without a version, and a name that ends in one or in a model.
_ONE_WORD = re2.compile(r"^[A-Za-z][\w.+-]*$")
_VERSIONED = re2.compile(
    r"^[A-Za-z][\w.+-]*(?: [A-Za-z][\w.+-]*){0,2} v?\d[\w.]*$|^[\w.+-]+ \([a-z0-9]+(?:[-.][a-z0-9]+)+\)$"
)
_PLACEHOLDER = re2.compile(r"(?i)^[\[<{](?:your |the |ai )?(?:tool|agent|model|name)\b")
_SHAPE_OF_TOOL = re2.compile(
    r"^\[?[\w.+-]+(?: [\w.+-]+)?:[\w./-]*\d[\w./-]*|^[\w-]+/[\w-]+[-. ]?\d|\bvia [A-Z]"
    r"|\((?:via )?[\w ./-]*\d[\w ./-]*\)"
    r"|\]\(https?://|(?i)\b(?:ai|llms?|agent|a\.i\.|coding assistant|chatbot|autopilot|language model)\b",
)


def signs_of_line(line: Line, index: Index) -> tuple[Sign, ...]:
    """Every rule that fires on one line of a message; nothing on a quoted one.

    What a line says only when look-alike letters are replaced is told apart.
    """
    if line.quoted:
        return ()
    found = _signs_as_written(line.text, index, subject=line.subject, closing=line.closing)
    if line.plain != line.text:
        rules = {sign.rule for sign in found}
        plain = _signs_as_written(line.plain, index, subject=line.subject, closing=line.closing)
        found += tuple(habit("lookalike-text", index, agent=sign.agent) for sign in plain if sign.rule not in rules)
    return found


def _signs_as_written(text: str, index: Index, *, subject: bool, closing: bool) -> tuple[Sign, ...]:
    """The rules that fire on a text; short texts are remembered, for the same credits close commit after commit."""
    read = _remembered if len(text) <= LONGEST_REMEMBERED else _read
    return read(text, index, subject, closing)


def _read(text: str, index: Index, subject: bool, closing: bool) -> tuple[Sign, ...]:  # noqa: FBT001 - lru_cache
    return tuple(_signs(text, index, subject=subject, closing=closing))


_remembered = functools.lru_cache(maxsize=1 << 14)(_read)


def _signs(text: str, index: Index, *, subject: bool, closing: bool) -> Iterator[Sign]:
    trailer = _trailer(text)
    if trailer is not None:
        key, value = trailer
        hyphened = " " not in text.partition(":")[0].strip(_DRESS)
        yield from _of_trailer(key, value, index, subject=subject, closing=closing, hyphened=hyphened)
        if _REPLACED in key and ((hyphened and "-" in key) or "@" in value):
            yield habit(UNREAD_IDENTITY, index)
        if key in CREDITS:
            return
    yield from (sign_of(row) for row in index.patterns[Surface.MESSAGE].matching(text))
    yield from signs_of_phrase(text, index)
    if subject:
        yield from (sign_of(row) for row in index.patterns[Surface.SUBJECT].matching(text))


def _found(pattern: Any, text: str) -> bool:
    return pattern.search(text) is not None


def _trailer(text: str) -> tuple[str, str] | None:
    """The key, lower case with hyphens, and the value of a `Key: value` line in any dress; None when it is none."""
    head, colon, value = text.partition(":")
    key = head.strip(_DRESS)
    letters = key.replace("-", "").replace(" ", "").replace("_", "").replace(_REPLACED, "")
    if not colon or len(key) > LONGEST_KEY or not letters.isalnum() or not letters.isascii() or key[0].isdecimal():
        return None
    return "-".join(key.lower().replace("_", " ").split()), value.strip(_DRESS)


def _of_trailer(key: str, value: str, index: Index, *, subject: bool, closing: bool, hyphened: bool) -> Iterator[Sign]:
    row = index.keys.get(key)
    if row is not None:
        yield sign_of(row)
    yield from (sign_of(row) for row in index.patterns[Surface.TRAILER].matching(f"{key}: {value}"))
    if key in CREDITS:
        yield from _of_credit(key, value, index)
    elif key in REVIEWERS:
        name, _, rest = value.partition("<")
        if signs_of_person(name.strip(), rest.partition(">")[0], Surface.CO_AUTHOR, index):
            yield habit("reviewed-by-tool", index)
    elif row is None and not subject and value and (hyphened or key.count("-") < _MOST_WORDS):
        yield from _of_key(
            key, value, index, in_block=_AI_KEY_IN_BLOCK if hyphened else _AI_WORDS_IN_BLOCK, closing=closing
        )


def _of_key(key: str, value: str, index: Index, *, in_block: Any, closing: bool) -> Iterator[Sign]:
    """What a key says by itself, whatever its value, unless the value denies it."""
    if not any(word in key for word in _TELLING):
        return
    speaks = _found(_AI_KEY, key) or (closing and _found(in_block, key))
    if speaks and not _found(_NEGATED, value) and not _found(_PLACEHOLDER, value):
        yield habit("ai-trailer", index, agent=tool_named(value, index) or "unknown")
    elif _found(_SESSION_KEY, key) and _found(_SESSION_VALUE, value):
        yield habit("session-trailer", index)


def _of_credit(key: str, value: str, index: Index) -> Iterator[Sign]:
    """Whom or what a credit names."""
    name, bracket, rest = value.partition("<")
    email = rest.partition(">")[0]
    found = signs_of_person(name.strip(), email, Surface.CO_AUTHOR, index)
    helped = key in HELPERS
    for sign in found:
        by_form = helped and sign.rule in ("tool-as-person", "agent-by-name")
        yield habit("assisted-by-tool", index, agent=sign.agent) if by_form else sign
    if found or (bracket and key in AUTHORS) or _found(_NEGATED, value) or _found(_PLACEHOLDER, value):
        return
    shared = index.shared.search(name)
    tool = index.tools_by_name[shared.group(1).lower()] if shared is not None and _stands_alone(name, shared) else None
    if tool is not None or (helped and (_is_unnamed_tool(key, name.strip(), email, bracket=bracket != ""))):
        yield habit("assisted-by-tool", index, agent=tool or "unknown")


def _is_unnamed_tool(key: str, name: str, email: str, *, bracket: bool) -> bool:
    """Whether a credit of help names a tool by its form alone: nobody has listed it."""
    if _found(_SHAPE_OF_TOOL, name) or _found(_UNREAD_MAIL, email):
        return True
    if email.lower().startswith("http"):
        return "github.com/" not in email
    if bracket:
        return key in ASSISTED and _is_own_mailbox(name.lower(), email.lower())
    return not is_plain_maker(name) and (
        (key in MADE_WITH and _found(_PROPER_NAME, name))
        or (key in ASSISTED and _found(_ONE_WORD, name))
        or (key in ("generated-by", *ASSISTED) and _found(_VERSIONED, name))
        or (key == "generated-by" and _found(_PROPER_NAME, name))
    )


def _is_own_mailbox(name: str, email: str) -> bool:
    """Whether the address is made of the name alone: `Frob <frob@acme.dev>`, `Acme Frob <frob@acme.dev>`."""
    vendor, _, product = name.rpartition(" ")
    local, _, domain = email.partition("@")
    return local == product and (not vendor or vendor in domain.split("."))


def _stands_alone(name: str, shared: Any) -> bool:
    """Whether a tool's everyday name is not a part of somebody's name: it comes first, and no surname follows."""
    before, after = name[: shared.start(1)].strip(" @[("), name[shared.end(1) :].strip()
    return not before and (
        not after or not after[0].isalpha() or after.split()[0].lower() in ("with", "via", "and", "code")
    )
