"""What a comment commands: one command, alone on the first line, in plain ASCII; near-misses get a helpful sentence."""

from __future__ import annotations

import difflib
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

import re2
from markdown_it import MarkdownIt

from bot.core.approval.records import Act

# https://docs.github.com/en/graphql/reference/objects#issuecomment: GitHub refuses longer bodies.
LONGEST_BODY = 65_536
LONGEST_ARGUMENT = 500
SHORTEST_SHA = 12


class Argument(StrEnum):
    """What may follow a command's word."""

    NOTHING = "nothing"
    NOTE = "note"
    REASON = "reason"
    SHA = "sha"


COMMANDS: dict[str, tuple[Act, Argument]] = {
    "/approve-ai": (Act.APPROVE, Argument.SHA),
    "/revoke-ai": (Act.REVOKE, Argument.NOTE),
    "/block-ai": (Act.BLOCK, Argument.REASON),
    "/unblock-ai": (Act.UNBLOCK, Argument.NOTE),
    "/declare-ai": (Act.DECLARE_AI, Argument.NOTE),
    "/declare-human": (Act.DECLARE_HUMAN, Argument.NOTHING),
    "/dispute-ai": (Act.DISPUTE, Argument.REASON),
    "/break-glass": (Act.BREAK_GLASS, Argument.REASON),
    "/ai-status": (Act.STATUS, Argument.NOTE),
    "/recheck-ai": (Act.RECHECK, Argument.NOTE),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """An understood command. `argument` is the reason, note or tool; for APPROVE 12 or more hex digits, or ""."""

    act: Act
    argument: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rejected:
    """A near-miss. `sentence` is the answer; it repeats nothing of the comment.

    It is recorded as a statement with `Act.MALFORMED` and the sentence as its argument, and so refused with it.
    """

    sentence: str


_SHA = re2.compile(r"[0-9a-fA-F]{12,64}")
_UNKNOWN = re2.compile(r"/[a-z]+(?:-[a-z]+)*-ai")
_WORD = re2.compile(r"/[a-z]{2,20}-[a-z]{1,10}")
_WORD_THEN_SIGN = re2.compile(r"(/[a-z]+(?:-[a-z]+)*)[.,:;!?]*")

# `/approve` and `/approve-all` are other bots' commands and stay further away than two swapped letters.
_NEAR_ENOUGH = 0.88
_DID_YOU_MEAN = "There is no such command; did you mean `{}`? Write it exactly so."

# Letters of other scripts that look like those of the commands, and the dashes and slashes that keyboards and
# word processors put in the place of ASCII's: https://www.unicode.org/reports/tr39/#Confusable_Detection
_LOOKALIKES = str.maketrans(
    "аеорсухіѕһԁӏ" + "αεορτυνικ" + "ıℓ" + "‐‑‒–—―−﹣" + "⁄∕⧸╱",
    "aeopcyxishdl" + "aeoptuvik" + "il" + "--------" + "////",
)
# Block structure alone: what starts the first line of a top-level paragraph stands in no inline code or comment.
_MARKDOWN = MarkdownIt("commonmark").disable(["inline"])


def parse_command(body: str) -> Command | Rejected | None:
    """The command that a new comment gives, a near-miss, or None for any other comment.

    The command's line is the first non-empty one and begins a top-level paragraph: a line inside code, a quote, a
    list, HTML or a sentence commands nothing. Text may follow on later lines. Never raises.
    """
    text = body.replace("\r\n", "\n").replace("\r", "\n")
    if "-" not in text and not any(dash in text for dash in "‐‑‒–—―−﹣－"):
        return None
    if len(text) > LONGEST_BODY:
        return None if _near(_first_line(text)) == "" else Rejected(sentence="The comment is too long to command.")
    lines = text.split("\n")
    first = next((number for number, line in enumerate(lines) if line.strip()), 0)
    speaking = list(_paragraph_lines(text))
    commanding = [number for number in speaking if _near(lines[number])]
    if first not in commanding:
        mistyped = _mistyped(lines[first]) if first in speaking else None
        return _misplaced(lines[first], is_below=bool(commanding)) or mistyped
    return Rejected(sentence="Give one command a comment.") if len(commanding) > 1 else _parse_line(lines[first])


def _first_line(text: str) -> str:
    return next((line for line in text.split("\n") if line.strip()), "")


def _paragraph_lines(text: str) -> Iterator[int]:
    """The numbers, from 0, of the source lines of all top-level paragraphs, in order."""
    for token in _MARKDOWN.parse(text):
        if token.type == "paragraph_open" and token.level == 0 and token.map:
            yield from range(*token.map)


def _misplaced(first: str, *, is_below: bool) -> Rejected | None:
    if first.strip().startswith("`") and _near(first.strip().strip("`")):
        return Rejected(sentence="A command in code commands nothing: write it without backticks.")
    if is_below:
        return Rejected(sentence="A command stands alone on the first line of a comment: send it as one of its own.")
    return None


def _mistyped(line: str) -> Rejected | None:
    """A word that is nearly a command, alone on its line: its writer would wait for an answer in vain."""
    word = line.strip(" \t").casefold()
    near = _nearest(word) if _WORD.fullmatch(word) else ""
    return Rejected(sentence=_DID_YOU_MEAN.format(near)) if near else None


def _nearest(word: str) -> str:
    """The command that differs from `word` by a letter or two; "" when none does."""
    return next(iter(difflib.get_close_matches(word, COMMANDS, 1, _NEAR_ENOUGH)), "")


def _parse_line(line: str) -> Command | Rejected:
    word, _, rest = line.strip(" \t").partition(" ")
    argument = rest.strip(" \t")
    if word not in COMMANDS:
        return _misspelt(word, line)
    act, takes = COMMANDS[word]
    return _with_argument(word, act, takes, argument)


def _with_argument(word: str, act: Act, takes: Argument, argument: str) -> Command | Rejected:
    if len(argument) > LONGEST_ARGUMENT:
        return Rejected(sentence=f"Say it in at most {LONGEST_ARGUMENT} characters.")
    if any(unicodedata.category(character) in {"Cc", "Cf", "Zl", "Zp", "Cs"} for character in argument):
        return Rejected(sentence="The line holds an invisible character: type it again by hand.")
    if takes is Argument.REASON and not any(character.isalnum() for character in argument):
        return Rejected(sentence=f"Give a reason on the same line: `{word} <reason>`.")
    if takes is Argument.NOTHING and argument:
        return Rejected(sentence=f"`{word}` takes nothing after it.")
    if takes is Argument.SHA and argument and not _SHA.fullmatch(argument):
        return Rejected(
            sentence=f"`{word}` takes nothing, or {SHORTEST_SHA} or more hexadecimal digits of the head commit."
        )
    return Command(act=act, argument=argument.lower() if takes is Argument.SHA else argument)


def _misspelt(word: str, line: str) -> Rejected:
    meant = _near(line)
    if not word.isascii():
        return Rejected(sentence=f"The line looks like `{meant}` but is not plain ASCII: type it again by hand.")
    if meant in COMMANDS:
        return Rejected(sentence=f"Write `{meant}` in lower case, alone or followed by one space.")
    if near := _nearest(meant):
        return Rejected(sentence=_DID_YOU_MEAN.format(near))
    names = ", ".join(f"`{name}`" for name in COMMANDS)
    return Rejected(sentence=f"There is no such command; there are {names}.")


def _near(line: str) -> str:
    """The command that a line begins with, or seems to; "" for a line that means none."""
    visible = "".join(
        character
        for character in unicodedata.normalize("NFKD", line[: 2 * LONGEST_ARGUMENT].translate(_LOOKALIKES))
        if unicodedata.category(character) not in {"Cf", "Mn", "Me"}
    )
    word = next(iter(visible.casefold().translate(_LOOKALIKES).split()), "")
    found = _WORD_THEN_SIGN.fullmatch(word)
    if not found:
        return ""
    meant: str = found[1]
    return meant if meant in COMMANDS or _UNKNOWN.fullmatch(meant) else ""
