"""Commit trailers, read exactly as git reads them."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Trailer:
    """One `Key: value` line; the value is unfolded onto one line, both are trimmed."""

    key: str
    value: str


# git's own idea of a space and of a word; Python's would take in more. https://github.com/git/git/blob/master/ctype.c
_SPACE = " \t\n\r"
_WORD = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-")
_GENERATED = ("Signed-off-by: ", "(cherry picked from commit ")


def parse_trailers(message: str, *, divider: bool = False) -> tuple[Trailer, ...]:
    """The trailers of a message's last paragraph, in their order, as `git interpret-trailers --parse` prints them.

    With `divider` a line `---` ends the message, as in a patch mail; commit messages of squash merges hold such lines
    as text, so the default is git's `--no-divider`.
    """
    lines = message.split("\n")
    lines = lines[: _end_of_message(lines, divider=divider)]
    return tuple(_unfolded(lines[_start_of_block(lines) :]))


def separator(line: str) -> int:
    """The place of the colon that ends a trailer's key, -1 when the line has none."""
    spaced = False
    for place, letter in enumerate(line):
        if letter == ":":
            return place
        if not spaced and letter in _WORD:
            continue
        if place and letter in " \t":
            spaced = True
            continue
        break
    return -1


def _end_of_message(lines: list[str], *, divider: bool) -> int:
    """Where the text ends: before a patch, a scissors line, and trailing comments, blanks and lists of conflicts."""
    end = len(lines)
    if divider:
        end = next((n for n, line in enumerate(lines) if line.startswith("---") and _is_cut(line)), end)
    # https://github.com/git/git/blob/master/builtin/commit.c, ignored_log_message_bytes
    trailing: int | None = None
    in_conflicts = False
    for number, line in enumerate(lines[:end]):
        if line.startswith("#") or line == "":
            trailing = number if trailing is None else trailing
        elif line == "Conflicts:":
            in_conflicts = True
            trailing = number if trailing is None else trailing
        elif not (in_conflicts and line.startswith("\t")):
            trailing, in_conflicts = None, False
    return end if trailing is None else trailing


def _is_cut(line: str) -> bool:
    return line[3:4] == "" or line[3] in _SPACE


def _start_of_block(lines: list[str]) -> int:
    """The first line of the trailer block, or the number of lines when the last paragraph is none.

    https://github.com/git/git/blob/master/trailer.c, find_trailer_block_start: all lines are trailers, or one was
    made by git itself and at most three quarters are not trailers.
    """
    title_end = next((n for n, line in enumerate(lines) if not line.startswith("#") and _blank(line)), len(lines))
    trailers = others = folded = 0
    generated, only_blank = False, True
    for number in range(len(lines) - 1, title_end - 1, -1):
        line = lines[number]
        if line.startswith("#"):
            others, folded = others + folded, 0
        elif _blank(line):
            if only_blank:
                continue
            others += folded
            is_block = (generated and trailers * 3 >= others) or (trailers and not others)
            return number + 1 if is_block else len(lines)
        elif line.startswith(_GENERATED):
            trailers, folded, generated, only_blank = trailers + 1, 0, True, False
        elif separator(line) >= 1:
            trailers, folded, only_blank = trailers + 1, 0, False
        elif line[0] in _SPACE:
            folded, only_blank = folded + 1, False
        else:
            others, folded, only_blank = others + folded + 1, 0, False
    return len(lines)


def _unfolded(lines: list[str]) -> list[Trailer]:
    found: list[Trailer] = []
    key, parts = "", [""]
    for line in [*lines, ""]:
        if key and line and line[0] in _SPACE:
            parts.append(line)
            continue
        if key:
            found.append(Trailer(key=key, value=_one_line("\n".join(parts).strip(_SPACE).split("\n"))))
            key = ""
        place = separator(line)
        if place >= 1 and not line.startswith("#"):
            key, parts = line[:place].strip(_SPACE), [line[place + 1 :]]
    return found


def _one_line(parts: list[str]) -> str:
    """The parts of a folded value: a line end and the blanks after it become one space, blanks before it stay."""
    first, *rest = parts
    return " ".join([first, *(part.lstrip(_SPACE) for part in rest if not _blank(part))])


def _blank(line: str) -> bool:
    return not line.strip(_SPACE)
