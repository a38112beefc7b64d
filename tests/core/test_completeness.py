"""Every merge is listed with its record, exception or incident; what has neither is said to be missing."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import msgspec

from bot.core.approval.debts import Debt
from bot.core.completeness import MISSING, NOT_AUDITED, UNFINISHED, Gathered, Merge, unfinished
from bot.core.decided import Landed
from bot.core.landing import Incident, Landing, Move, MoveKind, Outcome, baseline
from bot.core.memory import Kind, Memory, of_debt, of_landing, of_payment
from bot.core.pull import Actor, ActorKind

HEAD, TIP = "a" * 40, "2" * 40
MOVE = Move(id=5, kind=MoveKind.MERGE, before="1" * 40, after=TIP, actor="jay", at=100)
RECORD = Landing(
    branch="main",
    move=MOVE,
    outcome=Outcome.RECORD,
    why="#7 was approved by sam",
    pulls=(Landed(number=7, head_sha=HEAD),),
)
INCIDENT = replace(RECORD, outcome=Outcome.INCIDENT, incident=Incident.UNAPPROVED_MERGE)
EXCEPTION = replace(RECORD, outcome=Outcome.EXCEPTION)
DEBT = Debt(
    id="comment:9",
    by=Actor(login="ops", id=4, kind=ActorKind.USER),
    repository_id=10,
    place="acme/shop#7",
    head_sha=HEAD,
    since=90,
)


def decision(state: str, number: int = 7) -> tuple[str, str, int, str]:
    told = {
        "verdict": "approved",
        "conclusion": "success",
        "head_sha": HEAD,
        "base_ref": "main",
        "state": state,
        "approvals": {},
        "blast": {"tier": "low"},
    }
    return (f"pull:10:{number}", Kind.DECISION.value, 101, json.dumps(told))


def line(memory: Memory, subject: str = "branch:10:main") -> tuple[str, str, int, str]:
    return (subject, memory.kind.value, memory.at, memory.body)


def gathered(*lines: tuple[str, str, int, str]) -> tuple[Merge, ...]:
    found = Gathered()
    for one in lines:
        found.take(*one)
    return found.merges()


def landed(landing: Landing, kind: Kind = Kind.LANDING, at: int = 102) -> tuple[str, str, int, str]:
    return line(of_landing(landing, kind, at))


def test_a_merge_with_a_record_is_listed_with_it() -> None:
    (merge,) = gathered(landed(baseline("main", "1" * 40, 1)), decision("OPEN"), decision("MERGED"), landed(RECORD))
    assert (merge.outcome, merge.why, merge.at, merge.pulls) == ("record", RECORD.why, 100, (7,))
    assert (merge.debt, merge.incident, merge.reviewed_at) == ("", "", None)


def test_an_incident_tells_whether_it_was_reviewed() -> None:
    other = replace(INCIDENT, move=replace(MOVE, id=6, after="3" * 40, at=200))
    first, second = gathered(
        landed(INCIDENT),
        landed(INCIDENT, Kind.INCIDENT),
        landed(other),
        landed(INCIDENT, Kind.INCIDENT_REVIEWED, at=150),
    )
    assert (first.incident, first.reviewed_at) == ("unapproved-merge", 150)
    assert second.reviewed_at is None


def test_a_broken_glass_tells_whether_its_review_is_still_owed() -> None:
    glass = line(of_debt(DEBT, 90), "glass:4")
    elsewhere = line(of_debt(replace(DEBT, id="comment:1", repository_id=11), 90), "glass:4")
    assert [merge.debt for merge in gathered(glass, elsewhere, landed(EXCEPTION))] == ["owed"]
    paid = line(of_payment(DEBT, 95), "glass:4")
    assert [merge.debt for merge in gathered(glass, elsewhere, paid, landed(EXCEPTION))] == ["paid"]


def test_what_was_merged_and_not_audited_is_missing() -> None:
    (merge,) = gathered(landed(baseline("main", "1" * 40, 1)), decision("OPEN"), decision("MERGED"))
    assert (merge.outcome, merge.why, merge.pulls) == (MISSING, NOT_AUDITED, (7,))


def test_what_the_gate_never_saw_open_was_merged_before_it_came() -> None:
    assert gathered(decision("MERGED"), decision("CLOSED", 8)) == ()


def test_a_branch_that_is_not_audited_to_its_end_is_missing() -> None:
    (merge,) = unfinished([(10, "main")], 300)
    assert (merge.outcome, merge.why, merge.branch) == (MISSING, UNFINISHED, "main")


def test_the_same_lines_in_any_order_give_the_merges_in_time() -> None:
    later: Any = replace(RECORD, move=replace(MOVE, id=6, at=200, after="3" * 40))
    assert [merge.at for merge in gathered(landed(later), landed(RECORD))] == [100, 200]


def test_a_debt_survives_the_ledger() -> None:
    assert msgspec.json.decode(of_debt(DEBT, 1).body, type=Debt) == DEBT
