"""Kubernetes as a language of the blast radius: the whole change is one cluster, compared object by object."""

from __future__ import annotations

from dataclasses import replace

from bot.core.blast.infra import Infra
from bot.core.blast.kubernetes.access import widened_access
from bot.core.blast.kubernetes.guards import weakened_guards
from bot.core.blast.kubernetes.identity import compare_objects
from bot.core.blast.kubernetes.kustomize import kustomized, unread_kustomizations
from bot.core.blast.kubernetes.lost import lost_objects
from bot.core.blast.kubernetes.objects import read_objects
from bot.core.blast.language import Change, Judgement, Source, Span, Stack

# Files of these kinds hold apiVersion and kind without being objects of a cluster.
OTHERS = frozenset({"cloudformation", "helm-chart", "helm-values", "compose"})
# Files that say what of a folder is applied together.
BUILDERS = ("kustomization",)


class Kubernetes:
    name = "Kubernetes"
    kinds = frozenset(
        {"kubernetes", "helm-template", "kustomize", "argocd", "flux", "crossplane", "sealed-secrets"}
    ) | {"tekton", "gatekeeper-kyverno", "k8s-access"}
    span = Span.PULL

    def judge(self, stack: Stack, infra: Infra) -> Judgement:
        changes = tuple(change for change in stack.changes if _holds_objects(change))
        base = read_objects(_sources(tuple(change.base for change in changes)))
        head = read_objects(_sources(tuple(change.head for change in changes)))
        living = compare_objects(base.objects, head.objects)
        effects = [
            *lost_objects(living, infra),
            *weakened_guards(living, infra),
            *widened_access(living, infra),
            *kustomized(stack, infra),
        ]
        unread = tuple(dict.fromkeys((*base.faults, *head.faults, *unread_kustomizations(stack))))
        return Judgement(
            effects=tuple(effects),
            compared=replace(
                living.comparison, removed=tuple(one.declared for one in living.removed if not one.is_passing)
            ),
            ended=_ended(stack),
            unread=unread,
        )


def _ended(stack: Stack) -> frozenset[str]:
    """The folders that are no longer put together: their kustomization or chart is gone, and no changed file stays."""
    gone = {
        change.path.rpartition("/")[0]
        for change in stack.changes
        if change.is_gone and change.path.rpartition("/")[2].casefold().startswith(BUILDERS)
    }
    return frozenset(gone - {change.path.rpartition("/")[0] for change in stack.changes if not change.is_gone})


def _holds_objects(change: Change) -> bool:
    return not change.kinds & OTHERS and not change.path.endswith((".tpl", ".txt"))


def _sources(sources: tuple[Source | None, ...]) -> tuple[Source, ...]:
    return tuple(source for source in sources if source is not None)
