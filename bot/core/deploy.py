"""Whether a commit may be deployed to an environment: each change on the way there has a record, or it waits."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from bot.core.decided import Standing
from bot.core.finding import Tier
from bot.core.landing import Landing, Outcome
from bot.core.policy.model import Deployment, Mode, Policy, PolicyError

# https://docs.github.com/en/actions/managing-workflow-runs-and-deployments/managing-deployments/creating-custom-deployment-protection-rules
LONGEST_REPORT = 1024
MOST_TOLD = 5
MOST_STEPS = 250


class Ruling(StrEnum):
    """A deployment is never rejected: it waits until it may go, or until GitHub ends it after 30 days."""

    APPROVED = "approved"
    WAITING = "waiting"


class End(StrEnum):
    """Where a trail ends: at a commit that was approved for this environment before, where the gate came, or nowhere.

    OLDER is a commit from before the gate; LOST is one of which the ledger does not tell how it came.
    """

    DEPLOYED = "deployed"
    BASELINE = "baseline"
    OLDER = "older"
    LOST = "lost"
    TOO_LONG = "too-long"


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One landing on the way, and how each of its pull requests stands now, approvals after the merge included."""

    landing: Landing
    standings: tuple[Standing, ...] = ()


def vouched_elsewhere(standing: Standing) -> Standing:
    """What it is worth on another branch than the default one.

    A branch has the policy that it holds, and one from an old commit an old one: there nothing but a senior's approval
    speaks for a change to infrastructure, neither an exception nor that nothing was asked.
    """
    if standing.is_good and ((standing.approvers and not standing.is_exception) or standing.tier is Tier.NONE):
        return standing
    return replace(standing, is_good=False, is_exception=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Trail:
    """How a branch came to the commit, the latest landing first."""

    steps: tuple[Step, ...]
    end: End


@dataclass(frozen=True, slots=True, kw_only=True)
class DeploymentDecision:
    """`reasons` are sentences: what is missing while it waits, why it may go otherwise; at least one.

    `is_shadow`: it goes though something is missing, because the policy only watches yet; that vouches for nothing.
    """

    ruling: Ruling
    reasons: tuple[str, ...]
    is_shadow: bool = False


def asked_of(policy: Policy, environment: str) -> Deployment:
    """What the policy asks for an environment. Where it is silent, a record of every change: the rule was switched on.

    Names are compared without case, as GitHub does.
    """
    return policy.deployments.get(environment.lower(), Deployment())


def decide_deployment(
    sha: str, environment: str, policy: Policy | PolicyError, trails: Sequence[Trail]
) -> DeploymentDecision:
    """Pure and total. `trails` are all known ways to `sha`, one for each branch that held it; one good one will do."""
    if isinstance(policy, PolicyError):
        return _waits(f"the policy cannot be read: {policy.source}: {policy.faults[0].message}")
    asked = asked_of(policy, environment)
    if sha in asked.accepted:
        return _goes("the policy accepts this commit as it is")
    decision = _decide(sha, environment, asked, trails)
    if policy.mode is Mode.SHADOW and decision.ruling is Ruling.WAITING:
        told = f"shadow mode, it would wait: {decision.reasons[0]}"
        return DeploymentDecision(ruling=Ruling.APPROVED, reasons=(told,), is_shadow=True)
    return decision


def _decide(sha: str, environment: str, asked: Deployment, trails: Sequence[Trail]) -> DeploymentDecision:
    if not trails:
        return _waits(
            f"`{sha[:12]}` is no commit that a gated branch ever pointed at: deploy what was merged, or have the "
            f"policy accept it (`deployments.{_shown(environment)}.accepted`)"
        )
    found = [(tuple(_objections(trail, asked)), trail) for trail in trails]
    missing, trail = min(found, key=lambda pair: len(pair[0]))
    return replace(_waits(""), reasons=missing) if missing else _goes(_praise(trail))


def _objections(trail: Trail, asked: Deployment) -> Iterator[str]:
    for step in trail.steps:
        yield from _objections_to(step, asked)
    if trail.end is End.LOST:
        yield "how the branch came to the first of these commits is not in the records"
    if trail.end is End.TOO_LONG:
        yield f"more than {MOST_STEPS} merges lie between this and what was approved last: deploy one in between first"


def _objections_to(step: Step, asked: Deployment) -> Iterator[str]:
    landing = step.landing
    if landing.outcome in (Outcome.BASELINE, Outcome.NOTHING) or landing.move.after in asked.accepted:
        return
    if not step.standings:
        yield f"`{landing.move.after[:12]}`: {landing.why}; only the policy can accept that"
        return
    for standing in step.standings:
        yield from _objection_to(standing, asked)


def _objection_to(standing: Standing, asked: Deployment) -> Iterator[str]:
    small = standing.tier is not None and standing.tier < asked.tier and not standing.is_blocked
    if small or standing.is_exception:
        return
    if not standing.is_good:
        yield f"{standing.why}; a senior's approval there lets it go"
    elif len(standing.approvers) < asked.seniors:
        yield f"{standing.why}; {asked.seniors} seniors must have approved it for this environment"


def _praise(trail: Trail) -> str:
    if not trail.steps:
        return (
            "it was approved for this environment before" if trail.end is End.DEPLOYED else "it is older than the gate"
        )
    count = len(trail.steps)
    since = "since what was approved last" if trail.end is End.DEPLOYED else "since the gate came"
    return f"all {count} merges {since} have their records" if count > 1 else f"the one merge {since} has its record"


def report(decision: DeploymentDecision, environment: str, sha: str) -> str:
    """What GitHub shows beside the deployment, Markdown within its limit."""
    if decision.ruling is Ruling.APPROVED:
        return f"Countersign approves `{sha[:12]}` for {_shown(environment)}: {decision.reasons[0]}."
    told = [f"- {reason}" for reason in decision.reasons[:MOST_TOLD]]
    if len(decision.reasons) > MOST_TOLD:
        told.append(f"- and {len(decision.reasons) - MOST_TOLD} more")
    head = (
        f"Countersign waits to approve `{sha[:12]}` for {_shown(environment)}; it goes on by itself once this is met:"
    )
    return "\n".join([head, "", *told])[:LONGEST_REPORT]


def _shown(environment: str) -> str:
    """An environment's name is free text, and shown to people who may act on it."""
    return "".join(letter if letter.isalnum() or letter in "-_./ " else "?" for letter in environment)[:100]


def _waits(reason: str) -> DeploymentDecision:
    return DeploymentDecision(ruling=Ruling.WAITING, reasons=(reason,))


def _goes(reason: str) -> DeploymentDecision:
    return DeploymentDecision(ruling=Ruling.APPROVED, reasons=(reason,))
