"""A repository's policy only raises what its organisation asks: the laws of a semilattice, and each key on its own."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.finding import Blast, EffectKind, Involvement, Provenance, Strength, Tier, TouchedKind
from bot.core.policy.digest import policy_digest
from bot.core.policy.merge import merge
from bot.core.policy.model import (
    ApprovalPolicy,
    BreakGlass,
    CarryOver,
    CustomMarker,
    Deployment,
    Mode,
    PathTier,
    PlanPolicy,
    Policy,
    ProvenancePolicy,
    Require,
    ReviewRequest,
    Rule,
    Seniors,
    When,
)
from bot.core.policy.requirement import require
from tests.builders import effect, pull

MARKER = CustomMarker(id="a", agent="a", surface="body", pattern="a", strength=Strength.WEAK)
TIERS = st.sampled_from([tier for tier in Tier if tier is not Tier.NONE])
SECONDS = st.sampled_from([3_600, 7_200, 86_400])
TEAMS = st.sampled_from([("acme/a",), ("acme/b",), ("acme/a", "acme/c")])
KEYS = ["mode", "approvals.carry_over", "provenance.automation", "reviewers", "break_glass.valid_for"]

RULES = st.builds(
    Rule,
    name=st.sampled_from(["one", "two", "One"]),
    when=st.builds(
        When,
        provenance=st.none() | st.sampled_from(Strength),
        tier=st.none() | TIERS,
        effects=st.frozensets(st.sampled_from(EffectKind), max_size=2),
    ),
    require=st.builds(Require, seniors=st.integers(1, 4), from_sets=st.just(()) | TEAMS, step_up=st.booleans()),
)
POLICIES = st.builds(
    Policy,
    mode=st.sampled_from(Mode),
    seniors=st.builds(Seniors, teams=TEAMS, machine_users=st.just(()) | st.just(("ci",))),
    rules=st.lists(RULES, min_size=1, max_size=3, unique_by=lambda rule: rule.name.casefold()).map(tuple),
    tiers=st.just(()) | st.just((PathTier(paths=("a",), tier=Tier.HIGH),)),
    provenance=st.builds(
        ProvenancePolicy,
        labels=st.sampled_from([(), ("ai",), ("ai", "agent:*")]),
        automation=st.sampled_from([(), ("renovate[bot]",), ("renovate[bot]", "evil[bot]")]),
        counts=st.frozensets(st.sampled_from(Involvement)),
        markers=st.sampled_from([(), (MARKER,)]),
    ),
    declarations_required_for=st.none() | TIERS,
    plans=st.builds(PlanPolicy, required_for=st.none() | TIERS, workflows=st.sampled_from([(), ("a",), ("b",)])),
    approvals=st.builds(
        ApprovalPolicy,
        carry_over=st.sampled_from(CarryOver),
        carry_over_up_to=TIERS,
        expire_after=st.none() | SECONDS,
    ),
    deployments=st.dictionaries(
        st.sampled_from(["production", "staging"]),
        st.builds(Deployment, tier=TIERS, seniors=st.integers(0, 3), accepted=st.sampled_from([(), ("a" * 40,)])),
    ),
    break_glass=st.builds(BreakGlass, teams=st.just(()) | TEAMS, valid_for=SECONDS),
    given=st.frozensets(st.sampled_from(KEYS)),
)
TERRAFORM = (TouchedKind(kind="terraform", weight=5, paths=("a.tf",)),)
BLASTS = st.builds(
    lambda tier, kinds: Blast(
        tier=tier, kinds=TERRAFORM, effects=tuple(effect(effect=kind) for kind in kinds), reasons=()
    ),
    TIERS,
    st.lists(st.sampled_from(EffectKind), max_size=2),
)


@given(POLICIES, POLICIES, st.sampled_from(Strength), BLASTS)
def test_nothing_that_the_organisation_asks_is_lost(
    organisation: Policy, repository: Policy, level: Strength, blast: Blast
) -> None:
    provenance = Provenance(level=level, evidence=())
    asked = require(organisation, provenance, blast, pull())
    merged = require(merge(organisation, repository), provenance, blast, pull())
    assert set(asked.demands) <= set(merged.demands)
    assert merged.declaration or not asked.declaration
    assert merged.plan or not asked.plan
    own = require(repository, provenance, blast, pull())
    assert merged.seniors >= max(asked.seniors, own.seniors)
    assert merged.step_up >= max(asked.step_up, own.step_up)


@given(POLICIES, POLICIES)
def test_no_key_is_weaker_than_the_organisations(organisation: Policy, repository: Policy) -> None:
    merged = merge(organisation, repository)
    assert merged.mode is Mode.ENFORCE or organisation.mode is Mode.SHADOW
    assert (merged.seniors.teams, merged.seniors.users) == (organisation.seniors.teams, organisation.seniors.users)
    assert set(merged.seniors.machine_users) >= set(organisation.seniors.machine_users)
    assert set(merged.tiers) >= set(organisation.tiers)
    assert set(merged.provenance.labels) >= set(organisation.provenance.labels)
    assert set(merged.provenance.markers) >= set(organisation.provenance.markers)
    assert merged.provenance.counts >= organisation.provenance.counts
    assert set(merged.provenance.automation) <= set(organisation.provenance.automation)
    assert merged.approvals.carry_over in (CarryOver.NEVER, organisation.approvals.carry_over)
    assert merged.approvals.carry_over_up_to <= organisation.approvals.carry_over_up_to
    assert not organisation.plans.workflows or merged.plans.workflows == organisation.plans.workflows
    assert organisation.approvals.expire_after is None or (
        merged.approvals.expire_after is not None
        and merged.approvals.expire_after <= organisation.approvals.expire_after
    )
    assert (merged.break_glass.teams, merged.break_glass.users) == (organisation.break_glass.teams, ())
    assert merged.break_glass.valid_for <= organisation.break_glass.valid_for
    for name, asked in organisation.deployments.items():
        assert merged.deployments[name].tier <= asked.tier
        assert merged.deployments[name].seniors >= asked.seniors
        assert merged.deployments[name].accepted == asked.accepted
    assert set(merged.deployments) >= set(repository.deployments)


@given(POLICIES, POLICIES)
def test_merging_is_idempotent_and_its_digest_is_its_own(organisation: Policy, repository: Policy) -> None:
    merged = merge(organisation, repository)
    assert merged.digest == policy_digest(merged)
    again = merge(organisation, organisation)
    assert replace(again, source="", digest="") == replace(organisation, source="", digest="")
    assert len({rule.name.casefold() for rule in merged.rules}) <= len(merged.rules)


def policy(**changes: Any) -> Policy:
    rule = Rule(name="one", when=When(tier=Tier.LOW), require=Require(seniors=1))
    return replace(Policy(mode=Mode.ENFORCE, seniors=Seniors(teams=("acme/a",)), rules=(rule,)), **changes)


def test_the_repositorys_rules_ask_its_own_seniors() -> None:
    rule = Rule(name="One", when=When(), require=Require(seniors=1))
    merged = merge(policy(), policy(seniors=Seniors(teams=("acme/b",), users=("sam",)), rules=(rule,)))
    assert merged.seniors.teams == ("acme/a",)
    assert [(each.name, each.require.from_sets) for each in merged.rules] == [
        ("one", ()),
        ("One (repository)", ("acme/b", "sam")),
    ]


def test_a_rule_keeps_its_name_where_it_is_the_only_one() -> None:
    rule = Rule(name="two", when=When(), require=Require(seniors=1, from_sets=("acme/c",)))
    assert merge(policy(), policy(rules=(rule,))).rules[1] == rule


@pytest.mark.parametrize(
    "given_, asked, expected",
    [
        (frozenset(), CarryOver.NEVER, CarryOver.IDENTICAL_DIFF),
        (frozenset({"approvals.carry_over"}), CarryOver.NEVER, CarryOver.NEVER),
        (frozenset({"approvals.carry_over"}), CarryOver.IDENTICAL_DIFF, CarryOver.IDENTICAL_DIFF),
    ],
)
def test_silence_keeps_the_organisations_carry_over(given_: Any, asked: CarryOver, expected: CarryOver) -> None:
    organisation = policy(approvals=ApprovalPolicy(carry_over=CarryOver.IDENTICAL_DIFF))
    merged = merge(organisation, policy(approvals=ApprovalPolicy(carry_over=asked), given=given_))
    assert merged.approvals.carry_over is expected


@pytest.mark.parametrize(
    "organisation, asked, given_, expected",
    [
        (Mode.SHADOW, Mode.ENFORCE, frozenset(), Mode.SHADOW),
        (Mode.SHADOW, Mode.ENFORCE, frozenset({"mode"}), Mode.ENFORCE),
        (Mode.SHADOW, Mode.SHADOW, frozenset({"mode"}), Mode.SHADOW),
        (Mode.ENFORCE, Mode.SHADOW, frozenset({"mode"}), Mode.ENFORCE),
        (Mode.ENFORCE, Mode.SHADOW, frozenset(), Mode.ENFORCE),
    ],
)
def test_a_repository_may_enforce_and_never_relax(
    organisation: Mode, asked: Mode, given_: frozenset[str], expected: Mode
) -> None:
    assert merge(policy(mode=organisation), policy(mode=asked, given=given_)).mode is expected


def test_silence_keeps_the_organisations_automation_reviewers_and_glass() -> None:
    organisation = policy(
        provenance=ProvenancePolicy(automation=("renovate[bot]",)),
        review_request=ReviewRequest.TEAM,
        break_glass=BreakGlass(teams=("acme/c",), valid_for=7_200),
        labels=True,
    )
    silent = merge(organisation, policy())
    assert silent.provenance.automation == ("renovate[bot]",)
    assert silent.review_request is ReviewRequest.TEAM
    assert silent.break_glass.valid_for == 7_200
    assert silent.labels
    asked = policy(review_request=ReviewRequest.NONE, given=frozenset({"reviewers", "provenance.automation"}))
    assert merge(organisation, asked).review_request is ReviewRequest.NONE
    assert merge(organisation, asked).provenance.automation == ()
