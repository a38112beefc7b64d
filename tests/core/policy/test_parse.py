"""A policy file says exactly what it says; whatever is doubtful is a fault with its place."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.finding import EffectKind, Involvement, Strength, Tier
from bot.core.policy.document import LARGEST_TEXT
from bot.core.policy.model import (
    ApprovalPolicy,
    BreakGlass,
    CarryOver,
    Deployment,
    Mode,
    PathTier,
    PlanPolicy,
    Policy,
    PolicyError,
    Require,
    ReviewRequest,
    Rule,
    SeniorAuthors,
    Seniors,
    When,
)
from bot.core.policy.parse import parse_policy

SMALL = """\
version: 1
seniors: {teams: [acme/seniors]}
rules:
  - {name: all, when: {tier: low}, require: {seniors: 1}}
"""

WHOLE = """\
version: 1
mode: shadow
seniors: {teams: [Acme/Senior-Engineers], users: [Octocat], machine_users: [acme-ci]}
rules:
  - name: AI-assisted infrastructure
    when: {provenance: strong, tier: low}
    require: {seniors: 1, senior_authors: exempt}
  - name: destroys or replaces
    when: {provenance: weak, effect: [destroy, replace], paths: ["infra/**"]}
    require: {seniors: 2, from: [acme/sre-leads, octocat], step_up: true}
tiers:
  - {paths: ["services/billing/**"], tier: critical}
provenance:
  labels: [ai-assisted, "agent:*"]
  automation: ["renovate[bot]"]
  counts: [authored, reviewed]
  markers:
    - {id: acme-agent, agent: acme, surface: trailer, pattern: '^Acme-Agent: \\S', strength: explicit}
declarations: {required_for: low}
plans: {required_for: high, workflows: [acme/ci/.github/workflows/plan.yml@refs/heads/main]}
approvals: {carry_over: identical-diff, carry_over_up_to: high, expire_after: 14d}
reviewers: {request: team}
labels: true
deployments: {Production: {tier: low, seniors: 2, accepted: [0123456789abcdef0123456789abcdef01234567]}}
break_glass: {teams: [acme/incident-commanders], users: [octocat], valid_for: 30m}
"""


def policy_of(text: str) -> Policy:
    found = parse_policy(text, "here")
    assert isinstance(found, Policy), found
    return found


def faults_of(text: str) -> list[tuple[int, int, str]]:
    found = parse_policy(text, "here")
    assert isinstance(found, PolicyError), found
    assert found.source == "here"
    return [(fault.line, fault.column, fault.message) for fault in found.faults]


def test_every_key_is_understood() -> None:
    policy = policy_of(WHOLE)
    assert policy.mode is Mode.SHADOW
    assert policy.seniors == Seniors(teams=("acme/senior-engineers",), users=("octocat",), machine_users=("acme-ci",))
    assert policy.rules == (
        Rule(
            name="AI-assisted infrastructure",
            when=When(provenance=Strength.STRONG, tier=Tier.LOW),
            require=Require(seniors=1, senior_authors=SeniorAuthors.EXEMPT),
        ),
        Rule(
            name="destroys or replaces",
            when=When(
                provenance=Strength.WEAK,
                effects=frozenset({EffectKind.DESTROY, EffectKind.REPLACE}),
                paths=("infra/**",),
            ),
            require=Require(seniors=2, from_sets=("acme/sre-leads", "octocat"), step_up=True),
        ),
    )
    assert policy.tiers == (PathTier(paths=("services/billing/**",), tier=Tier.CRITICAL),)
    assert policy.provenance.labels == ("ai-assisted", "agent:*")
    assert policy.provenance.automation == ("renovate[bot]",)
    assert policy.provenance.counts == frozenset({Involvement.AUTHORED, Involvement.REVIEWED})
    assert policy.provenance.markers[0].pattern == r"^Acme-Agent: \S"
    assert policy.declarations_required_for is Tier.LOW
    workflows = ("acme/ci/.github/workflows/plan.yml@refs/heads/main",)
    assert policy.plans == PlanPolicy(required_for=Tier.HIGH, workflows=workflows)
    assert policy.approvals == ApprovalPolicy(
        carry_over=CarryOver.IDENTICAL_DIFF, carry_over_up_to=Tier.HIGH, expire_after=14 * 86_400
    )
    assert policy.review_request is ReviewRequest.TEAM
    assert policy.labels
    accepted = "0123456789abcdef0123456789abcdef01234567"
    assert policy.deployments == {"production": Deployment(tier=Tier.LOW, seniors=2, accepted=(accepted,))}
    assert policy.break_glass == BreakGlass(teams=("acme/incident-commanders",), users=("octocat",), valid_for=1800)
    assert policy.source == "here"
    assert {"approvals.carry_over", "mode", "provenance.counts"} <= policy.given


def test_a_key_left_out_keeps_its_default() -> None:
    policy = policy_of(SMALL)
    assert policy.mode is Mode.ENFORCE
    assert policy.approvals == ApprovalPolicy()
    assert policy.declarations_required_for is None
    assert "mode" not in policy.given


def test_what_a_deployment_asks_is_nothing_that_an_approval_is_given_under() -> None:
    assert policy_of(f"{SMALL}deployments: {{production: {{tier: low}}}}\n").digest == policy_of(SMALL).digest


def test_two_spellings_of_a_policy_have_one_digest() -> None:
    block = SMALL.replace("{teams: [acme/seniors]}", "\n  # who\n  teams:\n    - ACME/seniors")
    assert policy_of(block).digest == policy_of(SMALL).digest
    assert policy_of(SMALL.replace("seniors: 1", "seniors: 2")).digest != policy_of(SMALL).digest


FAULTS = [
    ("an empty file", "", 1, 1, "empty"),
    ("a comment alone", "# nothing\n", 1, 1, "empty"),
    ("no mapping", "- a\n", 1, 1, "expected a mapping"),
    ("broken YAML", "version: [1\n", 2, 1, "no valid YAML"),
    ("a control character", "version: \x00\n", 1, 1, "no valid YAML"),
    ("two documents", f"{SMALL}---\na: 1\n", 5, 1, "no valid YAML"),
    ("an unknown key", f"{SMALL}rule: 1\n", 5, 1, "unknown key, did you mean rules?"),
    ("an unknown nested key", SMALL.replace("tier: low", "teir: low"), 4, 24, "unknown key, did you mean tier?"),
    ("a key like no other", f"{SMALL}quux: 1\n", 5, 1, "unknown key, expected one of version"),
    ("a key twice", f"{SMALL}version: 1\n", 5, 1, "stands twice"),
    ("a key that is a list", f"{SMALL}? [a]\n: b\n", 5, 3, "a string"),
    ("a merge key", f"{SMALL}<<: {{mode: shadow}}\n", 5, 1, "unknown key"),
    ("an anchor", SMALL.replace("[acme/seniors]", "&a [acme/seniors]"), 2, 18, "anchors"),
    ("an alias", SMALL.replace("name: all", "name: *a"), 4, 12, "anchors"),
    ("a tag", SMALL.replace("seniors: 1", "seniors: !!int 1"), 4, 55, "tags"),
    ("a deep nest", "a: " + "[" * 20 + "]" * 20, 1, 15, "levels"),
    ("another version", SMALL.replace("version: 1", "version: 2"), 1, 10, "expected 1"),
    ("a version in quotes", SMALL.replace("version: 1", "version: '1'"), 1, 10, "expected 1"),
    ("no version", SMALL.replace("version: 1\n", ""), 1, 1, "key version"),
    ("no seniors", SMALL.replace("seniors: {teams: [acme/seniors]}\n", ""), 1, 1, "key seniors"),
    ("empty seniors", SMALL.replace("{teams: [acme/seniors]}", "{}"), 2, 10, "at least one of the keys teams, users"),
    ("empty teams", SMALL.replace("[acme/seniors]", "[]"), 2, 18, "1 to 200 items"),
    ("null teams", SMALL.replace("[acme/seniors]", ""), 2, 18, "1 to 200 items"),
    ("machine users alone", SMALL.replace("teams: [acme/seniors]", "machine_users: [ci]"), 2, 10, "at least one"),
    ("a team without its organisation", SMALL.replace("acme/seniors", "seniors"), 2, 19, "org/slug"),
    ("a list as a team", SMALL.replace("acme/seniors", "[a]"), 2, 19, "org/slug"),
    ("a team twice", SMALL.replace("[acme/seniors]", "[acme/seniors, Acme/Seniors]"), 2, 33, "already"),
    ("a lookalike login", SMALL.replace("teams: [acme/seniors]", "users: [оctocat]"), 2, 19, "login"),
    ("no rules", SMALL[: SMALL.index("rules")] + "rules: []\n", 3, 8, "1 to 200 items"),
    ("a rule whose name is a list", SMALL.replace("name: all", "name: [all]"), 4, 12, "a name of one line"),
    (
        "a rule that is a word",
        SMALL.replace("{name: all, when: {tier: low}, require: {seniors: 1}}", "all"),
        4,
        5,
        "mapping",
    ),
    ("a rule without a condition", SMALL.replace("when: {tier: low}", "when: {}"), 4, 23, "at least one"),
    ("a rule that asks for nobody", SMALL.replace("seniors: 1", "seniors: 0"), 4, 55, "from 1 to 10"),
    ("a rule that asks for too many", SMALL.replace("seniors: 1", "seniors: 11"), 4, 55, "from 1 to 10"),
    ("a rule that asks for minus one", SMALL.replace("seniors: 1", "seniors: -1"), 4, 55, "from 1 to 10"),
    ("a number in letters", SMALL.replace("seniors: 1", "seniors: one"), 4, 55, "from 1 to 10"),
    ("an unknown tier", SMALL.replace("tier: low", "tier: none"), 4, 30, "one of low, medium, high, critical"),
    ("yes for true", SMALL.replace("seniors: 1", "seniors: 1, step_up: yes"), 4, 67, "true or false"),
    ("true in quotes", SMALL.replace("seniors: 1", "seniors: 1, step_up: 'true'"), 4, 67, "true or false"),
    ("a pattern taken back", SMALL.replace("tier: low", "paths: ['!a']"), 4, 32, "no pattern may take back"),
    ("a pattern that matches nothing", SMALL.replace("tier: low", "paths: ['[']"), 4, 32, "gitignore-style"),
    ("a broken pattern", SMALL.replace("tier: low", "paths: ['a\\']"), 4, 32, "gitignore-style"),
    ("a duration without a unit", f"{SMALL}approvals: {{expire_after: 14}}\n", 5, 27, "duration"),
    ("a duration of nothing", f"{SMALL}approvals: {{expire_after: 0d}}\n", 5, 27, "duration"),
    ("a duration without end", f"{SMALL}approvals: {{expire_after: 999999w}}\n", 5, 27, "duration"),
    ("a list for a duration", f"{SMALL}approvals: {{expire_after: [1h]}}\n", 5, 27, "duration"),
    ("a short commit", f"{SMALL}deployments: {{p: {{tier: low, accepted: [0123abc]}}}}\n", 5, 41, "whole object name"),
    ("deployments without names", f"{SMALL}deployments: {{}}\n", 5, 14, "mapping of 1 to 50"),
    ("an environment without a name", f"{SMALL}deployments: {{'': {{tier: low}}}}\n", 5, 15, "name of an environment"),
    ("break-glass for nobody", f"{SMALL}break_glass: {{valid_for: 1h}}\n", 5, 14, "at least one"),
    ("a table that is a word", f"{SMALL}approvals: never\n", 5, 12, "expected a mapping"),
    ("a label that is too long", f"{SMALL}provenance: {{labels: [{'a' * 201}]}}\n", 5, 23, "at most 200"),
]


@pytest.mark.parametrize("name, text, line, column, words", FAULTS, ids=[row[0] for row in FAULTS])
def test_a_fault_has_its_place_and_its_remedy(name: str, text: str, line: int, column: int, words: str) -> None:
    assert any((at, where) == (line, column) and words in message for at, where, message in faults_of(text)), (
        name,
        faults_of(text),
    )


MARKER = "provenance:\n  markers:\n    - {id: a, agent: b, surface: body, pattern: %s, strength: weak}\n"


@pytest.mark.parametrize("pattern", ["'('", "'(?=a)'", "'a*'", "'(a)\\1'"])
def test_a_custom_marker_has_a_linear_pattern_that_does_not_match_everything(pattern: str) -> None:
    assert len(faults_of(SMALL + MARKER % pattern)) == 1
    assert policy_of(SMALL + MARKER % "'Acme-Agent'").provenance.markers


def test_rules_need_names_of_their_own() -> None:
    twice = SMALL + "  - {name: All, when: {tier: high}, require: {seniors: 2}}\n"
    assert faults_of(twice) == [(5, 12, "rules: another rule has this name")]


def test_all_faults_are_told_at_once_in_the_order_of_the_file() -> None:
    text = "version: 3\nseniors: {teams: [x]}\nrules:\n  - {name: a, require: {seniors: 0}}\nfoo: 1\n"
    found = faults_of(text)
    assert [fault[0] for fault in found] == [1, 2, 4, 4, 5]
    assert found == sorted(found)


def test_a_huge_file_is_refused_unread() -> None:
    assert faults_of(SMALL + "#" * LARGEST_TEXT) == [(1, 1, "expected at most 64 KiB")]


@pytest.mark.parametrize("unit", ["[", "{", "- ", "a: ", "&a [", "? ", "'", "!", "\n- ", "|\n ", "a: {b: [1]}\n"])
def test_hostile_files_are_read_in_bounded_time(unit: str) -> None:
    started = time.process_time()
    parse_policy(unit * (LARGEST_TEXT // len(unit)), "here")
    assert time.process_time() - started < 3


@given(st.text())
def test_it_never_raises(text: str) -> None:
    parse_policy(text, "here")
    parse_policy(SMALL + text, "here")


@given(st.integers(0, len(WHOLE) - 1), st.sampled_from("\n :-[]{}'\"&*!#\ta0"))
def test_a_damaged_file_never_raises(place: int, character: str) -> None:
    parse_policy(WHOLE[:place] + character + WHOLE[place + 1 :], "here")
