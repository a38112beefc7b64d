"""How fast a delivery is durable, and how soon a due subject is leased: `python -m bench.engine [DATABASE_URL]`."""

from __future__ import annotations

import asyncio
import statistics
import sys
import tempfile
import time
from pathlib import Path

from bot.store.entries import Arrival, Due
from bot.store.queue import Store, open_store

ALONE, TOGETHER, IN_FLIGHT = 500, 4000, 32


def arrival(number: int) -> Arrival:
    due = Due(subject=f"pull:{number % 500}", work="{}")
    return Arrival(delivery=f"bench-{time.time_ns()}-{number}", event="pull_request", digest="", due=(due,))


async def accept(store: Store, number: int) -> float:
    """Milliseconds until one delivery is durable."""
    start = time.perf_counter()
    await store.accept(arrival(number))
    return (time.perf_counter() - start) * 1000


async def acks_per_second(store: Store) -> float:
    numbers = iter(range(TOGETHER))

    async def sender() -> None:
        for number in numbers:
            await accept(store, number)

    start = time.perf_counter()
    await asyncio.gather(*(sender() for _ in range(IN_FLIGHT)))
    return TOGETHER / (time.perf_counter() - start)


async def event_to_start(store: Store) -> float:
    """Milliseconds from ringing to the lease of a worker that waits."""

    async def worker() -> float:
        while await store.lease() is None:
            await store.wait(0.5)
        return time.perf_counter()

    waiting = asyncio.create_task(worker())
    await asyncio.sleep(0.02)
    start = time.perf_counter()
    await store.ring([Due(subject=f"pull:idle-{time.time_ns()}", work="{}")])
    return (await waiting - start) * 1000


async def drain(store: Store) -> int:
    done = 0
    while (lease := await store.lease()) is not None:
        await store.finish(lease)
        done += 1
    return done


async def main(url: str) -> None:
    store = open_store(url)
    alone = sorted([await accept(store, number) for number in range(ALONE)])
    print(f"durable ack, 1 in flight: p50 {statistics.median(alone):.2f} ms, p99 {alone[int(ALONE * 0.99)]:.2f} ms")
    print(f"acks/s, {IN_FLIGHT} in flight: {await acks_per_second(store):.0f}")
    start = time.perf_counter()
    done = await drain(store)
    print(f"lease and finish: {done / (time.perf_counter() - start):.0f} subjects/s, one worker")
    idle = sorted([await event_to_start(store) for _ in range(50)])
    print(f"idle event to start: p50 {statistics.median(idle):.2f} ms, p99 {idle[-1]:.2f} ms")
    await store.close()


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as directory:
        chosen = sys.argv[1] if len(sys.argv) > 1 else f"sqlite:///{Path(directory) / 'bench.db'}"
        asyncio.run(main(chosen))
