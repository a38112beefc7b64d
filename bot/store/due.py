"""The level-triggered queue: one row per subject, which is due while its generation is ahead of what was done."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import Connection, func, select, update
from sqlalchemy.dialects import postgresql, sqlite

from bot.store.entries import Backlog, Due, Lease, LostLeaseError
from bot.store.tables import DELIVERY, DELIVERY_DUE, DUE

LONGEST_ERROR = 500


def ring(connection: Connection, due: Due, now: float) -> int:
    """Make the subject due now, even when it waits for a retry; the generation that must be done."""
    insert = sqlite.insert if connection.dialect.name == "sqlite" else postgresql.insert
    fresh = insert(DUE).values(
        subject=due.subject,
        work=due.work,
        generation=1,
        done=0,
        not_before=now,
        attempts=0,
        fence=0,
        leased_until=0.0,
        last_error="",
    )
    statement = fresh.on_conflict_do_update(
        index_elements=[DUE.c.subject],
        set_={"work": due.work, "generation": DUE.c.generation + 1, "not_before": now},
    ).returning(DUE.c.generation)
    return int(connection.execute(statement).scalar_one())


def note_delivery(connection: Connection, delivery: str, event: str, digest: str, now: float) -> bool:
    """Write the delivery down; false when it came before and all it asked is done."""
    insert = sqlite.insert if connection.dialect.name == "sqlite" else postgresql.insert
    statement = insert(DELIVERY).values(id=delivery, event=event, digest=digest, received_at=now)
    fresh = statement.on_conflict_do_nothing().returning(DELIVERY.c.id)
    return connection.execute(fresh).first() is not None or _is_open(connection, delivery)


def note_generation(connection: Connection, delivery: str, subject: str, generation: int) -> None:
    insert = sqlite.insert if connection.dialect.name == "sqlite" else postgresql.insert
    statement = insert(DELIVERY_DUE).values(delivery=delivery, subject=subject, generation=generation)
    key = [DELIVERY_DUE.c.delivery, DELIVERY_DUE.c.subject]
    connection.execute(statement.on_conflict_do_update(index_elements=key, set_={"generation": generation}))


def _is_open(connection: Connection, delivery: str) -> bool:
    query = (
        select(DUE.c.subject)
        .join(DELIVERY_DUE, DELIVERY_DUE.c.subject == DUE.c.subject)
        .where(DELIVERY_DUE.c.delivery == delivery, DUE.c.done < DELIVERY_DUE.c.generation)
        .limit(1)
    )
    return connection.execute(query).first() is not None


def take(connection: Connection, now: float, seconds: float) -> Lease | None:
    """Lease the subject that has waited longest; None when nothing is due. At most one lease holds a subject."""
    oldest = (
        select(DUE.c.subject)
        .where(DUE.c.generation > DUE.c.done, DUE.c.not_before <= now, DUE.c.leased_until <= now)
        .order_by(DUE.c.not_before)
        .limit(1)
        .with_for_update(skip_locked=True)
    )
    subject = connection.execute(oldest).scalar()
    if subject is None:
        return None
    statement = (
        update(DUE)
        .where(DUE.c.subject == subject)
        .values(leased_until=now + seconds, fence=DUE.c.fence + 1, attempts=DUE.c.attempts + 1)
        .returning(DUE.c.subject, DUE.c.work, DUE.c.generation, DUE.c.fence, DUE.c.attempts)
    )
    row = connection.execute(statement).one()
    return Lease(subject=row.subject, work=row.work, generation=row.generation, fence=row.fence, attempts=row.attempts)


def hold(connection: Connection, lease: Lease, until: float | None = None) -> None:
    """Make sure that the lease still holds, to the end of this transaction; extend it when `until` is given."""
    statement = (
        update(DUE)
        .where(DUE.c.subject == lease.subject, DUE.c.fence == lease.fence, DUE.c.leased_until > 0)
        .values(leased_until=DUE.c.leased_until if until is None else until)
    )
    if connection.execute(statement).rowcount != 1:
        raise LostLeaseError(lease.subject)


def finish(connection: Connection, lease: Lease) -> None:
    """Done up to the generation of the lease; an event that came meanwhile leaves the subject due."""
    hold(connection, lease)
    connection.execute(
        update(DUE)
        .where(DUE.c.subject == lease.subject)
        .values(done=lease.generation, leased_until=0.0, attempts=0, last_error="")
    )


def put_back(connection: Connection, lease: Lease, not_before: float, error: str) -> None:
    """Not done; due again at `not_before`, or at once when an event came meanwhile."""
    hold(connection, lease)
    news = DUE.c.generation > lease.generation
    connection.execute(
        update(DUE)
        .where(DUE.c.subject == lease.subject, ~news)
        .values(leased_until=0.0, not_before=not_before, last_error=error[:LONGEST_ERROR])
    )
    connection.execute(
        update(DUE)
        .where(DUE.c.subject == lease.subject, news)
        .values(leased_until=0.0, last_error=error[:LONGEST_ERROR])
    )


def free_all(connection: Connection) -> None:
    """Void every lease. Only for a database that no other process uses: theirs would be voided too."""
    connection.execute(update(DUE).where(DUE.c.leased_until > 0).values(leased_until=0.0))


def backlog(connection: Connection, now: float) -> Backlog:
    is_open = DUE.c.generation > DUE.c.done
    count, oldest = connection.execute(select(func.count(), func.min(DUE.c.not_before)).where(is_open)).one()
    failing = connection.execute(select(func.count()).where(is_open, DUE.c.last_error != "")).scalar_one()
    return Backlog(due=count, failing=failing, oldest_seconds=max(0.0, now - oldest) if oldest is not None else 0.0)


def failing(connection: Connection, most: int) -> tuple[tuple[str, int, str], ...]:
    """Subjects that fail: subject, attempts, last error; the most stubborn first."""
    query = (
        select(DUE.c.subject, DUE.c.attempts, DUE.c.last_error)
        .where(DUE.c.generation > DUE.c.done, DUE.c.last_error != "")
        .order_by(DUE.c.attempts.desc(), DUE.c.subject)
        .limit(most)
    )
    return tuple((row.subject, row.attempts, row.last_error) for row in connection.execute(query))


def ring_all(connection: Connection, dues: Iterable[Due], now: float) -> None:
    for due in dues:
        ring(connection, due, now)
