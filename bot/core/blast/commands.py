"""Commands that destroy or that no longer ask, wherever shell is written: scripts, Makefiles, CI steps, playbooks."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache

from bot.core.blast.infra import Infra
from bot.core.blast.language import Declared, Judgement, Source, Span, Stack, effect_of
from bot.core.blast.patterns import Patterns
from bot.core.finding import Confidence, Effect, Side

# A longer line is data; it is looked at in pieces of this size.
LONGEST_COMMAND = 4_000
LONGEST_SHOWN = 80
# Of a fixed length or anchored, so the standard library is linear here too, and three times as fast.
_SEPARATOR = re.compile(r"&&|\|\||;|\|")
_COMMENT = re.compile(r"(^|\s)#.*$")
_SAYS = re.compile(r"^[\s@({-]*(echo|printf|log\w*|die|warn|info|usage)\b")


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """One simple command on one line, blanks folded. `line` counts from 1."""

    text: str
    path: str
    line: int


def commands_in(text: str, path: str, first_line: int = 1) -> Iterator[Command]:
    """Every command of a shell text, continuation lines joined; comments and what is only printed are left out."""
    waiting, start = "", first_line
    for number, line in enumerate(text.split("\n"), start=first_line):
        start = start if waiting else number
        waiting += _COMMENT.sub("", line) if "#" in line else line
        if waiting.endswith("\\") and len(waiting) < LONGEST_COMMAND:
            waiting = waiting[:-1] + " "
            continue
        for part in _SEPARATOR.split(waiting):
            if part.strip() and not _SAYS.search(part):
                yield Command(text=" ".join(part.split())[:LONGEST_COMMAND], path=path, line=start)
        waiting = ""


def new_commands(
    base: Iterable[Command], head: Iterable[Command], infra: Infra, *, kind: str, confidence: Confidence
) -> Iterator[Effect]:
    """Effects of commands that stand on the head side more often than on the base side, family by family."""
    before, after = tuple(base), tuple(head)
    for names, rule, what in (
        ("commands-destroying", "command-destroys", "destroys what it names"),
        ("commands-unasked", "command-unasked", "goes ahead without asking"),
    ):
        for command in _surplus(_families(before, names, infra), _families(after, names, infra)):
            shown = _shown(command)
            declared = Declared(address=shown, type="command", path=command.path, line=command.line)
            reason = f"`{shown}` is added and {what}"
            yield effect_of(infra, rule, declared, kind=kind, side=Side.HEAD, reason=reason, confidence=confidence)


def _surplus(before: dict[int, list[Command]], after: dict[int, list[Command]]) -> Iterator[Command]:
    for family, commands in after.items():
        known = Counter(command.text for command in before.get(family, ()))
        surplus = len(commands) - known.total()
        for command in commands:
            if known[command.text] > 0:
                known[command.text] -= 1
            elif surplus > 0:
                surplus -= 1
                yield command


def _shown(command: Command) -> str:
    text = command.text.replace("`", "")
    return text if len(text) <= LONGEST_SHOWN else f"{text[: LONGEST_SHOWN - 1]}…"


def _families(commands: tuple[Command, ...], names: str, infra: Infra) -> dict[int, list[Command]]:
    patterns, harmless = _patterns(infra.names[names]), _patterns(infra.names["commands-harmless"])
    found: dict[int, list[Command]] = {}
    for command in commands:
        hits = patterns.hits(command.text)
        if hits and not harmless.hits(command.text):
            found.setdefault(hits[0], []).append(command)
    return found


@cache
def _patterns(patterns: frozenset[str]) -> Patterns:
    return Patterns(sorted(patterns))


class Scripts:
    """Shell scripts, Makefiles and the like. A new script is not known to be run by anything."""

    name = "shell"
    kinds = frozenset({"release-deploy-script", "cloud-init"})
    span = Span.PULL

    def judge(self, stack: Stack, infra: Infra) -> Judgement:
        effects: list[Effect] = []
        base = tuple(command for source in stack.base for command in _of(source))
        for is_new in (False, True):
            heads = [change.head for change in stack.changes if change.is_new is is_new]
            head = tuple(command for source in heads if source for command in _of(source))
            confidence = Confidence.LOW if is_new else Confidence.HIGH
            effects += new_commands(base, head, infra, kind="release-deploy-script", confidence=confidence)
        return Judgement(effects=tuple(effects))


def _of(source: Source) -> tuple[Command, ...]:
    return tuple(commands_in(source.text, source.path))
