"""A declaration is a ticked box with its anchor, and nothing that only looks like one."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.finding import Declaration, Strength
from bot.core.policy.model import ProvenancePolicy
from bot.core.provenance.declarations import TEMPLATE, declared_evidence, declared_in
from bot.data import load_catalogue

AI, HUMAN, NONE = Declaration.AI, Declaration.HUMAN, Declaration.NONE
YES, NO = "- [x] Yes <!-- countersign:ai -->", "- [X] No <!-- countersign:human -->"

CASES = [
    ("the untouched template", TEMPLATE, NONE),
    ("yes", TEMPLATE.replace("[ ] Yes", "[x] Yes"), AI),
    ("no", TEMPLATE.replace("[ ] No", "[X] No"), HUMAN),
    ("both", f"{YES}\n{NO}\n", AI),
    ("translated words", "* [x] Ja <!--countersign:ai-->\r\n", AI),
    ("no anchor", "- [x] Yes, AI was used", NONE),
    ("in a code block", f"```\n{YES}\n```\n", NONE),
    ("quoted", f"> {YES}\n", NONE),
    ("indented as code", f"    {YES}\n", NONE),
    ("hidden in a comment", f"<!--\n{NO}\n-->", NONE),
    ("the anchor typed as text", "- [x] countersign:human", NONE),
    ("a negation in the words changes nothing", "- [x] No AI was used <!-- countersign:ai -->", AI),
    ("far too long", NO + "x" * (1 << 18), NONE),
]


@pytest.mark.parametrize("name, body, expected", CASES, ids=[case[0] for case in CASES])
def test_the_boxes_of_a_body(name: str, body: str, expected: Declaration) -> None:
    del name
    assert declared_in(body) is expected


TOOLS = [
    ("a listed tool", "copilot", "copilot-vscode"),
    ("a listed tool by its everyday name", "Cursor", "cursor"),
    ("a listed tool in a sentence", "I used Claude Code for the tests", "claude-code"),
    ("a tool that nobody has listed", "Frobnicator 2.1", "frobnicator-2.1"),
    ("Markdown", "**x** [y](https://z) @team", "unknown"),
    ("signs alone", "*#@", "unknown"),
    ("a sentence", "some tool that I forgot", "unknown"),
    ("nothing", "", "unknown"),
    ("one long word", "a" * 500, "a" * 40),
]


@pytest.mark.parametrize("name, words, agent", TOOLS, ids=[case[0] for case in TOOLS])
def test_a_declaration_keeps_the_tool_that_it_names(name: str, words: str, agent: str) -> None:
    del name
    (found,) = declared_evidence((words,), ProvenancePolicy(), load_catalogue().markers)
    assert (found.rule, found.agent, found.strength) == ("declared-ai", agent, Strength.EXPLICIT)
    assert (
        found.text == f"AI was declared for this change: {words}"[:200] if words else "AI was declared for this change"
    )


@given(st.text())
def test_any_body_is_read(body: str) -> None:
    declared_in(body + NO)
