"""Which objects live on: by kind, namespace and name over the whole change; a namespace may be named later."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass

from bot.core.blast.kubernetes.objects import Object
from bot.core.blast.language import Comparison, Pair, compare

# Controllers of the same pods: one that takes over another's name takes over its task.
CONTROLLERS = frozenset({"Deployment", "StatefulSet", "DaemonSet", "ReplicaSet", "ReplicationController", "Pod"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Living:
    """`kept`, `renamed`, `removed` and `added` as objects; `comparison` is the same for the tally.

    `taken_out` are those that a new patch deletes from what is built.
    """

    kept: tuple[tuple[Object, Object], ...]
    renamed: tuple[tuple[Object, Object], ...]
    removed: tuple[Object, ...]
    added: tuple[Object, ...]
    taken_out: tuple[Object, ...]
    comparison: Comparison


def compare_objects(base: tuple[Object, ...], head: tuple[Object, ...]) -> Living:
    """Patches of an object are no object and are left out."""
    deleted = {one.declared.address for one in base if one.is_deletion}
    taken_out = tuple(one for one in head if one.is_deletion and one.declared.address not in deleted)
    base = tuple(one for one in base if not one.is_patch)
    head = tuple(one for one in head if not one.is_patch)
    known = {id(one.declared): one for one in (*base, *head)}
    found = compare((one.declared for one in base), (one.declared for one in head))
    found = _converted(_same_but_for_namespace(found, known), known)

    def objects(pairs: tuple[Pair, ...]) -> tuple[tuple[Object, Object], ...]:
        return tuple((known[id(pair.before)], known[id(pair.after)]) for pair in pairs)

    return Living(
        kept=objects(found.kept),
        renamed=objects(found.renamed),
        removed=tuple(known[id(one)] for one in found.removed),
        added=tuple(known[id(one)] for one in found.added),
        taken_out=taken_out,
        comparison=found,
    )


def _same_but_for_namespace(found: Comparison, known: dict[int, Object]) -> Comparison:
    """A manifest that names no namespace may always have been applied in the one that it now names."""
    kept, renamed = list(found.kept), list[Pair]()
    for pair in found.renamed:
        before, after = known[id(pair.before)], known[id(pair.after)]
        unnamed = not before.namespace or not after.namespace
        (kept if before.name == after.name and unnamed else renamed).append(pair)
    return Comparison(removed=found.removed, added=found.added, kept=tuple(kept), renamed=tuple(renamed))


def _converted(found: Comparison, known: dict[int, Object]) -> Comparison:
    """A Deployment that takes the place of a ReplicationController of the same name."""
    newcomers: dict[tuple[str, str], list[Object]] = defaultdict(list)
    for one in found.added:
        if known[id(one)].kind in CONTROLLERS:
            newcomers[known[id(one)].namespace, known[id(one)].name].append(known[id(one)])
    removed, converted, taken = [], [], set()
    for declared in found.removed:
        before = known[id(declared)]
        rivals = newcomers[before.namespace, before.name] if before.kind in CONTROLLERS else []
        if rivals:
            after = rivals.pop(0)
            taken.add(id(after.declared))
            converted.append(Pair(before=declared, after=after.declared))
        else:
            removed.append(declared)
    return Comparison(
        removed=tuple(removed),
        added=tuple(one for one in found.added if id(one) not in taken),
        kept=found.kept,
        renamed=(*found.renamed, *converted),
    )
