"""Helm charts and values, best effort: what a chart no longer brings, and switches that values turn."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from bot.core.blast.infra import Infra
from bot.core.blast.language import Change, Declared, Judgement, Span, Stack, effect_of
from bot.core.blast.template import BEST_EFFORT, Text, read_text, unread_holes, unread_texts
from bot.core.blast.yamls import Mapping, Scalar, leaves
from bot.core.finding import Confidence, Effect, Side

GUARDS = ("networkpolicy", "poddisruptionbudget", "pdb", "podsecuritypolicy", "backup", "persistence", "tls")
POWERS = frozenset({"privileged", "hostNetwork", "hostPID", "hostIPC", "clusterAdmin", "allowPrivilegeEscalation"})
COUNTS = frozenset({"replicaCount", "replicas", "minReplicas", "maxReplicas"})
SWITCHES = ("enabled", "create")


@dataclass(frozen=True, slots=True, kw_only=True)
class Sides:
    """Both sides of a change, read; a missing one is empty."""

    change: Change
    before: Text
    after: Text


class Helm:
    name = "Helm"
    kinds = frozenset({"helm-chart", "helm-values"})
    span = Span.PULL

    def judge(self, stack: Stack, infra: Infra) -> Judgement:
        effects: list[Effect] = []
        unread: list[str] = []
        read = [Sides(change=one, before=read_text(one.base), after=read_text(one.head)) for one in stack.changes]
        moved = {sides.after.root.text("name") for sides in read}
        for sides in read:
            unread += [*unread_texts((sides.before, sides.after)), *unread_holes(sides.before, sides.after)]
            if sides.change.is_new or sides.change.base is None:
                continue
            if "helm-chart" in sides.change.kinds:
                effects += _chart(sides, moved, infra)
            elif not sides.change.is_gone:
                effects += _values(sides, infra)
        return Judgement(effects=tuple(effects), unread=tuple(dict.fromkeys(unread)))


def _chart(sides: Sides, moved: set[str], infra: Infra) -> Iterator[Effect]:
    base, head = sides.before.root, sides.after.root
    name = base.text("name")
    if sides.change.is_gone:
        if sides.before.path.endswith(("Chart.yaml", "Chart.yml")) and name not in moved:
            yield _effect(sides.before, 1, "chart-removed", f"the chart `{name}` is removed", infra, side=Side.BASE)
        return
    for key in ("dependencies", "releases"):
        before, after = _names(base, key), _names(head, key)
        gone = before.keys() - after.keys()
        if len(before) > len(after) and gone:
            reason = f"`{min(gone)}` is no longer part of {key}, so what it installed is deleted"
            yield _effect(sides.before, before[min(gone)], "chart-removed", reason, infra, side=Side.BASE)


def _names(node: Mapping, key: str) -> dict[str, int]:
    return {item.text("name"): item.line for item in node.items(key) if isinstance(item, Mapping)}


def _values(sides: Sides, infra: Infra) -> Iterator[Effect]:
    before, after = (dict(leaves(text.root)) for text in (sides.before, sides.after))
    for path, scalar in after.items():
        old = before.get(path)
        if old is not None and old.text != scalar.text:
            yield from _turned(sides.after, path, old, scalar, infra)
    for path, scalar in before.items():
        *_, parent, name = ("", *path.split("."))
        if path not in after and name in SWITCHES and parent.casefold() in GUARDS and scalar.text == "true":
            reason = f"`{path}` goes from true to unset, and the chart's default decides"
            side, confidence = Side.BASE, Confidence.LOW
            yield _effect(
                sides.before, scalar.line, "values-guard-off", reason, infra, side=side, confidence=confidence
            )


def _turned(text: Text, path: str, old: Scalar, new: Scalar, infra: Infra) -> Iterator[Effect]:
    *_, parent, name = ("", *path.split("."))
    what = f"`{path}` goes from {old.text} to {new.text}"
    if name in COUNTS and new.text == "0":
        yield _effect(text, new.line, "values-scaled-to-zero", what, infra)
    elif name in POWERS and new.text == "true":
        yield _effect(text, new.line, "values-power-added", what, infra)
    elif name in SWITCHES and (old.text, new.text) == ("true", "false"):
        is_guard = parent.casefold() in GUARDS
        rule = "values-guard-off" if is_guard else "values-switched-off"
        confidence = Confidence.MEDIUM if is_guard else Confidence.LOW
        yield _effect(text, new.line, rule, what, infra, confidence=confidence)


def _effect(
    text: Text,
    line: int,
    rule: str,
    reason: str,
    infra: Infra,
    *,
    side: Side = Side.HEAD,
    confidence: Confidence = Confidence.MEDIUM,
) -> Effect:
    declared = Declared(address=text.path, type="chart", path=text.path, line=line)
    if text.holes:
        confidence, reason = Confidence.LOW, f"{reason}, {BEST_EFFORT}"
    return effect_of(infra, rule, declared, kind="helm-chart", side=side, reason=reason, confidence=confidence)
