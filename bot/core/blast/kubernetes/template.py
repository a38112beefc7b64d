"""Helm and other templates as plain YAML, best effort: actions become one token, lines of nothing but actions go."""

from __future__ import annotations

import re2

# Every action reads the same, so a renamed helper or another value's name changes nothing.
TOKEN = "templated"  # noqa: S105 - a word, not a secret
_ACTION = re2.compile(r"(?s)\{\{.*?\}\}|\{%.*?%\}|<%.*?%>|\$\{[^}\n]*\}|%\w+%")
_BARE = re2.compile(rf"^[\s'\"-]*{TOKEN}(?:\s+{TOKEN})*['\"]?\s*$")
_MARKS = ("{{", "{%", "<%", "${")


def is_template(text: str) -> bool:
    return any(mark in text for mark in _MARKS)


def plain(text: str) -> str:
    """The text without actions, as many lines as before, so that line numbers stay right."""
    replaced = _ACTION.sub(lambda match: TOKEN + "\n" * match.group().count("\n"), text)
    return "\n".join("" if _BARE.search(line) else line for line in replaced.split("\n"))
