"""The store as the web and the worker see it: accept, lease, write down, finish; each one transaction."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from pathlib import Path

from sqlalchemy import Connection

from bot.store import due as subjects
from bot.store import ledger, sessions, views, watched
from bot.store.database import Database
from bot.store.embedded import Embedded
from bot.store.entries import Arrival, Backlog, Due, Entry, Lease, Shown
from bot.store.postgres import PostgreSQL

LEASE_SECONDS = 60.0
PRUNED_AT_ONCE = 500
SQLITE = "sqlite:///"
# The one kind of entry, and its end, that is looked for over all subjects.
INCIDENT, INCIDENT_REVIEWED = "incident", "incident-reviewed"


def open_store(url: str) -> Store:
    """The store behind a database URL, its schema up to date. DatabaseInUseError: a SQLite file has another user."""
    if url.startswith(SQLITE):
        return Store(Embedded(Path(url.removeprefix(SQLITE))))
    return Store(PostgreSQL(url))


class Store:
    """Every method is one transaction; what has returned is durable. LostLeaseError when the lease was taken over."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def accept(self, arrival: Arrival) -> bool:
        """The delivery, its entries and its due subjects together; false when it came before and all is done.

        Not when it was merely seen before: GitHub's "Redeliver" must help when the first try came to nothing.
        """
        return await self._database.write(lambda connection: self._accept(connection, arrival), rings=True)

    def _accept(self, connection: Connection, arrival: Arrival) -> bool:
        now = self._database.now(connection)
        if not subjects.note_delivery(connection, arrival.delivery, arrival.event, arrival.digest, now):
            return False
        # In one order for everybody, so that two deliveries about the same subjects do not block each other.
        for due in sorted(arrival.due, key=lambda due: due.subject):
            generation = subjects.ring(connection, due, now)
            subjects.note_generation(connection, arrival.delivery, due.subject, generation)
        ledger.append(connection, arrival.entries)
        return True

    async def ring(self, dues: Sequence[Due]) -> None:
        """Make subjects due without a delivery."""
        ordered = sorted(dues, key=lambda due: due.subject)
        await self._database.write(
            lambda connection: subjects.ring_all(connection, ordered, self._database.now(connection)), rings=True
        )

    async def watch(self, lease: Lease, repository: int) -> None:
        """Make the subject of the lease due again whenever something changes in the repository (its id)."""

        def change(connection: Connection) -> None:
            subjects.hold(connection, lease)
            watched.watch(connection, Due(subject=lease.subject, work=lease.work), repository)

        await self._database.write(change)

    async def unwatch(self, subject: str) -> None:
        await self._database.write(lambda connection: watched.unwatch(connection, subject))

    async def ring_watched(self, repository: int | None = None) -> int:
        """Something changed in the repository, or may have in any: what waits there is due. How many subjects."""
        return await self._database.write(
            lambda connection: watched.ring_watched(connection, repository, self._database.now(connection)),
            rings=True,
        )

    async def lease(self, seconds: float = LEASE_SECONDS) -> Lease | None:
        """The next subject in turn, for `seconds`; None when nothing is due."""
        return await self._database.write(
            lambda connection: subjects.take(connection, self._database.now(connection), seconds)
        )

    async def extend(self, lease: Lease, seconds: float = LEASE_SECONDS) -> None:
        """Hold the lease for `seconds` from now."""
        await self._database.write(
            lambda connection: subjects.hold(connection, lease, self._database.now(connection) + seconds)
        )

    async def append(self, lease: Lease, entries: Sequence[Entry], shown: Shown | None = None) -> None:
        """Add to the ledger what is not there yet, and replace what the dashboard shows."""

        def change(connection: Connection) -> None:
            subjects.hold(connection, lease)
            ledger.append(connection, entries)
            if shown is not None:
                views.show(connection, shown)

        await self._database.write(change)

    async def finish(self, lease: Lease) -> None:
        """Done, unless an event came meanwhile: then the subject is due again."""
        await self._database.write(lambda connection: subjects.finish(connection, lease), rings=True)

    async def put_back(self, lease: Lease, seconds: float, error: str, entries: Sequence[Entry] = ()) -> None:
        """Not done: due again in `seconds`, `error` standing beside it until it succeeds."""

        def change(connection: Connection) -> None:
            subjects.put_back(connection, lease, self._database.now(connection) + seconds, error)
            ledger.append(connection, entries)

        await self._database.write(change, rings=True)

    async def prune_deliveries(self, seconds: float) -> int:
        """Forget deliveries older than `seconds` of which everything is done; how many. The ledger is not touched.

        In small transactions, so that new deliveries wait for none of them long.
        """
        pruned = 0
        while found := await self._database.read(
            lambda connection: subjects.done_deliveries(
                connection, self._database.now(connection) - seconds, PRUNED_AT_ONCE
            )
        ):
            await self._database.write(partial(subjects.forget_deliveries, deliveries=found))
            pruned += len(found)
        return pruned

    async def wait(self, seconds: float) -> None:
        """Return when something may have become due, at the latest after `seconds`."""
        await self._database.wait(seconds)

    async def entries(self, subject: str) -> tuple[Entry, ...]:
        return await self._database.read(lambda connection: ledger.entries_of(connection, subject))

    async def lines(self, subject: str) -> tuple[ledger.Line, ...]:
        """The entries with their places in the chain."""
        return await self._database.read(lambda connection: ledger.lines_of(connection, subject))

    async def entries_about(self, subjects: Sequence[str], kind: str, most: int) -> tuple[Entry, ...]:
        """The first `most` entries of one kind on any of the subjects."""
        return await self._database.read(lambda connection: ledger.entries_about(connection, subjects, kind, most))

    async def latest_entry(self, subject: str, kind: str) -> Entry | None:
        """The last one of one kind on a subject."""
        return await self._database.read(lambda connection: ledger.latest_of(connection, subject, kind))

    async def open_incidents(self, most: int) -> tuple[Entry, ...]:
        """What landed past the gate and nobody has reviewed since, the newest first."""
        return await self._database.read(
            lambda connection: ledger.open_entries(connection, INCIDENT, INCIDENT_REVIEWED, most)
        )

    async def waiting(self, most: int) -> tuple[Shown, ...]:
        return await self._database.read(lambda connection: views.waiting(connection, most))

    async def owing(self, most: int) -> tuple[Shown, ...]:
        return await self._database.read(lambda connection: views.owing(connection, most))

    async def find_shown(self, owner: str, name: str, number: int) -> Shown | None:
        return await self._database.read(lambda connection: views.find_shown(connection, owner, name, number))

    async def backlog(self) -> Backlog:
        return await self._database.read(
            lambda connection: subjects.backlog(connection, self._database.now(connection))
        )

    async def failing(self, most: int) -> tuple[tuple[str, int, str], ...]:
        return await self._database.read(lambda connection: subjects.failing(connection, most))

    async def works(self, of: Sequence[str]) -> dict[str, str]:
        """Subject → the work it was last due for, also when that is done: the pages learn from it where it belongs."""
        return await self._database.read(lambda connection: subjects.works(connection, of))

    async def open_session(self, session: str, account: int, until: float, now: float) -> None:
        """`session` is the digest of what the cookie carries; `until` and `now` are Unix seconds."""
        await self._database.write(lambda connection: sessions.open_session(connection, session, account, until, now))

    async def session_stands(self, session: str, account: int, now: float) -> bool:
        return await self._database.read(lambda connection: sessions.stands(connection, session, account, now))

    async def close_session(self, session: str) -> None:
        await self._database.write(lambda connection: sessions.close_session(connection, session))

    async def close_sessions(self, account: int) -> None:
        """Every session of the account, in whichever browser."""
        await self._database.write(lambda connection: sessions.close_all(connection, account))

    async def pose_challenge(self, nonce: str, *, session: str, matter: str, until: float, now: float) -> None:
        """For this session and matter alone."""
        pose = partial(sessions.pose_challenge, nonce=nonce, session=session, matter=matter, until=until, now=now)
        await self._database.write(pose)

    async def take_challenge(self, nonce: str, session: str, matter: str, now: float) -> bool:
        """Whether it was posed so and is still good; it is gone afterwards either way."""
        return await self._database.write(
            lambda connection: sessions.take_challenge(connection, nonce, session, matter, now)
        )

    async def find_fault(self) -> tuple[str, int, str]:
        """The first fault of the ledger in words, "" for none; the number of good lines; the last good hash."""
        return await self._database.read(lambda connection: ledger.find_fault(ledger.lines(connection)))

    async def close(self) -> None:
        await self._database.close()
