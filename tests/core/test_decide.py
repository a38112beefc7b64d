"""The verdict: one row for each way to it, and what must never open the gate."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.approval.records import Act, Method, Sighting, Statement
from bot.core.blast.plan_json import read_plan
from bot.core.blast.plans import StackPlan
from bot.core.decide import STRICTNESS, decide, worst
from bot.core.decision import Conclusion, Decision, Preview, Verdict
from bot.core.finding import Remembered, Strength, Tier
from bot.core.history import EMPTY, Facts, History
from bot.core.policy.default import BUILT_IN
from bot.core.policy.model import Fault, Mode, PlanPolicy, Policy, PolicyError, Seniors
from bot.core.policy.proposal import Proposal
from bot.core.provenance.find import find_evidence
from bot.core.pull import Actor, Blob, ChangedFile, Comment, FileStatus, PullRequest, Review, ReviewState
from bot.core.render import summary, title
from bot.core.roster import Permission, Roster
from bot.core.writes import Posted
from bot.data import load_catalogue
from tests import builders
from tests.builders import HEAD, JUNIOR, OTHER_SENIOR, SENIOR
from tests.core.blast.plans import change, plan_of

CATALOGUE = load_catalogue()
POLICY = replace(BUILT_IN, seniors=Seniors(teams=("acme/seniors",)), digest="sha256:" + "2" * 64, source="file")
DATABASE = 'resource "aws_db_instance" "main" {\n  identifier = "main"\n  allocated_storage = %s\n}\n'
INFRA = builders.changed_file("infra/db.tf", DATABASE % 10, DATABASE % 20)
GONE = builders.changed_file("infra/db.tf", DATABASE % 10, "# nothing\n")
DOCS = builders.changed_file("README.md", "a\n", "b\n")
AI = builders.commit("Grow the disk\n\nCo-Authored-By: Claude <noreply@anthropic.com>\n")
ROSTER = Roster(
    teams={"acme/seniors": frozenset({SENIOR, OTHER_SENIOR})},
    permissions={1: Permission.WRITE, 2: Permission.WRITE, 3: Permission.WRITE},
)
SEEN = (Sighting(head_sha=HEAD, base_ref="main", first_seen_at=990_000, published_at=990_001),)


def facts(pull: PullRequest, **changes: Any) -> Facts:
    return builders.facts(**{"pull": pull, "roster": ROSTER, **changes})


def judged(
    pull: PullRequest,
    *statements: Statement,
    policy: Policy | PolicyError = POLICY,
    evidence: tuple[Remembered, ...] = (),
    **changes: Any,
) -> Decision:
    history = History(statements=statements, sightings=SEEN, evidence=evidence)
    return decide(facts(replace(pull, comments=comments_of(statements)), **changes), policy, history, CATALOGUE)


def comments_of(statements: tuple[Statement, ...]) -> tuple[Comment, ...]:
    """The comments that carry them, as they stand on GitHub."""
    said = [statement for statement in statements if statement.method is Method.COMMENT]
    return tuple(Comment(id=int(one.reference.rpartition(":")[2]), author=one.actor, edited=False) for one in said)


def approval(actor: Actor = SENIOR, act: Act = Act.APPROVE, **changes: Any) -> Statement:
    number = 100 + (actor.id or 0) + 10 * list(Act).index(act)
    defaults: dict[str, Any] = {"id": f"comment:{number}", "reference": f"comment:{number}", "head_sha": ""}
    return builders.statement(**{**defaults, "actor": actor, "act": act, **changes})


def remembered(first_seen_at: int) -> tuple[Remembered, ...]:
    """What the look at `AI_EDIT` found, as remembered from then on."""
    found = find_evidence(AI_EDIT, POLICY.provenance, CATALOGUE.markers)
    return tuple(Remembered(evidence=one, first_seen_at=first_seen_at) for one in found)


DISPUTE = approval(SENIOR, Act.DISPUTE, argument="hand-written")
AI_EDIT = builders.pull(commits=(AI,), files=(INFRA,))
AI_DELETES = builders.pull(commits=(AI,), files=(GONE,))
HUMAN_EDIT = builders.pull(files=(INFRA,))
AI_DOCS = builders.pull(commits=(AI,), files=(DOCS,))
UNKNOWN_BLOB = replace(INFRA, head=Blob(sha="", mode="", size=0, text=None, unread="not told"))
UNREAD = replace(INFRA, head=replace(builders.blob("x"), text=None, unread="binary"))
FAULTY = PolicyError(source="file", faults=(Fault(line=1, column=1, message="version: expected 1"),))

VERDICTS: list[tuple[str, Decision, Verdict]] = [
    ("human docs", judged(builders.pull(files=(DOCS,))), Verdict.CLEAR),
    ("AI docs", judged(AI_DOCS), Verdict.CLEAR),
    ("human edit of infrastructure", judged(HUMAN_EDIT), Verdict.CLEAR),
    ("AI edit of infrastructure", judged(AI_EDIT), Verdict.PENDING),
    ("the same, draft", judged(replace(AI_EDIT, draft=True)), Verdict.PENDING),
    ("approved by a senior", judged(AI_EDIT, approval()), Verdict.APPROVED),
    ("approved by the author", judged(AI_EDIT, approval(JUNIOR)), Verdict.PENDING),
    ("one of two", judged(AI_DELETES, approval()), Verdict.PENDING),
    ("two of two", judged(AI_DELETES, approval(), approval(OTHER_SENIOR)), Verdict.APPROVED),
    ("the same senior twice", judged(AI_DELETES, approval(), approval(id="c", reference="comment:9")), Verdict.PENDING),
    ("approved, then blocked", judged(AI_EDIT, approval(), approval(OTHER_SENIOR, Act.BLOCK)), Verdict.BLOCKED),
    ("nothing asked, but blocked", judged(AI_DOCS, approval(SENIOR, Act.BLOCK)), Verdict.BLOCKED),
    ("a disputed finding", judged(AI_EDIT, DISPUTE, evidence=remembered(999_000)), Verdict.CLEAR),
    ("found after the dispute", judged(AI_EDIT, DISPUTE, evidence=remembered(999_001)), Verdict.PENDING),
    ("never seen when disputed", judged(AI_EDIT, DISPUTE), Verdict.PENDING),
    ("disputed by the author", judged(AI_EDIT, approval(JUNIOR, Act.DISPUTE, argument="mine")), Verdict.PENDING),
    ("policy with a fault", judged(AI_EDIT, approval(), policy=FAULTY), Verdict.BROKEN),
    ("docs under a faulty policy", judged(AI_DOCS, policy=FAULTY), Verdict.BROKEN),
    ("facts incomplete", judged(replace(AI_DOCS, incomplete=("commits",)), approval()), Verdict.BROKEN),
    ("a blob whose id is not known", judged(replace(AI_DOCS, files=(UNKNOWN_BLOB,)), approval()), Verdict.BROKEN),
    (
        "team could not be read",
        judged(AI_EDIT, approval(), roster=Roster(teams={"acme/seniors": None})),
        Verdict.PENDING,
    ),
    ("nothing read of the team at all", judged(AI_EDIT, approval(), roster=Roster()), Verdict.PENDING),
]


@pytest.mark.parametrize(("decision", "verdict"), [row[1:] for row in VERDICTS], ids=[row[0] for row in VERDICTS])
def test_each_case_has_its_verdict(decision: Decision, verdict: Verdict) -> None:
    assert decision.verdict is verdict


def test_an_undeclared_infrastructure_change_waits_for_the_author() -> None:
    policy = replace(POLICY, declarations_required_for=Tier.LOW)
    assert judged(HUMAN_EDIT, policy=policy).verdict is Verdict.PENDING
    declared = approval(JUNIOR, Act.DECLARE_HUMAN)
    assert judged(HUMAN_EDIT, declared, policy=policy).verdict is Verdict.CLEAR


def test_a_declaration_of_ai_raises_and_one_of_human_lowers_nothing() -> None:
    assert judged(HUMAN_EDIT, approval(JUNIOR, Act.DECLARE_AI)).verdict is Verdict.PENDING
    with_tool = judged(HUMAN_EDIT, approval(JUNIOR, Act.DECLARE_AI, argument="copilot"))
    assert "AI-assisted (GitHub Copilot)" in title(with_tool)
    lied = judged(AI_EDIT, approval(JUNIOR, Act.DECLARE_HUMAN))
    assert (lied.verdict, lied.provenance.contradicted) == (Verdict.PENDING, True)


def test_the_largest_number_that_is_missing_is_named_first() -> None:
    assert judged(AI_DELETES).approvals.missing[0] == "2 seniors"


def test_what_was_seen_once_stays() -> None:
    history = History(evidence=remembered(1), sightings=SEEN)
    assert decide(facts(HUMAN_EDIT), POLICY, history, CATALOGUE).verdict is Verdict.PENDING


def test_an_approval_of_another_head_opens_nothing() -> None:
    approved = judged(AI_EDIT, approval())
    comments = comments_of((approved.new_records[0].statement,))
    moved = replace(AI_EDIT, head_sha="c" * 40, comments=comments)
    history = History(records=approved.new_records, sightings=SEEN)
    later = decide(facts(moved), POLICY, history, CATALOGUE)
    assert later.verdict is Verdict.PENDING
    assert later.approvals.void


def planned(*changes: dict[str, Any]) -> StackPlan:
    reading = read_plan(plan_of(*changes), stack="infra", infra=CATALOGUE.infra)
    return StackPlan(stack="infra", head_sha=HEAD, digest="sha256:1", received_at=999_000, reading=reading)


def test_a_plan_voids_the_approvals_that_were_given_before_it_said_what_is_done() -> None:
    """Also within a tier: the estimate saw the database go, the plan says that a queue goes with it."""
    approvals = (approval(), approval(OTHER_SENIOR))
    pull = replace(AI_DELETES, comments=comments_of(approvals))
    first = decide(facts(pull), POLICY, History(statements=approvals, sightings=SEEN), CATALOGUE)
    history = History(records=first.new_records, sightings=SEEN)
    queue = planned({**change(["delete"], "aws_sqs_queue"), "address": "aws_sqs_queue.orders"})
    verdicts = [
        decide(facts(pull), POLICY, replace(history, plans=plans), CATALOGUE).verdict
        for plans in ((), (planned(),), (queue,), (planned(), queue))
    ]
    assert verdicts == [Verdict.APPROVED, Verdict.APPROVED, Verdict.PENDING, Verdict.PENDING]
    after = decide(facts(pull), POLICY, replace(history, plans=(queue,)), CATALOGUE)
    assert first.blast.tier is after.blast.tier
    assert {void.why for void in after.approvals.void} == {"gave it before a Terraform plan said what the change does"}


def test_a_plan_counts_also_where_the_policy_cannot_be_read_and_is_told() -> None:
    history = History(plans=(planned(change(["delete"], "aws_db_instance")),))
    broken = PolicyError(source="file", faults=(Fault(line=1, column=1, message="no"),))
    assert decide(facts(builders.pull(files=(DOCS,))), broken, history, CATALOGUE).blast.tier is Tier.CRITICAL
    told = decide(facts(builders.pull(files=(DOCS,))), POLICY, history, CATALOGUE)
    assert told.notes == ("Terraform plan `infra` of this head: 1 object, 1 of note",)


def test_a_policy_that_asks_for_a_plan_waits_for_one_also_when_approved() -> None:
    asks = replace(POLICY, plans=PlanPolicy(required_for=Tier.LOW))
    waiting = judged(AI_EDIT, approval(), policy=asks)
    assert (waiting.verdict, waiting.conclusion) == (Verdict.PENDING, Conclusion.ACTION_REQUIRED)
    assert title(waiting).startswith("Waiting for a Terraform plan of this head: ")
    assert "a Terraform plan of exactly this head" in summary(waiting, "")
    human = decide(facts(HUMAN_EDIT), asks, History(sightings=SEEN), CATALOGUE)
    assert human.verdict is Verdict.PENDING
    for plan, verdict in ((planned(), Verdict.CLEAR), (planned({"type": "broken"}), Verdict.PENDING)):
        assert decide(facts(HUMAN_EDIT), asks, History(plans=(plan,)), CATALOGUE).verdict is verdict
    week_old = replace(planned(), received_at=0)
    assert decide(facts(HUMAN_EDIT), asks, History(plans=(week_old,)), CATALOGUE).verdict is Verdict.PENDING


def test_bound_records_hold_exactly_the_present_change() -> None:
    decision = judged(AI_EDIT, approval())
    (record,) = decision.new_records
    assert record.binding == decision.binding
    assert decision.binding is not None
    assert (decision.binding.head_sha, decision.binding.base_ref) == (HEAD, "main")


def test_deciding_again_on_what_was_recorded_binds_nothing_new() -> None:
    first = judged(AI_DELETES, approval(), approval(OTHER_SENIOR), approval(JUNIOR))
    comments = comments_of(tuple(record.statement for record in first.new_records))
    same = replace(AI_DELETES, comments=comments)
    again = decide(facts(same), POLICY, History(records=first.new_records, sightings=SEEN), CATALOGUE)
    assert again.new_records == ()
    assert replace(again, new_records=first.new_records) == first


def test_a_faulty_policy_still_shows_the_change() -> None:
    decision = judged(AI_DELETES, policy=FAULTY)
    assert decision.blast.effects
    assert decision.provenance.level is Strength.EXPLICIT
    assert decision.conclusion is Conclusion.FAILURE


def test_a_faulty_policy_fails_even_where_a_shadow_was_meant() -> None:
    assert judged(AI_DOCS, policy=FAULTY).mode is Mode.ENFORCE


def test_a_proposal_that_cannot_be_used_shuts_what_would_be_clear_even_in_a_shadow() -> None:
    """Whoever merges it shuts every other gate; only a mended file opens this one."""
    broken = Proposal(policy=None, errors=(FAULTY,))
    for mode in Mode:
        assert judged(AI_DOCS, policy=replace(POLICY, mode=mode)).conclusion is Conclusion.SUCCESS
        shut = judged(AI_DOCS, policy=replace(POLICY, mode=mode), proposal=broken)
        assert (shut.verdict, shut.conclusion) == (Verdict.BROKEN, Conclusion.FAILURE)


def test_a_proposal_judges_nothing_and_is_shown() -> None:
    lax = Proposal(policy=replace(POLICY, rules=POLICY.rules[2:]))
    decision = judged(AI_DELETES, proposal=lax)
    assert decision.requirement.seniors == 2
    assert decision.preview is not None
    assert decision.preview.then is not None
    assert decision.preview.then.seniors == 1
    assert decision.preview.differences[0].asks_less
    assert replace(decision, preview=None) == judged(AI_DELETES)


def test_under_a_faulty_policy_a_proposal_is_checked_all_the_same() -> None:
    assert judged(AI_DOCS, policy=FAULTY, proposal=Proposal(policy=POLICY)).preview == Preview()
    shut = judged(AI_DOCS, policy=FAULTY, proposal=Proposal(policy=None, errors=(FAULTY,)))
    assert shut.preview == Preview(errors=(FAULTY,))


def test_what_bears_the_checks_name_is_told_and_decides_nothing() -> None:
    forged = Posted(foreign=("check run by the App `x`", "status by jay"))
    decision = judged(AI_EDIT, posted=forged)
    assert decision.verdict is Verdict.PENDING
    assert [note.partition(" bears")[0] for note in decision.notes] == [
        "`` check run by the App `x` ``",
        "`status by jay`",
    ]


def test_the_decision_on_nothing_known_is_not_success() -> None:
    nothing = builders.pull(incomplete=("everything",))
    assert decide(builders.facts(pull=nothing), POLICY, EMPTY, CATALOGUE).conclusion is Conclusion.FAILURE


@given(st.lists(st.sampled_from(Verdict), min_size=1, max_size=5))
def test_the_worst_of_several_wins_in_any_order(verdicts: list[Verdict]) -> None:
    found = worst(builders.decision(verdict=verdict) for verdict in verdicts).verdict
    assert found is min(verdicts, key=STRICTNESS.index)
    assert found is worst(builders.decision(verdict=verdict) for verdict in reversed(verdicts)).verdict


def test_sharing_a_commit_is_said() -> None:
    both = worst((builders.decision(), builders.decision(verdict=Verdict.PENDING)))
    assert "1 more open pull request" in both.notes[0]


def test_each_method_binds_alike() -> None:
    for method, reference in ((Method.REVIEW, "review:5"), (Method.BUTTON, "check-run:6")):
        said = approval(id=reference, method=method, reference=reference, head_sha=HEAD, base_ref="main")
        (record,) = judged(AI_EDIT, said).new_records
        assert record.refusal == ""


def test_a_review_whose_event_was_lost_is_recorded_once() -> None:
    review = Review(id=5, author=SENIOR, state=ReviewState.APPROVED, commit_sha=HEAD, submitted_at=999_000)
    reviewed = replace(AI_EDIT, reviews=(review,))
    first = judged(reviewed)
    assert first.verdict is Verdict.APPROVED
    again = decide(facts(reviewed), POLICY, History(records=first.new_records, sightings=SEEN), CATALOGUE)
    assert (again.verdict, again.new_records) == (Verdict.APPROVED, ())


@pytest.mark.parametrize("status", [FileStatus.ADDED, FileStatus.REMOVED])
def test_a_file_whose_sides_contradict_its_status_is_not_known(status: FileStatus) -> None:
    contradictory: ChangedFile = replace(DOCS, status=status)
    assert judged(builders.pull(files=(contradictory,))).verdict is Verdict.BROKEN
