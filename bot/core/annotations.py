"""The notes on single lines: what is wrong with a proposed policy, and what destroys, replaces, weakens or widens."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain, islice

from bot.core.decision import Decision
from bot.core.finding import EffectKind, Side
from bot.core.markdown import plain
from bot.core.writes import Annotation, AnnotationLevel

# https://docs.github.com/en/rest/checks/runs#create-a-check-run
ANNOTATION_LIMIT = 50

VERB = {
    EffectKind.DESTROY: "destroys",
    EffectKind.REPLACE: "replaces",
    EffectKind.WEAKEN_GUARD: "weakens a guard of",
    EffectKind.WIDEN_ACCESS: "widens access to",
}
_LEVEL = {
    EffectKind.DESTROY: AnnotationLevel.FAILURE,
    EffectKind.REPLACE: AnnotationLevel.FAILURE,
    EffectKind.WEAKEN_GUARD: AnnotationLevel.WARNING,
    EffectKind.WIDEN_ACCESS: AnnotationLevel.WARNING,
}


def line_annotations(decision: Decision) -> tuple[Annotation, ...]:
    """The proposed policy's faults, then one on each line with an effect, the worst first; at most 50."""
    return tuple(islice(chain(_of_faults(decision), _of_effects(decision)), ANNOTATION_LIMIT))


def _of_faults(decision: Decision) -> Iterator[Annotation]:
    for error in decision.preview.errors if decision.preview else ():
        for fault in error.faults:
            yield Annotation(
                path=error.source,
                line=fault.line,
                column=fault.column,
                level=AnnotationLevel.FAILURE,
                title="The policy could not be used",
                message=plain(fault.message, 1000),
            )


def _of_effects(decision: Decision) -> Iterator[Annotation]:
    """What only a plan says stands in no file."""
    for effect in (one for one in decision.blast.effects if not one.plan):
        yield Annotation(
            path=effect.path,
            line=effect.line or 1,
            level=_LEVEL[effect.effect],
            title=plain(f"{VERB[effect.effect]} {effect.address}", 250),
            message=plain(effect.reason + (" (line before the change)" if effect.side is Side.BASE else ""), 1000),
        )
