"""The lines of a commit message or pull request text that may speak of AI, each with where it stands."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import re2

from bot.core.provenance.trailers import separator

LONGEST_TEXT = 1 << 20
"""Characters of one text that are read: of a longer one its first and last half, and that it was longer is evidence."""

MOST_LINES = 2_000
"""Speaking lines of one text that are read; more are evidence of their own."""

_FENCE = ("```", "~~~")
_LITERAL_NEWLINE = re2.compile(r"(?:\\r|\\n)+((?:[A-Z][A-Za-z]*-)+[A-Za-z]+ ?:|🤖|💘)")
_SQUASHED = re2.compile(r"(?m)^commit [0-9a-f]{7,64}$")
_REVERT = re2.compile(r'(?i)^(?:revert\b|reverts? "|this reverts commit )')


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One line that may speak of AI. `text` is trimmed and unfolded; `subject` is true for a text's first line.

    `quoted` lines speak of markers, they do not make them: code, quotations, indented examples, what a revert repeats.
    `closing` is true in the last paragraph.
    """

    text: str
    subject: bool
    quoted: bool
    closing: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """The speaking lines of one text. `unread` says in a few words what was not read, "" when nothing was left out."""

    lines: tuple[Line, ...]
    unread: str = ""


SILENT = Reading(lines=())


def read_text(text: str, hints: Any) -> Reading:
    """The lines of `text` that `hints` points at. Time and memory are linear in the text's length."""
    unread = ""
    if len(text) > LONGEST_TEXT:
        unread = f"{len(text):,} characters, over the limit of {LONGEST_TEXT:,}"
        text = text[: LONGEST_TEXT // 2] + "\n" + text[-LONGEST_TEXT // 2 :]
    if not text.isascii():
        text = printable(text)
    if hints.search(text) is None:
        return Reading(lines=(), unread=unread)
    lines = _split(text)
    speaking = []
    for number, line in enumerate(lines):
        if line and hints.search(line) is not None:
            speaking.append(number)
            if len(speaking) > MOST_LINES:
                unread = unread or f"more than {MOST_LINES:,} lines that may speak of AI"
                speaking.pop()
                break
    return Reading(lines=tuple(_placed(lines, speaking, squashed=_SQUASHED.search(text) is not None)), unread=unread)


def printable(text: str) -> str:
    """The text with half surrogate pairs, which no UTF-8 can hold, replaced by U+FFFD."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    return text


def _split(text: str) -> list[str]:
    r"""Lines without carriage returns; `\\n` written out before a trailer is a line's end too."""
    if "\\n" in text:
        text = "\n".join(
            line if "`" in line or '"' in line else _LITERAL_NEWLINE.sub(r"\n\1", line) for line in text.split("\n")
        )
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    return text.split("\n")


def _placed(lines: list[str], speaking: list[int], *, squashed: bool) -> Iterator[Line]:
    first = next((number for number, line in enumerate(lines) if line.strip()), 0)
    last = _closing_paragraph(lines)
    reverting = _REVERT.search(lines[first].lstrip()) is not None
    fenced = _fenced(lines)
    folded = -1
    for number in speaking:
        if number == folded:
            continue
        line = lines[number]
        start = _fold_start(lines, number)
        if start != number:
            line = f"{lines[start].strip()} {line.strip()}"
        elif number + 1 < len(lines) and _is_fold(line, lines[number + 1]):
            folded = number + 1
            line = f"{line.strip()} {lines[folded].strip()}"
        indented = lines[start].startswith(("    ", "\t")) and not squashed
        closing = number >= last
        quoted = number in fenced or indented or line.lstrip().startswith(("> ", ">>")) or (reverting and not closing)
        yield Line(text=_bare(line), subject=number == first, quoted=quoted, closing=closing)


def _closing_paragraph(lines: list[str]) -> int:
    """The number of the first line of the last paragraph."""
    number = len(lines) - 1
    while number > 0 and not lines[number].strip():
        number -= 1
    while number > 0 and lines[number - 1].strip():
        number -= 1
    return number


def _fenced(lines: list[str]) -> frozenset[int]:
    """The numbers of the lines inside code fences; a fence that is never closed holds nothing."""
    inside: set[int] = set()
    opened: int | None = None
    for number, line in enumerate(lines):
        if not line.lstrip().startswith(_FENCE):
            continue
        if opened is None:
            opened = number
        else:
            inside.update(range(opened, number + 1))
            opened = None
    return frozenset(inside)


def _fold_start(lines: list[str], number: int) -> int:
    """The line that this one continues, itself when it continues none."""
    return number - 1 if number and _is_fold(lines[number - 1], lines[number]) else number


def _is_fold(line: str, following: str) -> bool:
    """Whether `following` carries the address of the person whom `line` names."""
    return following[:1] in (" ", "\t") and "<" in following and "<" not in line and separator(line.strip()) >= 1


def _bare(line: str) -> str:
    """A line without list and box-drawing marks, HTML entities and Markdown's mail links."""
    line = line.strip().lstrip("│|┃ \t")
    if "&lt;" in line:
        line = line.replace("&lt;", "<").replace("&gt;", ">")
    return line
