"""Protections of Kubernetes objects that a change switches off or lowers."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping

from bot.core.blast.infra import Infra
from bot.core.blast.kubernetes.identity import Living
from bot.core.blast.kubernetes.objects import Object
from bot.core.blast.language import effect_of
from bot.core.finding import Confidence, Effect, Side

# The last part of a path → its values, the strictest first. A value that is not listed says nothing.
LEVELS: Mapping[str, tuple[str, ...]] = {
    "enforcementAction": ("deny", "warn", "dryrun"),
    "validationFailureAction": ("Enforce", "enforce", "Audit", "audit"),
    "failureAction": ("Enforce", "Audit"),
    "failurePolicy": ("Fail", "Ignore"),
    "persistentVolumeReclaimPolicy": ("Retain", "Recycle", "Delete"),
    "reclaimPolicy": ("Retain", "Recycle", "Delete"),
    "deletionPolicy": ("Retain", "Orphan", "Snapshot", "Delete"),
    "pod-security.kubernetes.io/enforce": ("restricted", "baseline", "privileged"),
    "readOnlyRootFilesystem": ("true", "false"),
    "runAsNonRoot": ("true", "false"),
    "allowPrivilegeEscalation": ("false", "true"),
    "helm.sh/resource-policy": ("keep", "delete"),
    "preserveResourcesOnDeletion": ("true", "false"),
    "prune": ("false", "true"),
    "allowEmpty": ("false", "true"),
}
# Of these, being unset is as lax as the last value.
UNSET_IS_LAX = frozenset(
    {"runAsNonRoot", "readOnlyRootFilesystem", "allowPrivilegeEscalation", "preserveResourcesOnDeletion"}
    | {"helm.sh/resource-policy", "pod-security.kubernetes.io/enforce"}
)
# A value that lets data be lost weakens also where nothing stood: the default may have kept it.
LAX_FROM_UNSET = frozenset({"persistentVolumeReclaimPolicy", "prune", "allowEmpty", "failurePolicy"})
PRUNERS = frozenset({"Application", "ApplicationSet", "Kustomization"})


def weakened_guards(living: Living, infra: Infra) -> Iterator[Effect]:
    for before, after in (*living.kept, *living.renamed):
        yield from _lowered(before, after, infra)


def _lowered(before: Object, after: Object, infra: Infra) -> Iterator[Effect]:
    old, new = before.declared.attributes, after.declared.attributes
    if not any(_guard_of(path) for path, _ in old.items() ^ new.items()):
        return
    guards = [(path, name) for path in dict.fromkeys((*old, *new)) if (name := _guard_of(path))]
    strict_before, strict_after = (Counter(_strict(attributes, guards)) for attributes in (old, new))
    for path, name in guards:
        if old.get(path) == new.get(path) or (name == "prune" and after.kind not in PRUNERS):
            continue
        if _is_lower(name, old.get(path), new.get(path)) and not strict_after[name] >= strict_before[name] > 0:
            reason = (
                f"`{name}` of `{after.declared.address}` goes from {old.get(path, 'unset')} to {new.get(path, 'unset')}"
            )
            yield effect_of(
                infra,
                "kubernetes-guard-weakened",
                after.declared,
                kind="kubernetes",
                side=Side.HEAD,
                reason=reason,
                confidence=Confidence.MEDIUM if after.is_template else Confidence.HIGH,
                attribute=path,
            )


def _guard_of(path: str) -> str:
    return next((name for name in LEVELS if path == name or path.endswith(f".{name}")), "")


def _is_lower(name: str, old: str | None, new: str | None) -> bool:
    levels = LEVELS[name]
    if old in levels and new in levels:
        return levels.index(new) > levels.index(old) and new.casefold() != old.casefold()
    if new is None:
        return name in UNSET_IS_LAX and old in levels and levels.index(old) < len(levels) - 1
    return old is None and name in LAX_FROM_UNSET and new in levels and levels.index(new) > 0


def _strict(attributes: Mapping[str, str], guards: list[tuple[str, str]]) -> Iterator[str]:
    """The names of guards inside the object at their strictest. As many on both sides: one went to another level."""
    for path, name in guards:
        if attributes.get(path) == LEVELS[name][0] and path != name:
            yield name
