"""The sweep: what failed is tried again soon, and what is gone is let go."""

from __future__ import annotations

import asyncio
from typing import cast

from bot.github.client import GitHub
from bot.github.errors import Unavailable
from bot.store.queue import Store
from bot.sweep import Sweeper


class Rounds(Sweeper):
    """Duties that fail so many times, and stop the sweep when they succeed."""

    def __init__(self, failures: int) -> None:
        super().__init__(cast("Store", None), cast("GitHub", None), first_retry_seconds=0.001)
        self.failures = failures
        self.rounds = 0
        self.stopping = asyncio.Event()

    async def redeliver(self) -> None:
        self.rounds += 1
        if self.rounds <= self.failures:
            raise Unavailable("no network yet")

    async def ring_installations(self) -> None:
        """Goes well, whatever the other does."""

    async def ring_waiting(self) -> None:
        """Goes well too."""

    async def prune(self) -> None:
        if self.rounds > self.failures:
            self.stopping.set()


async def test_a_round_that_fails_is_repeated_soon_and_not_after_the_usual_pause() -> None:
    sweeper = Rounds(4)
    async with asyncio.timeout(5):
        await sweeper.run(sweeper.stopping)
    assert sweeper.rounds == 5
