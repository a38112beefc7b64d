"""GitHub's own required reviewers are asked for what always needs a senior, and for nothing more."""

from __future__ import annotations

import dataclasses

import pytest

from bot.core.blast.tier import edit_tier
from bot.core.finding import EffectKind, Strength, Tier
from bot.core.policy.default import BUILT_IN
from bot.core.policy.model import PathTier, Policy, Require, Rule, Seniors, When
from bot.core.protection.facts import Repository, Team
from bot.core.protection.wanted import required_reviewers
from bot.data import load_catalogue

KINDS = load_catalogue().infra.kinds
SENIORS = Team(name="acme/seniors", id=5, members=frozenset({"sam"}))
LEADS = Team(name="acme/leads", id=6, members=frozenset({"mira"}))
REPOSITORY = Repository(name="acme/shop", branches=(), teams=(SENIORS, LEADS))
PATHS = ("db/**",)


def policy(*rules: Rule, seniors: Seniors | None = None) -> Policy:
    tiers = (PathTier(paths=PATHS, tier=Tier.CRITICAL), PathTier(paths=("docs/**",), tier=Tier.LOW))
    return dataclasses.replace(BUILT_IN, seniors=seniors or Seniors(teams=("acme/seniors",)), rules=rules, tiers=tiers)


def rule(when: When, seniors: int = 1, *sets: str) -> Rule:
    return Rule(name="r", when=when, require=Require(seniors=seniors, from_sets=sets))


@pytest.mark.parametrize(
    "when",
    [
        When(provenance=Strength.WEAK, tier=Tier.LOW),
        When(effects=frozenset({EffectKind.DESTROY}), tier=Tier.LOW),
        When(tier=Tier.LOW, paths=("db/**",)),
    ],
)
def test_a_rule_that_looks_at_more_than_files_is_left_to_the_check(when: When) -> None:
    assert required_reviewers(policy(rule(when)), REPOSITORY, KINDS) == ((), ())


def test_a_tier_stands_for_the_files_that_reach_it_by_any_change() -> None:
    ((asked,), notes) = required_reviewers(policy(rule(When(tier=Tier.CRITICAL))), REPOSITORY, KINDS)
    assert (asked.team_id, asked.approvals, notes) == (5, 1, ())
    assert asked.patterns == (".github/countersign.yml", "db/**")
    ((lower,), _) = required_reviewers(policy(rule(When(tier=Tier.HIGH))), REPOSITORY, KINDS)
    heavy = {path for kind in KINDS.rows.values() if edit_tier(kind.weight) >= Tier.HIGH for path in kind.paths}
    assert heavy
    assert set(lower.patterns) == {*asked.patterns, *heavy}


def test_two_rules_for_one_team_ask_what_the_stricter_one_asks() -> None:
    both = policy(rule(When(paths=("a/**",)), 1, "acme/leads"), rule(When(paths=("b/**",)), 2, "acme/leads"))
    ((asked,), _) = required_reviewers(both, REPOSITORY, KINDS)
    assert (asked.team_id, asked.approvals, asked.patterns) == (6, 2, ("a/**", "b/**"))


@pytest.mark.parametrize(
    "seniors",
    [
        Seniors(),
        Seniors(teams=("acme/seniors", "acme/leads")),
        Seniors(teams=("acme/seniors",), users=("ops",)),
        Seniors(teams=("acme/unreadable",)),
    ],
)
def test_github_cannot_be_told_this_team_or_that_one(seniors: Seniors) -> None:
    reviewers, (note,) = required_reviewers(policy(rule(When(paths=PATHS)), seniors=seniors), REPOSITORY, KINDS)
    assert (reviewers, "no single team" in note) == ((), True)
