"""While it is not known who pushed, anybody may have: nobody approves, and nothing is held against anybody for good."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.core.approval.contributors import past_contributors
from bot.core.approval.eligibility import Answer, authority
from bot.core.approval.records import Act, Method
from bot.core.policy.model import SeniorAuthors
from tests.builders import JUNIOR, OTHER_SENIOR, SENIOR, commit
from tests.core.approval.people import (
    COMMANDER,
    POLICY,
    ROSTER,
    SAID_AT,
    asking,
    bind_now,
    change,
    demand,
    recorded,
    said,
    standing,
)

WHY = "who pushed to the head branch: GitHub answers 403"
UNREAD = change(pushers_unread=WHY)


@pytest.mark.parametrize("act", [Act.APPROVE, Act.DISPUTE])
def test_what_only_an_outsider_may_do_waits(act: Act) -> None:
    assert bind_now(said(act=act, argument="typed by hand"), pull=UNREAD) is None
    assert bind_now(said(act=act, argument="typed by hand")) is not None


def test_an_approval_of_before_does_not_count_and_the_reason_is_told() -> None:
    shut = standing(recorded(said()), pull=UNREAD)
    assert shut.missing
    assert shut.eligible == ()
    assert WHY in shut.incomplete


def test_where_nothing_is_asked_nothing_is_missed() -> None:
    assert standing(pull=UNREAD, requirement=asking()).incomplete == ()


def test_a_known_part_is_told_before_an_unknown_one() -> None:
    ruling = authority(POLICY, ROSTER, change(author=SENIOR, pushers_unread=WHY)).rule(Act.APPROVE, SENIOR)
    assert ruling.answer is Answer.NO


def test_a_block_and_a_broken_glass_do_not_wait() -> None:
    for actor, act in ((SENIOR, Act.BLOCK), (COMMANDER, Act.BREAK_GLASS)):
        bound = bind_now(said(actor, act, Method.COMMENT, argument="why not"), pull=UNREAD)
        assert bound is not None
        assert bound.refusal == ""


def test_another_seniors_block_is_not_lifted_meanwhile_and_ones_own_is() -> None:
    block = recorded(said(SENIOR, Act.BLOCK, Method.COMMENT))
    lift = said(OTHER_SENIOR, Act.UNBLOCK, Method.COMMENT, said_at=SAID_AT + 9)
    assert bind_now(lift, pull=UNREAD, records=(block,)) is None
    own = bind_now(replace(lift, actor=SENIOR, reference="comment:2"), pull=UNREAD, records=(block,))
    assert own is not None
    assert own.refusal == ""


def test_a_seniors_own_change_is_not_waived_once_somebody_else_had_a_hand_in_it() -> None:
    """What was squashed away is remembered by id; a commit that is linked to nobody may be anybody's."""
    exempt = asking(demand(senior_authors=SeniorAuthors.EXEMPT))
    own = change(author=SENIOR, commits=(commit(author_account=SENIOR),))
    mixed = change(author=SENIOR, commits=(commit(author_account=SENIOR), commit(author_account=JUNIOR)))
    unlinked = change(author=SENIOR, commits=(commit(author_account=SENIOR), commit()))
    for before, is_waived in ((own, True), (mixed, False), (unlinked, False)):
        squashed = replace(own, past_contributors=past_contributors(before, ROSTER))
        assert bool(standing(pull=squashed, requirement=exempt).missing) is not is_waived


def test_a_seniors_own_change_is_not_waived_meanwhile() -> None:
    exempt = asking(demand(senior_authors=SeniorAuthors.EXEMPT))
    own = change(author=SENIOR, commits=(commit(author_account=SENIOR),), pushers=(SENIOR,))
    assert not standing(pull=own, requirement=exempt).missing
    assert standing(pull=replace(own, pushers_unread=WHY), requirement=exempt).missing
    assert standing(pull=replace(own, pushers=(SENIOR, JUNIOR)), requirement=exempt).missing
