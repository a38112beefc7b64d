"""A broken glass leaves a review owed, until somebody else approves; meanwhile its breaker breaks no other."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from bot.core.approval.debts import Debt, debt_of, owed_reviews, reviewed_later
from bot.core.approval.records import Act, Method, Record
from bot.core.memory import debts_of, of_debt, of_payment
from bot.core.pull import PullState
from tests.builders import HEAD, SENIOR
from tests.core.approval.people import COMMANDER, OTHER_HEAD, SAID_AT, bind_now, bound_to, change, recorded, said

GLASS = recorded(said(COMMANDER, Act.BREAK_GLASS, Method.COMMENT, argument="checkout is down"))
DEBT = debt_of(GLASS, change())
LATER: dict[str, Any] = {"said_at": SAID_AT + 60}


def owed(*records: Record) -> list[str]:
    return [debt.head_sha for debt in owed_reviews((GLASS, *records), change())]


UNPAID = [
    ("nobody approved", []),
    ("an approval before", [recorded(said(SENIOR, said_at=SAID_AT - 1))]),
    ("the breaker's own approval", [recorded(said(COMMANDER, **LATER))]),
    ("a refused approval", [recorded(said(SENIOR, **LATER), refusal="No.")]),
    ("a block", [recorded(said(SENIOR, Act.BLOCK, Method.COMMENT, **LATER))]),
    ("an approval of another pull request", [recorded(said(SENIOR, number=99, **LATER))]),
]


@pytest.mark.parametrize("name, records", UNPAID, ids=[row[0] for row in UNPAID])
def test_a_review_stays_owed(name: str, records: list[Record]) -> None:
    assert owed(*records) == [HEAD], name


def test_a_seniors_later_approval_pays_of_that_head_or_of_one_that_replaced_it() -> None:
    approval = recorded(said(SENIOR, **LATER))
    assert owed(approval) == []
    current = change(head_sha=OTHER_HEAD)
    assert owed(recorded(said(SENIOR, head_sha=OTHER_HEAD, **LATER), bound_to(current))) == []


def test_of_two_acts_in_one_second_the_ledger_knows_which_came_first() -> None:
    approval = recorded(said(SENIOR))
    assert owed(approval) == []
    assert owed_reviews((approval, GLASS), change()) == (DEBT,)


def test_a_refused_glass_owes_nothing() -> None:
    assert owed_reviews((recorded(GLASS.statement, refusal="No."),), change()) == ()


ELSEWHERE = replace(DEBT, id="comment:5", place="acme/other#3", head_sha=OTHER_HEAD)


@pytest.mark.parametrize(
    ("name", "records", "debts", "place"),
    [
        ("here", (GLASS,), (), "acme/shop#7"),
        ("in another pull request", (), (replace(ELSEWHERE, place="acme/shop#3"),), "acme/shop#3"),
        ("elsewhere", (), (replace(ELSEWHERE, repository_id=99),), "another repository"),
    ],
)
def test_who_owes_a_review_breaks_no_second_glass(
    name: str, records: tuple[Record, ...], debts: tuple[Debt, ...], place: str
) -> None:
    current = change(head_sha=OTHER_HEAD)
    again = said(COMMANDER, Act.BREAK_GLASS, Method.BUTTON, head_sha=OTHER_HEAD, **LATER)
    found = bind_now(again, pull=current, present=bound_to(current), records=records, debts=debts)
    assert found is not None
    assert f"in {place} is still owed" in found.refusal, name
    paid = (*records, recorded(said(SENIOR, said_at=SAID_AT + 30)))
    free = bind_now(again, pull=current, present=bound_to(current), records=paid if records else (), debts=())
    assert free is not None
    assert free.refusal == "", name


def test_somebody_elses_debt_hinders_nobody() -> None:
    found = bind_now(said(COMMANDER, Act.BREAK_GLASS, Method.BUTTON), debts=(replace(ELSEWHERE, by=SENIOR),))
    assert found is not None
    assert found.refusal == ""


@pytest.mark.parametrize("state", [PullState.MERGED, PullState.CLOSED])
def test_a_debt_can_be_paid_when_the_pull_request_is_not_open_any_more(state: PullState) -> None:
    over = change(state=state)
    assert reviewed_later((GLASS,), over) == GLASS.binding
    approval = said(SENIOR, Act.APPROVE, Method.COMMENT, head_sha=HEAD, **LATER)
    found = bind_now(approval, pull=over, records=(GLASS,))
    assert found is not None
    assert (found.binding, found.refusal) == (GLASS.binding, "")


NOT_PAYABLE: list[tuple[str, dict[str, Any]]] = [
    ("no glass was broken", {"records": ()}),
    ("it is paid", {"records": (GLASS, recorded(said(SENIOR, said_at=SAID_AT + 30)))}),
    ("another head was closed", {"pull": change(state=PullState.CLOSED, head_sha=OTHER_HEAD)}),
]


@pytest.mark.parametrize("name, changes", NOT_PAYABLE, ids=[row[0] for row in NOT_PAYABLE])
def test_other_approvals_of_what_is_not_open_are_refused(name: str, changes: dict[str, Any]) -> None:
    defaults = {"pull": change(state=PullState.CLOSED), "records": (GLASS,)}
    found = bind_now(said(SENIOR, Act.APPROVE, Method.COMMENT, **LATER), **{**defaults, **changes})
    assert found is not None
    assert "not open" in found.refusal, name


def test_nothing_is_reviewed_later_while_it_is_open_or_without_a_broken_glass() -> None:
    assert reviewed_later((GLASS,), change()) is None
    assert reviewed_later((), change(state=PullState.MERGED)) is None


def test_what_is_owed_is_remembered_until_it_is_paid() -> None:
    told = [(one.kind.value, one.body) for one in (of_debt(DEBT, 1), of_debt(ELSEWHERE, 2), of_payment(DEBT, 3))]
    assert debts_of(told) == (ELSEWHERE,)
