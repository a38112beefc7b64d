"""Attacks on what an approval is about: rows 1 to 21 of the list in `rows.toml`."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import bot.core
from bot.core.approval.records import Act, Method
from bot.core.finding import Tier
from bot.core.policy.default import BUILT_IN
from bot.core.policy.model import ApprovalPolicy, CarryOver
from bot.core.pull import PullState, ReviewState
from bot.core.roster import Permission
from tests.builders import HEAD, SENIOR, commit
from tests.core.approval.people import (
    OTHER_HEAD,
    POLICY,
    ROSTER,
    SAID_AT,
    bind_now,
    bound_to,
    change,
    file,
    recorded,
    review,
    said,
    seen,
    standing,
)

APPROVED = recorded(said())
CARRYING = replace(POLICY, approvals=ApprovalPolicy(carry_over=CarryOver.IDENTICAL_DIFF))


def is_open(*records: object, **changes: object) -> bool:
    return not standing(*records, **changes).missing  # type: ignore[arg-type]  # rows vary what they change


def test_001_an_approval_does_not_survive_a_push() -> None:
    assert is_open(APPROVED)
    assert not is_open(APPROVED, pull=change(head_sha=OTHER_HEAD, files=(file("3"),)))


def test_002_a_review_that_github_repoints_to_the_new_head_still_names_the_old_one() -> None:
    repointed = change(head_sha=OTHER_HEAD, reviews=(replace(review(SENIOR), commit_sha=OTHER_HEAD),))
    assert not is_open(APPROVED, pull=repointed)


def test_003_a_rebase_that_did_not_exist_at_approval_time_is_not_approved() -> None:
    late = bind_now(said(head_sha=HEAD), pull=change(head_sha=OTHER_HEAD))
    assert late is not None
    assert late.binding is None


def test_004_no_date_of_a_commit_speaks_for_it() -> None:
    """What a commit says of its time is used to know it again as AI's, which only raises, and nowhere else."""
    backdated = commit(sha=OTHER_HEAD, authorship="2020-01-01T00:00:00Z")
    assert not is_open(APPROVED, pull=change(head_sha=OTHER_HEAD, commits=(backdated,)))
    rooms = Path(bot.core.__file__).parent.rglob("*.py")
    assert {path.name for path in rooms if ".authorship" in path.read_text()} == {"carried.py"}


def test_005_a_head_pushed_after_a_comment_is_not_what_it_meant() -> None:
    sightings = (seen(OTHER_HEAD), seen(at=SAID_AT + 60, published_at=SAID_AT + 61))
    late = bind_now(said(method=Method.COMMENT), sightings=sightings)
    assert late is not None
    assert HEAD in late.refusal


def test_006_a_head_that_comes_back_with_another_base_is_another_change() -> None:
    assert is_open(APPROVED, pull=change())
    assert not is_open(APPROVED, pull=change(merge_base="d" * 40, files=(file("3"),)))


def test_007_a_retarget_voids() -> None:
    assert not is_open(APPROVED, pull=change(base_ref="release"))
    assert not is_open(APPROVED, pull=change(base_ref="release"), policy=CARRYING)


def test_008_a_retarget_needs_no_event_to_void() -> None:
    """The base of every look is compared, whether or not anything was told of its change."""
    assert not is_open(APPROVED, pull=change(base_ref="release", merge_base="d" * 40))


def test_009_an_evil_merge_changes_the_diff_and_so_voids() -> None:
    merged = change(head_sha=OTHER_HEAD, files=(file(), file("4", "infra/extra.tf")))
    assert not is_open(APPROVED, pull=merged, policy=CARRYING)


def test_010_carry_over_wants_every_byte_and_mode_and_no_higher_tier() -> None:
    rebased = change(head_sha=OTHER_HEAD)
    assert is_open(APPROVED, pull=rebased, policy=CARRYING)
    assert not is_open(APPROVED, pull=rebased)
    assert not is_open(APPROVED, pull=change(head_sha=OTHER_HEAD, files=(file(mode="100755"),)), policy=CARRYING)
    assert not is_open(APPROVED, pull=rebased, policy=CARRYING, present=bound_to(rebased, Tier.CRITICAL))


def test_011_a_dismissed_review_revives_nothing() -> None:
    request = review(SENIOR, ReviewState.CHANGES_REQUESTED, at=SAID_AT + 10, number=77)
    assert not is_open(APPROVED, pull=change(reviews=(review(SENIOR), request)))
    dismissed = replace(request, state=ReviewState.DISMISSED)
    assert not is_open(APPROVED, pull=change(reviews=(review(SENIOR), dismissed)))


def test_012_a_review_that_names_no_commit_counts_for_nothing() -> None:
    nameless = bind_now(said(head_sha=""))
    assert nameless is not None
    assert nameless.binding is None


def test_013_a_new_head_starts_without_any_approval() -> None:
    assert not is_open(APPROVED, pull=change(head_sha=OTHER_HEAD))


def test_014_age_and_reopening_are_no_excuse() -> None:
    closed = bind_now(said(), pull=change(state=PullState.CLOSED))
    assert closed is not None
    assert closed.binding is None
    assert not is_open(recorded(said(number=6)))


def test_015_a_head_that_moves_during_the_look_is_refused() -> None:
    raced = bind_now(said(method=Method.BUTTON), present=bound_to(change(head_sha=OTHER_HEAD)))
    assert raced is not None
    assert "moved while" in raced.refusal


def test_017_a_record_of_another_commit_or_pull_request_is_no_receipt() -> None:
    assert not is_open(recorded(said(), bound_to(change(head_sha=OTHER_HEAD))))
    assert not is_open(recorded(said(number=8)))
    assert not is_open(recorded(said(repository_id=11)))


def test_018_another_policy_than_the_approved_under_voids() -> None:
    assert not is_open(APPROVED, present=bound_to(change(), policy=BUILT_IN))


def test_019_who_lost_the_right_lost_the_approval() -> None:
    assert not is_open(APPROVED, roster=replace(ROSTER, teams={"acme/seniors": frozenset()}))
    assert not is_open(APPROVED, roster=replace(ROSTER, permissions={2: Permission.READ}))
    assert not is_open(APPROVED, roster=replace(ROSTER, suspended=frozenset({2})))


def test_020_a_stack_that_is_retargeted_asks_again() -> None:
    child = change(base_ref="parent")
    approved = recorded(said(), bound_to(child))
    assert is_open(approved, pull=child)
    assert not is_open(approved, pull=change(), policy=CARRYING)


def test_021_an_approval_expires_at_the_second() -> None:
    policy = replace(POLICY, approvals=ApprovalPolicy(expire_after=3_600))
    assert is_open(APPROVED, policy=policy, now=SAID_AT + 3_599)
    assert not is_open(APPROVED, policy=policy, now=SAID_AT + 3_600)


def test_story_a_senior_who_asks_for_changes_later_no_longer_approves() -> None:
    asked = recorded(said(act=Act.CHANGES_REQUESTED, said_at=SAID_AT + 5, reference="review:77"))
    assert not is_open(APPROVED, asked)


def test_story_an_approval_from_a_stale_page_is_of_the_stale_commit() -> None:
    for method in (Method.REVIEW, Method.BUTTON, Method.STEP_UP, Method.COMMENT):
        stale = bind_now(said(method=method, head_sha=OTHER_HEAD))
        assert stale is not None
        assert stale.binding is None


def test_story_an_approval_in_the_same_second_as_the_first_check_counts() -> None:
    quick = bind_now(said(method=Method.COMMENT), sightings=(seen(at=SAID_AT - 1, published_at=SAID_AT),))
    assert quick is not None
    assert quick.binding is not None
