"""What every database keeps: nothing accepted is lost, one worker per subject, news during a run is seen."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest
from sqlalchemy import Connection, text
from sqlalchemy.exc import DBAPIError

from bot.store.entries import Arrival, Due, Entry, Lease, LostLeaseError, Shown
from tests.store.conftest import Bench

PULL = Due(subject="pull:1:2", work="{}")
SAID = Entry(subject="pull:1:2", kind="statement", key="comment:9", at=5, body='{"act":"approve"}')
ARRIVAL = Arrival(delivery="d-1", event="pull_request", digest="sha256:0", due=(PULL,), entries=(SAID,))


async def leased(bench: Bench) -> Lease:
    lease = await bench.store.lease(60)
    assert lease is not None
    return lease


async def test_what_was_accepted_is_leased_with_its_entries(bench: Bench) -> None:
    assert await bench.store.accept(ARRIVAL)
    lease = await leased(bench)
    assert (lease.subject, lease.work, lease.attempts) == ("pull:1:2", "{}", 1)
    assert await bench.store.entries("pull:1:2") == (SAID,)


async def test_a_subject_is_leased_to_one_worker_only(bench: Bench) -> None:
    await bench.store.ring([PULL, Due(subject="pull:1:3", work="{}")])
    leases = await asyncio.gather(*(bench.store.lease(60) for _ in range(8)))
    assert sorted(lease.subject for lease in leases if lease) == ["pull:1:2", "pull:1:3"]


async def test_events_coalesce_and_the_newest_work_is_kept(bench: Bench) -> None:
    await bench.store.ring([PULL])
    await bench.store.ring([replace(PULL, work='{"new":1}')])
    lease = await leased(bench)
    assert lease.work == '{"new":1}'
    await bench.store.finish(lease)
    assert await bench.store.lease(60) is None


async def test_an_event_during_a_run_is_seen(bench: Bench) -> None:
    await bench.store.ring([PULL])
    lease = await leased(bench)
    await bench.store.ring([PULL])
    assert await bench.store.lease(60) is None
    await bench.store.finish(lease)
    assert (await leased(bench)).generation == 2


async def test_a_failure_waits_and_then_comes_back_with_its_attempts(bench: Bench) -> None:
    await bench.store.ring([PULL])
    await bench.store.put_back(await leased(bench), 30, "GitHub is down")
    assert await bench.store.lease(60) is None
    assert await bench.store.failing(5) == (("pull:1:2", 1, "GitHub is down"),)
    assert (await bench.store.backlog()).failing == 1
    bench.pass_time(31)
    lease = await leased(bench)
    assert lease.attempts == 2
    await bench.store.finish(lease)
    assert (await bench.store.backlog()).due == 0


async def test_an_event_during_a_failing_run_does_not_wait(bench: Bench) -> None:
    await bench.store.ring([PULL])
    lease = await leased(bench)
    await bench.store.ring([PULL])
    await bench.store.put_back(lease, 3600, "failed")
    assert await bench.store.lease(60) is not None


async def test_an_event_ends_the_wait_for_a_retry(bench: Bench) -> None:
    await bench.store.ring([PULL])
    await bench.store.put_back(await leased(bench), 3600, "failed")
    await bench.store.ring([PULL])
    assert await bench.store.lease(60) is not None


async def test_a_dead_workers_subject_is_taken_over_and_the_dead_one_is_fenced_off(bench: Bench) -> None:
    await bench.store.ring([PULL])
    dead = await leased(bench)
    bench.pass_time(61)
    alive = await leased(bench)
    assert alive.fence > dead.fence
    for late in (
        bench.store.append(dead, [SAID]),
        bench.store.finish(dead),
        bench.store.extend(dead),
        bench.store.put_back(dead, 1, "late"),
    ):
        with pytest.raises(LostLeaseError):
            await late
    assert await bench.store.entries("pull:1:2") == ()
    await bench.store.append(alive, [SAID])
    await bench.store.finish(alive)


async def test_an_extended_lease_is_not_taken_over(bench: Bench) -> None:
    await bench.store.ring([PULL])
    lease = await leased(bench)
    bench.pass_time(50)
    await bench.store.extend(lease, 60)
    bench.pass_time(50)
    assert await bench.store.lease(60) is None


async def test_a_finished_lease_cannot_be_used_again(bench: Bench) -> None:
    await bench.store.ring([PULL])
    lease = await leased(bench)
    await bench.store.finish(lease)
    with pytest.raises(LostLeaseError):
        await bench.store.append(lease, [SAID])


async def test_a_redelivery_is_dropped_only_when_all_it_asked_is_done(bench: Bench) -> None:
    assert await bench.store.accept(ARRIVAL)
    assert await bench.store.accept(ARRIVAL)
    lease = await leased(bench)
    await bench.store.finish(lease)
    assert not await bench.store.accept(ARRIVAL)
    assert await bench.store.lease(60) is None
    assert await bench.store.entries("pull:1:2") == (SAID,)


async def test_a_wait_ends_when_something_rings(bench: Bench) -> None:
    waiting = asyncio.ensure_future(bench.store.wait(30))
    while not waiting.done():
        await bench.store.ring([PULL])
        await asyncio.wait([waiting], timeout=0.05)
    assert (await bench.store.backlog()).due == 1


@pytest.mark.parametrize(
    "attack",
    [
        "UPDATE ledger SET body = '{}'",
        "DELETE FROM ledger",
        "DELETE FROM ledger WHERE sequence = 1",
    ],
)
async def test_the_ledger_refuses_to_change(bench: Bench, attack: str) -> None:
    await bench.store.accept(ARRIVAL)

    def change(connection: Connection) -> None:
        connection.execute(text(attack))

    with pytest.raises(DBAPIError, match="append-only"):
        await bench.database.write(change)
    assert await bench.store.entries("pull:1:2") == (SAID,)


async def test_a_failing_change_leaves_no_trace_and_harms_no_other(bench: Bench) -> None:
    def fail(connection: Connection) -> None:
        connection.execute(text("UPDATE due SET attempts = 99"))
        raise ValueError("no")

    await bench.store.ring([PULL])
    results = await asyncio.gather(bench.database.write(fail), bench.store.accept(ARRIVAL), return_exceptions=True)
    assert isinstance(results[0], ValueError)
    assert results[1] is True
    assert (await leased(bench)).attempts == 1


async def test_many_writers_make_one_unbroken_chain(bench: Bench) -> None:
    arrivals = [replace(ARRIVAL, delivery=f"d-{n}", entries=(replace(SAID, key=f"comment:{n}"),)) for n in range(40)]
    await asyncio.gather(*(bench.store.accept(arrival) for arrival in arrivals))
    fault, count, _ = await bench.store.find_fault()
    assert (fault, count) == ("", 40)


async def test_the_dashboard_shows_the_last_state(bench: Bench) -> None:
    await bench.store.ring([PULL])
    lease = await leased(bench)
    shown = Shown(
        subject=PULL.subject, owner="acme", name="shop", number=2, title="<b>Tune</b>",
        verdict="pending", headline="Waiting", waiting=True, changed_at=5,
    )  # fmt: skip
    await bench.store.append(lease, (), shown)
    assert await bench.store.waiting(10) == (shown,)
    assert await bench.store.owing(10) == ()
    await bench.store.append(lease, (), replace(shown, owes=True))
    assert await bench.store.owing(10) == (replace(shown, owes=True),)
    await bench.store.append(lease, (), replace(shown, waiting=False))
    assert await bench.store.waiting(10) == ()
    assert await bench.store.find_shown("Acme", "SHOP", 2) == replace(shown, waiting=False)


async def test_entries_on_many_subjects_are_found_together_up_to_a_bound(bench: Bench) -> None:
    on = [Entry(subject=f"change:1:{number}", kind="carried", key="k", at=number, body="{}") for number in range(1200)]
    await bench.store.accept(replace(ARRIVAL, entries=(*on, replace(on[0], kind="evidence"))))
    subjects = [entry.subject for entry in on[100:]] + ["change:1:none"]
    assert await bench.store.entries_about(subjects, "carried", 5000) == tuple(on[100:])
    assert await bench.store.entries_about(subjects, "carried", 700) == tuple(on[100:800])
    assert await bench.store.entries_about([], "carried", 5) == ()


async def test_the_work_of_a_subject_is_told_even_when_it_is_done(bench: Bench) -> None:
    """The pages learn from it which repository a record belongs to, and so who may read it."""
    await bench.store.ring([PULL])
    await bench.store.finish(await leased(bench))
    assert await bench.store.works([PULL.subject, "pull:9:9"]) == {PULL.subject: PULL.work}
    assert await bench.store.works([]) == {}


async def test_a_session_stands_for_its_account_until_its_time_is_up(bench: Bench) -> None:
    await bench.store.open_session("a", 5, until=100.0, now=0.0)
    assert await bench.store.session_stands("a", 5, 99.0)
    assert not await bench.store.session_stands("a", 5, 100.0)
    assert not await bench.store.session_stands("a", 6, 99.0)
    assert not await bench.store.session_stands("b", 5, 99.0)


async def test_closing_takes_one_session_or_all_of_an_account(bench: Bench) -> None:
    for session, account in (("a", 5), ("b", 5), ("c", 5), ("d", 6)):
        await bench.store.open_session(session, account, until=100.0, now=0.0)
    await bench.store.close_session("a")
    assert [await bench.store.session_stands(one, 5, 1.0) for one in "abc"] == [False, True, True]
    await bench.store.close_sessions(5)
    assert [await bench.store.session_stands(one, 5, 1.0) for one in "abc"] == [False, False, False]
    assert await bench.store.session_stands("d", 6, 1.0)


async def test_a_challenge_is_taken_once_by_the_session_and_in_the_matter_it_was_posed_for(bench: Bench) -> None:
    takes = [("a", "approve", 99.0, True), ("b", "approve", 99.0, False), ("a", "register", 99.0, False)]
    for session, matter, now, good in [*takes, ("a", "approve", 100.0, False)]:
        await bench.store.pose_challenge("n", session="a", matter="approve", until=100.0, now=0.0)
        assert await bench.store.take_challenge("n", session, matter, now) is good
        assert not await bench.store.take_challenge("n", "a", "approve", 1.0)
    assert not await bench.store.take_challenge("other", "a", "approve", 1.0)


async def test_the_latest_entry_of_a_kind_and_what_is_still_open_are_found(bench: Bench) -> None:
    await bench.store.ring([PULL])
    lease = await leased(bench)
    told = [replace(SAID, kind="incident", key=key) for key in "abc"]
    await bench.store.append(lease, [*told, replace(SAID, kind="incident-reviewed", key="b"), SAID])
    assert await bench.store.latest_entry("pull:1:2", "incident") == told[2]
    assert await bench.store.latest_entry("pull:1:2", "landing") is None
    assert await bench.store.open_incidents(5) == (told[2], told[0])
    assert await bench.store.open_incidents(1) == (told[2],)


async def test_incidents_are_found_by_their_index(bench: Bench) -> None:
    """Whoever opens the page must not read the whole ledger."""
    query = "SELECT * FROM ledger WHERE kind = 'incident' ORDER BY sequence DESC LIMIT 5"

    def plan(connection: Connection) -> str:
        is_sqlite = connection.dialect.name == "sqlite"
        if not is_sqlite:
            # An empty table is read whole, whatever indexes it has.
            connection.execute(text("SET LOCAL enable_seqscan = off"))
        explain = "EXPLAIN QUERY PLAN " if is_sqlite else "EXPLAIN "
        return " ".join(str(row) for row in connection.execute(text(explain + query)))

    assert "ledger_incidents" in await bench.database.read(plan)


async def test_what_waits_is_due_again_when_something_changes_in_its_repository(bench: Bench) -> None:
    await bench.store.ring([PULL])
    lease = await leased(bench)
    await bench.store.watch(lease, 7)
    await bench.store.watch(lease, 7)
    await bench.store.finish(lease)
    assert await bench.store.ring_watched(8) == 0
    assert await bench.store.lease(60) is None
    assert await bench.store.ring_watched(7) == 1
    again = await leased(bench)
    assert (again.subject, again.work) == (PULL.subject, PULL.work)
    await bench.store.finish(again)
    assert await bench.store.ring_watched() == 1
    await bench.store.finish(await leased(bench))
    await bench.store.unwatch(PULL.subject)
    assert await bench.store.ring_watched() == 0


async def test_who_lost_the_lease_watches_nothing(bench: Bench) -> None:
    await bench.store.ring([PULL])
    dead = await leased(bench)
    bench.pass_time(61)
    await leased(bench)
    with pytest.raises(LostLeaseError):
        await bench.store.watch(dead, 7)
    assert await bench.store.ring_watched() == 0


async def test_installations_take_turns_however_much_one_of_them_has(bench: Bench) -> None:
    noisy = [Due(subject=f"pull:1:{number:03}", work="{}", installation=1) for number in range(300)]
    await bench.store.ring(noisy)
    bench.pass_time(1)
    await bench.store.ring([Due(subject="pull:2:1", work="{}", installation=2)])
    await bench.store.ring([Due(subject="pull:3:1", work="{}", installation=3)])
    leases = [await leased(bench) for _ in range(4)]
    assert {lease.subject for lease in leases[:3]} == {"pull:1:000", "pull:2:1", "pull:3:1"}
    assert leases[3].subject == "pull:1:001"
    for lease in leases[1:]:
        await bench.store.finish(lease)
    # The turn is of those that have work: alone, one gets all the hands there are.
    assert [(await leased(bench)).subject for _ in range(3)] == ["pull:1:002", "pull:1:003", "pull:1:004"]


async def test_a_subject_keeps_its_installation_when_a_ring_does_not_tell_it(bench: Bench) -> None:
    await bench.store.ring([Due(subject="pull:1:1", work="{}", installation=1), Due(subject="a", work="{}")])
    await bench.store.ring([Due(subject="pull:1:1", work="{}")])
    held = {(await leased(bench)).subject for _ in range(2)}
    await bench.store.ring([Due(subject="pull:1:2", work="{}", installation=1)])
    await bench.store.ring([Due(subject="b", work="{}"), Due(subject="c", work="{}", installation=9)])
    assert held == {"pull:1:1", "a"}
    assert (await leased(bench)).subject == "c"


async def test_an_installation_whose_subjects_wait_for_their_retry_keeps_nobody_waiting(bench: Bench) -> None:
    await bench.store.ring([Due(subject="pull:1:1", work="{}", installation=1)])
    await bench.store.put_back(await leased(bench), 60, "rate limit")
    await bench.store.ring([Due(subject="pull:2:1", work="{}", installation=2)])
    other = await leased(bench)
    assert other.subject == "pull:2:1"
    await bench.store.finish(other)
    assert await bench.store.lease(60) is None
    bench.pass_time(61)
    assert (await leased(bench)).subject == "pull:1:1"
