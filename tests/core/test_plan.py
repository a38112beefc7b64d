"""The fewest writes that show a decision; planning again on what they leave behind plans nothing."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.approval.records import Act, Method
from bot.core.decision import Approvals, Decision, Demand, Requirement, Verdict
from bot.core.finding import Provenance, Strength
from bot.core.history import Facts
from bot.core.plan import AI_LABEL, WAITING_LABEL, plan
from bot.core.policy.model import Mode, Policy, ReviewRequest, Seniors
from bot.core.pull import Actor, ActorKind, PullState, Review, ReviewState
from bot.core.roster import Roster
from bot.core.writes import (
    AddLabel,
    PostCheck,
    Posted,
    PostedCheck,
    React,
    Reaction,
    RemoveLabel,
    Reply,
    RequestReview,
    Write,
)
from tests import builders
from tests.builders import OTHER_SENIOR, SENIOR

URL = "https://countersign.example/acme/shop/pull/7"
POLICY = Policy(mode=Mode.ENFORCE, seniors=Seniors(teams=("acme/seniors", "other/team")), rules=(), labels=True)
PENDING = builders.decision(
    verdict=Verdict.PENDING,
    provenance=Provenance(level=Strength.EXPLICIT, evidence=(builders.evidence(),)),
    approvals=Approvals(counted=(), void=(), missing=("1 senior",), eligible=(SENIOR, OTHER_SENIOR)),
)


def carry_out(writes: tuple[Write, ...], posted: Posted) -> Posted:
    """What GitHub shows after `writes`."""
    for write in writes:
        match write:
            case PostCheck(check=check):
                stands = PostedCheck(
                    id=1,
                    name=check.name,
                    head_sha=check.head_sha,
                    external_id=check.external_id,
                    conclusion=check.conclusion.value,
                )
                posted = replace(posted, check=stands)
            case RequestReview(login=login, team=team):
                posted = replace(
                    posted,
                    requested=posted.requested | ({login} - {""}),
                    requested_teams=posted.requested_teams | ({team} - {""}),
                )
            case AddLabel(label=label):
                posted = replace(posted, labels=posted.labels | {label})
            case RemoveLabel(label=label):
                posted = replace(posted, labels=posted.labels - {label})
            case React(comment_id=comment_id):
                posted = replace(posted, reacted=posted.reacted | {comment_id})
            case Reply(key=key):
                posted = replace(posted, replied=posted.replied | {key})
    return posted


REFUSED = builders.record(binding=None, refusal="june wrote this change; ask another senior")


GLASS = builders.record(
    statement=builders.statement(id="comment:7", reference="comment:7", act=Act.BREAK_GLASS, argument="it *burns*")
)


@given(
    st.sampled_from(Verdict),
    st.sampled_from(ReviewRequest),
    st.booleans(),
    st.booleans(),
    st.sets(st.sampled_from(["sam", "SOFIA", "june"])),
    st.booleans(),
)
def test_planning_twice_plans_nothing(
    verdict: Verdict, ask: ReviewRequest, labels: bool, draft: bool, refused: set[str], named: bool
) -> None:
    demand = Demand(rule="r", seniors=1, from_sets=("acme/sre",), step_up=False)
    requirement = Requirement(demands=(demand,), seniors=1, from_sets=demand.from_sets, step_up=False)
    decision = replace(PENDING, verdict=verdict, requirement=requirement if named else PENDING.requirement)
    policy = replace(POLICY, review_request=ask, labels=labels)
    facts = builders.facts(pull=builders.pull(draft=draft), posted=Posted(refused_reviewers=frozenset(refused)))
    records = (builders.record(), REFUSED, GLASS)
    first = plan(decision, facts, policy, records, URL)
    assert first
    after = replace(facts, posted=carry_out(first, facts.posted))
    assert plan(decision, after, policy, records, URL) == ()


@pytest.mark.parametrize("state", [PullState.CLOSED, PullState.MERGED])
def test_where_nothing_can_merge_only_commands_are_answered(state: PullState) -> None:
    facts = builders.facts(pull=builders.pull(state=state))
    late = builders.record(binding=None, refusal="This pull request is not open.")
    assert plan(PENDING, facts, POLICY, (), URL) == ()
    react, reply = plan(PENDING, facts, POLICY, (late,), URL)
    assert isinstance(react, React)
    assert isinstance(reply, Reply)


def test_the_check_is_written_first() -> None:
    writes = plan(PENDING, builders.facts(), POLICY, (REFUSED,), URL)
    assert isinstance(writes[0], PostCheck)


STANDS = PostedCheck(
    id=1, name="countersign/main", head_sha=builders.HEAD, external_id="", conclusion="action_required"
)


@pytest.mark.parametrize(
    "change",
    [{"head_sha": "c" * 40}, {"name": "countersign/dev"}, {"external_id": "7:old"}, {"conclusion": "success"}],
    ids=lambda change: next(iter(change)),
)
def test_a_check_that_differs_in_anything_is_posted_anew(change: dict[str, Any]) -> None:
    (write,) = plan(PENDING, builders.facts(), None, (), URL)
    assert isinstance(write, PostCheck)
    right = replace(STANDS, external_id=write.check.external_id)
    assert plan(PENDING, builders.facts(posted=Posted(check=right)), None, (), URL) == ()
    wrong = replace(right, **change)
    assert plan(PENDING, builders.facts(posted=Posted(check=wrong)), None, (), URL) == (write,)


def asked(facts: Facts, policy: Policy = POLICY, decision: Decision = PENDING) -> list[str]:
    writes = plan(decision, facts, policy, (), URL)
    return [write.login or write.team for write in writes if isinstance(write, RequestReview)]


def test_the_least_loaded_eligible_senior_is_asked() -> None:
    roster = Roster(open_requests={"sam": 3, "sofia": 1})
    assert asked(builders.facts(roster=roster)) == ["sofia"]
    assert asked(builders.facts()) == ["sam"]


def test_nobody_is_asked_while_one_is_asked_or_after_one_reviewed() -> None:
    assert asked(builders.facts(posted=Posted(requested=frozenset({"Sofia"})))) == []
    review = Review(id=1, author=SENIOR, state=ReviewState.COMMENTED, commit_sha=builders.HEAD, submitted_at=1)
    assert asked(builders.facts(pull=builders.pull(reviews=(review,)))) == []


def test_nobody_is_asked_twice_for_the_same_head_though_the_request_was_taken_back() -> None:
    assert asked(builders.facts(posted=Posted(asked_reviewers=frozenset({"Sam"})))) == []
    team = replace(POLICY, review_request=ReviewRequest.TEAM)
    assert asked(builders.facts(posted=Posted(asked_reviewers=frozenset({"seniors"}))), team) == []


def test_who_was_asked_and_may_no_longer_approve_keeps_nobody_else_from_being_asked() -> None:
    assert asked(builders.facts(posted=Posted(asked_reviewers=frozenset({"june"})))) == ["sam"]


def test_a_review_of_an_earlier_head_keeps_nobody_from_being_asked() -> None:
    review = Review(id=1, author=SENIOR, state=ReviewState.APPROVED, commit_sha="c" * 40, submitted_at=1)
    assert asked(builders.facts(pull=builders.pull(reviews=(review,)))) == ["sam"]


def test_who_was_refused_by_github_is_never_asked_again() -> None:
    assert asked(builders.facts(posted=Posted(refused_reviewers=frozenset({"SAM"})))) == ["sofia"]


def test_nobody_is_asked_on_a_draft_or_without_need() -> None:
    assert asked(builders.facts(pull=builders.pull(draft=True))) == []
    assert asked(builders.facts(), decision=replace(PENDING, verdict=Verdict.APPROVED)) == []
    assert asked(builders.facts(), replace(POLICY, review_request=ReviewRequest.NONE)) == []


def test_only_teams_of_the_organisation_can_be_asked() -> None:
    team = replace(POLICY, review_request=ReviewRequest.TEAM)
    assert asked(builders.facts(), team) == ["seniors"]
    assert asked(builders.facts(posted=Posted(requested_teams=frozenset({"seniors"}))), team) == []


def labels(decision: Decision, posted: Posted) -> set[tuple[str, str]]:
    writes = plan(decision, builders.facts(posted=posted), POLICY, (), URL)
    return {(type(write).__name__, write.label) for write in writes if isinstance(write, AddLabel | RemoveLabel)}


def test_labels_follow_the_decision_and_the_finding_is_never_taken_away() -> None:
    both = Posted(labels=frozenset({AI_LABEL, WAITING_LABEL}))
    assert labels(PENDING, Posted()) == {("AddLabel", AI_LABEL), ("AddLabel", WAITING_LABEL)}
    assert labels(PENDING, both) == set()
    assert labels(builders.decision(), both) == {("RemoveLabel", WAITING_LABEL)}


def answers(*records: object, posted: Posted | None = None) -> list[Write]:
    facts = builders.facts(posted=posted or Posted())
    writes = plan(PENDING, facts, POLICY, records, URL)  # type: ignore[arg-type]  # a table of records
    return [write for write in writes if isinstance(write, React | Reply)]


def test_an_accepted_command_gets_a_reaction_and_no_comment() -> None:
    assert answers(builders.record()) == [React(comment_id=981, reaction=Reaction.THUMBS_UP)]


def test_a_refused_command_gets_a_reaction_and_one_sentence() -> None:
    react, reply = answers(REFUSED)
    assert react == React(comment_id=981, reaction=Reaction.THUMBS_DOWN)
    assert isinstance(reply, Reply)
    assert reply.body == REFUSED.refusal


def test_who_may_not_approve_is_told_who_may() -> None:
    said = builders.statement(actor=builders.JUNIOR)
    _, reply = answers(builders.record(statement=said, binding=None, refusal="Not accepted: **june** opened it."))
    assert isinstance(reply, Reply)
    assert reply.body == "Not accepted: **june** opened it. Ask a senior who did not contribute: **sam**, **sofia**."


def test_a_refused_button_gets_a_sentence_too() -> None:
    pressed = builders.statement(method=Method.BUTTON, reference="check-run:5", act=Act.BLOCK, actor=builders.JUNIOR)
    (reply,) = answers(builders.record(statement=pressed, binding=None, refusal="Not accepted."))
    assert reply == Reply(number=7, key=pressed.id, body="**june** pressed a button. Not accepted.")
    assert answers(builders.record(statement=pressed)) == []


def test_a_status_command_is_answered_with_the_status() -> None:
    _, reply = answers(builders.record(statement=builders.statement(act=Act.STATUS)))
    assert isinstance(reply, Reply)
    assert "Waiting for 1 senior" in reply.body


def test_whom_a_broken_glass_passed_over_is_told_once_and_few_are_called() -> None:
    crowd = tuple(Actor(login=f"s{number}", id=50 + number, kind=ActorKind.USER) for number in range(40))
    skipped = replace(PENDING, approvals=replace(PENDING.approvals, eligible=crowd))
    (reply,) = [one for one in plan(skipped, builders.facts(), POLICY, (GLASS,), URL) if isinstance(one, Reply)]
    assert reply.body.count("@") == 3
    assert "Passed over: @s0, @s1, @s2, **s3**" in reply.body
    assert "and 15 more" in reply.body
    assert "`it *burns*`" in reply.body
    told = builders.facts(posted=Posted(replied=frozenset({reply.key}), reacted=frozenset({7})))
    assert [one for one in plan(skipped, told, POLICY, (GLASS,), URL) if isinstance(one, Reply)] == []


def test_who_pays_a_debt_after_the_merge_gets_an_answer() -> None:
    facts = builders.facts(pull=builders.pull(state=PullState.MERGED))
    later = builders.record(statement=builders.statement(actor=OTHER_SENIOR, said_at=999_500))
    writes = plan(PENDING, facts, POLICY, (GLASS, later), URL)
    assert React(comment_id=981, reaction=Reaction.THUMBS_UP) in writes
    assert all(isinstance(write, React) for write in writes)


@pytest.mark.parametrize(
    "statement",
    [
        builders.statement(method=Method.REVIEW, reference="review:5"),
        builders.statement(act=Act.COMMENT_EDITED),
    ],
    ids=["review", "edited comment"],
)
def test_what_is_no_command_gets_no_answer(statement: object) -> None:
    assert answers(builders.record(statement=statement)) == []
