"""CDK, Pulumi and Bicep, best effort: constructs and resources by their type and literal name, gone or renamed."""

from __future__ import annotations

from collections.abc import Iterator

import re2

from bot.core.blast.infra import Infra
from bot.core.blast.language import Declared, Judgement, Source, Span, Stack, compare, effect_of
from bot.core.finding import Confidence, Side

# `new s3.Bucket(this, 'Data'`, `s3.Bucket(self, "Data"`, `new aws.s3.Bucket("data"`, `aws.s3.Bucket("data"`.
_CONSTRUCT = re2.compile(
    r"""(?:\bnew\s+)?\b((?:\w+\.)*[A-Z]\w*)\s*\(\s*(?:(?:this|self|scope|stack)\s*,\s*)?(?:f?["'`])([\w./-]+)["'`]\s*[,)]"""
)
_BICEP = re2.compile(r"^\s*(resource|module)\s+(\w+)\s+'([^'@]+)")
_COMMENT = re2.compile(r"^\s*(//|#|\*)")


class Constructs:
    name = "constructs"
    kinds = frozenset({"cdk", "pulumi", "bicep"})
    span = Span.FOLDER

    def judge(self, stack: Stack, infra: Infra) -> Judgement:
        found = compare(
            (one for source in stack.base for one in _declared(source)),
            (one for source in stack.head for one in _declared(source)),
        )
        effects = [
            effect_of(
                infra,
                "construct-removed",
                one,
                kind="cdk",
                side=Side.BASE,
                reason=f"`{one.address}` is no longer declared",
                confidence=Confidence.MEDIUM,
            )
            for one in found.removed
        ]
        effects += [
            effect_of(
                infra,
                "construct-renamed",
                pair.after,
                kind="cdk",
                side=Side.HEAD,
                reason=f"`{pair.before.address}` lives on as `{pair.after.address}`, which is another object",
                confidence=Confidence.MEDIUM,
            )
            for pair in found.renamed
        ]
        return Judgement(effects=tuple(effects), tally=found.tally)


def _declared(source: Source) -> Iterator[Declared]:
    is_bicep = source.path.endswith(".bicep")
    if not is_bicep and source.path.endswith((".json", ".yaml", ".yml")):
        return
    for number, line in enumerate(source.text.split("\n"), start=1):
        if _COMMENT.search(line):
            continue
        if is_bicep:
            match = _BICEP.search(line)
            if match:
                address, type_ = f"{match.group(3)} {match.group(2)}", match.group(3)
                yield Declared(address=address, type=type_, path=source.path, line=number)
            continue
        for type_, name in _CONSTRUCT.findall(line[:4000]):
            yield Declared(address=f"{type_} {name}", type=type_, path=source.path, line=number)
