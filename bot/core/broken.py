"""The decision when the gate itself failed: shut, and it says so."""

from __future__ import annotations

from bot.core.decision import Approvals, Decision, Requirement, Verdict
from bot.core.finding import Blast, Provenance, Strength, Tier
from bot.core.policy.model import Mode

CLOSED = "this pull request is closed; it is judged afresh when it opens again"
FAILED = "the look at this change failed; it is tried again by itself"


def broken_decision(reason: str = FAILED) -> Decision:
    """Nothing is known of the change, so nothing is claimed of it but that it may not pass."""
    return Decision(
        verdict=Verdict.BROKEN,
        mode=Mode.ENFORCE,
        provenance=Provenance(level=Strength.NONE, evidence=()),
        blast=Blast(tier=Tier.NONE, kinds=(), effects=(), reasons=()),
        requirement=Requirement(demands=(), seniors=0, from_sets=(), step_up=False),
        approvals=Approvals(counted=(), void=(), missing=(), eligible=()),
        binding=None,
        policy_source="not read",
        incomplete=(reason,),
    )
