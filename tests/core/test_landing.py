"""Every move of a gated branch has a record behind it, or is an incident; what is not told is never in order."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.core.decided import DecidedGroup, Landed
from bot.core.landing import Incident, Known, MergedPull, Move, MoveKind, Outcome, judge_move
from bot.core.memory import Kind, landings_of, of_landing
from tests.core.test_decided import GLASS, decided

TIP, NEXT, HEAD = "1" * 40, "2" * 40, "a" * 40
MOVE = Move(id=5, kind=MoveKind.MERGE, before=TIP, after=NEXT, actor="jay", at=1)
MERGED = MergedPull(number=7, head_sha=HEAD, base_ref="main", merge_sha=NEXT)
GOOD = Known(merged=(MERGED,), decided={7: (decided("approved"),)})
GROUP = DecidedGroup(conclusion="success", members=(Landed(number=7, head_sha=HEAD),))
QUEUED = replace(MOVE, kind=MoveKind.QUEUE_MERGE)
PUSHED = replace(MOVE, kind=MoveKind.PUSH)
NONE = Incident.NONE

# Name, move, what is known, outcome, incident, whether it may pass by itself.
CASES: list[tuple[str, Move, Known, Outcome, Incident, bool]] = [
    ("an approved merge", MOVE, GOOD, Outcome.RECORD, NONE, False),
    (
        "a merge past a pending check",
        MOVE,
        replace(GOOD, decided={7: (decided("pending"),)}),
        Outcome.INCIDENT,
        Incident.UNAPPROVED_MERGE,
        False,
    ),
    (
        "a merge of a head not looked at yet",
        MOVE,
        replace(GOOD, decided={}),
        Outcome.INCIDENT,
        Incident.UNAPPROVED_MERGE,
        True,
    ),
    (
        "a broken glass",
        MOVE,
        replace(GOOD, decided={7: (decided("approved", approvals=GLASS),)}),
        Outcome.EXCEPTION,
        NONE,
        False,
    ),
    ("a merge of no known pull request", MOVE, Known(), Outcome.INCIDENT, Incident.UNKNOWN, True),
    (
        "a merge of a pull request into another branch",
        MOVE,
        replace(GOOD, merged=(replace(MERGED, base_ref="1.x"),)),
        Outcome.INCIDENT,
        Incident.UNKNOWN,
        True,
    ),
    ("a push", PUSHED, GOOD, Outcome.INCIDENT, Incident.DIRECT_PUSH, True),
    (
        "a merge commit made by hand",
        PUSHED,
        replace(GOOD, merged=(replace(MERGED, merge_sha=NEXT),)),
        Outcome.INCIDENT,
        Incident.DIRECT_PUSH,
        True,
    ),
    ("a push of exactly an approved head", replace(PUSHED, after=HEAD), GOOD, Outcome.RECORD, NONE, False),
    (
        "a push of exactly a pending head",
        replace(PUSHED, after=HEAD),
        replace(GOOD, decided={7: (decided("pending"),)}),
        Outcome.INCIDENT,
        Incident.UNAPPROVED_MERGE,
        False,
    ),
    ("a queue's merge", QUEUED, replace(GOOD, groups={NEXT: GROUP}), Outcome.RECORD, NONE, False),
    ("a queue's merge of no known group", QUEUED, GOOD, Outcome.INCIDENT, Incident.UNAPPROVED_MERGE, True),
    (
        "a queue's merge of a group that may not pass",
        QUEUED,
        replace(GOOD, groups={NEXT: DecidedGroup(conclusion="failure", members=GROUP.members)}),
        Outcome.INCIDENT,
        Incident.UNAPPROVED_MERGE,
        True,
    ),
    (
        "a forced push",
        replace(MOVE, kind=MoveKind.FORCE_PUSH),
        GOOD,
        Outcome.INCIDENT,
        Incident.REWRITTEN_HISTORY,
        False,
    ),
    (
        "a branch made anew",
        replace(MOVE, kind=MoveKind.CREATION),
        GOOD,
        Outcome.INCIDENT,
        Incident.REWRITTEN_HISTORY,
        False,
    ),
    ("a deletion", replace(MOVE, kind=MoveKind.DELETION, after="0" * 40), GOOD, Outcome.NOTHING, NONE, False),
    (
        "a move of a future kind",
        replace(MOVE, kind=MoveKind.UNKNOWN),
        GOOD,
        Outcome.INCIDENT,
        Incident.UNKNOWN,
        False,
    ),
    ("a move from elsewhere", replace(MOVE, before="9" * 40), GOOD, Outcome.INCIDENT, Incident.UNKNOWN, True),
]


@pytest.mark.parametrize(
    ("move", "known", "outcome", "incident", "unsure"), [row[1:] for row in CASES], ids=[row[0] for row in CASES]
)
def test_a_move_has_a_record_or_is_an_incident(
    move: Move, known: Known, outcome: Outcome, incident: Incident, unsure: bool
) -> None:
    landing = judge_move(move, "main", TIP, known)
    assert (landing.outcome, landing.incident, landing.unsure) == (outcome, incident, unsure)
    assert landing.why


def test_one_bad_pull_request_spoils_its_whole_group() -> None:
    group = DecidedGroup(conclusion="success", members=(*GROUP.members, Landed(number=8, head_sha="b" * 40)))
    bad = decided("blocked", head_sha="b" * 40)
    known = Known(groups={NEXT: group}, decided={7: (decided("approved"),), 8: (bad,)})
    landing = judge_move(QUEUED, "main", TIP, known)
    assert landing.incident is Incident.UNAPPROVED_MERGE
    assert "#8 was merged while the gate said blocked" in landing.why


def test_a_landing_survives_the_ledger_and_an_audit_begins_once() -> None:
    landing = judge_move(MOVE, "main", TIP, GOOD)
    memory = of_landing(landing, Kind.LANDING, 9)
    assert landings_of([memory.body]) == (landing,)
    assert of_landing(landing, Kind.LANDED, 9).key == "main"
