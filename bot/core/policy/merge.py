"""An organisation's and a repository's policy as one: the repository may only raise what the organisation asks."""

from __future__ import annotations

from dataclasses import replace
from typing import TypeVar

from bot.core.policy.digest import with_digest
from bot.core.policy.model import (
    ApprovalPolicy,
    BreakGlass,
    CarryOver,
    Deployment,
    Mode,
    PlanPolicy,
    Policy,
    ProvenancePolicy,
    Rule,
    Seniors,
)

T = TypeVar("T")


def merge(organisation: Policy, repository: Policy) -> Policy:
    """A policy that asks all that the organisation asks, and what the repository asks on top.

    Who is a senior, who may break the glass and which bots are plain automation stays the organisation's word; the
    repository's seniors count for the repository's rules alone. Where the repository is silent, the organisation's
    wish stands.
    """
    merged = replace(
        organisation,
        mode=_mode(organisation.mode, repository),
        seniors=_seniors(organisation.seniors, repository.seniors),
        rules=_rules(organisation.rules, repository),
        tiers=_union(organisation.tiers, repository.tiers),
        provenance=_provenance(organisation.provenance, repository),
        declarations_required_for=_lowest(organisation.declarations_required_for, repository.declarations_required_for),
        plans=_plans(organisation.plans, repository.plans),
        approvals=_approvals(organisation.approvals, repository),
        review_request=(repository if "reviewers" in repository.given else organisation).review_request,
        labels=organisation.labels or repository.labels,
        deployments=_deployments(organisation, repository),
        break_glass=_break_glass(organisation.break_glass, repository),
        source=f"{organisation.source} and {repository.source}",
        given=organisation.given | repository.given,
    )
    return with_digest(merged)


def _union(first: tuple[T, ...], second: tuple[T, ...]) -> tuple[T, ...]:
    return (*first, *(item for item in second if item not in first))


def _mode(organisation: Mode, repository: Policy) -> Mode:
    """A repository may enforce what its organisation only shadows, never the other way round."""
    asked = repository.mode if "mode" in repository.given else organisation
    return Mode.ENFORCE if Mode.ENFORCE in (organisation, asked) else Mode.SHADOW


def _lowest(first: T | None, second: T | None) -> T | None:
    """The stricter of two thresholds or durations; None asks for nothing."""
    known = [value for value in (first, second) if value is not None]
    return min(known, default=None)  # type: ignore[type-var]  # tiers and seconds are ordered


def _seniors(organisation: Seniors, repository: Seniors) -> Seniors:
    return replace(organisation, machine_users=_union(organisation.machine_users, repository.machine_users))


def _rules(organisation: tuple[Rule, ...], repository: Policy) -> tuple[Rule, ...]:
    """All rules; the repository's ask its own seniors, and have other names than the organisation's."""
    own = (*repository.seniors.teams, *repository.seniors.users)
    taken = {rule.name.casefold() for rule in organisation}
    added = (
        replace(
            rule,
            name=f"{rule.name} (repository)" if rule.name.casefold() in taken else rule.name,
            require=replace(rule.require, from_sets=rule.require.from_sets or own),
        )
        for rule in repository.rules
        if rule not in organisation
    )
    return (*organisation, *added)


def _provenance(organisation: ProvenancePolicy, repository: Policy) -> ProvenancePolicy:
    """More labels, markers and involvements raise; a shorter automation list raises too."""
    added = repository.provenance
    narrows = "provenance.automation" in repository.given
    return ProvenancePolicy(
        labels=_union(organisation.labels, added.labels),
        automation=tuple(login for login in organisation.automation if not narrows or login in added.automation),
        counts=organisation.counts | added.counts,
        markers=_union(organisation.markers, added.markers),
    )


def _approvals(organisation: ApprovalPolicy, repository: Policy) -> ApprovalPolicy:
    given, added = repository.given, repository.approvals
    never = "approvals.carry_over" in given and added.carry_over is CarryOver.NEVER
    return ApprovalPolicy(
        carry_over=CarryOver.NEVER if never else organisation.carry_over,
        carry_over_up_to=min(organisation.carry_over_up_to, added.carry_over_up_to),
        expire_after=_lowest(organisation.expire_after, added.expire_after),
    )


def _plans(organisation: PlanPolicy, repository: PlanPolicy) -> PlanPolicy:
    """The organisation's workflows stay the only ones that are enough."""
    return PlanPolicy(
        required_for=_lowest(organisation.required_for, repository.required_for),
        workflows=organisation.workflows or repository.workflows,
    )


def _deployments(organisation: Policy, repository: Policy) -> dict[str, Deployment]:
    names = sorted({*organisation.deployments, *repository.deployments})
    return {name: _deployment(organisation.deployments.get(name), repository.deployments.get(name)) for name in names}


def _deployment(organisation: Deployment | None, repository: Deployment | None) -> Deployment:
    """The lower tier and the larger number. Which commits are accepted is the organisation's word if it has one."""
    if organisation is None or repository is None:
        return organisation or repository or Deployment()
    return Deployment(
        tier=min(organisation.tier, repository.tier),
        seniors=max(organisation.seniors, repository.seniors),
        accepted=organisation.accepted,
    )


def _break_glass(organisation: BreakGlass, repository: Policy) -> BreakGlass:
    """The organisation's people; a repository can but shorten how long the glass stays broken."""
    asked = repository.break_glass.valid_for if "break_glass.valid_for" in repository.given else None
    return replace(organisation, valid_for=min(organisation.valid_for, asked or organisation.valid_for))
