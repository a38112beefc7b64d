"""The person who asked an agent for a change is found where the agent names them, and nowhere else."""

from __future__ import annotations

import pytest

from bot.core.provenance.requesters import named_requesters
from bot.core.pull import Actor, ActorKind
from tests.builders import pull

BOT = Actor(login="frobnicator[bot]", id=99, kind=ActorKind.BOT)

CASES = [
    ("a bot tells", {"author": BOT, "body": "Requested by: @Sam-Doe"}, ("sam-doe",)),
    ("a bot tells in markdown", {"author": BOT, "body": "Started by [@sam](https://github.com/sam)"}, ("sam",)),
    ("a person tells of a person", {"body": "Requested by: @boss"}, ()),
    (
        "an agent under a person's account",
        {"body": "🤖 Posted on behalf of `@sam` by [x](https://x.example)"},
        ("sam",),
    ),
    ("Jules", {"body": "*PR created automatically by Jules for task [1](https://x) started by @sam*"}, ("sam",)),
    ("an earlier body", {"author": BOT, "past_bodies": ("on behalf of @sam",)}, ("sam",)),
    ("a quotation", {"author": BOT, "body": "> requested by @sam"}, ()),
    ("an address", {"author": BOT, "body": "requested by sam@example.com"}, ()),
]


@pytest.mark.parametrize("name, fields, expected", CASES, ids=[case[0] for case in CASES])
def test_who_asked(name: str, fields: dict[str, object], expected: tuple[str, ...]) -> None:
    del name
    assert named_requesters(pull(**fields)) == expected


def test_many_names_do_not_hide_one() -> None:
    decoys = "\n".join(f"Requested by: @aa-{number:03}" for number in range(500))
    assert "sam" in named_requesters(pull(author=BOT, body=f"{decoys}\nRequested by: @sam"))
