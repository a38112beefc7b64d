"""The lines of a commit message or pull request text that may speak of AI, each with where it stands."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import re2

from bot.core.provenance.lookalikes import folded
from bot.core.provenance.trailers import separator

LONGEST_TEXT = 1 << 20
"""Characters of one text that are read: of a longer one its first and last half, and that it was longer is evidence."""

MOST_LINES = 2_000
"""Speaking lines of one text that are read; more are evidence of their own."""

LONGEST_LINE = 4_096
"""Characters of one line that are read."""

_INDENT = ("    ", "\t")
_FENCE = ("```", "~~~")
_TAG = re2.compile(r"(?i)</?(?:sub|sup|small|i|b|em|strong|p|div|span|center|blockquote|br) ?/?>")
_LITERAL_NEWLINE = re2.compile(r"(?:\\r|\\n)+([A-Z][A-Za-z]*(?:-[A-Za-z]+)+ ?:|🤖|💘)")
_OPEN_BOX = re2.compile(r"^[ \t>]*[-*+] \[ ?\]")
_SQUASHED = re2.compile(r"(?m)^commit [0-9a-f]{7,64}$")
_REVERT = ("revert ", "revert:", "revert(", 'revert"', 'reverts "', "this reverts commit ")


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One line that may speak of AI, trimmed and unfolded.

    `plain` is the text with look-alike letters replaced. `subject` is true for a text's first line, `closing` in its
    last paragraph. `quoted` lines speak of markers, they do not make them: code, quotations, indented examples,
    unticked boxes, what a revert repeats.
    """

    text: str
    plain: str
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
    """The lines of `text` in which the bytes pattern `hints` is found. Linear in the text's length."""
    unread = ""
    if len(text) > LONGEST_TEXT:
        unread = f"{len(text):,} characters, over the limit of {LONGEST_TEXT:,}"
        text = text[: LONGEST_TEXT // 2] + "\n" + text[-LONGEST_TEXT // 2 :]
    plain = text
    if not text.isascii():
        text = printable(text)
        plain = folded(text)
    raw = plain.encode()
    first = hints.search(raw)
    if first is None:
        return Reading(lines=(), unread=unread) if unread else SILENT
    if "\\n" in text or "\r" in text:
        same = plain is text
        text = _split_anew(text)
        plain = text if same else _split_anew(plain)
        text = text if text.count("\n") == plain.count("\n") else plain
        raw = plain.encode()
        first = hints.search(raw)
    speaking = _speaking(raw, hints, first)
    if len(speaking) > MOST_LINES:
        unread = unread or f"more than {MOST_LINES:,} lines that may speak of AI"
        del speaking[MOST_LINES:]
    lines = text.split("\n")
    if any(len(lines[number]) > LONGEST_LINE for number in speaking):
        unread = unread or f"a line that may speak of AI is over the limit of {LONGEST_LINE:,} characters"
    placed = _placed(text, lines, lines if plain is text else plain.split("\n"), speaking)
    return Reading(lines=tuple(placed), unread=unread)


def printable(text: str) -> str:
    """The text with half surrogate pairs, which no UTF-8 can hold, replaced by U+FFFD."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    return text


def _speaking(raw: bytes, hints: Any, found: Any) -> list[int]:
    """The numbers of the lines with a hint, at most one more than MOST_LINES; `found` is the first of them."""
    numbers: list[int] = []
    place = number = 0
    while len(numbers) <= MOST_LINES and found is not None:
        number += raw.count(b"\n", place, found.start())
        numbers.append(number)
        end = raw.find(b"\n", max(found.end(), found.start() + 1))
        if end < 0:
            break
        number += raw.count(b"\n", found.start(), end) + 1
        place = end + 1
        found = hints.search(raw, place)
    return numbers


def _split_anew(text: str) -> str:
    """The text with one kind of line end; one that is written out as an escape before a trailer counts too."""
    if "\\n" in text:
        text = "\n".join(_written_out(line) for line in text.split("\n"))
    return text.replace("\r\n", "\n").replace("\r", "\n") if "\r" in text else text


def _written_out(line: str) -> str:
    found = _LITERAL_NEWLINE.search(line) if "\\n" in line else None
    if found is None or line.count("`", 0, found.start()) % 2 or line.count('"', 0, found.start()) % 2:
        return line
    return str(_LITERAL_NEWLINE.sub(lambda match: f"\n{match.group(1)}", line))


def _placed(text: str, lines: list[str], plain: list[str], speaking: list[int]) -> Iterator[Line]:
    first = next((number for number, line in enumerate(lines) if line.strip()), 0)
    last = _closing_paragraph(lines)
    reverting = lines[first][:LONGEST_LINE].lstrip().lower().startswith(_REVERT)
    fenced = _fenced(lines) if any(fence in text for fence in _FENCE) else frozenset()
    examples = not lines[first].startswith(_INDENT) and not _is_squashed(text)
    done = -1
    for number in speaking:
        if number <= done:
            continue
        start = number - 1 if number and _is_fold(lines[number - 1], lines[number]) else number
        done = number + 1 if number + 1 < len(lines) and _is_fold(lines[number], lines[number + 1]) else number
        raw = lines[start]
        quoted = start in fenced or raw.lstrip().startswith(">") or (examples and raw.startswith(_INDENT))
        quoted = quoted or ("[" in raw and _OPEN_BOX.search(raw) is not None)
        yield Line(
            text=_bare(lines[start : done + 1]),
            plain=_bare(plain[start : done + 1]),
            subject=number == first,
            quoted=quoted or (reverting and number < last),
            closing=number >= last,
        )


def _is_squashed(text: str) -> bool:
    """Whether the text lists several commits: by GitHub's bullets, or as `git merge --squash` writes them."""
    bullets = "\n* " in text or text.startswith("* ")
    return bullets or ("commit " in text and _SQUASHED.search(text) is not None)


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
    marks = [number for number, line in enumerate(lines) if line.lstrip()[:3] in _FENCE]
    inside: set[int] = set()
    for opened, closed in zip(marks[::2], marks[1::2], strict=False):
        inside.update(range(opened, closed + 1))
    return frozenset(inside)


def _is_fold(line: str, following: str) -> bool:
    """Whether `following` carries the address of the person whom `line` names."""
    return following[:1] in (" ", "\t") and "<" in following and "<" not in line and separator(line.strip()) >= 1


def _bare(lines: list[str]) -> str:
    """One line of the given ones, without box-drawing marks, HTML entities and tags that only dress a text."""
    line = " ".join(line.strip() for line in lines)[:LONGEST_LINE].lstrip("│|┃ \t")
    if "<" in line and ("</" in line or "<br" in line.lower()):
        line = str(_TAG.sub("", line)).strip()
    return line.replace("&lt;", "<").replace("&gt;", ">") if "&lt;" in line else line
