"""Attacks on policy, configuration and the way past the gate: rows 57 to 127 of `rows.toml` that the core decides."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.core.approval.records import Act, Method
from bot.core.decision import Conclusion
from bot.core.finding import Blast, Provenance, Strength, Tier
from bot.core.policy.default import BUILT_IN
from bot.core.policy.grammar import POLICY as GRAMMAR
from bot.core.policy.merge import merge
from bot.core.policy.model import Mode, Policy, PolicyError, ProvenancePolicy, Require, Rule, Seniors, When
from bot.core.policy.parse import parse_policy
from bot.core.policy.paths import any_path_matches
from bot.core.policy.requirement import POLICY_PATH, require
from tests.builders import changed_file, pull
from tests.core.approval.people import (
    COMMANDER,
    OTHER_HEAD,
    SAID_AT,
    bind_now,
    bound_to,
    change,
    recorded,
    said,
    standing,
)

GOOD = "version: 1\nseniors: {users: [sam]}\nrules: [{name: a, when: {tier: low}, require: {seniors: 1}}]\n"
NO_AI = Provenance(level=Strength.NONE, evidence=())
NOTHING = Blast(tier=Tier.NONE, kinds=(), effects=(), reasons=())
LAX = Policy(
    mode=Mode.SHADOW,
    seniors=Seniors(teams=("acme/everybody",)),
    rules=(Rule(name="nearly nothing", when=When(tier=Tier.CRITICAL), require=Require(seniors=1)),),
    provenance=ProvenancePolicy(automation=("agent[bot]",)),
    given=frozenset({"provenance.automation"}),
)


def matches(pattern: str, path: str, old_path: str = "") -> bool:
    return any_path_matches((pattern,), (changed_file(path, "a", "b", old_path=old_path),))


def test_057_a_policys_paths_see_the_name_that_a_file_had() -> None:
    assert matches("/infra/**", "docs/db.md", "infra/db.tf")


def test_064_a_policys_paths_are_blind_to_case() -> None:
    assert matches("/infra/**", "Infra/db.tf")


def test_065_a_policys_paths_are_blind_to_unicode_forms() -> None:
    assert matches("café/", "cafe\u0301/db.tf")


def test_068_a_folder_is_no_prefix() -> None:
    assert not matches("/infra", "infra-evil/db.tf")


def test_069_no_pattern_takes_another_back() -> None:
    assert isinstance(parse_policy(GOOD.replace("tier: low", "paths: ['infra/**', '!infra/db.tf']"), ""), PolicyError)


def test_084_no_conclusion_is_one_that_github_lets_pass_unasked() -> None:
    assert {each.value for each in Conclusion} == {"success", "action_required", "failure"}


def test_094_only_an_accepted_approval_counts() -> None:
    for act in set(Act) - {Act.APPROVE}:
        assert standing(recorded(said(act=act, said_at=SAID_AT))).missing, act
    assert standing(recorded(said(), refusal="No.")).missing


def test_106_no_branch_is_exempt() -> None:
    """No key of a policy exempts anything by a branch's name."""
    assert not [key for key in _keys(GRAMMAR.schema()) if "branch" in key or "exempt" in key or "skip" in key]


def test_111_a_policy_in_the_pull_request_is_a_changed_file_and_nothing_else() -> None:
    own = changed_file(POLICY_PATH, GOOD, "version: 1\n")
    assert require(BUILT_IN, NO_AI, NOTHING, pull(files=(own,))).seniors == 2


def test_112_a_repository_only_raises() -> None:
    merged = merge(BUILT_IN, LAX)
    assert merged.mode is Mode.ENFORCE
    assert set(merged.rules) >= set(BUILT_IN.rules)
    assert merged.provenance.automation == ()
    assert merged.seniors.teams == BUILT_IN.seniors.teams


@pytest.mark.parametrize("text", ["", "nonsense", "[1", "version: 1\n", "\x00", "version: 1\nseniors: {}\nrules: []\n"])
def test_113_a_policy_that_cannot_be_used_is_an_error_never_an_empty_policy(text: str) -> None:
    assert isinstance(parse_policy(text, "here"), PolicyError)


@pytest.mark.parametrize(
    "path, old_path", [(POLICY_PATH, ""), ("docs/gone.yml", POLICY_PATH), (".GITHUB/countersign.yml", "")]
)
def test_114_a_changed_policy_needs_two_seniors_whatever_it_asks(path: str, old_path: str) -> None:
    own = changed_file(path, "a", "b", old_path=old_path)
    assert require(LAX, NO_AI, NOTHING, pull(files=(own,))).seniors == 2


@pytest.mark.parametrize(
    "text",
    [
        GOOD + "version: 1\n",
        GOOD.replace("[sam]", "&a [sam]"),
        GOOD.replace("name: a", "name: *a"),
        GOOD + "<<: {mode: shadow}\n",
        GOOD + "mod: enforce\n",
        GOOD.replace("seniors: 1", "seniors: !!int 1"),
        GOOD + "labels: on\n",
        GOOD + "a: &a [*a, *a]\n",
    ],
)
def test_115_yaml_has_no_tricks_left(text: str) -> None:
    assert isinstance(parse_policy(GOOD, "here"), Policy)
    assert isinstance(parse_policy(text, "here"), PolicyError)


@pytest.mark.parametrize("number", ["0", "-1", "00", "''", "null", "~", "false"])
def test_117_no_rule_asks_for_nobody(number: str) -> None:
    assert isinstance(parse_policy(GOOD.replace("seniors: 1", f"seniors: {number}"), "here"), PolicyError)


def test_126_a_spent_glass_lets_nothing_more_through() -> None:
    glass = recorded(said(COMMANDER, Act.BREAK_GLASS, Method.COMMENT, argument="checkout is down"))
    assert standing(glass).broke_glass == glass
    assert standing(glass, now=SAID_AT + 3_600).broke_glass is None
    assert standing(glass, pull=change(head_sha=OTHER_HEAD)).broke_glass is None
    again = bind_now(said(COMMANDER, Act.BREAK_GLASS, Method.COMMENT, said_at=SAID_AT + 9), records=(glass,))
    assert again is not None
    assert again.binding is None
    elsewhere = replace(glass, binding=bound_to(change(base_ref="release")))
    assert standing(elsewhere).broke_glass is None


def test_127_there_is_a_recorded_way_out() -> None:
    bound = bind_now(said(COMMANDER, Act.BREAK_GLASS, Method.COMMENT, argument="checkout is down"))
    assert bound is not None
    assert bound.binding is not None


def _keys(schema: object) -> list[str]:
    """Every property name of a JSON Schema."""
    if isinstance(schema, list):
        return [key for item in schema for key in _keys(item)]
    if not isinstance(schema, dict):
        return []
    own = list(schema.get("properties", {}))
    return own + [key for value in schema.values() for key in _keys(value)]
