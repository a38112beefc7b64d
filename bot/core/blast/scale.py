"""Rebuild instead of modify: a stack that loses half or more of its objects, or gets them under new identities."""

from __future__ import annotations

from bot.core.blast.infra import Infra
from bot.core.blast.language import Judgement, Stack, Tally, is_example
from bot.core.finding import Confidence, Effect, EffectKind

REBUILT_SHARE = 0.5
FEWEST_OBJECTS = 3
# Fewer than these, where others stay, are no stack: said with less confidence.
FEWEST_LOST = 4


def rebuilt(stack: Stack, judgement: Judgement, infra: Infra) -> tuple[Effect, ...]:
    """One finding for the whole stack, at the place of its worst effect; none when most of it stays or it is small."""
    tally = judgement.tally
    worst = next((one for kind in EffectKind for one in judgement.effects if one.effect is kind), None)
    if worst is None or not is_rebuilt(tally):
        return ()
    rule = infra.rules["stack-rebuilt" if tally.renewed >= tally.removed else "stack-removed"]
    lost = tally.removed + tally.renewed
    is_sure = (lost >= FEWEST_LOST or lost == tally.base) and not is_example(worst.path)
    verb = "live on under a new identity or are removed" if tally.renewed else "are removed"
    return (
        Effect(
            effect=rule.effect,
            kind=worst.kind,
            address=stack.folder or worst.path,
            path=worst.path,
            line=worst.line,
            side=worst.side,
            reason=f"{lost} of the {tally.base} objects that the changed files declared {verb}",
            confidence=Confidence.HIGH if is_sure else Confidence.LOW,
            rule=rule.id,
        ),
    )


def is_rebuilt(tally: Tally) -> bool:
    return tally.base >= FEWEST_OBJECTS and (tally.removed + tally.renewed) / tally.base >= REBUILT_SHARE
