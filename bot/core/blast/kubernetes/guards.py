"""Protections of Kubernetes objects that a change switches off or lowers."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping

import re2

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
    "hostUsers": ("false", "true"),
    "automountServiceAccountToken": ("false", "true"),
    "seccompProfile.type": ("Localhost", "RuntimeDefault", "Unconfined"),
    "appArmorProfile.type": ("Localhost", "RuntimeDefault", "Unconfined"),
    "allowPrivilegeEscalation": ("false", "true"),
    "helm.sh/resource-policy": ("keep", "delete"),
    "preserveResourcesOnDeletion": ("true", "false"),
    "prune": ("false", "true"),
    "allowEmpty": ("false", "true"),
}
# Of these, being unset is as lax as the last value.
UNSET_IS_LAX = frozenset(
    {"runAsNonRoot", "readOnlyRootFilesystem", "allowPrivilegeEscalation", "preserveResourcesOnDeletion"}
    | {"helm.sh/resource-policy", "pod-security.kubernetes.io/enforce", "hostUsers", "automountServiceAccountToken"}
    | {"seccompProfile.type", "appArmorProfile.type"}
)
# A value that lets data be lost weakens also where nothing stood: the default may have kept it.
LAX_FROM_UNSET = frozenset({"persistentVolumeReclaimPolicy", "prune", "allowEmpty", "failurePolicy"})
PRUNERS = frozenset({"Application", "ApplicationSet", "Kustomization"})
# Argo CD's options that keep an object, in annotations and lists: https://argo-cd.readthedocs.io/en/stable/user-guide/sync-options/
KEEPING = ("Prune=false", "Delete=false", "Prune=confirm", "Delete=confirm")
DROPS = "capabilities.drop."
_CONTAINER = re2.compile(r"^(?:.*\.)?(?:initContainers|containers)\.[^.]+\.")


def weakened_guards(living: Living, infra: Infra) -> Iterator[Effect]:
    for before, after in (*living.kept, *living.renamed):
        yield from _lowered(before, after, infra)
        for what in (*_let_go(before, after), *_budget(before, after)):
            reason = f"`{after.declared.address}` {what}"
            yield _effect(after, reason, infra)


def _let_go(before: Object, after: Object) -> Iterator[str]:
    old, new = before.declared.attributes, after.declared.attributes
    lost = old.items() - new.items()
    if any(DROPS in path for path, _ in lost):
        gone = _gone_containers(old, new)
        dropped = {text for path, text in lost if DROPS in path and _container_of(path) not in gone}
        still = {text for path, text in new.items() if DROPS in path}
        if dropped - still and "ALL" not in still:
            yield f"no longer drops the capability {min(dropped - still)}"
    for option in KEEPING:
        if any(option in text for _, text in lost) and not any(option in text for text in new.values()):
            yield f"no longer says {option}"


def _budget(before: Object, after: Object) -> Iterator[str]:
    """A disruption budget that lets more pods go at once. An absolute number and a share are not compared."""
    if after.kind != "PodDisruptionBudget":
        return
    for name, sign in (("minAvailable", -1), ("maxUnavailable", 1)):
        old, new = (one.node.text("spec", name) for one in (before, after))
        both = [text.removesuffix("%") for text in (old, new)]
        alike = old.endswith("%") == new.endswith("%") and all(text.isdigit() for text in both)
        if alike and (int(both[1][:9]) - int(both[0][:9])) * sign > 0:
            yield f"lets more pods go: {name} goes from {old} to {new}"


def _gone_containers(old: Mapping[str, str], new: Mapping[str, str]) -> set[str]:
    """The path prefixes of containers that are no longer there, when none came in their stead."""
    before, after = _containers(old), _containers(new)
    return set() if after - before else before - after


def _containers(attributes: Mapping[str, str]) -> set[str]:
    return {_container_of(path) for path in attributes} - {""}


def _container_of(path: str) -> str:
    match = _CONTAINER.search(path) if "ontainers." in path else None
    return match.group() if match else ""


def _lowered(before: Object, after: Object, infra: Infra) -> Iterator[Effect]:
    old, new = before.declared.attributes, after.declared.attributes
    if not any(_guard_of(path) for path, _ in old.items() ^ new.items()):
        return
    guards = [(path, name) for path in dict.fromkeys((*old, *new)) if (name := _guard_of(path))]
    gone = _gone_containers(old, new)
    strict_before, strict_after = (Counter(_strict(attributes, guards)) for attributes in (old, new))
    for path, name in guards:
        if old.get(path) == new.get(path) or (name == "prune" and after.kind not in PRUNERS):
            continue
        if _container_of(path) in gone:
            continue
        if _is_lower(name, old.get(path), new.get(path)) and not strict_after[name] >= strict_before[name] > 0:
            reason = (
                f"`{name}` of `{after.declared.address}` goes from {old.get(path, 'unset')} to {new.get(path, 'unset')}"
            )
            yield _effect(after, reason, infra, path)


def _effect(after: Object, reason: str, infra: Infra, attribute: str = "") -> Effect:
    return effect_of(
        infra,
        "kubernetes-guard-weakened",
        after.declared,
        kind="kubernetes",
        side=Side.HEAD,
        reason=reason,
        confidence=Confidence.MEDIUM if after.is_template else Confidence.HIGH,
        attribute=attribute,
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
