"""The process is killed at any moment, again and again: what was answered with 202 is never lost."""

from __future__ import annotations

import asyncio
import json
import os
import random
import signal
import sys
from asyncio.subprocess import PIPE, Process
from pathlib import Path

import aiohttp
import pytest

from bot.store.embedded import Embedded
from bot.store.queue import Store

pytestmark = pytest.mark.slow

ROUNDS = 12
SERVER = Path(__file__).with_name("server.py")
ROOT = Path(__file__).parents[2]


class Life:
    """One life of the App in a process of its own."""

    def __init__(self, process: Process, url: str) -> None:
        self.process = process
        self.url = url

    @classmethod
    async def begin(cls, database: Path) -> Life:
        environment = {**os.environ, "PYTHONPATH": str(ROOT)}
        process = await asyncio.create_subprocess_exec(
            sys.executable, str(SERVER), str(database), stdout=PIPE, env=environment
        )
        assert process.stdout is not None
        url = (await process.stdout.readline()).decode().strip()
        return cls(process, url)

    async def kill(self) -> None:
        """As the kernel does when memory runs out: nothing is said good-bye to."""
        self.process.send_signal(signal.SIGKILL)
        await self.process.wait()


async def send_until_it_dies(life: Life, first: int, acknowledged: set[int]) -> None:
    async with aiohttp.ClientSession() as session:

        async def send(number: int) -> None:
            try:
                async with session.post(f"{life.url}/{number}") as answer:
                    if answer.status == 202:
                        acknowledged.add(number)
            except aiohttp.ClientError:
                return

        await asyncio.gather(*(send(number) for number in range(first, first + 400)))


async def test_what_was_acknowledged_is_never_lost(tmp_path: Path) -> None:
    database, acknowledged, dice = tmp_path / "countersign.db", set[int](), random.Random(7)  # noqa: S311 - repeatable
    for turn in range(ROUNDS):
        life = await Life.begin(database)
        sending = asyncio.create_task(send_until_it_dies(life, turn * 1000, acknowledged))
        await asyncio.sleep(dice.uniform(0.02, 0.5))
        await life.kill()
        await sending
    store = Store(Embedded(database))
    try:
        kept = {json.loads(entry.body)["number"] for entry in await store.entries("pull:all")}
        assert acknowledged, "nothing was acknowledged: the test tests nothing"
        assert acknowledged <= kept
        # Half a delivery is none: each that is kept made its subject due as well.
        due = (await store.backlog()).due
        assert due == len(kept)
        fault, lines, _ = await store.find_fault()
        assert (fault, lines) == ("", len(kept))
    finally:
        await store.close()


async def test_a_killed_workers_subject_is_done_in_the_next_life(tmp_path: Path) -> None:
    database = tmp_path / "countersign.db"
    life = await Life.begin(database)
    async with aiohttp.ClientSession() as session, session.post(f"{life.url}/1") as answer:
        assert answer.status == 202
    async with aiohttp.ClientSession() as session, session.post(f"{life.url}/lease") as answer:
        assert answer.status == 202
    await life.kill()
    store = Store(Embedded(database))
    lease = await store.lease()
    assert lease is not None
    assert (lease.subject, lease.attempts) == ("pull:1", 2)
    await store.finish(lease)
    await store.close()
