"""Plans are kept and brought back alike by both databases: by head, in order, once, and never silently too many."""

from __future__ import annotations

import json
from dataclasses import replace

from bot.core.approval.records import Sighting
from bot.core.blast.plan_json import PlanReading, read_plan
from bot.core.blast.plans import MOST_PLANS, StackPlan
from bot.core.history import History
from bot.data.infra import load_infra
from bot.store.entries import Arrival
from bot.worker.plans import TOO_MANY, entries_to_keep, with_plans
from tests.builders import HEAD, pull
from tests.core.blast.plans import change, plan_of
from tests.store.conftest import Bench

EARLIER = "d" * 40
REPOSITORY = 10


def plan(stack: str = "prod", *, number: int = 1, head: str = HEAD, fault: str = "") -> StackPlan:
    raw = plan_of({**change(["delete"]), "address": 'aws_sns_topic.x["ä 😀"]\x00'})
    reading = replace(read_plan(raw, stack=stack, infra=load_infra()), fault=fault)
    return StackPlan(stack=stack, head_sha=head, digest=f"sha256:{number}", received_at=number, reading=reading)


async def keep(bench: Bench, *plans: StackPlan) -> None:
    for one in plans:
        entries = await entries_to_keep(bench.store, REPOSITORY, one)
        delivery = f"plan-{entries[0].key}" if entries else "too many"
        arrival = Arrival(delivery=delivery, event="plan", digest=one.digest, entries=tuple(entries))
        await bench.store.accept(arrival)


async def known(bench: Bench, *heads: str) -> History:
    seen = tuple(Sighting(head_sha=head, base_ref="main", first_seen_at=1, published_at=None) for head in heads)
    return await with_plans(bench.store, pull(), History(sightings=seen))


async def test_a_plan_comes_back_as_it_was_kept(bench: Bench) -> None:
    await keep(bench, plan())
    assert (await known(bench)).plans == (plan(),)


async def test_the_same_plan_twice_is_one_and_another_is_another(bench: Bench) -> None:
    await keep(bench, plan(), plan(), plan(number=2), plan("test"))
    assert [(one.stack, one.digest) for one in (await known(bench)).plans] == [
        ("prod", "sha256:1"),
        ("prod", "sha256:2"),
        ("test", "sha256:1"),
    ]


async def test_a_plan_that_came_before_mends_what_was_spoilt_since(bench: Bench) -> None:
    await keep(bench, plan(), plan(number=2, fault="no JSON"), plan())
    assert [one.reading.fault for one in (await known(bench)).plans] == ["", "no JSON", ""]


async def test_plans_of_other_heads_and_repositories_are_not_brought_back(bench: Bench) -> None:
    await keep(bench, plan(head=EARLIER))
    history = await known(bench, EARLIER, HEAD)
    assert (history.plans, history.planned_heads) == ((), (EARLIER,))
    elsewhere = replace(pull().repository, id=11)
    assert await with_plans(bench.store, pull(repository=elsewhere), History()) == History()


async def test_more_than_are_read_are_a_fault_and_not_forgotten(bench: Bench) -> None:
    await keep(bench, *(plan(number=number) for number in range(MOST_PLANS)))
    assert len((await known(bench)).plans) == MOST_PLANS
    await keep(bench, plan(number=MOST_PLANS), plan(number=MOST_PLANS + 1))
    plans = (await known(bench)).plans
    assert plans[-1].reading == PlanReading(fault=TOO_MANY)
    assert await entries_to_keep(bench.store, REPOSITORY, plan(number=7)) == []


async def test_the_ledger_holds_no_value_of_a_plan(bench: Bench) -> None:
    secret = plan_of(
        change(["update"], before={"deletion_protection": "hunter2"}, after={"deletion_protection": False})
    )
    await keep(bench, replace(plan(), reading=read_plan(secret, stack="prod", infra=load_infra())))
    (entry,) = await bench.store.entries(f"plan:{REPOSITORY}:{HEAD}")
    assert json.loads(entry.body)["reading"]["objects"] == 1
    assert "hunter2" not in entry.body
