"""The law: what is allowed can grow, and only growth is told."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.blast.statements import Statement, growth, lost_denials, statements_of
from bot.core.blast.yamls import read_documents

ACTIONS = ("s3:Get", "s3:*", "*", "iam:PassRole")


def allow(*actions: str, on: tuple[str, ...] = ("a",), to: tuple[str, ...] = (), condition: str = "") -> Statement:
    return Statement(allows=True, actions=actions, resources=on, principals=to, condition=condition)


@pytest.mark.parametrize(
    ("name", "base", "head", "what"),
    [
        ("the same", allow("s3:Get"), allow("s3:Get"), ""),
        ("another case", allow("s3:Get"), allow("S3:get"), ""),
        ("a further action", allow("s3:Get"), allow("s3:Get", "s3:Put"), "allows `s3:Put`"),
        ("covered by a wildcard of the service", allow("s3:*"), allow("s3:Put"), ""),
        ("covered by everything", allow("*"), allow("s3:Put"), ""),
        ("everything but", allow("s3:Get"), allow("not iam:Put"), "allows `not iam:Put`"),
        ("a further resource", allow("s3:Get"), allow("s3:Get", on=("a", "b")), "allows `s3:Get` on `b`"),
        ("a reworded resource", allow("s3:Get"), allow("s3:Get", on=("b",)), ""),
        ("every resource", allow("s3:Get"), allow("s3:Get", on=("*",)), "allows `s3:Get` on `*`"),
        ("a further principal", allow("s3:Get", to=("x",)), allow("s3:Get", to=("x", "y")), "allows `s3:Get` to `y`"),
        (
            "without the condition",
            allow("s3:Get", condition="tls"),
            allow("s3:Get"),
            "allows `s3:Get` under another condition or none",
        ),
        ("with a condition", allow("s3:Get"), allow("s3:Get", condition="tls"), ""),
    ],
)
def test_what_grows(name: str, base: Statement, head: Statement, what: str) -> None:
    assert [one.what for one in growth([base], [head])] == ([what] if what else []), name


statements = st.lists(
    st.builds(
        lambda allows, actions, on: Statement(allows=allows, actions=tuple(actions), resources=tuple(on)),
        st.booleans(),
        st.lists(st.sampled_from(ACTIONS), min_size=1, max_size=3, unique=True),
        st.lists(st.sampled_from(["a", "b", "*"]), min_size=1, max_size=2, unique=True),
    ),
    max_size=4,
)


@given(statements, statements)
def test_nothing_grows_when_statements_are_taken_out_or_reordered(
    left: list[Statement], right: list[Statement]
) -> None:
    assert growth([*left, *right], left) == ()
    assert growth([*left, *right], [*right, *left]) == ()
    assert lost_denials(left, [*right, *left]) == ()


@given(statements)
def test_what_is_new_to_nothing_is_every_allowed_action(side: list[Statement]) -> None:
    assert bool(growth([], side)) == any(one.allows for one in side)
    assert bool(lost_denials(side, [])) == any(not one.allows for one in side)


def test_a_document_of_one_statement_or_many_is_read() -> None:
    one = read_documents('{"Statement": {"Effect": "Deny", "NotAction": "s3:*", "Resource": ["a", "b"]}}').documents[0]
    (statement,) = statements_of(one)
    assert (statement.allows, statement.actions, statement.resources) == (False, ("not s3:*",), ("a", "b"))
    assert statements_of(read_documents("[1]").documents[0]) == ()
    assert statements_of(read_documents('{"Statement": [{"Action": {}}, 1]}').documents[0])[0].actions == ()
