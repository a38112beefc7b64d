"""CDK, Pulumi, Bicep and ARM as a language of the blast radius: constructs and resources gone, renamed or laxer."""

from __future__ import annotations

from collections.abc import Iterator

from bot.core.blast.constructs.bicep import resources_in, resources_of
from bot.core.blast.constructs.code import constructs_in, read_code
from bot.core.blast.constructs.guards import turned
from bot.core.blast.constructs.python import calls_in
from bot.core.blast.infra import Infra
from bot.core.blast.language import (
    Change,
    Comparison,
    Declared,
    Judgement,
    Source,
    Span,
    Stack,
    compare,
    effect_of,
)
from bot.core.blast.template import Text, read_text, unread_texts
from bot.core.blast.yamls import flatten
from bot.core.finding import Confidence, Effect, Side

YAML = (".yaml", ".yml")
BICEP = (".bicep", ".bicepparam")
CODE = (".ts", ".tsx", ".mts", ".js", ".mjs", ".cjs", ".go", ".java", ".cs")
# Azure deletes what left a template only in complete mode and in deployment stacks:
# https://learn.microsoft.com/azure/azure-resource-manager/templates/deployment-modes
ADDS_ONLY = frozenset({"bicep", "arm"})
_TESTS = frozenset({"test", "tests", "__tests__", "testing", "e2e"})


class Constructs:
    name = "constructs"
    kinds = frozenset({"cdk", "pulumi", "bicep", "arm"})
    span = Span.FOLDER

    def judge(self, stack: Stack, infra: Infra) -> Judgement:
        unread: list[str] = []
        effects: list[Effect] = []
        compared = None
        for is_sure in (True, False):
            changes = [change for change in stack.changes if _is_sure(change) is is_sure]
            base = [one for change in changes for one in _declared(change, change.base, infra, unread)]
            head = [one for change in changes for one in _declared(change, change.head, infra, unread)]
            found = compare(base, head)
            kinds = {source.path: _kind(one) for one in changes for source in (one.base, one.head) if source}
            effects += _lost(found, kinds, infra, Confidence.MEDIUM if is_sure else Confidence.LOW)
            compared = found if is_sure and changes else compared
        for change in stack.changes:
            effects += _laxer(change, infra)
        return Judgement(effects=tuple(effects), compared=compared, unread=tuple(dict.fromkeys(unread)))


def _kind(change: Change) -> str:
    return min(change.kinds & Constructs.kinds)


def _is_sure(change: Change) -> bool:
    """Whether what leaves the file is deleted. What a test makes lives no longer than its run."""
    folders, _, name = change.path.casefold().rpartition("/")
    is_test = bool(_TESTS & set(folders.split("/"))) or ".test." in name or name.startswith("test_")
    return _kind(change) not in ADDS_ONLY and not is_test and not name.endswith(("_test.go", ".d.ts", ".spec.ts"))


def _declared(change: Change, source: Source | None, infra: Infra, unread: list[str]) -> tuple[Declared, ...]:
    """What a side declares; when it cannot be read, a sentence is added to `unread`."""
    if source is None:
        return ()
    is_scoped = "pulumi" not in change.kinds
    if source.path.endswith(YAML) or (source.path.endswith(".json") and "arm" in change.kinds):
        text = read_text(source)
        unread += unread_texts((text,), "JSON" if "arm" in change.kinds else "YAML")
        return tuple(resources_of(text) if "arm" in change.kinds else _pulumi(text))
    if source.path.endswith(".py"):
        return _of_python(source, infra, unread, is_scoped=is_scoped)
    if not source.path.endswith((*CODE, *BICEP)):
        return ()
    code = read_code(source.text, source.path)
    if code.fault:
        unread.append(f"`{source.path}` was not read to its end: {code.fault}")
    if source.path.endswith(BICEP):
        return tuple(resources_in(code.text, source.path))
    return tuple(_of_code(code.text, source.path, infra, is_scoped=is_scoped))


def _of_python(source: Source, infra: Infra, unread: list[str], *, is_scoped: bool) -> tuple[Declared, ...]:
    try:
        calls = tuple(calls_in(source.text, is_scoped=is_scoped))
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        unread.append(f"`{source.path}` is no Python that can be read ({type(error).__name__})")
        return ()
    return tuple(
        Declared(address=f"{_short(type_)} {name}", type=_short(type_), path=source.path, line=line, attributes=given)
        for line, type_, name, given in calls
        if not _is_value(type_, infra)
    )


def _of_code(code: str, path: str, infra: Infra, *, is_scoped: bool) -> Iterator[Declared]:
    line = place = 0
    for start, type_, name in sorted(constructs_in(code, is_scoped=is_scoped)):
        line, place = line + code.count("\n", place, start), start
        if not _is_value(type_, infra):
            yield Declared(address=f"{_short(type_)} {name}", type=_short(type_), path=path, line=line + 1)


def _short(type_: str) -> str:
    """Without the module: under which name that is imported changes nothing."""
    return type_.rpartition(".")[2]


def _is_value(type_: str, infra: Infra) -> bool:
    """Whether a type is known to name no resource: errors, outputs, parameters, settings."""
    name = _short(type_).removeprefix("New")
    return name in infra.names["construct-values"] or name.endswith(("Args", "Error", "Exception", "Options", "Props"))


def _pulumi(text: Text) -> Iterator[Declared]:
    """The resources of a Pulumi program that is written in YAML."""
    resources = text.root.mapping("resources")
    for name, node in resources.entries.items():
        attributes = flatten(node)
        type_ = attributes.get("type", "")
        line = resources.lines.get(name)
        yield Declared(address=f"{type_} {name}", type=type_, path=text.path, line=line, attributes=attributes)


def _lost(found: Comparison, kinds: dict[str, str], infra: Infra, confidence: Confidence) -> Iterator[Effect]:
    for one in found.removed:
        kind = kinds[one.path]
        reason = f"`{one.address}` is no longer declared"
        if kind in ADDS_ONLY:
            reason += ", which deletes it in complete mode and in a deployment stack"
        yield effect_of(
            infra, "construct-removed", one, kind=kind, side=Side.BASE, reason=reason, confidence=confidence
        )
    for pair in found.renamed:
        reason = f"`{pair.before.address}` lives on as `{pair.after.address}`, which is another object"
        yield effect_of(
            infra,
            "construct-renamed",
            pair.after,
            kind=kinds[pair.after.path],
            side=Side.HEAD,
            reason=reason,
            confidence=confidence,
        )


def _laxer(change: Change, infra: Infra) -> Iterator[Effect]:
    if change.base is None or change.head is None or change.path.endswith(".d.ts"):
        return
    for line, what in turned(change.base.text, change.head.text, infra):
        declared = Declared(address=change.path, type="construct", path=change.path, line=line)
        confidence = Confidence.MEDIUM if _is_sure(change) or _kind(change) in ADDS_ONLY else Confidence.LOW
        yield effect_of(
            infra,
            "construct-guard-weakened",
            declared,
            kind=_kind(change),
            side=Side.HEAD,
            reason=what,
            confidence=confidence,
        )
