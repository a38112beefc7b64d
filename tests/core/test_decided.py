"""A merge is in order only by the last decision made while exactly that head was open for exactly that branch."""

from __future__ import annotations

import json
from typing import Any

import pytest

from bot.core.decided import Decided, Landed, decided_group_of, decided_of, standing_of
from bot.core.finding import Tier

PULL = Landed(number=7, head_sha="a" * 40)


def decided(verdict: str, **changes: Any) -> Decided:
    told = {
        "verdict": verdict,
        "conclusion": "success" if verdict in {"clear", "approved"} else "action_required",
        "head_sha": PULL.head_sha,
        "base_ref": "main",
        "state": "OPEN",
        "approvals": {"counted": [{"who": "sam", "method": "comment"}] if verdict == "approved" else []},
        "blast": {"tier": "high"},
        "a key of later": 1,
        **changes,
    }
    return decided_of([json.dumps(told)])[0]


GLASS = {"counted": [], "missing": ["1 senior"], "broke_glass": "ops"}
NEEDLESS_GLASS = {"counted": [{"who": "sam"}], "missing": [], "broke_glass": "ops"}
MERGED = {"state": "MERGED"}
OTHER = {"head_sha": "b" * 40}

# Name, decisions, good at the merge, good after a review, words.
CASES: list[tuple[str, list[Decided], bool, bool, str]] = [
    ("approved", [decided("pending"), decided("approved")], True, True, "approved by sam"),
    ("nothing asked", [decided("clear")], True, True, "nothing is asked"),
    ("withdrawn", [decided("approved"), decided("pending")], False, False, "while the gate said pending"),
    ("blocked", [decided("approved"), decided("blocked")], False, False, "said blocked"),
    ("broken", [decided("approved"), decided("broken")], False, False, "said broken"),
    ("another head", [decided("approved", **OTHER)], False, False, "before the gate had looked"),
    ("another branch", [decided("approved", base_ref="1.x")], False, False, "before the gate had looked"),
    ("another head since", [decided("approved"), decided("pending", **OTHER)], True, True, "approved by sam"),
    ("no decision", [], False, False, "before the gate had looked"),
    ("closed without a merge", [decided("approved", state="CLOSED")], False, False, "before the gate had looked"),
    ("seen after, clear", [decided("clear", **MERGED)], True, True, "nothing is asked"),
    ("seen after, pending", [decided("pending", **MERGED)], False, False, "before the gate had looked"),
    ("approved only after", [decided("pending"), decided("approved", **MERGED)], False, True, "while the gate said"),
    ("never seen, approved after", [decided("approved", **MERGED)], False, True, "before the gate had looked"),
    ("a later doubt does not undo it", [decided("approved"), decided("pending", **MERGED)], True, True, "approved by"),
    ("a needless glass", [decided("approved", approvals=NEEDLESS_GLASS)], True, True, "approved by sam"),
    ("a glass after it", [decided("pending"), decided("approved", approvals=GLASS, **MERGED)], False, False, "while"),
]


@pytest.mark.parametrize(("lines", "good", "later", "words"), [row[1:] for row in CASES], ids=[row[0] for row in CASES])
def test_a_merge_stands_by_the_last_decision_before_it(
    lines: list[Decided], good: bool, later: bool, words: str
) -> None:
    at_once = standing_of(lines, PULL, "main")
    assert (at_once.is_good, at_once.is_exception) == (good, False)
    assert words in at_once.why
    assert standing_of(lines, PULL, "main", later=True).is_good is later


@pytest.mark.parametrize(
    ("line", "words"),
    [
        (decided("approved", approvals=GLASS), "ops broke the glass"),
        (decided("pending", conclusion="success"), "shadow mode, it was pending"),
    ],
)
def test_what_passed_without_an_approval_is_an_exception_until_it_is_reviewed(line: Decided, words: str) -> None:
    standing = standing_of([line], PULL, "main")
    assert (standing.is_good, standing.is_exception) == (True, True)
    assert words in standing.why
    reviewed = standing_of([line, decided("approved", **MERGED)], PULL, "main", later=True)
    assert (reviewed.is_good, reviewed.is_exception, reviewed.approvers) == (True, False, ("sam",))


def test_a_head_of_which_nothing_is_known_is_unseen() -> None:
    assert standing_of([], PULL, "main").is_unseen
    assert not standing_of([decided("pending", **MERGED)], PULL, "main").is_unseen


def test_the_tier_is_known_unless_the_change_could_not_be_read() -> None:
    assert standing_of([decided("approved")], PULL, "main").tier is Tier.HIGH
    assert standing_of([decided("broken")], PULL, "main").tier is None
    assert standing_of([], PULL, "main").tier is None


def test_approvals_before_and_after_the_merge_are_told_together() -> None:
    later = decided("approved", approvals={"counted": [{"who": "sue"}, {"who": "sam"}]}, **MERGED)
    assert standing_of([decided("approved"), later], PULL, "main", later=True).approvers == ("sam", "sue")


def test_a_group_is_good_only_by_a_success() -> None:
    member = {"number": 7, "head_sha": PULL.head_sha, "verdict": "approved"}
    group = decided_group_of(json.dumps({"conclusion": "success", "members": [member], "title": "t"}))
    assert (group.is_success, group.members) == (True, (PULL,))
    assert not decided_group_of('{"conclusion": "action_required", "members": []}').is_success


def test_a_change_to_the_policy_is_critical_whatever_else_it_touches() -> None:
    policy = decided("pending", requirement={"rules": ["the policy itself"]})
    assert standing_of([policy], PULL, "main").tier is Tier.CRITICAL
    assert standing_of([decided("pending", requirement={"rules": ["another"]})], PULL, "main").tier is Tier.HIGH


@pytest.mark.parametrize("conclusion", ["failure", "action_required"])
def test_a_block_at_the_merge_is_told(conclusion: str) -> None:
    blocked = decided("blocked", conclusion=conclusion)
    assert standing_of([decided("approved"), blocked], PULL, "main").is_blocked
    assert not standing_of([blocked, decided("approved")], PULL, "main").is_blocked
    assert not standing_of([blocked, decided("approved", **MERGED)], PULL, "main", later=True).is_blocked
