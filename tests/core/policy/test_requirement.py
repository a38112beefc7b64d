"""Every matching rule is asked; a policy's own file is always asked for."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.finding import Blast, Declaration, EffectKind, Provenance, Strength, Tier, TouchedKind
from bot.core.policy.default import BUILT_IN
from bot.core.policy.model import Mode, PlanPolicy, Policy, Require, Rule, SeniorAuthors, Seniors, When
from bot.core.policy.requirement import POLICY_PATH, effective_tier, require
from bot.core.pull import Repository
from tests.builders import changed_file, effect, pull


def policy(*rules: Rule, **changes: Any) -> Policy:
    return Policy(mode=Mode.ENFORCE, seniors=Seniors(teams=("acme/seniors",)), rules=rules, **changes)


def rule(name: str = "a rule", seniors: int = 1, from_sets: tuple[str, ...] = (), **when: Any) -> Rule:
    return Rule(name=name, when=When(**when), require=Require(seniors=seniors, from_sets=from_sets))


def provenance(level: Strength = Strength.NONE, declaration: Declaration = Declaration.NONE) -> Provenance:
    return Provenance(level=level, evidence=(), declaration=declaration)


def blast(tier: Tier = Tier.NONE, *effects: EffectKind) -> Blast:
    return Blast(tier=tier, kinds=(), effects=tuple(effect(effect=kind) for kind in effects), reasons=())


BUILT_IN_TABLE = [
    ("a human's docs change", Strength.NONE, Tier.NONE, (), 0),
    ("a human's infrastructure change", Strength.NONE, Tier.HIGH, (), 0),
    ("a human's replacement", Strength.NONE, Tier.HIGH, (EffectKind.REPLACE,), 0),
    ("a human's critical change", Strength.NONE, Tier.CRITICAL, (), 1),
    ("an AI's docs change", Strength.EXPLICIT, Tier.NONE, (), 0),
    ("a hint of AI on infrastructure", Strength.WEAK, Tier.HIGH, (), 0),
    ("an AI's small infrastructure change", Strength.STRONG, Tier.LOW, (), 1),
    ("a hint of AI on a replacement", Strength.WEAK, Tier.MEDIUM, (EffectKind.REPLACE,), 2),
    ("an AI's destruction", Strength.EXPLICIT, Tier.CRITICAL, (EffectKind.DESTROY,), 2),
    ("an AI's weakened guard", Strength.EXPLICIT, Tier.MEDIUM, (EffectKind.WEAKEN_GUARD,), 1),
]


@pytest.mark.parametrize("name, level, tier, effects, seniors", BUILT_IN_TABLE, ids=[row[0] for row in BUILT_IN_TABLE])
def test_the_built_in_policy(
    name: str, level: Strength, tier: Tier, effects: tuple[EffectKind, ...], seniors: int
) -> None:
    assert require(BUILT_IN, provenance(level), blast(tier, *effects), pull()).seniors == seniors, name


def test_rules_combine_by_the_strictest() -> None:
    both = require(
        policy(rule("one", 1, ("acme/a",), tier=Tier.LOW), rule("two", 3, ("acme/b",), provenance=Strength.WEAK)),
        provenance(Strength.STRONG),
        blast(Tier.LOW),
        pull(),
    )
    assert (both.seniors, both.from_sets, both.rules) == (3, ("acme/a", "acme/b"), ("one", "two"))


def test_a_demand_keeps_what_its_rule_asks() -> None:
    asked = Require(seniors=1, step_up=True, senior_authors=SeniorAuthors.EXEMPT)
    found = require(
        policy(Rule(name="a", when=When(tier=Tier.LOW), require=asked)), provenance(), blast(Tier.LOW), pull()
    )
    assert found.step_up
    assert found.demands[0].step_up
    assert found.demands[0].senior_authors is SeniorAuthors.EXEMPT


PATHS = [
    ("a new path", "infra/db.tf", "", True),
    ("a path in capitals", "INFRA/db.tf", "", True),
    ("a path moved away", "docs/db.md", "infra/db.tf", True),
    ("a path moved in", "infra/db.tf", "docs/db.md", True),
    ("a name with a line break", "infra/a\nb", "", True),
    ("a longer folder", "infra-evil/db.tf", "", False),
    ("another path", "docs/infra", "", False),
]


@pytest.mark.parametrize("name, path, old_path, matches", PATHS, ids=[row[0] for row in PATHS])
def test_a_rule_for_paths_sees_old_and_new_names(name: str, path: str, old_path: str, matches: bool) -> None:
    change = pull(files=(changed_file(path, "a", "b", old_path=old_path),))
    found = require(policy(rule(paths=("/infra/**",))), provenance(), blast(), change)
    assert bool(found.demands) == matches, name


def test_a_decomposed_path_is_the_composed_one() -> None:
    change = pull(files=(changed_file("cafe\u0301/a", "a", "b"),))
    assert require(policy(rule(paths=("café/",))), provenance(), blast(), change).demands


OWN_FILE = [
    ("added", changed_file(POLICY_PATH, None, "a"), 1),
    ("changed", changed_file(POLICY_PATH, "a", "b"), 2),
    ("removed", changed_file(POLICY_PATH, "a", None), 2),
    ("moved away", changed_file("docs/x.yml", "a", "a", old_path=POLICY_PATH), 2),
    ("in capitals", changed_file(".GitHub/Countersign.YML", "a", "b"), 2),
]


@pytest.mark.parametrize("name, file, seniors", OWN_FILE, ids=[row[0] for row in OWN_FILE])
def test_the_policys_own_file_is_critical_and_asked_for_under_any_policy(name: str, file: Any, seniors: int) -> None:
    change = pull(files=(file,))
    found = require(policy(rule(tier=Tier.CRITICAL, seniors=1)), provenance(), blast(), change)
    assert effective_tier(blast(), change) is Tier.CRITICAL
    assert (found.rules, found.seniors) == (("the policy itself", "a rule"), seniors), name
    assert require(policy(), provenance(), blast(), change).seniors == seniors


def test_the_organisations_file_is_a_policy_only_in_its_own_repository() -> None:
    change = changed_file("countersign.yml", "a", "b")
    organisation = pull(repository=Repository(id=1, owner="acme", name=".github"), files=(change,))
    assert require(policy(), provenance(), blast(), organisation).seniors == 2
    assert require(policy(), provenance(), blast(), pull(files=(change,))).seniors == 0


def test_what_no_parser_could_read_is_asked_of_a_person() -> None:
    unread = replace(blast(), incomplete=("infra/db.tf",))
    found = require(policy(), provenance(), unread, pull())
    assert (found.seniors, len(found.demands)) == (1, 1)


DECLARATIONS = [
    ("nobody asks", None, Tier.HIGH, Declaration.NONE, False),
    ("below the tier", Tier.MEDIUM, Tier.LOW, Declaration.NONE, False),
    ("silent", Tier.MEDIUM, Tier.MEDIUM, Declaration.NONE, True),
    ("declared human", Tier.LOW, Tier.HIGH, Declaration.HUMAN, False),
    ("declared AI", Tier.LOW, Tier.HIGH, Declaration.AI, False),
]


@pytest.mark.parametrize(
    ("name", "asked", "tier", "kind", "planned", "missing"),
    [
        ("nobody asks", None, Tier.CRITICAL, "terraform", False, False),
        ("asked and not there", Tier.HIGH, Tier.HIGH, "terraform", False, True),
        ("asked and there", Tier.HIGH, Tier.CRITICAL, "terraform", True, False),
        ("below", Tier.HIGH, Tier.MEDIUM, "terraform", False, False),
        ("variables alone", Tier.LOW, Tier.LOW, "terraform-vars", False, True),
        ("no Terraform", Tier.LOW, Tier.CRITICAL, "kubernetes", False, False),
    ],
)
def test_a_plan_is_missing_where_the_policy_asks_for_one(
    name: str, asked: Tier | None, tier: Tier, kind: str, planned: bool, missing: bool
) -> None:
    touched = replace(blast(tier), kinds=(TouchedKind(kind=kind, weight=5, paths=("a",)),))
    found = require(policy(plans=PlanPolicy(required_for=asked)), provenance(), touched, pull(), planned=planned)
    assert (found.plan, found.waits) == (missing, missing), name


@pytest.mark.parametrize("name, asked, tier, said, missing", DECLARATIONS, ids=[row[0] for row in DECLARATIONS])
def test_silence_is_missing_where_a_declaration_is_asked(
    name: str,
    asked: Tier | None,
    tier: Tier,
    said: Declaration,
    missing: bool,
) -> None:
    found = require(policy(declarations_required_for=asked), provenance(declaration=said), blast(tier), pull())
    assert found.declaration is missing, name


@given(
    st.sampled_from(Strength),
    st.sampled_from(Strength),
    st.sampled_from(Tier),
    st.sampled_from(Tier),
    st.sets(st.sampled_from(EffectKind)),
)
def test_more_evidence_and_more_risk_never_ask_less(
    level: Strength, more_level: Strength, tier: Tier, more_tier: Tier, effects: set[EffectKind]
) -> None:
    less = require(BUILT_IN, provenance(min(level, more_level)), blast(min(tier, more_tier)), pull())
    more = require(BUILT_IN, provenance(max(level, more_level)), blast(max(tier, more_tier), *effects), pull())
    assert set(less.demands) <= set(more.demands)
