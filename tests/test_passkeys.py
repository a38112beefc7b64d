"""Which passkeys stand, from when they count, and what is signed with one."""

from __future__ import annotations

from collections.abc import Iterable

import pytest

from bot.core.memory import Memory
from bot.passkeys import Passkey, approvable, challenge, of_passkey, of_removal, of_use, standing_passkeys

FIRST = Passkey(credential="a", public_key="k", sign_count=1, name="laptop", registered_at=100, counts_from=200)
SECOND = Passkey(
    credential="b", public_key="k", sign_count=0, name="key", registered_at=300, counts_from=300, vouched_by="a"
)
ASKED = ("approve", 5, "sha256:1", "nonce")


def standing(*kept: Memory) -> list[tuple[str, int]]:
    lines: Iterable[tuple[str, str]] = [(one.kind.value, one.body) for one in kept]
    return [(one.credential, one.sign_count) for one in standing_passkeys(lines)]


@pytest.mark.parametrize(
    "other",
    [
        ("register", 5, "sha256:1", "nonce"),
        ("approve", 6, "sha256:1", "nonce"),
        ("approve", 5, "sha256:2", "nonce"),
        ("approve", 5, "sha256:1", "other"),
        ("approve", 5, "", "sha256:1nonce"),
    ],
    ids=["purpose", "person", "matter", "nonce", "where one ends"],
)
def test_a_challenge_is_for_one_purpose_person_and_matter_and_once(other: tuple[str, int, str, str]) -> None:
    assert len(challenge(*ASKED)) == 32
    assert challenge(*ASKED) == challenge(*ASKED) != challenge(*other)


def test_those_that_were_registered_and_not_removed_stand_oldest_first() -> None:
    assert standing(of_passkey(SECOND), of_passkey(FIRST)) == [("a", 1), ("b", 0)]
    assert standing(of_passkey(FIRST), of_passkey(SECOND), of_removal(FIRST, 400)) == [("b", 0)]
    assert standing() == []


def test_the_highest_count_that_was_seen_is_the_one_to_pass() -> None:
    uses = [of_use(FIRST, count, str(count), 400) for count in (7, 9, 8)]
    assert standing(of_passkey(FIRST), *uses) == [("a", 9)]


def test_a_use_after_its_removal_brings_nothing_back() -> None:
    assert standing(of_passkey(FIRST), of_removal(FIRST, 400), of_use(FIRST, 9, "n", 401)) == []


def test_one_that_waits_counts_from_its_second_on() -> None:
    assert [FIRST.counts(now) for now in (100, 199, 200, 201)] == [False, False, True, True]


def test_a_line_that_cannot_be_read_is_no_missing_passkey() -> None:
    """Otherwise a removal that this release cannot read would leave the passkey standing."""
    with pytest.raises(ValueError, match="credential"):
        standing_passkeys([("passkey-removed", "{}")])


@pytest.mark.parametrize(
    "text", ["", "null", "{}", '{"state": "OPEN"}', '{"head_sha": "a", "base_ref": "b", "state": "x"}']
)
def test_what_is_no_decision_offers_nothing_to_approve(text: str) -> None:
    assert approvable(text) is None
