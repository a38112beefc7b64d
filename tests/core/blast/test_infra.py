"""The law: a table with a fault is refused whole, so that the App never starts with half its knowledge."""

from __future__ import annotations

from collections.abc import Callable

import msgspec
import pytest

from bot.core.blast.infra import parse_kinds, parse_names, parse_rules
from bot.core.blast.kinds import PathSet, fold_path

KIND = '[[kind]]\nid = "a"\nweight = 1\nsource = "s"\npaths = ["*.a"]\n'
RULE = '[[rule]]\nid = "a"\neffect = "destroy"\ntier = "high"\nsentence = "A"\nsource = "s"\n'
NAMES = '[[list]]\nid = "a"\nnames = ["x"]\nsource = "s"\n'


def test_a_doubled_id_is_refused() -> None:
    readers: list[Callable[[], object]] = [
        lambda: parse_kinds(KIND + KIND),
        lambda: parse_rules([RULE, RULE]),
        lambda: parse_names([NAMES, NAMES]),
    ]
    for read in readers:
        with pytest.raises(ValueError, match="a: expected one row of this id"):
            read()


def test_an_unknown_key_is_refused() -> None:
    with pytest.raises(msgspec.ValidationError, match="unknown field"):
        parse_kinds(KIND + "wieght = 2\n")


@pytest.mark.parametrize("pattern", ["", "# a comment", "!x"])
def test_a_pattern_that_matches_nothing_is_refused(pattern: str) -> None:
    with pytest.raises(ValueError, match="expected a gitignore-style path"):
        PathSet([pattern])


def test_no_patterns_match_nothing() -> None:
    assert PathSet([]).hits("a") == ()


def test_patterns_are_folded_and_found_by_place() -> None:
    patterns = PathSet(["*.TF", "docs/", "infra/**"])
    assert patterns.hits(fold_path("Infra/MAIN.tf")) == (0, 2)
