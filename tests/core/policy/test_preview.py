"""A preview tells every kind of change that would be asked something else, and nothing that would not."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.core.decision import Setting
from bot.core.finding import EffectKind, Strength, Tier
from bot.core.policy.default import BUILT_IN
from bot.core.policy.model import Deployment, Mode, PathTier, Policy, Require, Rule, SeniorAuthors, Seniors, When
from bot.core.policy.preview import differences, settings


def policy(*rules: Rule) -> Policy:
    return replace(BUILT_IN, rules=rules)


def rule(seniors: int = 1, *, name: str = "a", from_sets: tuple[str, ...] = (), **when: object) -> Rule:
    conditions = When(**{"tier": Tier.LOW, **when})  # type: ignore[arg-type]  # rows vary what they ask
    return Rule(name=name, when=conditions, require=Require(seniors=seniors, from_sets=from_sets))


def rows(now: Policy, then: Policy) -> list[tuple[str, ...]]:
    return [
        (row.involvement, row.tier, row.effect, row.paths, row.now, row.then, "less" if row.asks_less else "")
        for row in differences(now, then)
    ]


ONE = policy(rule())
CASES: list[tuple[str, Policy, Policy, list[tuple[str, ...]]]] = [
    ("the same", ONE, ONE, []),
    ("another name asks the same", ONE, policy(rule(name="b")), []),
    ("one less", policy(rule(2)), ONE, [("any", "low or more", "any", "any", "2 seniors", "1 senior", "less")]),
    ("one more", ONE, policy(rule(2)), [("any", "low or more", "any", "any", "1 senior", "2 seniors", "")]),
    ("nobody", ONE, policy(), [("any", "low or more", "any", "any", "1 senior", "nothing", "less")]),
    (
        "a higher threshold",
        ONE,
        policy(rule(tier=Tier.HIGH)),
        [("any", "low to medium", "any", "any", "1 senior", "nothing", "less")],
    ),
    (
        "only AI",
        ONE,
        policy(rule(provenance=Strength.STRONG)),
        [("none to weak", "low or more", "any", "any", "1 senior", "nothing", "less")],
    ),
    (
        "one effect",
        ONE,
        policy(rule(), rule(2, name="b", effects=frozenset({EffectKind.DESTROY}))),
        [("any", "low or more", "destroy", "any", "1 senior", "2 seniors", "")],
    ),
    (
        "some paths",
        ONE,
        policy(rule(), rule(name="b", paths=("infra/**",), from_sets=("acme/sre",))),
        [("any", "low or more", "any", "infra/**", "1 senior", "1 senior; 1 senior from acme/sre", "")],
    ),
    (
        "other people",
        policy(rule(from_sets=("acme/a",))),
        policy(rule(from_sets=("acme/b",))),
        [("any", "low or more", "any", "any", "1 senior from acme/a", "1 senior from acme/b", "less")],
    ),
    (
        "any tier at all",
        policy(),
        policy(rule(tier=None)),
        [("any", "any", "any", "any", "nothing", "1 senior", "")],
    ),
]


@pytest.mark.parametrize(("now", "then", "expected"), [case[1:] for case in CASES], ids=[case[0] for case in CASES])
def test_each_kind_of_change_that_would_be_asked_otherwise_is_one_row(
    now: Policy, then: Policy, expected: list[tuple[str, ...]]
) -> None:
    assert rows(now, then) == expected


WEAKER = [
    ("more people", Require(seniors=1, from_sets=("acme/a",)), Require(seniors=1, from_sets=("acme/a", "acme/b"))),
    ("no passkey", Require(seniors=1, step_up=True), Require(seniors=1)),
    ("exempt", Require(seniors=1), Require(seniors=1, senior_authors=SeniorAuthors.EXEMPT)),
]


@pytest.mark.parametrize(("strict", "lax"), [case[1:] for case in WEAKER], ids=[case[0] for case in WEAKER])
def test_what_asks_less_is_called_so_and_its_reverse_is_not(strict: Require, lax: Require) -> None:
    one, other = (policy(replace(rule(), require=require)) for require in (strict, lax))
    assert {row.asks_less for row in differences(one, other)} == {True}
    assert {row.asks_less for row in differences(other, one)} == {False}


def test_what_asks_less_comes_first() -> None:
    now = policy(rule(tier=Tier.LOW, provenance=Strength.STRONG), rule(2, name="b", tier=Tier.CRITICAL))
    then = policy(rule(tier=Tier.LOW), rule(1, name="b", tier=Tier.CRITICAL))
    assert [row.asks_less for row in differences(now, then)] == [True, False]


def test_settings_say_what_goes_and_what_comes() -> None:
    then = replace(
        BUILT_IN,
        mode=Mode.SHADOW,
        seniors=Seniors(teams=("acme/a",)),
        tiers=(PathTier(paths=("infra/**", "db/**"), tier=Tier.HIGH),),
        labels=True,
        deployments={"production": Deployment(tier=Tier.HIGH, seniors=2, accepted=("a" * 40,))},
    )
    assert settings(BUILT_IN, BUILT_IN) == ()
    assert settings(BUILT_IN, then) == (
        Setting(key="deployments", now="nothing", then="production tier high seniors 2 accepted " + "a" * 40),
        Setting(key="labels", now="false", then="true"),
        Setting(key="mode", now="enforce", then="shadow"),
        Setting(key="seniors.teams", now="nothing", then="acme/a"),
        Setting(key="tiers", now="nothing", then="paths infra/** db/** tier high"),
    )
    swapped = replace(then, seniors=Seniors(teams=("acme/b",)))
    assert settings(then, swapped) == (Setting(key="seniors.teams", now="acme/a", then="acme/b"),)
