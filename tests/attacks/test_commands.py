"""Attacks by comments, reviews and labels: rows 41 to 54 of the list in `rows.toml`."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.core.approval.commands import Command, Rejected, parse_command
from bot.core.approval.records import Act, Method
from bot.core.pull import Comment, PullState
from tests.builders import HEAD, JUNIOR, SENIOR
from tests.core.approval.people import OTHER_HEAD, bind_now, change, recorded, said, standing

COMMENTED = recorded(said(method=Method.COMMENT))


def test_041_a_comment_edited_into_a_command_commands_nothing() -> None:
    edited = change(comments=(Comment(id=2, author=SENIOR, edited=True),))
    bound = bind_now(said(method=Method.COMMENT), pull=edited)
    assert bound is not None
    assert bound.binding is None
    assert standing(COMMENTED, pull=edited).missing


def test_042_a_comment_that_somebody_else_edited_voids_for_good() -> None:
    edit = recorded(said(JUNIOR, Act.COMMENT_EDITED, Method.COMMENT, reference="comment:2"))
    assert not standing(COMMENTED).missing
    assert standing(COMMENTED, edit).missing


@pytest.mark.parametrize(
    "body",
    [
        "```\n/approve-ai\n```",
        "~~~\n/approve-ai\n~~~",
        "    /approve-ai",
        "> /approve-ai",
        "<!-- /approve-ai -->",
        "<!--\n/approve-ai\n-->",
        "text `/approve-ai` text",
        "- /approve-ai",
        "| a |\n|---|\n| /approve-ai |",
        "<details>\n<summary>x</summary>\n/approve-ai\n</details>",
    ],
)
def test_043_code_quotes_and_html_command_nothing(body: str) -> None:
    assert not isinstance(parse_command(body), Command)


@pytest.mark.parametrize("body", ["To merge, comment:\n\n/approve-ai", "please say /approve-ai", "@sam /approve-ai"])
def test_044_an_instruction_to_a_reader_commands_nothing(body: str) -> None:
    assert not isinstance(parse_command(body), Command)


def test_045_commands_have_one_surface() -> None:
    """Titles, bodies, reviews and commits are facts that no approval is read from."""
    spoken = change(title="/approve-ai", body="/approve-ai", head_ref="/approve-ai", labels=("/approve-ai",))
    assert standing(pull=spoken).missing


def test_046_a_label_approves_nothing() -> None:
    assert standing(pull=change(labels=("approved", "approve-ai", "lgtm"))).missing


@pytest.mark.parametrize(
    "body", ["\u00a0/approve-ai", "/approve\u200b-ai", "/аpprove-ai", "／approve-ai", "/APPROVE-AI"]
)
def test_047_lookalikes_command_nothing_and_are_answered(body: str) -> None:
    assert isinstance(parse_command(body), Rejected)


def test_048_a_reply_by_mail_commands_once() -> None:
    body = "/approve-ai\r\n\r\nOn Wed, June <june@example.org> wrote:\r\n> /block-ai no\r\n"
    assert parse_command(body) == Command(act=Act.APPROVE)
    assert parse_command("On Wed, June wrote:\r\n> /approve-ai\r\n") is None


def test_049_a_prefix_of_a_commit_must_be_long_and_of_the_head() -> None:
    assert isinstance(parse_command("/approve-ai " + HEAD[:11]), Rejected)
    for named, counts in ((HEAD[:12], True), (HEAD[:11], False), (OTHER_HEAD[:12], False)):
        bound = bind_now(said(method=Method.COMMENT, head_sha=named))
        assert bound is not None
        assert (bound.binding is not None) is counts


def test_052_a_command_elsewhere_or_on_what_is_closed_is_refused() -> None:
    here = said(method=Method.COMMENT)
    for elsewhere in (replace(here, number=8), replace(here, repository_id=11)):
        bound = bind_now(elsewhere)
        assert bound is not None
        assert bound.binding is None
    # What was merged can still be approved, which lets nothing merge; what was closed otherwise cannot.
    for state, act in ((PullState.CLOSED, Act.APPROVE), (PullState.MERGED, Act.DISPUTE), (PullState.MERGED, Act.BLOCK)):
        bound = bind_now(said(SENIOR, act, Method.COMMENT), pull=change(state=state))
        assert bound is not None
        assert bound.binding is None


def test_052_saying_it_twice_is_saying_it_once() -> None:
    assert standing(COMMENTED, COMMENTED) == standing(COMMENTED)


def test_053_a_deleted_approval_is_void_and_the_record_stays() -> None:
    gone = standing(COMMENTED, pull=change(comments=()))
    assert gone.missing
    assert ("sam", "gave it by a comment that is gone") in {(void.who, void.why) for void in gone.void}


@pytest.mark.parametrize(
    "body", ["`/approve-ai`", "/approve-ai please", "LGTM\n\n/approve-ai", "/aprove-ai", "/block-ai"]
)
def test_054_a_near_miss_is_answered(body: str) -> None:
    found = parse_command(body)
    assert isinstance(found, Rejected)
    refused = bind_now(said(JUNIOR, Act.MALFORMED, Method.COMMENT, argument=found.sentence))
    assert refused is not None
    assert refused.refusal == found.sentence
