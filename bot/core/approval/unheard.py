"""Approving reviews whose event never came: taken from GitHub only where they cannot mean another head."""

from __future__ import annotations

from bot.core.approval.records import Act, Method, Record, Statement
from bot.core.history import History
from bot.core.pull import PullRequest, Review, ReviewState


def unheard_reviews(
    pull: PullRequest, history: History, records: tuple[Record, ...], now: int
) -> tuple[Statement, ...]:
    """What the live reviews say that was never heard, as their events would have said it, oldest first.

    GitHub moves a review's commit on to later heads, so a review speaks only if the present head was seen before it
    was submitted, is the only head ever seen or pushed away since, and is the one that the review names.
    """
    heard = {statement.reference for statement in (*history.statements, *(record.statement for record in records))}
    here = min(
        (
            seen.first_seen_at
            for seen in history.sightings
            if (seen.head_sha, seen.base_ref) == (pull.head_sha, pull.base_ref)
        ),
        default=None,
    )
    if (
        here is None
        or pull.past_commits
        or history.past_heads
        or any(seen.first_seen_at > here for seen in history.sightings)
    ):
        return ()
    return tuple(
        _said(review, pull, now)
        for review in pull.reviews
        if review.state is ReviewState.APPROVED
        and review.commit_sha == pull.head_sha
        and review.submitted_at > here
        and f"review:{review.id}" not in heard
    )


def _said(review: Review, pull: PullRequest, now: int) -> Statement:
    return Statement(
        id=f"review:{review.id}",
        act=Act.APPROVE,
        actor=review.author,
        method=Method.REVIEW,
        repository_id=pull.repository.id,
        number=pull.number,
        head_sha=review.commit_sha,
        base_ref=pull.base_ref,
        said_at=review.submitted_at,
        received_at=now,
        reference=f"review:{review.id}",
    )
