"""Outside text made safe to repeat in Markdown: nothing of it is rendered, mentions nobody, commands no bot."""

from __future__ import annotations

import re2

_ZERO_WIDTH_SPACE = "\u200b"
_RUNS_OF_BACKTICKS = re2.compile(r"`+")
# A mention, an issue reference, or another bot's command at the start of a word. Some bots match raw text, code
# spans included, so the break goes inside the span too.
_TRIGGER = re2.compile(r"(^|[^\w/:.])([@#/])(\w)")
_INVISIBLE = re2.compile(r"[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]+")


def _break_trigger(match: re2._Match[str]) -> str:
    # A function, since re2 garbles templates that are not ASCII.
    return f"{match[1]}{match[2]}{_ZERO_WIDTH_SPACE}{match[3]}"


def shorten(text: str, limit: int) -> str:
    """`text` in at most `limit` characters, the cut marked by an ellipsis."""
    return text if len(text) <= limit else text[: limit - 1] + "…"


def plain(text: str, limit: int = 200) -> str:
    """One line of outside text for a place that renders no Markdown (a check run's title)."""
    encodable = text[: 4 * limit].encode(errors="replace").decode()
    return shorten(_INVISIBLE.sub(" ", encodable).strip(), limit)


def code(text: str, limit: int = 200) -> str:
    """One line of outside text as a code span that its own backticks cannot end.

    The fence is one backtick longer than the longest run inside:
    https://spec.commonmark.org/0.31.2/#code-spans
    """
    inside = _TRIGGER.sub(_break_trigger, plain(text, limit)) or " "
    fence = "`" * (max((len(run) for run in _RUNS_OF_BACKTICKS.findall(inside)), default=0) + 1)
    padding = " " if "`" in inside else ""
    return f"{fence}{padding}{inside}{padding}{fence}"


def code_cell(text: str, limit: int = 200) -> str:
    """A code span inside a table row, where a bar would end the cell even in code."""
    return code(text.replace("|", "¦"), limit)


def login(name: str) -> str:
    """An account's name that does not notify its owner."""
    return f"**{plain(name, 60)}**" if name.replace("-", "").isalnum() and name.isascii() else code(name, 60)
