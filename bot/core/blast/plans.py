"""The Terraform plans that CI handed in for one head: they raise the estimate from the text and never lower it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass, replace

from bot.core.blast.assess import worst_first
from bot.core.blast.infra import Infra
from bot.core.blast.plan_json import PlanReading
from bot.core.blast.tier import UNREAD_TIER, reasons_of
from bot.core.finding import Blast, Effect, Tier
from bot.core.pull import PullRequest

# What stands can change under a plan without any commit.
FRESH_SECONDS = 7 * 86_400
# Stacks of one repository, each planned a few times; what comes after is said to be unread.
MOST_PLANS = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class StackPlan:
    """One plan of one stack for one head, distilled: the plan itself, with the secrets it may hold, is not kept.

    `digest` is `sha256:` of the upload, `received_at` Unix seconds. `base_sha` is the commit of the base branch that
    the plan was made on top of, "" when it was made of the head alone. `origin` names the run. `workflow` is the one
    that GitHub signed for, with its own ref, "" when nobody did.
    """

    stack: str
    head_sha: str
    digest: str
    received_at: int
    reading: PlanReading
    base_sha: str = ""
    origin: str = ""
    workflow: str = ""


def raise_by_plans(blast: Blast, plans: tuple[StackPlan, ...], infra: Infra) -> Blast:
    """The estimate with what all plans say added; tier and reasons can only grow.

    An upload that could not be read counts like a file that could not: it is infrastructure that nobody looked at,
    until its stack has one from the same workflow that can be read.
    """
    effects = tuple(effect for plan in plans for effect in plan.reading.effects)
    unread = tuple(
        f"the Terraform plan of `{plan.stack}` is not known whole: {plan.reading.fault}" for plan in _faulty(plans)
    )
    if not effects and not unread:
        return blast
    found = [*dict.fromkeys(reasons_of(effects, infra)), *((UNREAD_TIER, sentence) for sentence in unread)]
    reasons = [(Tier[reason.partition(":")[0].upper()], reason) for reason in blast.reasons]
    reasons += [(worth, f"{worth.word}: {sentence}") for worth, sentence in found]
    reasons.sort(key=lambda reason: -reason[0])
    return replace(
        blast,
        tier=max([blast.tier, *(tier for tier, _ in found)]),
        effects=tuple(sorted({*blast.effects, *effects}, key=worst_first)),
        reasons=tuple(dict.fromkeys(reason for _, reason in reasons)),
        incomplete=tuple(dict.fromkeys((*blast.incomplete, *unread))),
    )


def latest(plans: Iterable[StackPlan]) -> tuple[StackPlan, ...]:
    """The last one of every stack and workflow, in the order of their names; `plans` oldest first.

    What one workflow could not hand in whole, no other one mends: whoever changes a workflow can hand in any plan.
    """
    last = {(plan.stack, plan.workflow): plan for plan in plans}
    return tuple(last[one] for one in sorted(last))


def _faulty(plans: tuple[StackPlan, ...]) -> tuple[StackPlan, ...]:
    return tuple(plan for plan in latest(plans) if plan.reading.fault)


def is_planned(plans: tuple[StackPlan, ...], now: int, workflows: tuple[str, ...] = ()) -> bool:
    """Whether a policy that asks for a plan has one: all stacks that were planned whole, at least one, none too old.

    `workflows` are those whose plans are enough, empty for any.
    """
    known = latest(plan for plan in plans if not workflows or plan.workflow in workflows)
    return bool(known) and all(not one.reading.fault and now - one.received_at <= FRESH_SECONDS for one in known)


def plans_digest(plans: tuple[StackPlan, ...]) -> str:
    """`sha256:` of all that the plans say is done, "" for nothing: an approval given before they said it is of less."""
    effects: list[tuple[str, ...]] = sorted({_said(effect) for plan in plans for effect in plan.reading.effects})
    effects += sorted({(plan.stack, str(plan.reading.unlisted)) for plan in plans if plan.reading.unlisted})
    return f"sha256:{hashlib.sha256(json.dumps(effects).encode()).hexdigest()}" if effects else ""


def _said(effect: Effect) -> tuple[str, str, str, str]:
    return (effect.rule, effect.address, effect.plan, effect.reason)


def plan_notes(
    plans: tuple[StackPlan, ...], earlier_heads: tuple[str, ...], pull: PullRequest, now: int
) -> tuple[str, ...]:
    """What a reader should know of the plans beside their effects. `earlier_heads` were planned, the latest last."""
    if not plans and earlier_heads:
        earlier = earlier_heads[-1][:8]
        return (f"a Terraform plan came for commit {earlier}, an earlier head; let the workflow plan this one again",)
    return tuple(_note(plan, pull, now) for plan in latest(plans) if not plan.reading.fault)


def _note(plan: StackPlan, pull: PullRequest, now: int) -> str:
    changed = len(plan.reading.effects) + plan.reading.unlisted
    told = f"{changed} of note" if changed else "none destroyed, replaced, weakened or opened"
    objects = f"{plan.reading.objects} object" + ("" if plan.reading.objects == 1 else "s")
    note = f"Terraform plan `{plan.stack}` of this head: {objects}, {told}"
    if plan.reading.unlisted:
        note += f", {plan.reading.unlisted} of them listed nowhere here: read the plan itself"
    if plan.base_sha and plan.base_sha != pull.base_sha:
        note += f"; it was made on commit {plan.base_sha[:8]} of the base branch, which has moved since"
    if now - plan.received_at > FRESH_SECONDS:
        note += f"; it is older than {FRESH_SECONDS // 86_400} days, so plan again"
    return note
