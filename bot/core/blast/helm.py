"""Helm charts and values, best effort: what a chart no longer brings, and switches that values turn."""

from __future__ import annotations

from collections.abc import Iterator

from bot.core.blast.infra import Infra
from bot.core.blast.language import Change, Declared, Judgement, Source, Span, Stack, effect_of
from bot.core.blast.yamls import EMPTY, Mapping, Scalar, leaves, read_documents
from bot.core.finding import Confidence, Effect, Side

GUARDS = ("networkpolicy", "poddisruptionbudget", "pdb", "podsecuritypolicy", "backup", "persistence", "tls")
POWERS = frozenset({"privileged", "hostNetwork", "hostPID", "hostIPC", "clusterAdmin", "allowPrivilegeEscalation"})
COUNTS = frozenset({"replicaCount", "replicas", "minReplicas", "maxReplicas"})


class Helm:
    name = "Helm"
    kinds = frozenset({"helm-chart", "helm-values"})
    span = Span.PULL

    def judge(self, stack: Stack, infra: Infra) -> Judgement:
        effects: list[Effect] = []
        moved = {_read(change.head).text("name") for change in stack.changes if change.head}
        for change in stack.changes:
            if change.is_new or change.base is None:
                continue
            if "helm-chart" in change.kinds:
                effects += _chart(change, change.base, moved, infra)
            elif not change.is_gone:
                effects += _values(change, infra)
        return Judgement(effects=tuple(effects))


def _chart(change: Change, source: Source, moved: set[str], infra: Infra) -> Iterator[Effect]:
    base, head = _read(source), _read(change.head)
    name = base.text("name")
    if change.is_gone:
        if source.path.endswith(("Chart.yaml", "Chart.yml")) and name not in moved:
            yield _effect(
                source, 1, "chart-removed", reason=f"the chart `{name}` is removed", infra=infra, side=Side.BASE
            )
        return
    for key in ("dependencies", "releases"):
        gone = _names(base, key).keys() - _names(head, key).keys()
        if len(_names(base, key)) > len(_names(head, key)) and gone:
            reason = f"`{min(gone)}` is no longer part of {key}, so what it installed is deleted"
            yield _effect(
                source, _names(base, key)[min(gone)], "chart-removed", reason=reason, infra=infra, side=Side.BASE
            )


def _names(node: Mapping, key: str) -> dict[str, int]:
    return {item.text("name"): item.line for item in node.items(key) if isinstance(item, Mapping)}


def _values(change: Change, infra: Infra) -> Iterator[Effect]:
    before, after = _flat(change.base), _flat(change.head)
    for path, scalar in after.items():
        old = before.get(path)
        if old is None or old.text == scalar.text or change.head is None:
            continue
        name = path.rpartition(".")[2]
        what = f"`{path}` goes from {old.text} to {scalar.text}"
        if name in COUNTS and scalar.text == "0":
            yield _effect(change.head, scalar.line, "values-scaled-to-zero", reason=what, infra=infra)
        elif name in POWERS and scalar.text == "true":
            yield _effect(change.head, scalar.line, "values-power-added", reason=what, infra=infra)
        elif name in ("enabled", "create") and (old.text, scalar.text) == ("true", "false"):
            parent = path.rpartition(".")[0].rpartition(".")[2].casefold()
            rule = "values-guard-off" if parent in GUARDS else "values-switched-off"
            confidence = Confidence.MEDIUM if parent in GUARDS else Confidence.LOW
            yield _effect(change.head, scalar.line, rule, reason=what, infra=infra, confidence=confidence)


def _flat(source: Source | None) -> dict[str, Scalar]:
    return dict(leaves(_read(source)))


def _read(source: Source | None) -> Mapping:
    return next(iter(read_documents(source.text).mappings), EMPTY) if source else EMPTY


def _effect(
    source: Source,
    line: int,
    rule: str,
    *,
    reason: str,
    infra: Infra,
    side: Side = Side.HEAD,
    confidence: Confidence = Confidence.MEDIUM,
) -> Effect:
    declared = Declared(address=source.path, type="chart", path=source.path, line=line)
    return effect_of(infra, rule, declared, kind="helm-chart", side=side, reason=reason, confidence=confidence)
