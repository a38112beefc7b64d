"""What people said in an event, word for word; whether it counts is for the core to judge."""

from __future__ import annotations

from bot.core.approval.commands import Command, Rejected, parse_command
from bot.core.approval.records import Act, Method, Statement
from bot.core.render import APPROVE, BLOCK, RECHECK, check_name
from bot.github import payload as told

_BUTTONS = {APPROVE.identifier: Act.APPROVE, BLOCK.identifier: Act.BLOCK, RECHECK.identifier: Act.RECHECK}
_REVIEWS = {"approved": Act.APPROVE, "changes_requested": Act.CHANGES_REQUESTED}
_CHANGES = {"edited": Act.COMMENT_EDITED, "deleted": Act.COMMENT_DELETED}


def by_review(event: told.ReviewEvent, received_at: int) -> tuple[Statement, ...]:
    """A verdict or its dismissal. Who dismissed is the actor; `reference` tells whose review it was."""
    if event.action == "dismissed":
        return (_of_review(event, Act.REVIEW_DISMISSED, event.sender, "dismissed", received_at),)
    act = _REVIEWS.get(event.review.state.lower())
    author = event.review.user
    # Only at its submission does the review's commit id name what was looked at; GitHub moves it later.
    if event.action != "submitted" or act is None or author is None or author.id != event.sender.id:
        return ()
    if act is Act.APPROVE and not event.review.commit_id:
        return ()
    return (_of_review(event, act, author, "", received_at),)


def _of_review(event: told.ReviewEvent, act: Act, actor: told.User, what: str, received_at: int) -> Statement:
    submitted = event.review.submitted_at
    reference = f"review:{event.review.id}"
    return Statement(
        id=f"{reference}:{what}" if what else reference,
        act=act,
        actor=actor.actor(),
        method=Method.REVIEW,
        repository_id=event.repository.id,
        number=event.pull_request.number,
        head_sha=event.review.commit_id or "",
        base_ref=event.pull_request.base.ref,
        said_at=int(submitted.timestamp()) if submitted and not what else received_at,
        received_at=received_at,
        reference=reference,
    )


def by_comment(event: told.CommentEvent, received_at: int) -> tuple[Statement, ...]:
    """A command of a fresh comment, or that a person's comment is no longer what it was."""
    author = event.comment.user
    if author is not None and not author.is_human():
        return ()
    if event.action in _CHANGES:
        act = _CHANGES[event.action]
        return (_of_comment(event, act, event.sender, "", received_at),)
    if event.action != "created" or not _is_own_hand(event):
        return ()
    command = parse_command(event.comment.body or "")
    match command:
        case None:
            return ()
        case Rejected():
            return (_of_comment(event, Act.MALFORMED, event.sender, command.sentence, received_at),)
        case Command():
            return (_of_comment(event, command.act, event.sender, command.argument, received_at),)


def _is_own_hand(event: told.CommentEvent) -> bool:
    """Written by the person who sent it, through no app that acts in the person's name."""
    author = event.comment.user
    return (
        author is not None
        and author.id == event.sender.id
        and event.sender.is_human()
        and event.comment.performed_via_github_app is None
    )


def _of_comment(event: told.CommentEvent, act: Act, actor: told.User, argument: str, received_at: int) -> Statement:
    reference = f"comment:{event.comment.id}"
    changed = act in (Act.COMMENT_EDITED, Act.COMMENT_DELETED)
    return Statement(
        id=f"{reference}:{event.action}" if changed else reference,
        act=act,
        actor=actor.actor(),
        method=Method.COMMENT,
        repository_id=event.repository.id,
        number=event.issue.number,
        head_sha=argument if act is Act.APPROVE else "",
        base_ref="",
        said_at=received_at if changed else int(event.comment.created_at.timestamp()),
        received_at=received_at,
        reference=reference,
        argument=argument,
    )


def by_button(event: told.CheckRunEvent, number: int, delivery: str, received_at: int) -> tuple[Statement, ...]:
    """A click on one of our buttons. GitHub gives it neither id nor time: the delivery is its name."""
    act = _BUTTONS.get(event.requested_action.identifier) if event.requested_action else None
    if event.action != "requested_action" or act is None or not event.sender.is_human():
        return ()
    run = event.check_run
    return (
        Statement(
            id=f"check-run:{run.id}:{delivery}",
            act=act,
            actor=event.sender.actor(),
            method=Method.BUTTON,
            repository_id=event.repository.id,
            number=number,
            head_sha=run.head_sha,
            base_ref=run.name.removeprefix(check_name("")),
            said_at=received_at,
            received_at=received_at,
            reference=f"check-run:{run.id}",
        ),
    )


def pull_number(run: told.CheckRun) -> int | None:
    """The pull request that one of our own runs was written for: its external id begins with the number.

    GitHub's `pull_requests` is empty for forks and may name several; None when neither tells.
    """
    number = (run.external_id or "").partition(":")[0]
    if number.isascii() and number.isdigit():
        return int(number[:18])
    numbers = {pull.number for pull in run.pull_requests}
    return numbers.pop() if len(numbers) == 1 else None
