"""Objects that a change removes, replaces or scales to nothing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from bot.core.blast.infra import Infra
from bot.core.blast.kubernetes.identity import Living
from bot.core.blast.kubernetes.objects import Object
from bot.core.blast.language import effect_of
from bot.core.finding import Confidence, Effect, Side

_POD_LABELS = "spec.template.metadata.labels"
CONSTRAINTS = ("constraints.gatekeeper.sh", "templates.gatekeeper.sh")


def is_guard(one: Object, infra: Infra) -> bool:
    return one.kind in infra.names["kubernetes-guard-kinds"] or one.group in CONSTRAINTS


def lost_objects(living: Living, infra: Infra) -> Iterator[Effect]:
    for one in living.removed:
        if one.kind == "CustomResourceDefinition" or not one.is_passing:
            yield _removed(one, infra)
    for before, after in living.renamed:
        if is_guard(before, infra) or before.is_passing or after.is_passing:
            continue
        reason = f"`{before.declared.address}` lives on as `{after.declared.address}`, which is another object"
        # A templated name may come out as before.
        certain = not (before.is_template or after.is_template)
        confidence = Confidence.HIGH if certain else Confidence.LOW
        yield _effect(after, "kubernetes-object-renamed", reason, confidence, infra)
    for before, after in (*living.kept, *living.renamed):
        yield from _scaled_to_nothing(before, after, infra)
    for before, after in living.kept:
        yield from _immutable_changed(before, after, infra)
        yield from _made_elsewhere(before, after, infra)
    for one in living.taken_out:
        reason = f"a patch takes `{one.declared.address}` out of what is built"
        yield _effect(one, "kubernetes-object-removed", reason, Confidence.MEDIUM, infra)


def _removed(one: Object, infra: Infra) -> Effect:
    address = one.declared.address
    if is_guard(one, infra):
        reason = f"`{address}`, which protects others, is removed"
        return _effect(one, "kubernetes-guard-removed", reason, Confidence.HIGH, infra, side=Side.BASE)
    if one.kind in infra.names["kubernetes-stateful-kinds"]:
        reason = f"`{address}` is removed, and with it what it holds"
        return _effect(one, "kubernetes-data-removed", reason, Confidence.HIGH, infra, side=Side.BASE)
    reason = f"`{address}` is removed, which deletes it wherever the files are applied with pruning"
    return _effect(one, "kubernetes-object-removed", reason, Confidence.MEDIUM, infra, side=Side.BASE)


def _scaled_to_nothing(before: Object, after: Object, infra: Infra) -> Iterator[Effect]:
    for path in ("spec.replicas", "spec.maxReplicas", "spec.parallelism"):
        old, new = before.declared.attributes.get(path), after.declared.attributes.get(path)
        if new == "0" and old != "0":
            reason = f"`{path}` of `{after.declared.address}` goes from {old or 'unset'} to 0"
            yield _effect(after, "kubernetes-scaled-to-zero", reason, Confidence.HIGH, infra, attribute=path)


def _made_elsewhere(before: Object, after: Object, infra: Infra) -> Iterator[Effect]:
    """A delivery that now goes to another cluster, namespace or name takes away what it delivered before."""
    for entry in sorted(infra.names["kubernetes-destinations"]):
        kind, _, path = entry.partition(":")
        was, now = (one.declared.attributes.get(path, "") for one in (before, after))
        if kind == after.kind and was and was != now:
            reason = f"`{after.declared.address}` delivers to another place: {path} goes from {was} to {now or 'unset'}"
            confidence = Confidence.MEDIUM if after.is_template or not now else Confidence.HIGH
            yield _effect(after, "kubernetes-object-renamed", reason, confidence, infra, attribute=path)


def _immutable_changed(before: Object, after: Object, infra: Infra) -> Iterator[Effect]:
    old, new = before.declared.attributes, after.declared.attributes
    for entry in sorted(infra.names["kubernetes-immutable"]):
        kind, _, path = entry.partition(":")
        if kind != after.kind or after.is_passing:
            continue
        was, now = _values(old, path), _values(new, path)
        # A default that is spelt out, or is left to the default again, need not be another value.
        if was == now or ((not was or not now) and path in ("spec.selector", "spec.clusterIP")):
            continue
        reason = f"`{path}` of `{after.declared.address}` cannot be changed in place"
        confidence = Confidence.MEDIUM if not was or not now or after.is_template else Confidence.HIGH
        if after.kind == "Job":
            # A finished job holds nothing; it is made again whenever its image changes.
            confidence = Confidence.LOW
        where = next((name for name in now if was.get(name) != now[name]), "")
        yield _effect(after, "kubernetes-immutable-changed", reason, confidence, infra, attribute=where)
        return


def _values(attributes: Mapping[str, str], path: str) -> dict[str, str]:
    return _selector(attributes) if path == "spec.selector" else _below(attributes, path)


def _selector(attributes: Mapping[str, str]) -> dict[str, str]:
    """Where none is written, older versions select by the labels of the pods."""
    prefix = "spec.selector" if any(path.startswith("spec.selector.") for path in attributes) else _POD_LABELS
    return {
        path.removeprefix(f"{prefix}.").removeprefix("matchLabels."): text
        for path, text in _below(attributes, prefix).items()
    }


def _below(attributes: Mapping[str, str], path: str) -> dict[str, str]:
    return {name: text for name, text in attributes.items() if name == path or name.startswith(f"{path}.")}


def _effect(
    one: Object,
    rule: str,
    reason: str,
    confidence: Confidence,
    infra: Infra,
    *,
    side: Side = Side.HEAD,
    attribute: str = "",
) -> Effect:
    return effect_of(
        infra,
        rule,
        one.declared,
        kind="kubernetes",
        side=side,
        reason=reason,
        confidence=confidence,
        attribute=attribute,
    )
