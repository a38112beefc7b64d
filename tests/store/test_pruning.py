"""Deliveries are forgotten once they are old and done; the ledger and the subjects' counts stay."""

from __future__ import annotations

from dataclasses import replace

from sqlalchemy import text

from bot.store.entries import Arrival, Due, Entry, Lease
from tests.store.conftest import Bench

SAID = Entry(subject="pull:1:2", kind="statement", key="comment:9", at=5, body='{"act":"approve"}')
PULL = Due(subject="pull:1:2", work="{}")
ARRIVAL = Arrival(delivery="d-1", event="pull_request", digest="sha256:0", due=(PULL,), entries=(SAID,))


async def leased(bench: Bench) -> Lease:
    lease = await bench.store.lease(60)
    assert lease is not None
    return lease


async def test_only_old_deliveries_of_which_all_is_done_are_forgotten(bench: Bench) -> None:
    open_still = replace(ARRIVAL, delivery="d-2", due=(Due(subject="pull:1:3", work="{}"),), entries=())
    asks_nothing = replace(ARRIVAL, delivery="d-3", due=(), entries=())
    for arrival in (ARRIVAL, open_still, asks_nothing):
        await bench.store.accept(arrival)
    await bench.store.finish(await leased(bench))
    assert await bench.store.prune_deliveries(1000) == 0
    bench.pass_time(1001)
    await bench.store.accept(replace(asks_nothing, delivery="d-4"))
    assert await bench.store.prune_deliveries(1000) == 2
    known = await bench.database.read(lambda one: set(one.execute(text("SELECT id FROM delivery")).scalars()))
    assert known == {"d-2", "d-4"}
    assert await bench.store.entries("pull:1:2") == (SAID,)
    assert (await bench.store.backlog()).due == 1


async def test_a_subject_whose_deliveries_are_forgotten_goes_on_counting(bench: Bench) -> None:
    await bench.store.accept(ARRIVAL)
    first = await leased(bench)
    await bench.store.finish(first)
    bench.pass_time(1001)
    await bench.store.prune_deliveries(1000)
    assert await bench.store.accept(ARRIVAL)
    assert (await leased(bench)).fence > first.fence
    assert await bench.store.entries("pull:1:2") == (SAID,)
