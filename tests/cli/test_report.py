"""The report says the verdict first, every reason with its place, and lets no outside text steer the terminal."""

from __future__ import annotations

import io

import pytest
from rich.console import Console

from bot.cli.report import report
from bot.core.decision import Decision, Demand, Verdict
from bot.core.finding import Side, Strength, Tier
from bot.core.policy.model import Fault
from tests.builders import effect, evidence, pull
from tests.core.decisions import demand, judged


def shown(of: Decision, *notices: str) -> str:
    out = io.StringIO()
    Console(file=out, width=160).print(report(of, pull(), notices))
    return out.getvalue()


def test_a_pending_change_says_why_and_what_is_asked() -> None:
    strict = Demand(rule="destroys", seniors=2, from_sets=("acme/sre",), step_up=True)
    text = shown(
        judged(found=(evidence(),), effects=(effect(side=Side.BASE),), tier=Tier.HIGH, demands=(demand(), strict)),
        "a notice",
    )
    assert text.startswith(
        "● pending Waiting for 1 seniors: replaces aws_db_instance.main, AI-assisted (Claude Code)\n"
    )
    for expected in (
        "Blast radius: high",
        "infra/db.tf:14 (before)",
        "changing identifier forces a new database",
        "AI involvement: explicit",
        "Co-Authored-By: Claude <noreply@anthropic.com>  commit aaaaaaaa",
        "Asked: 2 seniors",
        "1 senior   any ",
        "2 seniors  from acme/sre  with a passkey  rule: destroys",
        "a notice",
    ):
        assert expected in text


@pytest.mark.parametrize(
    ("verdict", "start"),
    [
        (Verdict.CLEAR, "✔ clear"),
        (Verdict.APPROVED, "✔ approved"),
        (Verdict.PENDING, "● pending"),
        (Verdict.BLOCKED, "✖ blocked"),
        (Verdict.BROKEN, "✖ broken"),
    ],
)
def test_the_verdict_comes_first(verdict: Verdict, start: str) -> None:
    assert shown(judged(verdict, incomplete=("x",))).startswith(start)


def test_what_was_not_read_and_faults_of_the_policy_are_listed() -> None:
    text = shown(judged(Verdict.BROKEN, incomplete=("commit 1",), faults=(Fault(line=3, column=7, message="no"),)))
    assert "Not read: 1\n  commit 1" in text
    assert "Policy faults: 1\n  3:7 no" in text


def test_a_sign_that_many_commits_repeat_is_one_row() -> None:
    text = shown(judged(found=tuple(evidence(where=f"commit {number}") for number in range(30))))
    assert text.count("Co-Authored-By: Claude <noreply@anthropic.com>") == 1
    assert "commit 0 and 29 more" in text


def test_a_line_that_is_a_sign_by_two_rules_is_one_row_by_the_stronger() -> None:
    weaker = evidence(rule="generic", agent="unknown", strength=Strength.WEAK)
    text = shown(judged(found=(evidence(), weaker)))
    assert text.count("Co-Authored-By: Claude") == 1
    assert "explicit, authored  Claude Code" in text


def test_long_lists_are_cut_and_say_so() -> None:
    many = tuple(effect(address=f"aws_instance.n{number}") for number in range(40))
    text = shown(judged(effects=many, tier=Tier.HIGH))
    assert text.count("aws_instance.n") == 16, "15 rows and the title"
    assert "and 25 more" in text


def test_outside_text_cannot_steer_the_terminal() -> None:
    evil = "\x1b[2J\x1b]0;owned\x07[bold red]x[/]\u202e\r\n"
    text = shown(judged(found=(evidence(text=evil),), effects=(effect(address=evil),), tier=Tier.HIGH), evil)
    assert not {"\x1b", "\x07", "\r", "\u202e"} & set(text)
    assert "[bold red]x[/]" in text
