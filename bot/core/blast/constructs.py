"""CDK, Pulumi and Bicep, best effort: constructs and resources by their type and literal name, gone or renamed."""

from __future__ import annotations

from collections.abc import Iterator

import re2

from bot.core.blast.infra import Infra
from bot.core.blast.language import Declared, Judgement, Source, Span, Stack, compare, effect_of
from bot.core.blast.template import Text, read_text, unread_texts
from bot.core.blast.yamls import flatten
from bot.core.finding import Confidence, Side

# `new s3.Bucket(this, 'Data'`, `s3.Bucket(self, "Data"`, `new aws.s3.Bucket("data"`, `aws.s3.Bucket(f"data-{stage}"`.
# A call may go over several lines; a call in a comment line was blanked before.
_CONSTRUCT = re2.compile(
    r"""(?:\bnew\s+)?\b((?:\w+\.)*[A-Z]\w*)\s*\(\s*(?:(?:this|self|scope|stack)\s*,\s*)?(?:f?["'`])([^"'`\n]{1,200})["'`]\s*[,)]"""
)
# A name that is computed is told by the expression that computes it.
_COMPUTED = re2.compile(
    r"""\b((?:\w+\.)*[A-Z]\w*)\s*\(\s*(?:this|self|scope|stack)\s*,\s*([A-Za-z_][\w.]{0,100}(?:\([^()\n]{0,200}\))?)\s*[,)]"""
)
_BICEP = re2.compile(r"(?m)^\s*(resource|module)\s+(\w+)\s+'([^'@\n]+)")
_COMMENT = re2.compile(r"(?m)^[ \t]*(?://|#|\*).*$")
YAML = (".yaml", ".yml")


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
        texts = [read_text(source) for source in (*stack.base, *stack.head) if source.path.endswith(YAML)]
        return Judgement(effects=tuple(effects), compared=found, unread=tuple(dict.fromkeys(unread_texts(texts))))


def _declared(source: Source) -> Iterator[Declared]:
    if source.path.endswith(YAML):
        yield from _pulumi(read_text(source))
        return
    if source.path.endswith(".json"):
        return
    code = _COMMENT.sub("", source.text)
    line = place = 0
    for start, type_, name in sorted(_named(code, is_bicep=source.path.endswith((".bicep", ".bicepparam")))):
        line, place = line + code.count("\n", place, start), start
        yield Declared(address=f"{type_} {name}", type=type_, path=source.path, line=line + 1)


def _named(code: str, *, is_bicep: bool) -> Iterator[tuple[int, str, str]]:
    """Where, type and name of each construct."""
    if is_bicep:
        yield from ((match.start(2), match.group(3), match.group(2)) for match in _BICEP.finditer(code))
        return
    for pattern in (_CONSTRUCT, _COMPUTED):
        yield from ((match.start(1), match.group(1), match.group(2)) for match in pattern.finditer(code))


def _pulumi(text: Text) -> Iterator[Declared]:
    """The resources of a Pulumi program that is written in YAML."""
    resources = text.root.mapping("resources")
    for name, node in resources.entries.items():
        attributes = flatten(node)
        type_ = attributes.get("type", "")
        line = resources.lines.get(name)
        yield Declared(address=f"{type_} {name}", type=type_, path=text.path, line=line, attributes=attributes)
