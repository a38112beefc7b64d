"""The sweep: what failed is tried again soon, and what is gone is let go."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import cast

import aiohttp
import pytest

from bot.github.client import Access, GitHub
from bot.github.errors import Unavailable
from bot.jobs import AuditBranch, Evaluate, Job, Sweep, decode_job
from bot.sandbox.actions import people
from bot.sandbox.embedded import EmbeddedGitHub
from bot.store.embedded import Embedded
from bot.store.queue import Store
from bot.sweep import Delivery, Sweeper, failed
from tests.shop import Shop


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


class Swept:
    """A sweeper and what it made due."""

    def __init__(self, store: Store, github: GitHub) -> None:
        self.store = store
        self.sweeper = Sweeper(store, github)

    async def due(self) -> list[Job]:
        """Every subject that was rung, taken out of the queue."""
        found = []
        while (lease := await self.store.lease()) is not None:
            found.append(decode_job(lease.work))
            await self.store.finish(lease)
        return sorted(found, key=lambda job: job.subject)


@pytest.fixture
async def swept(github: EmbeddedGitHub, app_key: str, tmp_path: Path) -> AsyncIterator[Swept]:
    access = Access(app_id=github.app_id, private_key=app_key, api_url=github.api_url, graphql_url=github.graphql_url)
    store = Store(Embedded(tmp_path / "countersign.db"))
    async with aiohttp.ClientSession() as session:
        yield Swept(store, GitHub(session, access))
    await store.close()


async def test_every_open_pull_request_and_gated_branch_is_rung(swept: Swept, shop: Shop) -> None:
    opened = [shop.change({"a": str(number)}, branch=f"branch-{number}") for number in range(3)]
    shop.jay.close(opened[1])
    await swept.sweeper.ring_pulls(Sweep(installation_id=shop.installation.id))
    due = await swept.due()
    assert [job.number for job in due if isinstance(job, Evaluate)] == [opened[0].number, opened[2].number]
    assert [job.branch for job in due if isinstance(job, AuditBranch)] == ["main"]


async def test_nothing_merges_in_an_archived_repository(swept: Swept, shop: Shop) -> None:
    shop.change({"a": "1"})
    shop.repository.archived = True
    await swept.sweeper.ring_pulls(Sweep(installation_id=shop.installation.id))
    assert await swept.due() == []


async def test_a_suspended_installation_is_left_alone(swept: Swept, shop: Shop) -> None:
    await swept.sweeper.ring_installations()
    assert await swept.due() == [Sweep(installation_id=shop.installation.id)]
    people.suspend(shop.world, shop.installation, actor=shop.organization)
    await swept.sweeper.ring_installations()
    assert await swept.due() == []


async def test_an_installation_that_is_gone_is_no_failure(swept: Swept, shop: Shop) -> None:
    people.uninstall(shop.world, shop.installation, actor=shop.organization)
    await swept.sweeper.ring_pulls(Sweep(installation_id=shop.installation.id))
    assert await swept.due() == []


FAILED = [
    ("it failed", [(1, 500)], [1]),
    ("it arrived", [(1, 202)], []),
    ("a later attempt arrived", [(2, 202), (1, 500)], []),
    ("every attempt failed: the newest is repeated", [(3, 0), (2, 500), (1, 500)], [3]),
    ("it was tried too often", [(number, 500) for number in (5, 4, 3, 2, 1)], []),
]


@pytest.mark.parametrize(("attempts", "repeated"), [row[1:] for row in FAILED], ids=[row[0] for row in FAILED])
def test_a_delivery_of_which_every_attempt_failed_is_asked_for_again(
    attempts: list[tuple[int, int]], repeated: list[int]
) -> None:
    listed = [Delivery(id=number, guid="a", status_code=status) for number, status in attempts]
    assert [one.id for one in failed(listed)] == repeated
