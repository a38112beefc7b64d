"""Weighs the evidence of AI involvement: present and remembered, counted or not, disputed, against the declaration."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from bot.core.finding import Declaration, Evidence, Involvement, Provenance, Strength
from bot.core.policy.model import ProvenancePolicy

DECLARED_AI = "declared-ai"
UNREAD = frozenset({"lookalike-text", "unread-identity", "unread-text"})
"""Rules that say a text could not be read: they count whatever the policy counts."""


def weigh(
    evidence: Iterable[Evidence],
    remembered: Iterable[Evidence],
    policy: ProvenancePolicy,
    declaration: Declaration,
    disputed_by: str,
) -> Provenance:
    """The level of a pull request: the strongest counted evidence, whether seen now or at any earlier look.

    `remembered` evidence never fades: what is no longer there is marked `past`. `disputed_by` is the senior whose
    accepted dispute stands for this head, "" for nobody; the evidence is still shown. A declaration of AI is
    explicit evidence, a declaration of none lowers nothing.
    """
    declared = (_declared(),) if declaration is Declaration.AI else ()
    found = _merged((*evidence, *declared), remembered)
    found.sort(key=_order)
    counted = max((one.strength for one in found if counts(one, policy)), default=Strength.NONE)
    level = Strength.NONE if disputed_by else counted
    return Provenance(
        level=level,
        evidence=tuple(found),
        declaration=declaration,
        disputed_by=disputed_by,
        contradicted=declaration is Declaration.HUMAN and level >= Strength.STRONG,
    )


def counts(evidence: Evidence, policy: ProvenancePolicy) -> bool:
    """Whether this evidence raises the level; what could not be read always does."""
    return evidence.involvement in policy.counts or evidence.rule in UNREAD


def _merged(evidence: Iterable[Evidence], remembered: Iterable[Evidence]) -> list[Evidence]:
    """Each sign once, the present one before its memory."""
    present = {_identity(one): one for one in remembered for one in (replace(one, past=True),)}
    for one in evidence:
        known = present.get(_identity(one))
        if known is None or known.past:
            present[_identity(one)] = one
    return list(present.values())


def _identity(one: Evidence) -> Evidence:
    return replace(one, past=False)


def _order(one: Evidence) -> tuple[int, bool, str, str, str, str, str]:
    return -one.strength, one.past, one.where, one.rule, one.text, one.agent, one.involvement


def _declared() -> Evidence:
    return Evidence(
        rule=DECLARED_AI,
        agent="unknown",
        strength=Strength.EXPLICIT,
        involvement=Involvement.ASSISTED,
        where="declaration",
        text="AI was declared for this change",
    )
