"""AI once said stays said; human is the author's own word; a dispute clears one head, on record."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from bot.core.approval.declaration import standing_declaration, standing_dispute
from bot.core.approval.records import Act, Method, Record
from bot.core.finding import Declaration, Dispute
from bot.core.pull import Comment
from tests.builders import JUNIOR, OTHER_SENIOR, SENIOR
from tests.core.approval.people import OTHER_HEAD, POLICY, ROSTER, SAID_AT, SENIORS, bound_to, change, recorded, said

AI = recorded(said(SENIOR, Act.DECLARE_AI, Method.COMMENT, said_at=SAID_AT + 10))
HUMAN = recorded(said(JUNIOR, Act.DECLARE_HUMAN, Method.COMMENT))
DISPUTE = recorded(said(SENIOR, Act.DISPUTE, Method.COMMENT, argument="a person of that name"))

DECLARED = [
    ("silence", [], {}, Declaration.NONE),
    ("human", [HUMAN], {}, Declaration.HUMAN),
    ("AI", [AI], {}, Declaration.AI),
    ("AI over human, in any order", [AI, HUMAN], {}, Declaration.AI),
    ("AI whose comment is gone", [AI, HUMAN], {"comments": ()}, Declaration.AI),
    ("human whose comment is gone", [HUMAN], {"comments": ()}, Declaration.NONE),
    ("human, edited", [HUMAN], {"comments": (Comment(id=1, author=JUNIOR, edited=True),)}, Declaration.NONE),
    ("human by somebody else", [recorded(said(SENIOR, Act.DECLARE_HUMAN, Method.COMMENT))], {}, Declaration.NONE),
    ("refused", [recorded(AI.statement, refusal="No.")], {}, Declaration.NONE),
    ("a box ticked for human", [], {"body": "- [x] No <!-- countersign:human -->"}, Declaration.HUMAN),
    ("a box ticked for AI beside human", [HUMAN], {"body": "- [x] Yes <!-- countersign:ai -->"}, Declaration.AI),
    ("an open box", [], {"body": "- [ ] No <!-- countersign:human -->"}, Declaration.NONE),
    ("elsewhere", [recorded(replace(HUMAN.statement, number=8))], {}, Declaration.NONE),
]


@pytest.mark.parametrize("name, records, changes, expected", DECLARED, ids=[row[0] for row in DECLARED])
def test_what_was_declared(name: str, records: list[Record], changes: Any, expected: Declaration) -> None:
    assert standing_declaration(tuple(records), change(**changes)) is expected, name
    assert standing_declaration(tuple(reversed(records)), change(**changes)) is expected


def disputed_by(*records: Record, **changes: Any) -> str:
    current = changes.pop("pull", change())
    arguments: dict[str, Any] = {"present": bound_to(current), "policy": POLICY, "pull": current, "roster": ROSTER}
    dispute = standing_dispute(records, **{**arguments, **changes})
    return dispute.by if dispute else ""


def test_a_seniors_dispute_clears_the_head() -> None:
    assert disputed_by(DISPUTE) == "sam"
    assert disputed_by(recorded(said(OTHER_SENIOR, Act.DISPUTE, Method.COMMENT)), DISPUTE) == "sam"
    later = recorded(said(OTHER_SENIOR, Act.DISPUTE, Method.COMMENT, said_at=SAID_AT + 5, received_at=SAID_AT + 3))
    current = change()
    dispute = standing_dispute((DISPUTE, later), present=bound_to(current), policy=POLICY, pull=current, roster=ROSTER)
    assert dispute == Dispute(by=OTHER_SENIOR.login, at=SAID_AT + 3), "the latest, by the clock that is behind"


NOT_DISPUTED = [
    ("nobody", [], {}),
    ("another head", [DISPUTE], {"pull": change(head_sha=OTHER_HEAD)}),
    ("another base", [DISPUTE], {"pull": change(base_ref="release")}),
    ("AI declared afterwards", [DISPUTE, AI], {}),
    ("a comment that is gone", [DISPUTE], {"pull": change(comments=())}),
    ("a contributor", [DISPUTE], {"pull": change(pushers=(SENIOR,))}),
    ("no senior any more", [DISPUTE], {"roster": replace(ROSTER, teams={SENIORS: frozenset()})}),
    ("a team that could not be read", [DISPUTE], {"roster": replace(ROSTER, teams={})}),
    ("refused", [recorded(DISPUTE.statement, refusal="No.")], {}),
    ("bound to nothing", [replace(DISPUTE, binding=None)], {}),
]


@pytest.mark.parametrize("name, records, changes", NOT_DISPUTED, ids=[row[0] for row in NOT_DISPUTED])
def test_what_clears_nothing(name: str, records: list[Record], changes: Any) -> None:
    assert disputed_by(*records, **changes) == "", name


def test_a_dispute_after_the_declaration_clears_it() -> None:
    later = recorded(said(SENIOR, Act.DISPUTE, Method.COMMENT, said_at=SAID_AT + 20))
    assert disputed_by(AI, later) == "sam"
