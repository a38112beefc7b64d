"""The law: a text becomes a tree of bounded size, or says why not; nothing in it is ever constructed."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.blast.yamls import MAX_DEPTH, Mapping, Scalar, flatten, read_documents


def test_scalars_keep_their_line_and_tag() -> None:
    document = read_documents("a: 1\nb:\n  c: !Ref db\n").mappings[0]
    assert document.get("b", "c") == Scalar(text="db", tag="!Ref", line=3)


def test_a_merge_brings_the_keys_that_are_not_there() -> None:
    document = read_documents("a: &a {x: 1, y: 2}\nb:\n  <<: *a\n  x: 3\n").mappings[0]
    assert flatten(document.mapping("b")) == {"x": "3", "y": "2"}


def test_a_quoted_merge_key_is_a_key() -> None:
    assert flatten(read_documents('"<<": {x: 1}').documents[0]) == {"<<.x": "1"}


def test_documents_before_a_fault_are_kept_and_the_fault_is_told() -> None:
    read = read_documents("a: 1\n---\nb: [\n")
    assert len(read.documents) == 1
    assert read.fault


BOMB = "a0: &a0 [x, x, x, x, x, x, x, x, x]\n" + "".join(
    f"a{level}: &a{level} [{', '.join([f'*a{level - 1}'] * 9)}]\n" for level in range(1, 30)
)
MERGE_BOMB = "a0: &a0 {x: 1}\n" + "".join(
    f"a{level}: &a{level} {{<<: [{', '.join([f'*a{level - 1}'] * 5)}], k{level}: 1}}\n" for level in range(1, 99)
)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("aliases that double at each level", BOMB),
        ("an alias to what is still open", "a: &a [*a]"),
        ("an alias to nothing", "a: *b"),
        ("flow nesting", "[" * 100_000),
        ("mapping nesting", "a: " + "{a: " * 50_000),
        ("block nesting", "- " * 100_000),
        ("nesting just over the limit", "[" * (MAX_DEPTH + 1) + "]" * (MAX_DEPTH + 1)),
        ("a control character", "a: \x00"),
        ("an unknown directive", "%YAML 9.9\n---\na: 1"),
        ("more values than are counted", "- 1\n" * 200_001),
    ],
)
def test_hostile_texts_are_refused(name: str, text: str) -> None:
    assert read_documents(text).fault, name


def test_nested_merges_stay_linear() -> None:
    read = read_documents(MERGE_BOMB)
    assert read.fault or len(flatten(read.documents[0])) < 10_000


def test_long_keys_do_not_multiply_with_the_depth() -> None:
    deep = read_documents("{" + "k" * 1000 + ": " + ("{" + "k" * 1000 + ": ") * 50 + "1" + "}" * 51)
    assert all(len(path) < 500 for path in flatten(deep.documents[0]))


@given(st.text(alphabet="ab:-[]{}&*!<'\"#|>%\n \t,?", max_size=80))
def test_any_text_is_read_or_refused(text: str) -> None:
    for document in read_documents(text).documents:
        flatten(document)


def test_a_path_of_keys_ends_in_nothing_when_a_step_is_missing() -> None:
    document = read_documents("a: {b: x}").mappings[0]
    assert isinstance(document, Mapping)
    assert (document.text("a", "b"), document.text("a", "c"), document.text("a", "b", "c")) == ("x", "", "")
    assert document.mapping("q").entries == {}
    assert document.items("a", "q") == ()
