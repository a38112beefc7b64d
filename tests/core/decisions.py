"""Whole decisions from their parts, consistent in themselves, for tests of what is said about them."""

from __future__ import annotations

from bot.core.decision import Approvals, Decision, Demand, Requirement, Verdict
from bot.core.finding import Blast, Effect, Evidence, Provenance, Strength, Tier, TouchedKind
from bot.core.policy.model import Fault
from tests.builders import decision


def judged(
    verdict: Verdict = Verdict.PENDING,
    *,
    found: tuple[Evidence, ...] = (),
    effects: tuple[Effect, ...] = (),
    tier: Tier = Tier.NONE,
    demands: tuple[Demand, ...] = (),
    incomplete: tuple[str, ...] = (),
    faults: tuple[Fault, ...] = (),
) -> Decision:
    """A decision that touches Terraform as soon as it has a tier."""
    return decision(
        verdict=verdict,
        provenance=Provenance(level=max((one.strength for one in found), default=Strength.NONE), evidence=found),
        blast=Blast(
            tier=tier,
            kinds=(TouchedKind(kind="terraform", weight=1, paths=("infra/db.tf",)),) if tier else (),
            effects=effects,
            reasons=(f"{tier.word}: because",) if tier else (),
        ),
        requirement=Requirement(
            demands=demands, seniors=max((one.seniors for one in demands), default=0), from_sets=(), step_up=False
        ),
        approvals=Approvals(
            counted=(), void=(), missing=tuple(f"{one.seniors} seniors" for one in demands), eligible=()
        ),
        incomplete=incomplete,
        faults=faults,
    )


def demand(rule: str = "AI-assisted infrastructure", seniors: int = 1) -> Demand:
    return Demand(rule=rule, seniors=seniors, from_sets=(), step_up=False)
