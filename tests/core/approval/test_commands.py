"""A command stands alone on the first line, in plain ASCII; everything else commands nothing."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.approval.commands import COMMANDS, LONGEST_BODY, Argument, Command, Rejected, parse_command
from bot.core.approval.records import Act

SHA = "0123456789abcdef0123456789abcdef01234567"

COMMANDING = [
    ("alone", "/approve-ai", Act.APPROVE, ""),
    ("with a full SHA", f"/approve-ai {SHA}", Act.APPROVE, SHA),
    ("with twelve digits", f"/approve-ai {SHA[:12]}", Act.APPROVE, SHA[:12]),
    ("with a SHA in capitals", f"/approve-ai {SHA.upper()}", Act.APPROVE, SHA),
    ("with a final line break", "/approve-ai\n", Act.APPROVE, ""),
    ("with carriage returns", "/approve-ai\r\n\r\nOn Tue, June wrote:\r\n> /approve-ai\r\n", Act.APPROVE, ""),
    ("with trailing blanks", "/approve-ai  \t", Act.APPROVE, ""),
    ("after empty lines", "\n\n/approve-ai", Act.APPROVE, ""),
    ("slightly indented", "   /approve-ai", Act.APPROVE, ""),
    ("with words below", "/approve-ai\nlooks right to me", Act.APPROVE, ""),
    ("revoked with a note", "/revoke-ai I misread it", Act.REVOKE, "I misread it"),
    ("blocked with a reason", "/block-ai drops the ledger table", Act.BLOCK, "drops the ledger table"),
    ("blocked in another language", "/block-ai löscht die Tabelle", Act.BLOCK, "löscht die Tabelle"),
    ("unblocked", "/unblock-ai", Act.UNBLOCK, ""),
    ("declared with a tool", "/declare-ai Claude Code", Act.DECLARE_AI, "Claude Code"),
    ("declared human", "/declare-human", Act.DECLARE_HUMAN, ""),
    ("disputed", "/dispute-ai a person of that name", Act.DISPUTE, "a person of that name"),
    ("glass broken", "/break-glass checkout is down", Act.BREAK_GLASS, "checkout is down"),
    ("asked", "/ai-status", Act.STATUS, ""),
    ("evaluated afresh", "/recheck-ai", Act.RECHECK, ""),
]

SILENT = [
    ("nothing", ""),
    ("blanks", " \n\t\n"),
    ("prose", "This touches infra-things."),
    ("inside a sentence", "please /approve-ai this"),
    ("at the end of a sentence", "you can say /approve-ai"),
    ("a fence", "```\n/approve-ai\n```"),
    ("a fence that never ends", "~~~\n/approve-ai"),
    ("an indented block", "    /approve-ai"),
    ("a tabbed block", "\t/approve-ai"),
    ("a quote", "> /approve-ai"),
    ("a quote with a lazy line", "> as June said:\n/approve-ai"),
    ("a bullet", "- /approve-ai"),
    ("a number", "1. /approve-ai"),
    ("an HTML comment", "<!-- /approve-ai -->"),
    ("an HTML comment over lines", "<!--\n/approve-ai\n-->"),
    ("a fold", "<details>\n/approve-ai\n</details>"),
    ("a heading", "# /approve-ai"),
    ("an underlined heading", "/approve-ai\n==========="),
    ("another bot's command", "/approve"),
    ("another bot's longer command", "/approve-all"),
    ("a typo before words", "/approve-ia please"),
    ("a typo below", "Hello\n/approve-ia"),
    ("a typo in a fence", "```\n/approve-ia\n```"),
    ("a typo in an indented block", "    /approve-ia"),
    ("a typo in a quote", "> /approve-ia"),
    ("a path", "/infra-ai/main.tf"),
    ("a link", "[x]: /approve-ai"),
    ("escaped", "\\/approve-ai"),
    ("an entity", "&#47;approve-ai"),
]

REJECTED = [
    ("a longer word", "/approve-ai.", "lower case"),
    ("capitals", "/Approve-AI", "lower case"),
    ("a tab before the SHA", f"/approve-ai\t{SHA}", "one space"),
    ("a Cyrillic letter", "/аpprove-ai", "ASCII"),
    ("a Greek letter", "/approvε-ai", "ASCII"),
    ("full-width letters", "／ａｐｐｒｏｖｅ-ai", "ASCII"),
    ("a zero-width space", "/approve\u200b-ai", "ASCII"),
    ("a no-break space before", "\u00a0/approve-ai", "ASCII"),
    ("a no-break space after", f"/approve-ai\u00a0{SHA}", "ASCII"),
    ("an en dash", "/approve–ai", "ASCII"),
    ("a combining mark", "/approve\u0301-ai", "ASCII"),
    ("a short SHA", f"/approve-ai {SHA[:11]}", "12 or more"),
    ("a word for a SHA", "/approve-ai please", "12 or more"),
    ("a SHA and a word", f"/approve-ai {SHA} please", "12 or more"),
    ("a hidden tail", "/approve-ai <!-- x -->", "12 or more"),
    ("no reason to block", "/block-ai", "reason"),
    ("a reason of dots", "/block-ai ...", "reason"),
    ("no reason to dispute", "/dispute-ai", "reason"),
    ("no reason to break the glass", "/break-glass ", "reason"),
    ("a declaration with a tail", "/declare-human mostly", "nothing after"),
    ("an unknown command", "/merge-ai", "no such command; there are"),
    ("a letter left out", "/aprove-ai", "did you mean `/approve-ai`?"),
    ("a letter left out, with words", "/aprove-ai please", "did you mean `/approve-ai`?"),
    ("letters swapped", "/approve-ia", "did you mean `/approve-ai`?"),
    ("letters swapped, with space around", "  /Declare-humna ", "did you mean `/declare-human`?"),
    ("a letter left out at the end", "/break-glas", "did you mean `/break-glass`?"),
    ("backticks", "`/approve-ai`", "backticks"),
    ("a later line", "LGTM\n\n/approve-ai", "first line"),
    ("the next line", "LGTM\n/approve-ai", "first line"),
    ("below an HTML comment", "<!-- x -->\n/approve-ai", "first line"),
    ("below the same words as a heading", "/approve-ai\n===\n\n/approve-ai", "first line"),
    ("two commands", "/declare-human\n\n/recheck-ai", "one command"),
    ("an invisible character in the reason", "/block-ai a\u202eb", "invisible"),
    ("a reason without end", "/block-ai " + "a" * 501, "500 characters"),
    ("a body without end", "/approve-ai\n" + "a" * LONGEST_BODY, "too long"),
]


@pytest.mark.parametrize("name, body, act, argument", COMMANDING, ids=[row[0] for row in COMMANDING])
def test_a_command_is_understood(name: str, body: str, act: Act, argument: str) -> None:
    assert parse_command(body) == Command(act=act, argument=argument), name


@pytest.mark.parametrize("name, body", SILENT, ids=[row[0] for row in SILENT])
def test_what_is_no_command_is_passed_over(name: str, body: str) -> None:
    assert parse_command(body) is None, name


@pytest.mark.parametrize("name, body, hint", REJECTED, ids=[row[0] for row in REJECTED])
def test_a_near_miss_gets_one_helpful_sentence(name: str, body: str, hint: str) -> None:
    found = parse_command(body)
    assert isinstance(found, Rejected), name
    assert hint in found.sentence
    assert found.sentence.endswith(".")


def test_a_long_body_without_a_command_is_passed_over() -> None:
    assert parse_command("a-b\n" * LONGEST_BODY) is None


def test_every_command_that_opens_something_needs_its_reason() -> None:
    assert {word for word, (_, takes) in COMMANDS.items() if takes is Argument.REASON} == {
        "/block-ai",
        "/dispute-ai",
        "/break-glass",
    }


@given(st.text(alphabet=st.sampled_from("/approve-ai \n\r\t`>-<!#\u200b\u00a0а" + SHA), max_size=80))
def test_only_the_exact_line_commands(body: str) -> None:
    found = parse_command(body)
    if isinstance(found, Command):
        first = next(line for line in body.replace("\r", "\n").split("\n") if line.strip())
        assert first.isascii()
        assert first.split()[0] in COMMANDS


@given(st.text(max_size=300))
def test_it_never_raises(body: str) -> None:
    parse_command(body)
    parse_command("/approve-ai " + body)


@pytest.mark.parametrize(
    "unit", [">", "> ", "- ", "`", "[", "*", "<!--", "</x", "\n", "\t- a\n", "/approve-ai\n\n", "|-|\n", "a-b\n===\n"]
)
def test_hostile_bodies_are_read_in_bounded_time(unit: str) -> None:
    started = time.process_time()
    parse_command("x-\n" + unit * ((LONGEST_BODY - 10) // len(unit)))
    assert time.process_time() - started < 2
