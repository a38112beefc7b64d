"""Rebuild instead of modify: a stack that loses half or more of its objects, gets them anew, or is gone."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass

from bot.core.blast.infra import Infra
from bot.core.blast.language import Comparison, Declared, Judgement, Stack, is_example
from bot.core.finding import Confidence, Effect, EffectKind

REBUILT_SHARE = 0.5
FEWEST_OBJECTS = 3
# As few entries of other objects, and no object, are an edit of what they belong to: two DNS records, three rules.
FEWEST_ENTRIES = 10
LOSING = (EffectKind.DESTROY, EffectKind.REPLACE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Tally:
    """The objects of one place on the base side: how many there are, which of them are removed, and which live on
    under a new identity or are deleted and created.
    """

    base: int
    removed: tuple[Declared, ...]
    renewed: tuple[Declared, ...]

    @property
    def lost(self) -> tuple[Declared, ...]:
        return (*self.removed, *self.renewed)


def rebuilt(stack: Stack, judgement: Judgement, infra: Infra) -> Iterator[Effect]:
    """One finding for each place that is rebuilt or gone, where its worst effect is, and no surer than the surest.

    A place is the stack's folder or file, or any folder where a stack is all of the change.
    """
    losing = [one for kind in LOSING for one in judgement.effects if one.effect is kind]
    if judgement.compared is None or not losing:
        return
    for place, tally in _tallies(stack, judgement.compared, losing).items():
        here = [one for one in losing if place == _place(stack, one.path)]
        is_gone = place in judgement.ended and len(tally.lost) == tally.base
        if here and _is_stack(tally, infra) and (is_gone or is_rebuilt(tally)):
            yield _finding(place, tally, here, infra)


def _tallies(stack: Stack, compared: Comparison, losing: list[Effect]) -> dict[str, Tally]:
    anew = {one.address for one in losing if one.effect is EffectKind.REPLACE and one.confidence > Confidence.LOW}
    kept = [pair.before for pair in compared.kept if pair.after.address not in anew]
    renewed = [pair.before for pair in compared.kept if pair.after.address in anew]
    renewed += [pair.before for pair in compared.renamed]
    places = _by_place(stack, [*compared.removed, *renewed, *kept])
    gone, new = _by_place(stack, compared.removed), _by_place(stack, renewed)
    return {
        place: Tally(base=len(all_), removed=tuple(gone.get(place, ())), renewed=tuple(new.get(place, ())))
        for place, all_ in sorted(places.items())
    }


def _by_place(stack: Stack, objects: list[Declared] | tuple[Declared, ...]) -> dict[str, list[Declared]]:
    places: dict[str, list[Declared]] = defaultdict(list)
    for one in objects:
        places[_place(stack, one.path)].append(one)
    return dict(places)


def _place(stack: Stack, path: str) -> str:
    return stack.folder or path.rpartition("/")[0]


def is_rebuilt(tally: Tally) -> bool:
    return tally.base >= FEWEST_OBJECTS and len(tally.lost) / tally.base >= REBUILT_SHARE


def _is_stack(tally: Tally, infra: Infra) -> bool:
    """Whether more is lost than a few entries."""
    return len(tally.lost) >= FEWEST_ENTRIES or not all(_is_entry(one.type, infra) for one in tally.lost)


def _is_entry(type_: str, infra: Infra) -> bool:
    """Whether an object of the type is a part of another, only watches, or lives in the state alone."""
    names = infra.names
    known = (
        names["terraform-inert-types"],
        names["terraform-observing-types"],
        names["cloudformation-observing-types"],
    )
    plain = "".join(letter for letter in type_.casefold() if letter.isalnum())
    return any(type_ in one for one in known) or plain.endswith(tuple(names["stack-entries"]))


def _finding(place: str, tally: Tally, here: list[Effect], infra: Infra) -> Effect:
    rule = infra.rules["stack-rebuilt" if len(tally.renewed) >= len(tally.removed) else "stack-removed"]
    worst = here[0]
    confidence = Confidence.LOW if is_example(worst.path) else max(one.confidence for one in here)
    verb = "are deleted and created, live on under a new identity or are removed" if tally.renewed else "are removed"
    return Effect(
        effect=rule.effect,
        kind=worst.kind,
        address=place or worst.path,
        path=worst.path,
        line=worst.line,
        side=worst.side,
        reason=f"{len(tally.lost)} of the {tally.base} objects that the changed files declared {verb}",
        confidence=confidence,
        rule=rule.id,
    )
