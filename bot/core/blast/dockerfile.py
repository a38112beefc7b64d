"""Dockerfiles: the user that the final stage runs as, and the registry that it comes from."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice

import re2

from bot.core.blast.infra import Infra
from bot.core.blast.language import Declared, Judgement, Source, Span, Stack, effect_of
from bot.core.blast.template import BEST_EFFORT, is_rendered
from bot.core.finding import Confidence, Effect, Side

ROOT = frozenset({"root", "0", "0:0", "root:root"})
# https://docs.docker.com/reference/dockerfile/#overview
INSTRUCTIONS = frozenset(
    {"ADD", "ARG", "CMD", "COPY", "ENTRYPOINT", "ENV", "EXPOSE", "FROM", "HEALTHCHECK", "LABEL", "MAINTAINER"}
    | {"ONBUILD", "RUN", "SHELL", "STOPSIGNAL", "USER", "VOLUME", "WORKDIR"}
)
_HEREDOC = re2.compile(r"""(?:^|\s)\d*<<-?["']?([A-Za-z_]\w*)""")
# `RUN curl -s https://… | sh`, over continued lines too.
_FETCHED = re2.compile(r"(?m)^[^#\n]*\b(?:curl|wget)\b(?:[^|\n]|\\\n)+\|\s*(?:\\\n\s*)?(?:sudo\s+)?(?:ba|da|z)?sh\b")
MOST_FETCHED = 100
_ESCAPE = re2.compile(r"(?im)\A(?:#[^\n]*\n)*#\s*escape\s*=\s*`")


@dataclass(frozen=True, slots=True, kw_only=True)
class Image:
    """`user` of the final stage, "" when none is set; `line` where it is set or the stage begins. `fetched` counts the
    scripts that are run as they come from the network, the last one on `fetched_line`. `fault` says which line is no
    instruction, "" when all are.
    """

    user: str = ""
    base: str = ""
    line: int = 1
    fetched: int = 0
    fetched_line: int = 1
    fault: str = ""


def read_image(text: str) -> Image:
    user, base, line, fault = "", "", 1, ""
    for number, words in _instructions(text):
        instruction = words[0].upper()
        if instruction == "FROM":
            named = [word for word in words[1:] if not word.startswith("--")]
            user, base, line = "", named[0] if named else "", number
        elif instruction == "USER" and len(words) > 1:
            user, line = words[1], number
        elif instruction not in INSTRUCTIONS:
            fault = fault or f"line {number} is no instruction"
    fetched = [text.count("\n", 0, match.start()) + 1 for match in islice(_FETCHED.finditer(text), MOST_FETCHED)]
    return Image(
        user=user, base=base, line=line, fetched=len(fetched), fetched_line=max(fetched, default=1), fault=fault
    )


def _instructions(text: str) -> Iterator[tuple[int, list[str]]]:
    """Line and words of every instruction; continued lines, comments and here-documents belong to none of their own."""
    escape = "`" if _ESCAPE.search(text) else "\\"
    continued, heredocs = False, list[str]()
    for number, raw in enumerate(text.split("\n"), start=1):
        line = raw.strip()
        if heredocs:
            heredocs = heredocs[1:] if line == heredocs[0] else heredocs
            continue
        if not line or line.startswith("#"):
            continue
        if not continued:
            yield number, line.split()
        heredocs = _HEREDOC.findall(line)
        continued = line.endswith(escape)
    if heredocs:
        yield number, [f"<<{heredocs[0]}"]


class Dockerfile:
    name = "Dockerfile"
    kinds = frozenset({"dockerfile"})
    span = Span.PULL

    def judge(self, stack: Stack, infra: Infra) -> Judgement:
        effects: list[Effect] = []
        unread: list[str] = []
        for change in stack.changes:
            before, after = _read(change.base), _read(change.head)
            if not is_rendered(change.path):
                unread += [f"`{change.path}` is no Dockerfile: {one.fault}" for one in (before, after) if one.fault]
            if change.base and change.head and not change.is_gone:
                effects += _weakened(change.path, before, after, infra)
        return Judgement(effects=tuple(effects), unread=tuple(dict.fromkeys(unread)))


def _read(source: Source | None) -> Image:
    """A missing side and the list of what an image leaves out are no image."""
    return Image() if source is None or source.path.endswith(".dockerignore") else read_image(source.text)


def _weakened(path: str, before: Image, after: Image, infra: Infra) -> Iterator[Effect]:
    if after.fetched > before.fetched:
        declared = Declared(address=path, type="image", path=path, line=after.fetched_line)
        reason = "the image runs a script as it is fetched, which nobody has read"
        yield effect_of(
            infra,
            "image-runs-fetched-script",
            declared,
            kind="dockerfile",
            side=Side.HEAD,
            reason=reason,
            confidence=Confidence.LOW,
        )
    was_bound = bool(before.user) and before.user not in ROOT
    # Another base image may set a user of its own.
    is_free = after.user in ROOT or (not after.user and after.base == before.base)
    if was_bound and is_free:
        declared = Declared(address=path, type="image", path=path, line=after.line)
        reason = f"the image runs as {after.user or 'the base image’s user'} and no longer as {before.user}"
        confidence = Confidence.HIGH if after.user else Confidence.MEDIUM
        if is_rendered(path):
            confidence, reason = Confidence.LOW, f"{reason}, {BEST_EFFORT}"
        yield effect_of(
            infra,
            "image-runs-as-root",
            declared,
            kind="dockerfile",
            side=Side.HEAD,
            reason=reason,
            confidence=confidence,
        )
