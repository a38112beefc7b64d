"""How a branch moved is told whole, or it is said that it is not."""

from __future__ import annotations

import pytest

from bot.core.landing import Move, MoveKind
from bot.github.read.landings import _since

NOTE = Move(id=0, kind=MoveKind.BASELINE, before="", after="b", actor="", at=20)


def move(number: int, after: str, at: int) -> Move:
    return Move(id=number, kind=MoveKind.PUSH, before="", after=after, actor="jay", at=at)


# Newest first, as GitHub lists them.
MOVES = [move(4, "b", 40), move(3, "c", 30), move(2, "b", 20), move(1, "a", 10)]

CASES: list[tuple[str, Move, list[int] | None]] = [
    ("by its id", MOVES[1], [4]),
    ("the newest", MOVES[0], []),
    ("our note, by its commit at its time", NOTE, [4, 3]),
    ("our note by a clock that is behind", Move(id=0, kind=NOTE.kind, before="", after="b", actor="", at=1), []),
    ("one that is not listed", move(9, "z", 5), None),
    ("a note of a commit that is not listed", Move(id=0, kind=NOTE.kind, before="", after="z", actor="", at=99), None),
]


@pytest.mark.parametrize(("last", "found"), [row[1:] for row in CASES], ids=[row[0] for row in CASES])
def test_the_moves_since_the_last_known_one(last: Move, found: list[int] | None) -> None:
    since = _since(MOVES, last)
    assert (since if since is None else [one.id for one in since]) == found
