"""GitHub is asked about each account and repository once a minute, however many ask for it."""

from __future__ import annotations

import asyncio

import pytest

from bot.github.errors import Unavailable
from bot.jobs import Evaluate, Placed
from bot.web.ports import Visitor
from bot.web.readers import Readers
from tests.web.conftest import Clock

JAY = Visitor(id=5, login="jay")
SHOP = Evaluate(installation_id=3, repository_id=1, owner="acme", name="shop", number=2)


class Slow:
    """Answers only once it is let go."""

    def __init__(self) -> None:
        self.go = asyncio.Event()
        self.asked = 0
        self.is_down = False

    async def may_read(self, visitor: Visitor, place: Placed) -> bool:
        self.asked += 1
        await self.go.wait()
        if self.is_down:
            raise Unavailable("503")
        return (visitor, place) == (JAY, SHOP)


async def test_many_at_once_are_one_question() -> None:
    slow, clock = Slow(), Clock()
    readers = Readers(slow.may_read, clock)
    asking = [asyncio.ensure_future(readers.may(JAY, SHOP)) for _ in range(50)]
    await asyncio.sleep(0)
    slow.go.set()
    assert await asyncio.gather(*asking) == [True] * 50
    assert slow.asked == 1
    clock.time += 61
    assert await readers.may(JAY, SHOP)
    assert slow.asked == 2


async def test_a_failure_is_told_to_all_who_asked_and_not_remembered() -> None:
    slow = Slow()
    slow.is_down = True
    readers = Readers(slow.may_read, Clock())
    asking = [asyncio.ensure_future(readers.may(JAY, SHOP)) for _ in range(3)]
    await asyncio.sleep(0)
    slow.go.set()
    told = await asyncio.gather(*asking, return_exceptions=True)
    assert [type(one) for one in told] == [Unavailable] * 3
    slow.is_down = False
    assert await readers.may(JAY, SHOP)
    assert slow.asked == 2


async def test_who_gives_up_takes_nothing_from_the_others() -> None:
    slow = Slow()
    readers = Readers(slow.may_read, Clock())
    first, second = (asyncio.ensure_future(readers.may(JAY, SHOP)) for _ in range(2))
    await asyncio.sleep(0)
    first.cancel()
    slow.go.set()
    assert await second
    with pytest.raises(asyncio.CancelledError):
        await first
