"""A commit is deployed only when each change on its way has a record; whatever is not known waits."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.core.decided import Standing
from bot.core.deploy import (
    LONGEST_REPORT,
    MOST_TOLD,
    End,
    Ruling,
    Step,
    Trail,
    asked_of,
    decide_deployment,
    report,
    vouched_elsewhere,
)
from bot.core.finding import Tier
from bot.core.landing import Incident, Landing, Move, MoveKind, Outcome
from bot.core.policy.default import BUILT_IN
from bot.core.policy.model import Deployment, Fault, Mode, Policy, PolicyError

SHA = "a" * 40
MOVE = Move(id=5, kind=MoveKind.MERGE, before="1" * 40, after=SHA, actor="jay", at=1)
RECORD = Landing(branch="main", move=MOVE, outcome=Outcome.RECORD, why="#7 was approved by sam")
PUSH = replace(RECORD, outcome=Outcome.INCIDENT, incident=Incident.DIRECT_PUSH, why="pushed past the pull requests")
GOOD = Standing(is_good=True, why="#7 was approved by sam", tier=Tier.HIGH, approvers=("sam",))
BAD = replace(GOOD, is_good=False, why="#7 was merged while the gate said pending", approvers=())
GLASS = Standing(is_good=True, is_exception=True, why="#7: ops broke the glass", tier=Tier.HIGH)
PLAIN = BUILT_IN
STRICT = replace(BUILT_IN, deployments={"production": Deployment(tier=Tier.LOW, seniors=2)})
LOOSE = replace(BUILT_IN, deployments={"production": Deployment(tier=Tier.MEDIUM)})
ACCEPTING = replace(BUILT_IN, deployments={"production": Deployment(accepted=(SHA,))})
BROKEN = PolicyError(source="acme/shop", faults=(Fault(line=1, column=1, message="expected a mapping"),))


def trail(*standings: Standing, landing: Landing = RECORD, end: End = End.BASELINE) -> Trail:
    return Trail(steps=(Step(landing=landing, standings=standings),), end=end)


# Name, policy, trails, approved, words.
CASES: list[tuple[str, Policy | PolicyError, list[Trail], bool, str]] = [
    ("a record", PLAIN, [trail(GOOD)], True, "the one merge since the gate came has its record"),
    ("two records", PLAIN, [replace(trail(GOOD), steps=trail(GOOD).steps * 2, end=End.DEPLOYED)], True, "all 2 merges"),
    ("deployed before", PLAIN, [Trail(steps=(), end=End.DEPLOYED)], True, "approved for this environment before"),
    ("older than the gate", PLAIN, [Trail(steps=(), end=End.OLDER)], True, "older than the gate"),
    ("where the gate came", PLAIN, [Trail(steps=(), end=End.BASELINE)], True, "older than the gate"),
    ("an unknown commit", PLAIN, [], False, "no commit that a gated branch ever pointed at"),
    ("no record", PLAIN, [trail(BAD)], False, "a senior's approval there lets it go"),
    ("one of two without a record", PLAIN, [trail(GOOD, BAD)], False, "while the gate said pending"),
    ("a direct push", PLAIN, [trail(landing=PUSH)], False, "only the policy can accept that"),
    ("an accepted push", ACCEPTING, [trail(landing=PUSH)], True, "accepts this commit"),
    ("an accepted unknown commit", ACCEPTING, [], True, "accepts this commit"),
    ("a broken glass", PLAIN, [trail(GLASS)], True, ""),
    ("too long a way", PLAIN, [trail(GOOD, end=End.TOO_LONG)], False, "deploy one in between first"),
    ("a way with a gap", PLAIN, [trail(GOOD, end=End.LOST)], False, "not in the records"),
    ("nothing but a gap", PLAIN, [Trail(steps=(), end=End.LOST)], False, "not in the records"),
    ("one good way of two", PLAIN, [trail(BAD), trail(GOOD)], True, ""),
    ("too few seniors", STRICT, [trail(GOOD)], False, "2 seniors must have approved it"),
    ("enough seniors", STRICT, [trail(replace(GOOD, approvers=("sam", "sue")))], True, ""),
    ("too small to ask about", LOOSE, [trail(replace(BAD, tier=Tier.LOW))], True, ""),
    ("small and blocked", LOOSE, [trail(replace(BAD, tier=Tier.LOW, is_blocked=True))], False, "pending"),
    ("of unknown size", LOOSE, [trail(replace(BAD, tier=None))], False, "pending"),
    ("of the asked size", LOOSE, [trail(replace(BAD, tier=Tier.MEDIUM))], False, "pending"),
    ("a policy that cannot be read", BROKEN, [trail(GOOD)], False, "expected a mapping"),
]


@pytest.mark.parametrize(
    ("policy", "trails", "goes", "words"), [row[1:] for row in CASES], ids=[row[0] for row in CASES]
)
def test_a_deployment_goes_only_when_its_whole_way_has_records(
    policy: Policy | PolicyError, trails: list[Trail], goes: bool, words: str
) -> None:
    decision = decide_deployment(SHA, "production", policy, trails)
    assert (decision.ruling is Ruling.APPROVED) == goes
    assert words in " ".join(decision.reasons)
    assert len(report(decision, "production", SHA)) <= LONGEST_REPORT


def test_shadow_mode_lets_it_go_and_vouches_for_nothing() -> None:
    shadow = replace(BUILT_IN, mode=Mode.SHADOW)
    decision = decide_deployment(SHA, "production", shadow, [trail(BAD)])
    assert (decision.ruling, decision.is_shadow) == (Ruling.APPROVED, True)
    assert "it would wait: #7 was merged while the gate said pending" in decision.reasons[0]
    assert not decide_deployment(SHA, "production", shadow, [trail(GOOD)]).is_shadow


def test_a_commit_that_is_accepted_speaks_for_its_own_landing_alone() -> None:
    before = replace(PUSH, move=replace(MOVE, after="b" * 40))
    both = Trail(steps=(Step(landing=RECORD, standings=(GOOD,)), Step(landing=before)), end=End.BASELINE)
    assert decide_deployment("c" * 40, "production", ACCEPTING, [both]).ruling is Ruling.WAITING
    accepting = replace(BUILT_IN, deployments={"production": Deployment(accepted=("b" * 40,))})
    assert decide_deployment("c" * 40, "production", accepting, [both]).ruling is Ruling.APPROVED


def test_an_environment_that_the_policy_does_not_name_asks_for_a_record_of_everything() -> None:
    assert asked_of(STRICT, "staging") == Deployment(tier=Tier.NONE)
    assert asked_of(STRICT, "PRODUCTION").seniors == 2
    small = replace(BAD, tier=Tier.NONE)
    assert decide_deployment(SHA, "staging", STRICT, [trail(small)]).ruling is Ruling.WAITING


def test_a_report_is_short_and_repeats_no_markup_of_a_name() -> None:
    many = Trail(steps=tuple(Step(landing=PUSH) for _ in range(40)), end=End.BASELINE)
    decision = decide_deployment("c" * 40, "production", PLAIN, [many])
    told = report(decision, "@everyone <b>[x](y)", "c" * 40)
    assert f"and {40 - MOST_TOLD} more" in told
    assert "@everyone" not in told
    assert "<b>" not in told


@pytest.mark.parametrize(
    ("name", "standing", "good"),
    [
        ("approved", GOOD, True),
        ("not approved", BAD, False),
        ("a broken glass", GLASS, False),
        ("a glass beside an approval of the shadow", replace(GLASS, approvers=("sam",)), False),
        ("nothing asked of infrastructure", replace(GOOD, approvers=()), False),
        ("nothing asked of what is none", replace(GOOD, approvers=(), tier=Tier.NONE), True),
        ("nothing asked of what is not known", replace(GOOD, approvers=(), tier=None), False),
    ],
)
def test_on_a_branch_with_a_policy_of_its_own_only_approvals_count(name: str, standing: Standing, good: bool) -> None:
    told = vouched_elsewhere(standing)
    decision = decide_deployment(SHA, "production", PLAIN, [trail(told)])
    assert (decision.ruling is Ruling.APPROVED, told.is_exception) == (good, False), name
