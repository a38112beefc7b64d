"""What people said about a pull request, as the gate itself recorded it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from bot.core.finding import Tier
from bot.core.pull import Actor


class Act(StrEnum):
    """What a person did. The last four withdraw an approval and come from events, not from commands.

    MALFORMED is a near-miss of a command: the statement's argument is the sentence it is refused with.
    """

    APPROVE = "approve"
    REVOKE = "revoke"
    BLOCK = "block"
    UNBLOCK = "unblock"
    DECLARE_AI = "declare-ai"
    DECLARE_HUMAN = "declare-human"
    DISPUTE = "dispute"
    BREAK_GLASS = "break-glass"
    STATUS = "status"
    RECHECK = "recheck"
    MALFORMED = "malformed"
    REVIEW_DISMISSED = "review-dismissed"
    CHANGES_REQUESTED = "changes-requested"
    COMMENT_EDITED = "comment-edited"
    COMMENT_DELETED = "comment-deleted"

    @property
    def withdraws(self) -> bool:
        """Whether it is an event that can only take an approval away, and counts whoever caused it."""
        return self in _WITHDRAWING


_WITHDRAWING = frozenset({Act.REVIEW_DISMISSED, Act.CHANGES_REQUESTED, Act.COMMENT_EDITED, Act.COMMENT_DELETED})


class Method(StrEnum):
    """By which way it was done. STEP_UP is the web page with a passkey."""

    REVIEW = "review"
    COMMENT = "comment"
    BUTTON = "button"
    STEP_UP = "step-up"


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """An act as its event told it, written in the transaction that accepted the delivery.

    `id` is unique and stable over redeliveries ("comment:981", "review:77:dismissed").
    `head_sha` is the commit the event itself names: the review's commit, the button's check run's head, the SHA
    in `/approve-ai <sha>` (maybe short); "" for a bare comment. `base_ref` is "" when the event does not tell it.
    `said_at` is GitHub's time, `received_at` ours, both Unix seconds.
    `reference` names the source ("review:77", "comment:981", "check-run:5"), the same for every act on it.
    `argument` is the reason, tool or SHA that followed the command.
    `seen` is the `approval_digest` of what the page showed; only STEP_UP has one, and a person signed it.
    """

    id: str
    act: Act
    actor: Actor
    method: Method
    repository_id: int
    number: int
    head_sha: str
    base_ref: str
    said_at: int
    received_at: int
    reference: str
    argument: str = ""
    seen: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sighting:
    """A head the gate saw, and when its check first stood on GitHub (None: not yet). Unix seconds, our clock.

    A head that is only known because a push replaced it has the `base_ref` "" and the time of that push.
    """

    head_sha: str
    base_ref: str
    first_seen_at: int
    published_at: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Push:
    """How a head came, as its event told it. `before` is "" for the head that the pull request was opened with."""

    before: str
    after: str
    by: Actor


@dataclass(frozen=True, slots=True, kw_only=True)
class Binding:
    """Exactly what was approved. Digests are `sha256:` and 64 hex digits.

    `plans_digest` is of what Terraform plans said of the head by then, "" for nothing.
    """

    head_sha: str
    base_ref: str
    merge_base: str
    diff_digest: str
    policy_digest: str
    tier: Tier
    plans_digest: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """A statement bound to what it was about, or refused. Append-only.

    `refusal` is the sentence that was answered, "" when the statement was accepted; `binding` is None only then
    when it was refused.
    """

    statement: Statement
    binding: Binding | None
    refusal: str
    recorded_at: int
