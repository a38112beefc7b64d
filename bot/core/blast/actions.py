"""A template as text: actions become one token, lines of nothing but actions go, lines keep their numbers."""

from __future__ import annotations

import re2

from bot.core.blast.yamls import Documents, Node, read_documents

# Every action reads the same, so a renamed helper or another value's name changes nothing.
TOKEN = "templated"  # noqa: S105 - a word, not a secret
_ACTION = re2.compile(r"(?s)\{\{.*?\}\}|\{%.*?%\}|<%.*?%>|\$\{[^}\n]*\}|%\w+%")
_BARE = re2.compile(rf"^[\s'\"-]*{TOKEN}(?:\s+{TOKEN})*['\"]?\s*$")
_MARKS = ("{{", "{%", "<%", "${")
# What stands behind the mark on its line belongs to the document; `\s` would take the next line too.
_DOCUMENT_BREAK = re2.compile(r"(?m)^---(?:[ \t]|\r?$)")


def is_template(text: str) -> bool:
    return any(mark in text for mark in _MARKS)


def holes_in(text: str) -> tuple[str, ...]:
    return tuple(" ".join(action.split()) for action in _ACTION.findall(text))


def plain(text: str) -> str:
    """The text without actions, as many lines as before, so that line numbers stay right."""
    replaced = _ACTION.sub(lambda match: TOKEN + "\n" * match.group().count("\n"), text)
    return "\n".join("" if TOKEN in line and _BARE.search(line) else line for line in replaced.split("\n"))


def one_by_one(text: str) -> Documents:
    """Each document apart, so that one that is no YAML hides no other; its lines stay those of the whole text."""
    documents: list[Node] = []
    fault, start = "", 0
    breaks = [*(match.span() for match in _DOCUMENT_BREAK.finditer(text)), (len(text), len(text))]
    lines = 1
    for end, after in breaks:
        part = text[start:end]
        read = read_documents(part, lines)
        documents += read.documents
        fault = fault or read.fault
        lines += text[start:after].count("\n")
        start = after
    return Documents(documents=tuple(documents), fault=fault)
