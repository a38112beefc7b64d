"""What undid nothing is told from what did, by the records alone, so that no later look answers otherwise."""

from __future__ import annotations

import pytest

from bot.core.approval.records import Act, Method, Record
from bot.core.approval.undoing import undid_nothing
from bot.core.pull import Actor
from tests.builders import OTHER_SENIOR, SENIOR
from tests.core.approval.people import SAID_AT, THIRD_SENIOR, recorded, said


def at(second: int, act: Act, actor: Actor = SENIOR, refusal: str = "") -> Record:
    spoken = said(actor, act, Method.COMMENT, said_at=SAID_AT + second, reference=f"comment:{second}")
    return recorded(spoken, refusal=refusal)


APPROVED, BLOCKED = at(0, Act.APPROVE), at(0, Act.BLOCK)
CASES: list[tuple[str, Record, tuple[Record, ...], bool]] = [
    ("nothing to withdraw", at(5, Act.REVOKE), (), True),
    ("an approval", at(5, Act.REVOKE), (APPROVED,), False),
    ("somebody else's approval", at(5, Act.REVOKE, OTHER_SENIOR), (APPROVED,), True),
    ("a refused approval", at(5, Act.REVOKE), (at(0, Act.APPROVE, refusal="No."),), True),
    ("an approval of later", at(5, Act.REVOKE), (at(9, Act.APPROVE),), True),
    ("an approval in the same second", at(0, Act.REVOKE), (APPROVED,), False),
    ("withdrawn before", at(5, Act.REVOKE), (APPROVED, at(3, Act.REVOKE)), True),
    ("given again", at(5, Act.REVOKE), (APPROVED, at(3, Act.REVOKE), at(4, Act.APPROVE)), False),
    ("changes requested before", at(5, Act.REVOKE), (APPROVED, at(3, Act.CHANGES_REQUESTED)), True),
    ("a refused revocation", at(5, Act.REVOKE, refusal="No."), (), False),
    ("nothing to lift", at(5, Act.UNBLOCK), (), True),
    ("a block", at(5, Act.UNBLOCK), (BLOCKED,), False),
    ("somebody else's block", at(5, Act.UNBLOCK, OTHER_SENIOR), (BLOCKED,), False),
    ("lifted by its author", at(5, Act.UNBLOCK, OTHER_SENIOR), (BLOCKED, at(3, Act.UNBLOCK)), True),
    ("lifted by one other", at(5, Act.UNBLOCK), (BLOCKED, at(3, Act.UNBLOCK, OTHER_SENIOR)), False),
    (
        "lifted by two others",
        at(5, Act.UNBLOCK),
        (BLOCKED, at(3, Act.UNBLOCK, OTHER_SENIOR), at(4, Act.UNBLOCK, THIRD_SENIOR)),
        True,
    ),
    ("no undoing at all", at(5, Act.APPROVE), (), False),
]


@pytest.mark.parametrize(("record", "others", "nothing"), [row[1:] for row in CASES], ids=[row[0] for row in CASES])
def test_what_was_undone(record: Record, others: tuple[Record, ...], nothing: bool) -> None:
    assert undid_nothing(record, (*others, record)) is nothing
    assert undid_nothing(record, (record, *reversed(others))) is nothing
