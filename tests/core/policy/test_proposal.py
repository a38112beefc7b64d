"""A policy file of the head is read like the base's, and whatever cannot be read has a fault."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.core.policy.default import BUILT_IN
from bot.core.policy.model import Policy, PolicyError
from bot.core.policy.parse import parse_policy
from bot.core.policy.proposal import Proposal, Texts, propose
from bot.core.policy.requirement import POLICY_PATH
from bot.core.pull import Blob, ChangedFile, FileStatus
from tests.builders import blob, changed_file

GOOD = "version: 1\nseniors: {users: [sam]}\nrules: [{name: a, when: {tier: low}, require: {seniors: 1}}]\n"


def choose(texts: Texts) -> Policy | PolicyError:
    text = texts[POLICY_PATH]
    return BUILT_IN if text is None else parse_policy(text, POLICY_PATH)


def proposed(*files: ChangedFile) -> Proposal | None:
    return propose(files, (POLICY_PATH,), choose)


def policy_file(head: Blob) -> ChangedFile:
    return replace(changed_file(POLICY_PATH, GOOD, GOOD), head=head)


def test_a_change_elsewhere_proposes_nothing() -> None:
    copied = replace(changed_file("other.yml", GOOD, GOOD, old_path=POLICY_PATH), status=FileStatus.COPIED)
    assert proposed() is None
    assert proposed(changed_file("README.md", "a", "b"), copied) is None


def test_a_good_policy_is_what_would_hold() -> None:
    found = proposed(changed_file(POLICY_PATH, None, GOOD))
    assert found is not None
    assert found.errors == ()
    assert found.policy is not None
    assert found.policy.seniors.users == ("sam",)


@pytest.mark.parametrize(
    "gone", [changed_file(POLICY_PATH, GOOD, None), changed_file("old.yml", GOOD, GOOD, old_path=POLICY_PATH)]
)
def test_a_policy_that_goes_leaves_the_next_one(gone: ChangedFile) -> None:
    assert proposed(gone) == Proposal(policy=BUILT_IN)


BROKEN: list[tuple[str, ChangedFile, tuple[int, int, str]]] = [
    ("a misspelt key", policy_file(blob(GOOD + "mod: shadow\n")), (4, 1, "unknown key")),
    ("a link", policy_file(blob("elsewhere.yml", mode="120000")), (1, 1, "symbolic link")),
    (
        "a submodule",
        policy_file(replace(blob(None, mode="160000"), unread="a submodule's commit")),
        (1, 1, "submodule"),
    ),
    ("a binary", policy_file(replace(blob(None), unread="binary")), (1, 1, "binary")),
    ("not told", policy_file(replace(blob(None), unread="not told by GitHub")), (1, 1, "not told")),
    ("no UTF-8", policy_file(blob(GOOD + "# caf\ufffd\n")), (1, 1, "UTF-8")),
    ("a folder", changed_file(f"{POLICY_PATH}/a.yml", None, GOOD), (1, 1, "folder")),
    ("an empty file", policy_file(blob("")), (1, 1, "empty")),
]


@pytest.mark.parametrize(("file", "expected"), [row[1:] for row in BROKEN], ids=[row[0] for row in BROKEN])
def test_whatever_cannot_be_used_has_a_fault_at_its_place(file: ChangedFile, expected: tuple[int, int, str]) -> None:
    found = proposed(file)
    assert found is not None
    assert found.policy is None
    ((error),) = found.errors
    (fault,) = error.faults
    line, column, message = expected
    assert error.source == POLICY_PATH
    assert (fault.line, fault.column) == (line, column)
    assert message in fault.message
