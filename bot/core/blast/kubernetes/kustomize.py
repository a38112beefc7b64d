"""Kustomizations: resources no longer built, and transformations that rename every object."""

from __future__ import annotations

from collections.abc import Iterator

from bot.core.blast.infra import Infra
from bot.core.blast.language import Change, Declared, Source, Stack, effect_of
from bot.core.blast.template import read_text, unread_texts
from bot.core.blast.yamls import Mapping, Scalar, read_documents
from bot.core.finding import Confidence, Effect, Side

RENAMING = ("namePrefix", "nameSuffix", "namespace")


def kustomized(stack: Stack, infra: Infra) -> Iterator[Effect]:
    for change in stack.changes:
        if "kustomize" in change.kinds and change.base is not None:
            yield from _kustomization(change, change.base, infra)


def unread_kustomizations(stack: Stack) -> Iterator[str]:
    """A sentence for each one that says nothing which can be read; one that is empty builds nothing."""
    for change in stack.changes:
        for source in (change.base, change.head) if "kustomize" in change.kinds else ():
            text = read_text(source)
            yield from unread_texts((text,))
            if source and source.text.strip() and not text.fault and not text.mappings:
                yield f"`{source.path}` is no kustomization: it holds no keys"


def _kustomization(change: Change, source: Source, infra: Infra) -> Iterator[Effect]:
    base, head = read_text(source).root, read_text(change.head).root
    built, still = _built(base), _built(head)
    gone, new = built.keys() - still.keys(), still.keys() - built.keys()
    if change.head is not None and len(gone) > len(new):
        reason = f"`{min(gone)}` is no longer built, so what it holds is deleted wherever this is applied with pruning"
        yield _effect(source, built[min(gone)], "kustomize-resource-removed", reason, infra)
    deleted = _deleted(base)
    for name, line in _deleted(head).items():
        if change.head is not None and name not in deleted:
            reason = f"a patch takes `{name}` out of what is built"
            yield _effect(change.head, line, "kustomize-resource-removed", reason, infra, side=Side.HEAD)
    for key in RENAMING:
        old, now = base.text(key), head.text(key)
        # A namespace that is first named may be the one that was used all along.
        if change.head is not None and base.entries and old != now and (old or key != "namespace"):
            reason = f"`{key}` goes from {old or 'unset'} to {now or 'unset'}, which makes every object another one"
            yield _effect(source, base.lines.get(key, 1), "kustomize-objects-renamed", reason, infra)


def _built(kustomization: Mapping) -> dict[str, int]:
    """What is built → its line."""
    return {
        item.text.strip("/").removeprefix("./"): item.line
        for key in ("resources", "bases", "components", "crds")
        for item in kustomization.items(key)
        if isinstance(item, Scalar)
    }


def _deleted(kustomization: Mapping) -> dict[str, int]:
    """Kind and name of each object that a patch written into the kustomization deletes → its line."""
    found: dict[str, int] = {}
    for item in (*kustomization.items("patches"), *kustomization.items("patchesStrategicMerge")):
        patch = item.get("patch") if isinstance(item, Mapping) else item
        if isinstance(patch, Scalar) and "$patch" in patch.text:
            for one in read_documents(patch.text).mappings:
                if one.text("$patch") == "delete":
                    found[f"{one.text('kind')}/{one.text('metadata', 'name')}"] = patch.line
    return found


def _effect(source: Source, line: int, rule: str, reason: str, infra: Infra, *, side: Side = Side.BASE) -> Effect:
    declared = Declared(address=source.path, type="Kustomization", path=source.path, line=line)
    return effect_of(infra, rule, declared, kind="kustomize", side=side, reason=reason, confidence=Confidence.MEDIUM)
