"""Objects whose identity is gone: removed, renamed without a move, or turned into another type."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from bot.core.blast.infra import Infra
from bot.core.blast.language import Comparison, Declared, Pair, Stack, alike, compare, effect_of
from bot.core.blast.terraform.module import CALLS, Module, object_of
from bot.core.finding import Confidence, Effect, Side

# Between different types (a resource and a module that takes over, `x` and `x_v1`) more must be equal.
ALIKE_ACROSS_TYPES = 0.5
MOST_PAIRINGS = 2_500


def compare_modules(base: Module, head: Module) -> Comparison:
    """Base against head; what a `moved` or `removed` block of the head lets live on counts as kept or not at all."""
    excused = {object_of(address) for address in (*head.moved, *head.forgotten)}
    still_there = {declared.address for declared in head.objects}
    leaving = excused - still_there
    staying = [declared for declared in base.objects if declared.address not in leaving]
    comparison = _paired_across_types(compare(staying, head.objects))
    arrived = {object_of(address) for address in head.moved.values()}
    return replace(comparison, added=tuple(one for one in comparison.added if one.address not in arrived))


def _paired_across_types(comparison: Comparison) -> Comparison:
    removed, added = list(comparison.removed), list(comparison.added)
    if not removed or len(removed) * len(added) > MOST_PAIRINGS:
        return comparison
    pairs = []
    for before in comparison.removed:
        successor = next((after for after in added if _succeeds(before, after)), None)
        if successor is not None:
            pairs.append(Pair(before=before, after=successor))
            removed.remove(before)
            added.remove(successor)
    return replace(comparison, removed=tuple(removed), added=tuple(added), renamed=(*comparison.renamed, *pairs))


def _succeeds(before: Declared, after: Declared) -> bool:
    same_name = before.address.rpartition(".")[2] == after.address.rpartition(".")[2]
    kin = before.type.startswith(after.type) or after.type.startswith(before.type)
    return (same_name and kin) or (bool(before.attributes) and alike(before, after) >= ALIKE_ACROSS_TYPES)


def lost_identities(comparison: Comparison, infra: Infra) -> Iterator[Effect]:
    for before in comparison.removed:
        yield _removed(before, infra)
    for pair in comparison.renamed:
        yield _renamed(pair, infra)


def ended_objects(base: Module, head: Module, infra: Infra) -> Iterator[Effect]:
    """What a new `removed` block destroys that no changed file declared, so that it is gone already or elsewhere."""
    declared = {one.address for one in base.objects}
    for address, block in head.ended.items():
        if address not in base.ended and object_of(address) not in declared:
            one = replace(block, type=address.partition(".")[0])
            rule = "terraform-stateful-removed" if is_stateful(one, infra) else "terraform-object-removed"
            reason = f"a removed block says to destroy `{address}`"
            yield effect_of(infra, rule, one, kind="terraform", side=Side.HEAD, reason=reason)


def _removed(before: Declared, infra: Infra) -> Effect:
    rule, reason = "terraform-object-removed", "is no longer declared, so an apply destroys it"
    if before.attributes.get("lifecycle.prevent_destroy") == "true":
        rule = "terraform-protected-removed"
        reason = "is no longer declared, and its prevent_destroy went with it, so an apply destroys it"
    elif is_stateful(before, infra):
        rule = "terraform-stateful-removed"
        reason = "is no longer declared, so an apply destroys it with its data"
    elif before.type in infra.names["terraform-observing-types"]:
        rule = "terraform-observer-removed"
    elif _is_inert(before, infra):
        rule = "terraform-inert-removed"
    return _effect(before, rule, f"`{before.address}` {reason}", infra)


def _renamed(pair: Pair, infra: Infra) -> Effect:
    rule = "terraform-stateful-renamed" if is_stateful(pair.before, infra) else "terraform-object-renamed"
    if _is_inert(pair.before, infra):
        rule = "terraform-inert-renamed"
    elif pair.before.type in infra.names["terraform-observing-types"]:
        rule = "terraform-observer-renamed"
    reason = (
        f"`{pair.before.address}` lives on as `{pair.after.address}` without a moved block, "
        "so an apply destroys one and creates the other"
    )
    return _effect(pair.before, rule, reason, infra)


def _is_inert(declared: Declared, infra: Infra) -> bool:
    """Whether the object lives in the state alone and takes nothing along."""
    return declared.type in infra.names["terraform-inert-types"]


def _effect(before: Declared, rule: str, reason: str, infra: Infra) -> Effect:
    confidence = Confidence.MEDIUM if _is_inert(before, infra) else Confidence.HIGH
    return effect_of(infra, rule, before, kind="terraform", side=Side.BASE, reason=reason, confidence=confidence)


def lost_stacks(stack: Stack, base: Module, head: Module, infra: Infra) -> Iterator[Effect]:
    """A folder that no longer tells Terragrunt what to deploy: what it deployed belongs to nobody."""
    still = {unit.address for unit in _units(head)}
    for unit in _units(base):
        if unit.address not in still:
            reason = f"`{unit.path}` no longer deploys {unit.attributes['source']}"
            yield _lost_unit(unit, reason, Confidence.MEDIUM, infra)
        elif stack.moved_from is not None:
            yield _lost_unit(unit, f"`{unit.path}` {_adrift(stack)}", Confidence.LOW, infra)


def _units(module: Module) -> tuple[Declared, ...]:
    """What tells Terragrunt which module to deploy."""
    return tuple(
        one
        for one in module.settings
        if one.address == "terraform" and "terragrunt" in one.path and "source" in one.attributes
    )


def _lost_unit(unit: Declared, reason: str, confidence: Confidence, infra: Infra) -> Effect:
    return effect_of(
        infra,
        "terraform-stack-removed",
        replace(unit, address=unit.path),
        kind="terragrunt",
        side=Side.BASE,
        reason=reason,
        confidence=confidence,
    )


def lost_states(stack: Stack, comparison: Comparison, head: Module, infra: Infra) -> Iterator[Effect]:
    """A module that moved whole to another folder, when nothing says that the state of its objects moves along."""
    adopted = {object_of(address) for address in head.imported}
    moved = [pair.before for pair in comparison.kept if pair.after.address not in adopted]
    if stack.moved_from is None or not moved:
        return
    worst = next((one for one in moved if is_stateful(one, infra)), moved[0])
    rule = "terraform-stateful-renamed" if is_stateful(worst, infra) else "terraform-object-renamed"
    reason = f"`{worst.address}` {_adrift(stack)}"
    yield effect_of(infra, rule, worst, kind="terraform", side=Side.BASE, reason=reason, confidence=Confidence.LOW)


def _adrift(stack: Stack) -> str:
    return (
        f"moves with its whole folder from `{stack.moved_from or '.'}` to `{stack.folder or '.'}`: "
        "unless its state is kept in one place or moves along, an apply creates it anew"
    )


def is_stateful(declared: Declared, infra: Infra) -> bool:
    """Whether losing the object loses data. A module is judged by its source's and its own name."""
    if declared.type in infra.names["terraform-stateful-types"]:
        return True
    if declared.type not in CALLS:
        return False
    words = set(_words(f"{declared.attributes.get('source', '')} {declared.address}"))
    return bool(words & infra.names["stateful-words"]) and not words & infra.names["stateless-words"]


def _words(text: str) -> Iterable[str]:
    return "".join(letter if letter.isalnum() else " " for letter in text.casefold()).split()
