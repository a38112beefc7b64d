"""Weighs the evidence of AI involvement: present and remembered, counted or not, disputed, against the declaration."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from bot.core.finding import Declaration, Dispute, Evidence, Provenance, Remembered, Strength
from bot.core.policy.model import ProvenancePolicy
from bot.core.provenance.declarations import DECLARED_AI, declared_unnamed

UNREAD = frozenset({"lookalike-text", "unread-identity", "unread-text"})
"""Rules that say a text could not be read: they count whatever the policy counts."""


def weigh(
    evidence: Iterable[Evidence],
    remembered: Iterable[Remembered],
    policy: ProvenancePolicy,
    declaration: Declaration,
    dispute: Dispute | None,
) -> Provenance:
    """The level of a pull request: the strongest counted evidence, whether seen now or at any earlier look.

    `remembered` evidence never fades: what is no longer there is marked `past`. A `dispute` clears what had been seen
    when it was made and nothing that was found later on the same head; all of it is still shown. A declaration of AI
    is explicit evidence, a declaration of none lowers nothing.
    """
    present = list(evidence)
    if declaration is Declaration.AI and not any(one.rule == DECLARED_AI for one in present):
        present.append(declared_unnamed())
    known = _first_seen(remembered)
    found = _merged(present, known)
    found.sort(key=_order)
    counted = (one for one in found if counts(one, policy) and not _is_cleared(one, known, dispute))
    level = max((one.strength for one in counted), default=Strength.NONE)
    return Provenance(
        level=level,
        evidence=tuple(found),
        declaration=declaration,
        disputed_by=dispute.by if dispute else "",
        contradicted=declaration is Declaration.HUMAN and level >= Strength.STRONG,
    )


def counts(evidence: Evidence, policy: ProvenancePolicy) -> bool:
    """Whether this evidence raises the level; what could not be read always does."""
    return evidence.involvement in policy.counts or evidence.rule in UNREAD


def _first_seen(remembered: Iterable[Remembered]) -> dict[Evidence, int]:
    """When each sign was seen first, Unix seconds."""
    seen: dict[Evidence, int] = {}
    for one in remembered:
        sign = _identity(one.evidence)
        seen[sign] = min(one.first_seen_at, seen.get(sign, one.first_seen_at))
    return seen


def _is_cleared(one: Evidence, known: Mapping[Evidence, int], dispute: Dispute | None) -> bool:
    first_seen = known.get(_identity(one))
    return dispute is not None and first_seen is not None and first_seen <= dispute.at


def _merged(evidence: Iterable[Evidence], known: Iterable[Evidence]) -> list[Evidence]:
    """Each sign once, the present one before its memory."""
    present = {one: replace(one, past=True) for one in known}
    for one in evidence:
        before = present.get(_identity(one))
        if before is None or before.past:
            present[_identity(one)] = one
    return list(present.values())


def _identity(one: Evidence) -> Evidence:
    return replace(one, past=False)


def _order(one: Evidence) -> tuple[int, bool, str, str, str, str, str]:
    return -one.strength, one.past, one.where, one.rule, one.text, one.agent, one.involvement
