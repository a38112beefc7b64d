"""A senior's block outlasts everything but its author or two others; the glass breaks once, briefly, for one head."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from bot.core.approval.records import Act, Method, Record
from bot.core.policy.model import BreakGlass
from bot.core.pull import Actor, Comment, ReviewState
from bot.core.roster import Permission
from tests.builders import JUNIOR, OTHER_SENIOR, SENIOR
from tests.core.approval.people import (
    COMMANDER,
    LEAD,
    OTHER_HEAD,
    OUTSIDER,
    POLICY,
    ROSTER,
    SAID_AT,
    SENIORS,
    THIRD_SENIOR,
    bound_to,
    change,
    recorded,
    review,
    said,
    standing,
)

FOURTH_SENIOR = LEAD
WIDER = replace(ROSTER, teams={**ROSTER.teams, SENIORS: frozenset({SENIOR, OTHER_SENIOR, THIRD_SENIOR, LEAD})})
BLOCK = recorded(said(SENIOR, Act.BLOCK, Method.COMMENT, argument="drops the ledger"))


def lift(actor: Actor, *, at: int = SAID_AT + 10) -> Record:
    return recorded(said(actor, Act.UNBLOCK, Method.COMMENT, said_at=at))


def blockers(*records: Record, **changes: Any) -> list[str]:
    found = standing(*records, **{"roster": WIDER, **changes})
    return [record.statement.actor.login for record in found.blocked_by]


BLOCKED = [
    ("nobody lifts it", [], {}),
    ("lifted before", [lift(SENIOR, at=SAID_AT - 1)], {}),
    ("lifted in the same second", [lift(SENIOR, at=SAID_AT)], {}),
    ("one other", [lift(OTHER_SENIOR)], {}),
    ("one other twice", [lift(OTHER_SENIOR), lift(OTHER_SENIOR, at=SAID_AT + 20)], {}),
    ("one other and an outsider", [lift(OTHER_SENIOR), lift(OUTSIDER)], {}),
    ("one other and the author", [lift(OTHER_SENIOR), lift(THIRD_SENIOR)], {"pull": change(author=THIRD_SENIOR)}),
    ("a refused lift", [recorded(said(SENIOR, Act.UNBLOCK, Method.COMMENT, said_at=SAID_AT + 10), refusal="No.")], {}),
    ("a lift that was edited", [lift(SENIOR)], {"pull": change(comments=(Comment(id=2, author=SENIOR, edited=True),))}),
    ("a lift that was deleted", [lift(SENIOR)], {"pull": change(comments=())}),
    ("a push", [], {"pull": change(head_sha=OTHER_HEAD)}),
    ("a retarget", [], {"pull": change(base_ref="release")}),
    ("the block's comment is gone", [], {"pull": change(comments=())}),
    ("the blocker left", [], {"roster": replace(WIDER, permissions={2: Permission.NONE})}),
    ("facts are incomplete", [], {"present": None}),
    ("everybody approves", [recorded(said(OTHER_SENIOR)), recorded(said(THIRD_SENIOR))], {}),
    ("a review was dismissed", [recorded(said(JUNIOR, Act.REVIEW_DISMISSED, reference="review:2"))], {}),
    (
        "two others of whom one is unknown",
        [lift(OTHER_SENIOR), lift(THIRD_SENIOR)],
        {"roster": replace(WIDER, permissions={3: Permission.WRITE})},
    ),
]


@pytest.mark.parametrize("name, records, changes", BLOCKED, ids=[row[0] for row in BLOCKED])
def test_a_block_holds(name: str, records: list[Record], changes: Any) -> None:
    assert blockers(BLOCK, *records, **changes) == ["sam"], name


LIFTED = [
    ("its author", [lift(SENIOR)], {}),
    ("its author who pushed since", [lift(SENIOR)], {"pull": change(pushers=(SENIOR,))}),
    ("two others", [lift(OTHER_SENIOR), lift(THIRD_SENIOR)], {}),
]


@pytest.mark.parametrize("name, records, changes", LIFTED, ids=[row[0] for row in LIFTED])
def test_a_block_is_lifted(name: str, records: list[Record], changes: Any) -> None:
    assert blockers(BLOCK, *records, **changes) == [], name


def test_a_block_after_a_lift_stands_again_and_is_told_once() -> None:
    again = recorded(said(SENIOR, Act.BLOCK, Method.COMMENT, said_at=SAID_AT + 20))
    assert blockers(BLOCK, lift(SENIOR), again) == ["sam"]
    found = standing(BLOCK, again).blocked_by
    assert [record.statement.said_at for record in found] == [SAID_AT + 20]


def test_two_blocks_are_lifted_each_by_their_own() -> None:
    other = recorded(said(OTHER_SENIOR, Act.BLOCK, Method.BUTTON))
    assert blockers(BLOCK, other) == ["sam", "sofia"]
    assert blockers(BLOCK, other, lift(SENIOR)) == ["sofia"]


GLASS = recorded(said(COMMANDER, Act.BREAK_GLASS, Method.COMMENT, argument="checkout is down"))


def test_a_broken_glass_lets_its_head_through() -> None:
    assert standing(GLASS).broke_glass == GLASS
    assert standing().broke_glass is None


SHUT = [
    ("another head", {"pull": change(head_sha=OTHER_HEAD)}),
    ("another base", {"pull": change(base_ref="release")}),
    ("too late", {"now": SAID_AT + 3_600}),
    ("incomplete facts", {"present": None}),
    ("an edited comment", {"pull": change(comments=(Comment(id=8, author=COMMANDER, edited=True),))}),
    ("a deleted comment", {"pull": change(comments=())}),
    ("one who may no longer", {"policy": replace(POLICY, break_glass=BreakGlass(teams=("acme/other",)))}),
    ("one who could not be looked up", {"roster": replace(ROSTER, teams={SENIORS: frozenset({SENIOR})})}),
    ("a policy that names nobody", {"policy": replace(POLICY, break_glass=BreakGlass())}),
]


@pytest.mark.parametrize("name, changes", SHUT, ids=[row[0] for row in SHUT])
def test_a_broken_glass_lets_nothing_else_through(name: str, changes: Any) -> None:
    assert standing(GLASS, **changes).broke_glass is None, name


def test_a_spent_glass_cannot_be_broken_again() -> None:
    again = recorded(said(COMMANDER, Act.BREAK_GLASS, Method.COMMENT, said_at=SAID_AT + 3_600))
    assert standing(GLASS, again, now=SAID_AT + 3_601).broke_glass is None
    assert standing(GLASS, again, now=SAID_AT + 3_599).broke_glass == GLASS


def test_a_glass_broken_on_one_head_is_whole_on_the_next() -> None:
    current = change(head_sha=OTHER_HEAD)
    fresh = recorded(said(COMMANDER, Act.BREAK_GLASS, Method.COMMENT, head_sha=OTHER_HEAD), bound_to(current))
    assert standing(GLASS, fresh, pull=current).broke_glass == fresh


def test_a_refused_glass_and_a_reviews_state_break_nothing() -> None:
    refused = recorded(GLASS.statement, refusal="No.")
    assert standing(refused, pull=change(reviews=(review(COMMANDER, ReviewState.APPROVED),))).broke_glass is None
