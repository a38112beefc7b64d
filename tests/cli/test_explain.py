"""`explain` knows every rule that a report can name."""

from __future__ import annotations

import pytest

from bot.cli.explain import explanation, ids
from bot.data import load_catalogue
from tests.cli.conftest import Run

CATALOGUE = load_catalogue()


@pytest.mark.parametrize("rule", ids(CATALOGUE))
def test_every_id_is_explained_with_its_source(rule: str) -> None:
    assert any(line.startswith("  known from") for line in explanation(rule, CATALOGUE))


def test_a_marker_is_explained_in_words(run: Run) -> None:
    result = run("explain", "claude-code-trailer-claude-session")
    assert result.exit_code == 0
    assert "claude-code-trailer-claude-session: a marker of Claude Code (Anthropic)\n" in result.stdout
    assert "this key Claude-Session" in result.stdout


@pytest.mark.parametrize(
    ("rule", "first"),
    [
        ("terraform", "terraform: a kind of infrastructure; an edit alone is worth tier medium"),
        ("generated-footer", "generated-footer: a way to disclose AI use, whichever the tool"),
        ("terraform-guard-weakened", "terraform-guard-weakened: an effect of a change, weaken-guard, worth tier high"),
    ],
)
def test_the_first_line_says_what_a_rule_is_and_what_it_is_worth(run: Run, rule: str, first: str) -> None:
    assert run("explain", rule).stdout.splitlines()[0] == first


def test_an_unknown_id_is_refused_with_those_that_resemble_it(run: Run) -> None:
    result = run("explain", "unknown-b")
    assert result.exit_code == 2
    assert "unknown-bot" in " ".join(result.output.split())
