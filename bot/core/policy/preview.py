"""What a proposed policy would ask otherwise, over all kinds of change that the rules of both can tell apart."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields, is_dataclass
from enum import IntEnum, StrEnum
from itertools import product
from typing import Any, TypeVar

from bot.core.decision import Demand, Difference, Setting
from bot.core.finding import EffectKind, Strength, Tier
from bot.core.policy.model import Policy, Rule, SeniorAuthors
from bot.core.policy.requirement import demand_of, holds

# Not compared as settings: the rules' work shows as differences, and the others are not what a policy says.
_NOT_SETTINGS = frozenset({"rules", "source", "digest", "given"})
_NOTHING = "nothing"

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class _Kind:
    """A kind of change. `effect` and `paths` None: none that a rule names."""

    level: Strength
    tier: Tier
    effect: EffectKind | None
    paths: tuple[str, ...] | None


_Box = tuple[frozenset[Any], ...]
"""Kinds of change as a product: levels, tiers, effects, paths."""


def differences(now: Policy, then: Policy) -> tuple[Difference, ...]:
    """Every kind of change of which the two ask something else, those that would be asked less first."""
    axes = _axes(now, then)
    before, after = _by_paths(now, axes[3]), _by_paths(then, axes[3])
    found: dict[tuple[str, str, bool], list[_Box]] = {}
    for level, tier, effect, paths in product(*axes):
        kind = _Kind(level, tier, effect, paths)
        if effect is not None and tier is Tier.NONE:
            continue  # an effect alone makes a tier
        old, new = _asked(before[paths], kind), _asked(after[paths], kind)
        if set(old) != set(new):
            key = (_phrase(old), _phrase(new), not _covers(new, old))
            found.setdefault(key, []).append(tuple(frozenset({value}) for value in (level, tier, effect, paths)))
    rows = [
        Difference(**_words(box, axes), now=old, then=new, asks_less=less)
        for (old, new, less), boxes in found.items()
        for box in _joined(boxes)
    ]
    return tuple(sorted(rows, key=lambda row: (not row.asks_less, row.now, row.then, row.tier, row.involvement)))


def settings(now: Policy, then: Policy) -> tuple[Setting, ...]:
    """The keys other than rules that say something else, by name; of lists what goes and what comes."""
    old, new = dict(_flat(now)), dict(_flat(then))
    return tuple(
        Setting(key=key, now=_list(old[key], without=new[key]), then=_list(new[key], without=old[key]))
        for key in sorted(old)
        if old[key] != new[key]
    )


def _axes(now: Policy, then: Policy) -> tuple[tuple[Any, ...], ...]:
    """All values of each axis that any rule tells apart, in order."""
    rules = (*now.rules, *then.rules)
    named = {effect for rule in rules for effect in rule.when.effects}
    paths = sorted({rule.when.paths for rule in rules if rule.when.paths})
    return tuple(Strength), tuple(Tier), (None, *(kind for kind in EffectKind if kind in named)), (None, *paths)


def _by_paths(policy: Policy, axis: tuple[Any, ...]) -> dict[tuple[str, ...] | None, tuple[Rule, ...]]:
    """The few rules that can hold where such paths are touched: a policy may have hundreds, each with its own paths."""
    return {paths: tuple(rule for rule in policy.rules if rule.when.paths in ((), paths)) for paths in axis}


def _asked(rules: tuple[Rule, ...], kind: _Kind) -> tuple[Demand, ...]:
    """The demands without their rules' names, and without those that ask fewer of the same people."""
    effects = frozenset({kind.effect} if kind.effect else ())
    largest: dict[tuple[Any, ...], Demand] = {}
    for rule in rules:
        if holds(
            rule.when, level=kind.level, tier=kind.tier, effects=effects, touches=lambda paths: paths == kind.paths
        ):
            asked = demand_of(rule)
            people = (asked.from_sets, asked.step_up, asked.senior_authors)
            known = largest.get(people)
            largest[people] = Demand(
                rule="",
                seniors=max(asked.seniors, known.seniors if known else 0),
                from_sets=asked.from_sets,
                step_up=asked.step_up,
                senior_authors=asked.senior_authors,
            )
    return tuple(sorted(largest.values(), key=lambda demand: (demand.from_sets, -demand.seniors, demand.step_up)))


def _covers(new: tuple[Demand, ...], old: tuple[Demand, ...]) -> bool:
    """Whether all that is asked now would still be asked, by one demand each."""
    return all(any(_is_as_strict(later, earlier) for later in new) for earlier in old)


def _is_as_strict(later: Demand, earlier: Demand) -> bool:
    fewer_people = bool(later.from_sets) and set(later.from_sets) <= set(earlier.from_sets)
    return (
        later.seniors >= earlier.seniors
        and (later.from_sets == earlier.from_sets or fewer_people)
        and later.step_up >= earlier.step_up
        and (later.senior_authors == earlier.senior_authors or later.senior_authors is SeniorAuthors.NEED_ANOTHER)
    )


def _phrase(demands: tuple[Demand, ...]) -> str:
    return "; ".join(map(_demand, demands)) or _NOTHING


def _demand(demand: Demand) -> str:
    seniors = f"{demand.seniors} senior{'s' if demand.seniors > 1 else ''}"
    source = f" from {', '.join(demand.from_sets)}" if demand.from_sets else ""
    passkey = " with a passkey" if demand.step_up else ""
    exempt = " unless a senior wrote it" if demand.senior_authors is SeniorAuthors.EXEMPT else ""
    return f"{seniors}{source}{passkey}{exempt}"


def _joined(boxes: list[_Box]) -> list[_Box]:
    """The same kinds of change in fewer boxes, joined along one axis after the other."""
    for axis in (1, 0, 2, 3):
        joined: dict[_Box, frozenset[Any]] = {}
        for box in boxes:
            others = box[:axis] + box[axis + 1 :]
            joined[others] = joined.get(others, frozenset()) | box[axis]
        boxes = [(*others[:axis], values, *others[axis:]) for others, values in joined.items()]
    return boxes


def _words(box: _Box, axes: tuple[tuple[Any, ...], ...]) -> dict[str, str]:
    levels, tiers, effects, paths = box
    named = [effect.value for effect in axes[2] if effect in effects and effect is not None]
    touched = [", ".join(one) for one in axes[3] if one in paths and one is not None]
    return {
        "involvement": _range(levels, tuple(Strength)),
        "tier": _range(tiers, tuple(Tier)),
        "effect": _or_else(named, is_any=len(effects) == len(axes[2]), is_other=None in effects),
        "paths": _or_else(touched, is_any=len(paths) == len(axes[3]), is_other=None in paths),
    }


def _range(values: frozenset[Any], every: tuple[Any, ...]) -> str:
    """Ordered values in words: "any", "strong or more", "low to high"."""
    run = [value for value in every if value in values]
    first, last = run[0], run[-1]
    if every.index(last) - every.index(first) + 1 != len(run):
        return ", ".join(value.word for value in run)
    if len(run) == len(every):
        return "any"
    if first is last:
        return str(first.word)
    # An effect is never of tier none, so that all other tiers are all there are.
    return f"{first.word} or more" if last is every[-1] else f"{first.word} to {last.word}"


def _or_else(named: list[str], *, is_any: bool, is_other: bool) -> str:
    if is_any:
        return "any"
    return " or ".join([*named, *(["none of the named"] if is_other else [])])


def _flat(value: Any, place: str = "") -> Iterator[tuple[str, Any]]:
    for field in fields(value):
        if not place and field.name in _NOT_SETTINGS:
            continue
        held, name = getattr(value, field.name), f"{place}{field.name}"
        if is_dataclass(held):
            yield from _flat(held, f"{name}.")
        else:
            yield name, held


def _list(held: Any, without: Any) -> str:
    """A value in words; of a collection only what the other one does not have."""
    if isinstance(held, Mapping):
        held, without = tuple(held.items()), tuple(without.items())
    if isinstance(held, tuple | frozenset):
        items = [_word(item) for item in held if item not in without]
        return ", ".join(sorted(items) if isinstance(held, frozenset) else items) or _NOTHING
    return _word(held)


def _word(value: Any) -> str:
    if isinstance(value, IntEnum):
        return str(getattr(value, "word", value))
    if isinstance(value, StrEnum):
        return value.value
    if value is None:
        return _NOTHING
    if is_dataclass(value):
        return " ".join(f"{field.name} {_word(getattr(value, field.name))}" for field in fields(value))
    if isinstance(value, tuple):
        return " ".join(map(_word, value))
    return str(value).lower() if isinstance(value, bool) else str(value)
