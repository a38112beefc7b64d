"""A statement binds to exactly the head that its author saw, or to nothing."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.approval.binding import UNSURE_SECONDS
from bot.core.approval.digest import approval_digest
from bot.core.approval.records import Act, Binding, Method, Record, Sighting, Statement
from bot.core.finding import Tier
from bot.core.pull import Comment, PullState
from tests.builders import HEAD, JUNIOR, OTHER_SENIOR, SENIOR
from tests.core.approval.people import (
    COMMANDER,
    NOW,
    OPENED_AT,
    OTHER_HEAD,
    OUTSIDER,
    ROSTER,
    SAID_AT,
    bind_now,
    bound_to,
    change,
    recorded,
    said,
    seen,
)


def refusal(given_: Statement, **changes: Any) -> str:
    found = bind_now(given_, **changes)
    assert found is not None
    assert (found.binding is None) == bool(found.refusal)
    return found.refusal


@pytest.mark.parametrize("method", Method)
def test_an_approval_by_any_way_binds_to_the_present_change(method: Method) -> None:
    given_ = said(method=method)
    assert bind_now(given_) == Record(statement=given_, binding=bound_to(change()), refusal="", recorded_at=NOW)


NAMED = [
    ("a review of another commit", Method.REVIEW, OTHER_HEAD, "another"),
    ("a review of no commit", Method.REVIEW, "", "no commit"),
    ("a review by a prefix", Method.REVIEW, HEAD[:20], "another"),
    ("a button of another commit", Method.BUTTON, OTHER_HEAD, "`/approve-ai " + HEAD),
    ("a passkey for another commit", Method.STEP_UP, OTHER_HEAD, "another"),
    ("a comment with another commit", Method.COMMENT, OTHER_HEAD[:12], "commit `cccccccccccc`"),
    ("a comment with too short a prefix", Method.COMMENT, HEAD[:11], "another"),
    ("a comment with more than the head", Method.COMMENT, HEAD + "a", "another"),
]


@pytest.mark.parametrize("name, method, head, words", NAMED, ids=[row[0] for row in NAMED])
def test_a_statement_about_another_commit_is_refused(name: str, method: Method, head: str, words: str) -> None:
    assert words in refusal(said(method=method, head_sha=head)), name


PASSKEY = said(method=Method.STEP_UP)
MOVED = [
    ("another merge base", replace(bound_to(change()), merge_base="d" * 40)),
    ("another diff of the same head", replace(bound_to(change()), diff_digest="sha256:" + "0" * 64)),
    ("another policy", replace(bound_to(change()), policy_digest="sha256:" + "0" * 64)),
    ("another tier", bound_to(change(), Tier.CRITICAL)),
]


@pytest.mark.parametrize("name, present", MOVED, ids=[row[0] for row in MOVED])
def test_a_passkey_signs_all_that_its_approval_is_bound_to(name: str, present: Binding) -> None:
    assert refusal(PASSKEY) == ""
    assert "no longer what the page showed" in refusal(PASSKEY, present=present), name


@pytest.mark.parametrize("digest", ["", "sha256:" + "0" * 64, approval_digest(11, 7, bound_to(change()))])
def test_a_passkey_that_signed_something_else_approves_nothing(digest: str) -> None:
    assert "no longer what the page showed" in refusal(replace(PASSKEY, seen=digest))


@pytest.mark.parametrize("head", [HEAD, HEAD[:12], HEAD[:39]])
def test_a_comment_may_name_the_head_by_twelve_digits_whichever_stood(head: str) -> None:
    sightings = (seen(OTHER_HEAD), seen(at=SAID_AT + 1, published_at=None))
    assert refusal(said(method=Method.COMMENT, head_sha=head), sightings=sightings) == ""


GONE_LATER = seen(OTHER_HEAD, at=SAID_AT, published_at=None, base="")
RELEASE = seen(base="release")
BASES = [
    ("the base was never seen", (), "had not seen"),
    ("another base stood when it was written", (RELEASE, seen(at=SAID_AT + 1)), "had not seen"),
    ("the base changed in that second", (RELEASE, seen(at=SAID_AT)), "within half a minute"),
    ("the base changed just before", (RELEASE, seen(at=SAID_AT - 30)), "within half a minute"),
    ("the base came back just before", (seen(), RELEASE, seen(at=SAID_AT - 30)), "within half a minute"),
    ("the base changed long before", (RELEASE, seen(at=SAID_AT - 31)), ""),
    ("the head was pushed away and came back", (seen(), GONE_LATER, seen(at=SAID_AT + 1)), ""),
]


@pytest.mark.parametrize("name, sightings, why", BASES, ids=[row[0] for row in BASES])
def test_a_comment_that_names_the_head_is_about_the_base_that_was_seen(
    name: str, sightings: tuple[Sighting, ...], why: str
) -> None:
    refused = refusal(said(method=Method.COMMENT, head_sha=HEAD), sightings=sightings)
    assert (why in refused) if why else refused == "", name


GONE = seen(OTHER_HEAD, at=SAID_AT - 100, published_at=None, base="")
BARE = [
    ("one head, its check long standing", [seen()], ""),
    ("one head, its check in the same second", [seen(published_at=SAID_AT)], ""),
    ("one head that was just opened", [seen(at=SAID_AT - 2, published_at=SAID_AT - 1)], ""),
    ("no head", [], "did not stand yet"),
    ("no check yet", [seen(published_at=None)], "did not stand yet"),
    ("a check that came after", [seen(published_at=SAID_AT + 1)], "did not stand yet"),
    ("a check for another base", [seen(base="release")], "Another head"),
    ("an old head long gone", [seen(OTHER_HEAD), seen(at=SAID_AT - 31, published_at=SAID_AT - 30)], ""),
    (
        "the head came 30 s before",
        [seen(OTHER_HEAD), seen(at=SAID_AT - 30, published_at=SAID_AT - 29)],
        "half a minute",
    ),
    ("the head came just after", [seen(OTHER_HEAD), seen(at=SAID_AT + 5, published_at=SAID_AT + 6)], "half a minute"),
    ("the head came 31 s after", [seen(OTHER_HEAD), seen(at=SAID_AT + 31, published_at=SAID_AT + 40)], "Another head"),
    ("another head came just before", [seen(), seen(OTHER_HEAD, at=SAID_AT - 9, published_at=None)], "half a minute"),
    ("another head came and went", [seen(), seen(OTHER_HEAD, at=SAID_AT - 99, published_at=None)], "Another head"),
    (
        "the same head on a new base",
        [seen(base="release"), seen(at=SAID_AT - 9, published_at=SAID_AT - 8)],
        "half a minute",
    ),
]


@pytest.mark.parametrize("name, sightings, words", BARE, ids=[row[0] for row in BARE])
def test_a_bare_comment_is_about_the_head_whose_check_stood(name: str, sightings: list[Sighting], words: str) -> None:
    found = refusal(said(method=Method.COMMENT), sightings=tuple(sightings))
    assert (words in found) if words else not found, (name, found)
    assert not found or HEAD in found


@given(st.permutations([seen(OTHER_HEAD), seen(at=1_500, published_at=1_510), seen("d" * 40, at=1_400)]))
def test_the_order_of_sightings_does_not_matter(sightings: list[Sighting]) -> None:
    assert refusal(said(method=Method.COMMENT), sightings=tuple(sightings)) == ""


def test_a_clock_behind_githubs_does_not_make_a_head_older() -> None:
    early = said(method=Method.COMMENT, received_at=SAID_AT - 600)
    assert "did not stand" in refusal(early, sightings=(seen(at=SAID_AT - 400, published_at=SAID_AT - 390),))


@pytest.mark.parametrize(
    "act, actor, words", [(Act.DISPUTE, SENIOR, "repeat it"), (Act.BREAK_GLASS, COMMANDER, "repeat it")]
)
def test_other_acts_about_a_head_are_bound_as_strictly(act: Act, actor: Any, words: str) -> None:
    bare = said(actor, act, Method.COMMENT)
    assert refusal(bare) == ""
    assert words in refusal(bare, sightings=(seen(OTHER_HEAD), seen(at=SAID_AT - 1)))
    assert words in refusal(bare, sightings=())


@pytest.mark.parametrize("act", [Act.REVOKE, Act.BLOCK, Act.UNBLOCK, Act.STATUS, Act.RECHECK])
def test_acts_about_the_pull_request_need_no_head(act: Act) -> None:
    assert refusal(said(SENIOR, act, Method.COMMENT), sightings=()) == ""


def test_what_was_merged_can_still_be_approved() -> None:
    assert refusal(said(SENIOR, Act.APPROVE), pull=change(state=PullState.MERGED)) == ""


MISPLACED = [
    ("another repository", said(repository_id=11), {}, "another pull request"),
    ("another number", said(number=8), {}, "another pull request"),
    ("another base", said(base_ref="release"), {}, "another base branch"),
    ("a closed pull request", said(), {"pull": change(state=PullState.CLOSED)}, "not open"),
    ("a dispute of what was merged", said(SENIOR, Act.DISPUTE), {"pull": change(state=PullState.MERGED)}, "not open"),
    ("a block of what was merged", said(SENIOR, Act.BLOCK), {"pull": change(state=PullState.MERGED)}, "not open"),
    ("a head that moved meanwhile", said(), {"present": bound_to(change(head_sha=OTHER_HEAD))}, "moved while"),
    ("a base that moved meanwhile", said(), {"present": bound_to(change(base_ref="release"))}, "moved while"),
    (
        "an edited comment",
        said(method=Method.COMMENT),
        {"pull": change(comments=(Comment(id=2, author=SENIOR, edited=True),))},
        "edited",
    ),
    ("a near-miss", said(OUTSIDER, Act.MALFORMED, Method.COMMENT, argument="Write it so."), {}, "Write it so."),
    ("a junior", said(JUNIOR), {}, "**june** opened this pull request."),
    ("an outsider", said(OUTSIDER), {}, "**otto** is not one of acme/seniors."),
]


@pytest.mark.parametrize("name, given_, changes, words", MISPLACED, ids=[row[0] for row in MISPLACED])
def test_what_cannot_count_is_refused_with_a_sentence(name: str, given_: Statement, changes: Any, words: str) -> None:
    assert words in refusal(given_, **changes), name


@pytest.mark.parametrize("act", [Act.REVIEW_DISMISSED, Act.CHANGES_REQUESTED, Act.COMMENT_EDITED, Act.COMMENT_DELETED])
def test_what_withdraws_is_always_recorded(act: Act) -> None:
    closed = change(state=PullState.CLOSED)
    assert refusal(said(OUTSIDER, act, head_sha=OTHER_HEAD), pull=closed, sightings=()) == ""


def test_a_person_who_could_not_be_looked_up_is_asked_again_later() -> None:
    assert bind_now(said(), roster=replace(ROSTER, teams={})) is None
    assert bind_now(said(head_sha=OTHER_HEAD), roster=replace(ROSTER, teams={})) is not None


def test_the_glass_of_one_head_breaks_once() -> None:
    first = bind_now(said(COMMANDER, Act.BREAK_GLASS, Method.COMMENT))
    assert first is not None
    again = said(COMMANDER, Act.BREAK_GLASS, Method.COMMENT, said_at=SAID_AT + 10)
    assert "once" in refusal(again, records=(first,))
    assert refusal(first.statement, records=(first,)) == ""
    elsewhere = replace(first, binding=bound_to(change(head_sha=OTHER_HEAD)))
    assert "once" not in refusal(again, records=(elsewhere,)), "what is owed is another matter"


def test_a_contributor_lifts_their_own_block_and_no_other() -> None:
    authored = change(author=SENIOR)
    lift = said(SENIOR, Act.UNBLOCK, Method.COMMENT)
    others = recorded(said(OTHER_SENIOR, Act.BLOCK, Method.COMMENT))
    own = recorded(said(SENIOR, Act.BLOCK, Method.COMMENT))
    assert "somebody else's" in refusal(lift, pull=authored, records=(others,))
    assert refusal(lift, pull=authored, records=(others, own)) == ""
    assert refusal(lift, records=(others,)) == ""


@given(st.integers(OPENED_AT, NOW), st.integers(OPENED_AT, NOW), st.integers(OPENED_AT, NOW))
def test_a_bare_comment_never_binds_to_a_head_that_came_after_it(came: int, published: int, spoken: int) -> None:
    heads = (seen(OTHER_HEAD, at=0, published_at=1), seen(at=came, published_at=max(came, published)))
    found = bind_now(said(method=Method.COMMENT, said_at=spoken), sightings=heads)
    assert found is not None
    assert found.refusal or came + UNSURE_SECONDS < spoken
