"""Whether what somebody said still stands: not taken back by them, not dismissed, not edited, not deleted."""

from __future__ import annotations

from collections.abc import Iterable
from typing import assert_never

from bot.core.approval.records import Act, Method, Record, Statement
from bot.core.pull import PullRequest, Review, ReviewState

_TAKES_BACK = {
    Act.REVOKE: "withdrew it",
    Act.CHANGES_REQUESTED: "requested changes afterwards",
}
_UNDOES_SOURCE = {
    Act.REVIEW_DISMISSED: "gave it by a review that was dismissed",
    Act.COMMENT_EDITED: "gave it by a comment that was edited",
    Act.COMMENT_DELETED: "gave it by a comment that was deleted",
}


def withdrawn(approval: Statement, records: Iterable[Record], pull: PullRequest) -> str:
    """Why `approval` was taken back, continuing "the person …"; "" while it stands.

    In one and the same second the withdrawal wins. What was taken back never comes back: a dismissed "changes
    requested" revives nothing.
    """
    for record in records:
        later = record.statement
        own = later.actor.id is not None and later.actor.id == approval.actor.id
        if own and later.act in _TAKES_BACK and later.said_at >= approval.said_at:
            return _TAKES_BACK[later.act]
    return source_undone(approval, records, pull) or _reviewed_otherwise(approval, pull)


def source_undone(said: Statement, records: Iterable[Record], pull: PullRequest) -> str:
    """Why the review or comment that `said` came by no longer carries it; "" while it does."""
    for record in records:
        if record.statement.act in _UNDOES_SOURCE and record.statement.reference == said.reference:
            return _UNDOES_SOURCE[record.statement.act]
    match said.method:
        case Method.REVIEW:
            return _review_undone(said, pull)
        case Method.COMMENT:
            return _comment_undone(said, pull)
        case Method.BUTTON | Method.STEP_UP:
            return ""
        case _:
            assert_never(said.method)


def _review_undone(said: Statement, pull: PullRequest) -> str:
    review = next((review for review in pull.reviews if said.reference == f"review:{review.id}"), None)
    if review is None:
        return "gave it by a review that is gone"
    if review.author.id != said.actor.id:
        return "gave it by a review that is somebody else's now"
    if review.state is not ReviewState.APPROVED:
        return "gave it by a review that no longer approves"
    return ""


def _comment_undone(said: Statement, pull: PullRequest) -> str:
    comment = next((comment for comment in pull.comments if said.reference == f"comment:{comment.id}"), None)
    if comment is None:
        return "gave it by a comment that is gone"
    if comment.author.id != said.actor.id:
        return "gave it by a comment that is somebody else's now"
    return "gave it by a comment that was edited" if comment.edited else ""


def _reviewed_otherwise(approval: Statement, pull: PullRequest) -> str:
    """A later review of the same person that asks for changes, or was dismissed; a mere comment changes nothing."""
    for review in pull.reviews:
        if review.author.id == approval.actor.id and review.submitted_at >= approval.said_at:
            why = _state_against(review, approval)
            if why:
                return why
    return ""


def _state_against(review: Review, approval: Statement) -> str:
    match review.state:
        case ReviewState.CHANGES_REQUESTED:
            return "requested changes afterwards"
        case ReviewState.DISMISSED if approval.reference != f"review:{review.id}":
            return "gave it before a review of theirs that was dismissed"
        case ReviewState.DISMISSED | ReviewState.APPROVED | ReviewState.COMMENTED | ReviewState.PENDING:
            return ""
        case _:
            assert_never(review.state)
