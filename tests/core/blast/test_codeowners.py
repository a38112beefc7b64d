"""The law: fewer owners are found, more or moved ones are not."""

from __future__ import annotations

import pytest

from tests.core.blast.judged import rules

PATH = ".github/CODEOWNERS"
BASE = "# owners\n* @acme/all\n/infra/ @acme/sre @acme/leads\n/docs/ @writer\n"


@pytest.mark.parametrize(
    "head",
    [
        None,
        "",
        BASE.replace("/infra/ @acme/sre @acme/leads\n", ""),
        BASE.replace(" @acme/sre @acme/leads", ""),
        BASE.replace(" @acme/leads", ""),
        f"{BASE}* @newcomer\n",
        f"{BASE}/infra/prod/\n",
    ],
)
def test_fewer_owners_are_found(head: str | None) -> None:
    assert "owners-removed" in rules((PATH, BASE, head))


@pytest.mark.parametrize(
    "head",
    [
        f"{BASE}/src/ @dev\n",
        BASE.replace("@writer", "@writer @editor"),
        BASE.replace("@writer", "@editor"),
        BASE.replace("/docs/", "docs/**"),
        BASE.replace("# owners\n", "# nobody\n\n"),
    ],
)
def test_more_or_other_owners_are_no_effect(head: str) -> None:
    assert rules((PATH, BASE, head)) == set()


def test_the_file_may_move() -> None:
    assert rules((PATH, BASE, None), ("CODEOWNERS", None, BASE)) == set()


def test_a_person_in_the_place_of_a_team_is_found_and_weighs_less() -> None:
    assert rules((PATH, BASE, BASE.replace("@acme/leads", "@dev"))) == {"owners-swapped"}
    assert rules((PATH, BASE, BASE.replace("@acme/leads", "@acme/heads"))) == set()
