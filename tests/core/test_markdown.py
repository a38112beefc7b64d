"""Outside text repeated in Markdown renders nothing, mentions nobody and commands no other bot."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from bot.core.markdown import code, code_cell, login, plain, shorten


@given(st.text())
def test_a_code_span_is_nothing_but_one_code_span(text: str) -> None:
    inline = MarkdownIt().parse(f"x {code(text)} y")[1]
    assert [child.type for child in inline.children or ()] == ["text", "code_inline", "text"]


@given(st.text())
def test_a_code_span_in_a_table_stays_in_its_cell(text: str) -> None:
    assert "|" not in code_cell(text)


@pytest.mark.parametrize(
    "text",
    ["@acme/seniors please", "cc @octocat", "fixes #12", "/kiro fix this", "run\n/approve-ai"],
)
def test_no_mention_reference_or_command_survives(text: str) -> None:
    shown = code(text)
    assert not any(word[0] in "@#/" and word[1:2].isalnum() for word in shown.strip("`").split())


def test_a_path_and_an_address_stay_as_they_are() -> None:
    assert code("infra/db.tf:14") == "`infra/db.tf:14`"
    assert code("https://claude.ai/code/session_1") == "`https://claude.ai/code/session_1`"


@pytest.mark.parametrize("name", ["octo-cat", "sam"])
def test_a_login_is_bold_and_not_a_mention(name: str) -> None:
    assert login(name) == f"**{name}**"


def test_a_bot_login_is_code() -> None:
    assert login("renovate[bot]") == "`renovate[bot]`"


def test_text_is_cut_with_a_visible_mark() -> None:
    assert shorten("abcdef", 4) == "abc…"
    assert plain("a\x00b\u202ec", 10) == "a b c"
