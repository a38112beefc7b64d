"""A lost event is made up for only where the review cannot have meant another head."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from bot.core.approval.records import Sighting, Statement
from bot.core.approval.unheard import unheard_reviews
from bot.core.history import History
from bot.core.pull import ReviewState
from tests.builders import HEAD, SENIOR, commit
from tests.core.approval.people import NOW, OTHER_HEAD, SAID_AT, bind_now, change, recorded, review, said, seen

REVIEWED = change(reviews=(review(SENIOR),))


def unheard(*sightings: Sighting, pull: Any = REVIEWED, records: Any = (), **remembered: Any) -> tuple[Statement, ...]:
    return unheard_reviews(pull, History(sightings=sightings or (seen(),), **remembered), records, NOW)


def test_a_review_of_the_only_head_ever_seen_is_heard_afterwards() -> None:
    (found,) = unheard()
    assert (found.id, found.reference, found.actor, found.head_sha) == ("review:2", "review:2", SENIOR, HEAD)
    assert (found.said_at, found.received_at, found.base_ref) == (SAID_AT, NOW, "main")
    bound = bind_now(found, pull=REVIEWED)
    assert bound is not None
    assert bound.binding is not None


def of_review(**changes: Any) -> Any:
    return change(reviews=(replace(review(SENIOR), **changes),))


SILENT = [
    ("heard as a statement", {"statements": (said(),)}, ()),
    ("heard as a record", {"records": (recorded(said()),)}, ()),
    ("refused before", {"records": (recorded(said(), refusal="No."),)}, ()),
    ("of another commit", {"pull": of_review(commit_sha=OTHER_HEAD)}, ()),
    ("dismissed", {"pull": of_review(state=ReviewState.DISMISSED)}, ()),
    ("a comment", {"pull": of_review(state=ReviewState.COMMENTED)}, ()),
    ("of a head seen afterwards", {}, (seen(at=SAID_AT + 1),)),
    ("of a head seen in the same second", {}, (seen(at=SAID_AT),)),
    ("of a head that was never seen", {}, (seen(OTHER_HEAD),)),
    ("of a head seen on another base", {}, (seen(base="release"),)),
    ("after another head came", {}, (seen(), seen(OTHER_HEAD, at=SAID_AT - 10))),
    ("after a head was replaced", {}, (seen(), seen(OTHER_HEAD, at=SAID_AT - 10, base=""))),
    ("after a head that was read when it was gone", {"past_heads": (OTHER_HEAD,)}, ()),
    ("after a force-push", {"pull": replace(REVIEWED, past_commits=(commit(sha=OTHER_HEAD),))}, ()),
]


@pytest.mark.parametrize("name, changes, sightings", SILENT, ids=[row[0] for row in SILENT])
def test_what_may_mean_another_head_stays_unheard(name: str, changes: Any, sightings: Any) -> None:
    assert unheard(*sightings, **changes) == (), name
