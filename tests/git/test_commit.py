"""A raw commit object is read as it is; what is malformed comes out empty, never as an error."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.pull import Actor, ActorKind, Signatory
from bot.git.commit import linked_account, parse_commit
from tests.git.test_signature import FINGERPRINT, SSH, armour

TREE = b"tree " + b"1" * 40 + b"\n"
AUTHOR = b"author Ann <ann@example.com> 1767225600 +0000\n"
COMMITTER = b"committer Cy <cy@example.com> 1767225600 +0000\n"


def test_a_plain_commit() -> None:
    parents = b"parent " + b"2" * 40 + b"\nparent " + b"3" * 40 + b"\n"
    commit = parse_commit("a", TREE + parents + AUTHOR + COMMITTER + b"\nSubject\n\nBody\n", ("note",))
    assert commit.parents == ("2" * 40, "3" * 40)
    assert commit.author == Signatory(name="Ann", email="ann@example.com")
    assert commit.committer == Signatory(name="Cy", email="cy@example.com")
    assert commit.message == "Subject\n\nBody\n"
    assert commit.signature is None
    assert commit.notes == ("note",)


def test_a_signature_spans_lines_and_is_not_part_of_the_message() -> None:
    lines = armour("SSH", SSH).replace("\n", "\n ").encode()
    commit = parse_commit("a", TREE + AUTHOR + COMMITTER + b"gpgsig " + lines + b"\n\nSubject\n", ())
    assert commit.signature is not None
    assert (commit.signature.fingerprint, commit.signature.verified) == (FINGERPRINT, False)
    assert commit.message == "Subject\n"


def test_a_merged_tags_signature_is_not_the_commits() -> None:
    tag = b"mergetag object " + b"4" * 40 + b"\n type commit\n \n gpgsig -----BEGIN SSH SIGNATURE-----\n"
    assert parse_commit("a", TREE + AUTHOR + COMMITTER + tag + b"\nSubject\n", ()).signature is None


def test_the_first_of_two_authors_counts_as_git_reads_it() -> None:
    commit = parse_commit("a", TREE + AUTHOR + b"author Eve <eve@example.com> 1 +0000\n" + COMMITTER + b"\nS", ())
    assert commit.author.name == "Ann"


@pytest.mark.parametrize(
    ("encoding", "raw", "message"),
    [
        ("", "Zürich".encode(), "Zürich"),
        ("ISO-8859-1", "Zürich".encode("latin-1"), "Zürich"),
        ("ISO-8859-1", "Zürich".encode(), "Zürich"),
        ("", "Zürich".encode("latin-1"), "Z\ufffdrich"),
        ("utf-16", b"Assisted-by: X\xff", "Assisted-by: X\ufffd"),
        ("utf-7", b"Assisted-by: X\xff", "Assisted-by: X\ufffd"),
        ("no-such-thing", b"\xff", "\ufffd"),
    ],
)
def test_a_declared_encoding_cannot_hide_ascii(encoding: str, raw: bytes, message: str) -> None:
    declared = b"encoding " + encoding.encode() + b"\n" if encoding else b""
    assert parse_commit("a", TREE + AUTHOR + COMMITTER + declared + b"\n" + raw, ()).message == message


def test_nothing_behind_a_nul_byte_is_lost() -> None:
    commit = parse_commit("a", TREE + AUTHOR + COMMITTER + b"\nSubject\n\0\nAssisted-by: X\n", ())
    assert "Assisted-by: X" in commit.message


@pytest.mark.parametrize(
    ("ident", "name", "email"),
    [
        (b"Ann <ann@example.com> 1 +0000", "Ann", "ann@example.com"),
        (b"<ann@example.com> 1 +0000", "", "ann@example.com"),
        (b"Ann <> 1 +0000", "Ann", ""),
        (b"Ann", "Ann", ""),
        (b"Ann <a<b>c> 1 +0000", "Ann", "a<b"),
        (b"A\xffn <ann@example.com> 1 +0000", "A\ufffdn", "ann@example.com"),
    ],
)
def test_identities_are_split_as_git_splits_them(ident: bytes, name: str, email: str) -> None:
    commit = parse_commit("a", TREE + b"author " + ident + b"\n" + COMMITTER + b"\nS", ())
    assert commit.author == Signatory(name=name, email=email)


@pytest.mark.parametrize(
    ("email", "account"),
    [
        ("12+ann@users.noreply.github.com", Actor(login="ann", id=12, kind=ActorKind.USER)),
        ("ann@users.noreply.github.com", Actor(login="ann", id=None, kind=ActorKind.USER)),
        ("9+tool[bot]@users.noreply.github.com", Actor(login="tool[bot]", id=9, kind=ActorKind.BOT)),
        ("9+Tool[Bot]@Users.Noreply.GitHub.com", Actor(login="Tool[Bot]", id=9, kind=ActorKind.BOT)),
        ("noreply@github.com", None),
        ("ann@users.noreply.github.com.example.com", None),
        ("12+ann@users.noreply.github.com\n", None),
        ("", None),
    ],
)
def test_only_githubs_private_address_names_an_account(email: str, account: Actor | None) -> None:
    assert linked_account(email) == account


@given(st.binary(max_size=400))
def test_no_bytes_raise(raw: bytes) -> None:
    assert parse_commit("a", raw, ()).sha == "a"
