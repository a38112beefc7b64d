"""Patterns of paths over-match on purpose, and in linear time."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.policy.paths import any_path_matches, fold_path, pattern_fault
from tests.builders import changed_file


def matches(pattern: str, path: str) -> bool:
    return any_path_matches((pattern,), (changed_file(path, "a", "b"),))


TABLE = [
    ("*.tf", "infra/db.tf", True),
    ("*.tf", "infra/db.tf.md", False),
    ("infra/", "infra/db.tf", True),
    ("/infra", "infra/db.tf", True),
    ("/infra", "old/infra/db.tf", False),
    ("infra", "old/infra/db.tf", True),
    ("**/prod/**", "a/prod/b", True),
    ("a?c", "abc", True),
    ("[ab].tf", "b.tf", True),
    ("INFRA/**", "infra/x", True),
    ("straße", "STRASSE", True),
]


@pytest.mark.parametrize("pattern, path, expected", TABLE)
def test_patterns_match_as_in_gitignore(pattern: str, path: str, expected: bool) -> None:
    assert matches(pattern, path) is expected


@given(st.text(max_size=30))
def test_any_path_can_be_folded_and_matched(path: str) -> None:
    assert fold_path(fold_path(path)) == fold_path(path)
    matches("*a*", path)


@given(st.text(max_size=30))
def test_a_pattern_is_usable_or_has_a_fault(pattern: str) -> None:
    if not pattern_fault(pattern):
        matches(pattern, "infra/db.tf")


def test_a_hostile_pattern_takes_linear_time() -> None:
    started = time.process_time()
    matches("*a" * 100 + "b", "a" * 4_000)
    assert time.process_time() - started < 1
