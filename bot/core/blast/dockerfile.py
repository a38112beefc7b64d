"""Dockerfiles: the user that the final stage runs as, and the registry that it comes from."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from bot.core.blast.infra import Infra
from bot.core.blast.language import Declared, Judgement, Span, Stack, effect_of
from bot.core.finding import Confidence, Effect, Side

ROOT = frozenset({"root", "0", "0:0", "root:root"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Image:
    """`user` of the final stage, "" when none is set; `line` where it is set or the stage begins."""

    user: str
    base: str
    line: int


def read_image(text: str) -> Image:
    user, base, line = "", "", 1
    for number, raw in enumerate(text.split("\n"), start=1):
        words = raw.split()
        if len(words) < 2:  # noqa: PLR2004 - an instruction and its argument
            continue
        instruction = words[0].upper()
        if instruction == "FROM":
            named = [word for word in words[1:] if not word.startswith("--")]
            user, base, line = "", named[0] if named else "", number
        elif instruction == "USER":
            user, line = words[1], number
    return Image(user=user, base=base, line=line)


class Dockerfile:
    name = "Dockerfile"
    kinds = frozenset({"dockerfile"})
    span = Span.PULL

    def judge(self, stack: Stack, infra: Infra) -> Judgement:
        effects: list[Effect] = []
        for change in stack.changes:
            if change.base and change.head and not change.is_gone:
                effects += _weakened(change.path, read_image(change.base.text), read_image(change.head.text), infra)
        return Judgement(effects=tuple(effects))


def _weakened(path: str, before: Image, after: Image, infra: Infra) -> Iterator[Effect]:
    was_bound = bool(before.user) and before.user not in ROOT
    # Another base image may set a user of its own.
    is_free = after.user in ROOT or (not after.user and after.base == before.base)
    if was_bound and is_free:
        declared = Declared(address=path, type="image", path=path, line=after.line)
        reason = f"the image runs as {after.user or 'the base image’s user'} and no longer as {before.user}"
        yield effect_of(
            infra,
            "image-runs-as-root",
            declared,
            kind="dockerfile",
            side=Side.HEAD,
            reason=reason,
            confidence=Confidence.HIGH if after.user else Confidence.MEDIUM,
        )
