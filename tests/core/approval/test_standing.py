"""An approval counts while it is about this very change, by somebody who may, and was not taken back."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.approval.records import Act, Method, Record
from bot.core.decision import Approvals
from bot.core.finding import Tier
from bot.core.policy.default import BUILT_IN
from bot.core.policy.model import ApprovalPolicy, CarryOver, Policy, Require, Rule, SeniorAuthors, When
from bot.core.pull import Comment, ReviewState, Signatory
from bot.core.roster import Permission
from tests.builders import HEAD, JUNIOR, OTHER_SENIOR, SENIOR, commit
from tests.core.approval.people import (
    AGENT,
    LEAD,
    LEADS,
    MACHINE,
    OTHER_HEAD,
    OUTSIDER,
    POLICY,
    ROSTER,
    SAID_AT,
    SENIORS,
    THIRD_SENIOR,
    asking,
    bound_to,
    change,
    demand,
    file,
    recorded,
    review,
    said,
    standing,
)

APPROVED = recorded(said())
STEP_UP = recorded(said(method=Method.STEP_UP))


def who(found: Approvals) -> list[str]:
    return [approval.record.statement.actor.login for approval in found.counted]


def void_reason(*records: Record, **changes: Any) -> str:
    """The reason why Sam's approval does not count; fails when it does."""
    found = standing(*records, **changes)
    assert (who(found), len(found.missing)) == ([], 1)
    return next(void.why for void in found.void if void.who == "sam")


@pytest.mark.parametrize("method", Method)
def test_an_approval_by_any_way_counts(method: Method) -> None:
    found = standing(recorded(said(method=method)))
    assert (who(found), found.missing, found.void, found.eligible) == (["sam"], (), (), ())
    assert not found.counted[0].carried_over


def test_without_records_a_senior_is_missing_and_named() -> None:
    found = standing()
    assert found.missing == ("1 senior",)
    assert [actor.login for actor in found.eligible] == ["sam", "sean", "sofia"]


AFTER = SAID_AT + 10
BEFORE = SAID_AT - 10
TAKEN_BACK = [
    ("revoked", said(act=Act.REVOKE, method=Method.COMMENT, said_at=AFTER), "withdrew"),
    ("revoked in the same second", said(act=Act.REVOKE, method=Method.COMMENT), "withdrew"),
    ("changes requested", said(act=Act.CHANGES_REQUESTED, said_at=AFTER, reference="review:77"), "requested changes"),
    ("review dismissed", said(JUNIOR, Act.REVIEW_DISMISSED, reference="review:2"), "dismissed"),
    (
        "review dismissed by a clock behind",
        said(JUNIOR, Act.REVIEW_DISMISSED, reference="review:2", said_at=0),
        "dismissed",
    ),
]


@pytest.mark.parametrize("name, taking, why", TAKEN_BACK, ids=[row[0] for row in TAKEN_BACK])
def test_what_was_taken_back_does_not_count(name: str, taking: Any, why: str) -> None:
    assert why in void_reason(APPROVED, recorded(taking)), name


@pytest.mark.parametrize("act", [Act.COMMENT_EDITED, Act.COMMENT_DELETED])
def test_a_comment_that_anybody_edits_or_deletes_no_longer_approves(act: Act) -> None:
    commented = recorded(said(method=Method.COMMENT))
    assert "comment" in void_reason(commented, recorded(said(OUTSIDER, act, Method.COMMENT, reference="comment:2")))
    assert who(standing(commented, recorded(said(OUTSIDER, act, Method.COMMENT, reference="comment:3")))) == ["sam"]


NOT_TAKEN_BACK = [
    ("revoked before", said(act=Act.REVOKE, method=Method.COMMENT, said_at=BEFORE)),
    ("revoked by another", said(OTHER_SENIOR, Act.REVOKE, Method.COMMENT, said_at=AFTER)),
    ("changes requested before", said(act=Act.CHANGES_REQUESTED, said_at=BEFORE, reference="review:77")),
    ("changes requested by another", said(OTHER_SENIOR, Act.CHANGES_REQUESTED, said_at=AFTER)),
    ("another review dismissed", said(JUNIOR, Act.REVIEW_DISMISSED, reference="review:22")),
]


@pytest.mark.parametrize("name, other", NOT_TAKEN_BACK, ids=[row[0] for row in NOT_TAKEN_BACK])
def test_what_concerns_another_takes_nothing_back(name: str, other: Any) -> None:
    assert who(standing(APPROVED, recorded(other))) == ["sam"], name


def test_a_refused_withdrawal_of_somebody_is_no_withdrawal() -> None:
    assert who(standing(APPROVED, recorded(said(act=Act.REVOKE, said_at=AFTER), refusal="Not here."))) == ["sam"]


REVIEWS = [
    ("gone", (), "is gone"),
    ("dismissed", (review(SENIOR, ReviewState.DISMISSED),), "no longer approves"),
    ("now a comment", (review(SENIOR, ReviewState.COMMENTED),), "no longer approves"),
    ("somebody else's", (replace(review(SENIOR), author=OTHER_SENIOR),), "somebody else's"),
    (
        "followed by a request",
        (review(SENIOR), review(SENIOR, ReviewState.CHANGES_REQUESTED, at=AFTER, number=77)),
        "requested changes",
    ),
    (
        "followed by a dismissed request",
        (review(SENIOR), review(SENIOR, ReviewState.DISMISSED, at=AFTER, number=77)),
        "dismissed",
    ),
    (
        "followed by a request and a comment",
        (
            review(SENIOR),
            review(SENIOR, ReviewState.CHANGES_REQUESTED, at=AFTER, number=77),
            review(SENIOR, ReviewState.COMMENTED, at=AFTER + 1, number=78),
        ),
        "requested changes",
    ),
]


@pytest.mark.parametrize("name, reviews, why", REVIEWS, ids=[row[0] for row in REVIEWS])
def test_the_live_review_must_still_approve(name: str, reviews: Any, why: str) -> None:
    assert why in void_reason(APPROVED, pull=change(reviews=reviews)), name


HARMLESS = [
    ("a later comment", (review(SENIOR), review(SENIOR, ReviewState.COMMENTED, at=AFTER, number=77))),
    ("a pending draft", (review(SENIOR), review(SENIOR, ReviewState.PENDING, at=AFTER, number=77))),
    ("an earlier request", (review(SENIOR, ReviewState.CHANGES_REQUESTED, at=BEFORE, number=77), review(SENIOR))),
    ("an earlier request, dismissed", (review(SENIOR, ReviewState.DISMISSED, at=BEFORE, number=77), review(SENIOR))),
    ("another's request", (review(SENIOR), review(OTHER_SENIOR, ReviewState.CHANGES_REQUESTED, at=AFTER))),
    ("a second approval", (review(SENIOR), review(SENIOR, at=AFTER, number=77))),
]


@pytest.mark.parametrize("name, reviews", HARMLESS, ids=[row[0] for row in HARMLESS])
def test_other_reviews_change_nothing(name: str, reviews: Any) -> None:
    assert who(standing(APPROVED, pull=change(reviews=reviews))) == ["sam"], name


COMMENTS = [
    ("gone", (), "is gone"),
    ("edited", (Comment(id=2, author=SENIOR, edited=True),), "edited"),
    ("somebody else's", (Comment(id=2, author=JUNIOR, edited=False),), "somebody else's"),
]


@pytest.mark.parametrize("name, comments, why", COMMENTS, ids=[row[0] for row in COMMENTS])
def test_the_live_comment_must_still_stand(name: str, comments: Any, why: str) -> None:
    assert why in void_reason(recorded(said(method=Method.COMMENT)), pull=change(comments=comments)), name


def test_a_later_request_for_changes_takes_a_comment_or_button_back_too() -> None:
    for method in (Method.COMMENT, Method.BUTTON, Method.STEP_UP):
        reviews = (review(SENIOR, ReviewState.CHANGES_REQUESTED, at=AFTER),)
        assert "requested" in void_reason(recorded(said(method=method)), pull=change(reviews=reviews))


DRIFTS = [
    ("another head", {"head_sha": OTHER_HEAD}, "commit aaaaaaaa, with the same diff"),
    ("another head and diff", {"head_sha": OTHER_HEAD, "files": (file("3"),)}, "commit aaaaaaaa"),
    ("another base", {"base_ref": "release"}, "another base branch"),
    ("another merge base", {"merge_base": "d" * 40}, "another merge base"),
    ("another diff of the head", {"files": (file("3"),)}, "another diff"),
    ("another mode", {"files": (file(mode="100755"),)}, "another diff"),
]


@pytest.mark.parametrize("name, changes, why", DRIFTS, ids=[row[0] for row in DRIFTS])
def test_an_approval_of_another_change_does_not_count(name: str, changes: Any, why: str) -> None:
    assert why in void_reason(APPROVED, pull=change(**changes)), name


def carrying(**changes: Any) -> Policy:
    return replace(POLICY, approvals=ApprovalPolicy(carry_over=CarryOver.IDENTICAL_DIFF, **changes))


CARRY_OVER = [
    ("a rebase with the same diff", {"head_sha": OTHER_HEAD}, Tier.HIGH, {}, True),
    ("an update of the branch", {"head_sha": OTHER_HEAD, "merge_base": "d" * 40}, Tier.HIGH, {}, True),
    ("a new merge base alone", {"merge_base": "d" * 40}, Tier.HIGH, {}, True),
    ("another diff", {"head_sha": OTHER_HEAD, "files": (file("3"),)}, Tier.HIGH, {}, False),
    ("another diff of the same head", {"files": (file("3"),)}, Tier.HIGH, {}, False),
    ("another base", {"base_ref": "release"}, Tier.HIGH, {}, False),
    ("a tier above the policy's", {"head_sha": OTHER_HEAD}, Tier.HIGH, {"carry_over_up_to": Tier.MEDIUM}, False),
    ("the policy's tier", {"head_sha": OTHER_HEAD}, Tier.HIGH, {"carry_over_up_to": Tier.HIGH}, True),
    ("a tier above the recorded", {"head_sha": OTHER_HEAD}, Tier.CRITICAL, {}, False),
]


@pytest.mark.parametrize("name, changes, tier, policy, counts", CARRY_OVER, ids=[row[0] for row in CARRY_OVER])
def test_only_an_identical_diff_carries_over(name: str, changes: Any, tier: Tier, policy: Any, counts: bool) -> None:
    current = change(**changes)
    found = standing(APPROVED, pull=current, present=bound_to(current, tier), policy=carrying(**policy))
    assert bool(found.counted) is counts, (name, found.void)
    assert all(approval.carried_over for approval in found.counted)


def test_unknown_modes_carry_nothing_over() -> None:
    before = change(files=(file(mode=""),))
    after = replace(before, head_sha=OTHER_HEAD)
    record = recorded(said(), bound_to(before))
    assert who(standing(record, pull=before, policy=carrying())) == ["sam"]
    assert standing(record, pull=after, policy=carrying()).missing


def test_an_exact_approval_is_preferred_to_one_carried_over() -> None:
    current = change(head_sha=OTHER_HEAD)
    fresh = recorded(said(method=Method.BUTTON, said_at=SAID_AT - 5), bound_to(current))
    found = standing(APPROVED, fresh, pull=current, policy=carrying())
    assert [approval.record for approval in found.counted] == [fresh]


def test_another_policy_or_a_higher_tier_voids() -> None:
    assert "another policy" in void_reason(APPROVED, present=bound_to(change(), policy=BUILT_IN))
    assert "tier high, not critical" in void_reason(APPROVED, present=bound_to(change(), Tier.CRITICAL))
    assert who(standing(APPROVED, present=bound_to(change(), Tier.LOW))) == ["sam"]


@pytest.mark.parametrize("age, counts", [(3_599, True), (3_600, False), (9_999, False)])
def test_an_approval_expires(age: int, counts: bool) -> None:
    policy = replace(POLICY, approvals=ApprovalPolicy(expire_after=3_600))
    assert bool(standing(APPROVED, policy=policy, now=SAID_AT + age).counted) is counts
    future = replace(APPROVED, statement=said(said_at=SAID_AT + 10_000))
    assert bool(standing(future, policy=policy, now=APPROVED.recorded_at + age).counted) is counts


def test_what_could_not_be_read_whole_is_approved_by_nobody() -> None:
    assert "read whole" in void_reason(APPROVED, present=None)


REFUSED = [
    ("refused", replace(APPROVED, refusal="No.", binding=None)),
    ("of another repository", recorded(said(repository_id=11))),
    ("of another pull request", recorded(said(number=8))),
]


@pytest.mark.parametrize("name, record", REFUSED, ids=[row[0] for row in REFUSED])
def test_records_of_nothing_here_say_nothing(name: str, record: Record) -> None:
    assert standing(record) == standing(), name


def test_a_record_bound_to_nothing_never_counts() -> None:
    assert "nothing that was recorded" in void_reason(replace(APPROVED, binding=None))


LOST = [
    ("left the team", {"roster": replace(ROSTER, teams={SENIORS: frozenset({OTHER_SENIOR})})}, "not one of"),
    ("demoted", {"roster": replace(ROSTER, permissions={2: Permission.READ})}, "may not push"),
    ("suspended", {"roster": replace(ROSTER, suspended=frozenset({2}))}, "suspended"),
    ("pushed since", {"pull": change(pushers=(SENIOR,))}, "pushed"),
    (
        "joined the machines",
        {"policy": replace(POLICY, seniors=replace(POLICY.seniors, machine_users=("sam",)))},
        "machine",
    ),
    ("team unreadable", {"roster": replace(ROSTER, teams={})}, "could not be read: team acme/seniors"),
]


@pytest.mark.parametrize("name, changes, why", LOST, ids=[row[0] for row in LOST])
def test_who_lost_the_right_no_longer_counts(name: str, changes: Any, why: str) -> None:
    assert why in void_reason(APPROVED, **changes), name


def test_what_could_not_be_read_of_people_is_told_where_it_matters() -> None:
    unread = replace(ROSTER, teams={SENIORS: None})
    assert standing(APPROVED, roster=unread).incomplete == (
        "sam may belong to what could not be read: team acme/seniors",
        "team acme/seniors",
    )
    met = replace(POLICY, seniors=replace(POLICY.seniors, users=("sam",), teams=("acme/hidden",)))
    known = replace(ROSTER, users={"sam": SENIOR})
    assert standing(APPROVED, policy=met, roster=known).incomplete == ()
    assert standing(policy=BUILT_IN).incomplete == ("the maintainers of this repository",)
    assert standing(policy=BUILT_IN, roster=replace(ROSTER, maintainers=frozenset())).incomplete == ()
    assert standing(policy=replace(POLICY, seniors=replace(POLICY.seniors, users=("sam",)))).incomplete == (
        "account sam",
    )


DEMANDS = [
    ("two of two", [SENIOR, OTHER_SENIOR], (demand(2),), ()),
    ("one of two", [SENIOR], (demand(2),), ("1 senior",)),
    ("one twice is one", [SENIOR, SENIOR], (demand(2),), ("1 senior",)),
    ("none of three", [], (demand(3),), ("3 seniors",)),
    ("a senior where a lead is asked", [SENIOR], (demand(1, LEADS),), ("1 senior from acme/leads",)),
    ("a lead where a lead is asked", [LEAD], (demand(1, LEADS),), ()),
    ("a lead where a senior is asked", [LEAD], (demand(1),), ("1 senior",)),
    ("a lead and a senior where both are asked", [LEAD, SENIOR], (demand(1, LEADS), demand(1)), ()),
    ("a lead where both are asked", [LEAD], (demand(1, LEADS), demand(1)), ("1 senior",)),
    ("no passkey where one is asked", [SENIOR], (demand(1, step_up=True),), ("1 senior with a passkey",)),
    (
        "the passkey is told first, where as many are missing",
        [],
        (demand(1), demand(1, step_up=True)),
        ("1 senior with a passkey", "1 senior"),
    ),
    ("machine, bot, outsider and author", [MACHINE, AGENT, OUTSIDER, JUNIOR], (demand(1),), ("1 senior",)),
    ("nothing asked", [], (), ()),
]


@pytest.mark.parametrize("name, actors, demands, missing", DEMANDS, ids=[row[0] for row in DEMANDS])
def test_each_demand_is_met_by_distinct_people_of_its_sets(name: str, actors: Any, demands: Any, missing: Any) -> None:
    rules = (Rule(name="leads", when=When(), require=Require(seniors=1, from_sets=(LEADS,))),)
    policy = replace(POLICY, rules=rules) if any(each.from_sets for each in demands) else POLICY
    records = [recorded(said(actor, id=str(number))) for number, actor in enumerate(actors)]
    assert standing(*records, requirement=asking(*demands), policy=policy).missing == missing, name


def test_a_passkey_counts_where_one_is_asked_and_the_reason_is_told_where_it_is_lacking() -> None:
    needed = asking(demand(1, step_up=True))
    assert who(standing(APPROVED, STEP_UP, requirement=needed)) == ["sam"]
    assert "passkey" in void_reason(APPROVED, requirement=needed)
    assert [actor.login for actor in standing(APPROVED, requirement=needed).eligible] == ["sam", "sean", "sofia"]


def test_the_reason_of_an_uncounted_lead_names_the_set() -> None:
    rules = (Rule(name="leads", when=When(), require=Require(seniors=1, from_sets=(LEADS,))),)
    found = standing(APPROVED, requirement=asking(demand(1, LEADS)), policy=replace(POLICY, rules=rules))
    assert [(void.who, void.why) for void in found.void] == [("sam", "is not one of acme/leads")]


def test_where_nothing_is_asked_a_seniors_approval_is_shown() -> None:
    found = standing(APPROVED, recorded(said(OUTSIDER)), requirement=asking())
    assert (who(found), found.missing, found.eligible) == (["sam"], (), ())
    assert [(void.who, void.why) for void in found.void] == [("otto", "is not one of acme/seniors")]


EXEMPT = demand(1, senior_authors=SeniorAuthors.EXEMPT)
BY_SENIOR = {"author": SENIOR, "commits": (commit(author_account=SENIOR),)}
WAIVERS = [
    ("a senior's own", BY_SENIOR, True),
    ("two seniors'", {**BY_SENIOR, "pushers": (OTHER_SENIOR,)}, True),
    ("a junior's", {}, False),
    ("a senior's that a junior pushed to", {**BY_SENIOR, "pushers": (JUNIOR,)}, False),
    ("a senior's with a junior's commit", {**BY_SENIOR, "commits": (commit(author_account=JUNIOR),)}, False),
    ("a senior's with anybody's commit", {**BY_SENIOR, "commits": (commit(author_account=None),)}, False),
    (
        "a senior's with a junior's commit pushed away",
        {**BY_SENIOR, "past_commits": (commit(author_account=JUNIOR),)},
        False,
    ),
    ("an agent's that a senior asked for", {"author": AGENT, "requesters": (SENIOR,)}, False),
]


@pytest.mark.parametrize("name, changes, waived", WAIVERS, ids=[row[0] for row in WAIVERS])
def test_a_rule_may_exempt_what_seniors_alone_wrote(name: str, changes: Any, waived: bool) -> None:
    assert (standing(pull=change(**changes), requirement=asking(EXEMPT)).missing == ()) is waived, name
    assert standing(pull=change(**changes), requirement=asking(demand())).missing


def test_a_senior_author_still_needs_another_senior() -> None:
    own = change(**BY_SENIOR)
    assert "opened" in void_reason(APPROVED, pull=own)
    assert [actor.login for actor in standing(pull=own).eligible] == ["sean", "sofia"]
    assert who(standing(recorded(said(OTHER_SENIOR)), pull=own)) == ["sofia"]


RECORDS = (
    APPROVED,
    STEP_UP,
    recorded(said(OTHER_SENIOR, method=Method.COMMENT)),
    recorded(said(OTHER_SENIOR, Act.REVOKE, Method.COMMENT, said_at=AFTER)),
    recorded(said(THIRD_SENIOR, Act.BLOCK, Method.COMMENT, said_at=AFTER)),
    recorded(said(SENIOR, Act.UNBLOCK, Method.COMMENT, said_at=AFTER + 1)),
    recorded(said(OUTSIDER)),
    recorded(said(JUNIOR, Act.REVIEW_DISMISSED, reference="review:2")),
)


@given(st.lists(st.sampled_from(RECORDS), unique_by=id), st.randoms(use_true_random=False))
def test_the_order_of_records_does_not_matter(records: list[Record], random: Any) -> None:
    shuffled = random.sample(records, len(records))
    assert standing(*records) == standing(*shuffled)
    assert standing(*records) == standing(*records, *records)


@given(st.lists(st.sampled_from(RECORDS), unique_by=id), st.sampled_from(RECORDS))
def test_a_withdrawing_record_never_opens_and_an_approving_one_never_shuts(records: list[Record], more: Record) -> None:
    before, after = standing(*records), standing(*records, more)
    if more.statement.act is Act.APPROVE:
        assert len(after.missing) <= len(before.missing)
    else:
        assert len(after.missing) >= len(before.missing)


def test_eligible_people_are_shown_once_though_two_demands_want_them() -> None:
    found = standing(requirement=asking(demand(1), demand(2, SENIORS)))
    assert [actor.login for actor in found.eligible] == ["sam", "sean", "sofia"]
    assert found.missing == ("2 seniors from acme/seniors", "1 senior")


def test_a_policy_of_logins_names_them_as_eligible() -> None:
    policy = replace(POLICY, seniors=replace(POLICY.seniors, teams=(), users=("lena", "gone")))
    found = standing(policy=policy, roster=replace(ROSTER, users={"lena": LEAD, "gone": None}))
    assert [actor.login for actor in found.eligible] == ["lena"]


def test_maintainers_are_eligible_where_no_policy_names_seniors() -> None:
    found = standing(policy=BUILT_IN, roster=replace(ROSTER, maintainers=frozenset({LEAD, JUNIOR})))
    assert [actor.login for actor in found.eligible] == ["lena"]


def test_a_commit_without_an_account_does_not_hide_the_head() -> None:
    nobody = Signatory(name="x", email="x@example.org")
    current = change(commits=(commit(author=nobody, committer=nobody),))
    assert who(standing(APPROVED, pull=current)) == ["sam"]
    assert current.head_sha == HEAD
