"""The level-triggered queue: one row per subject, which is due while its generation is ahead of what was done."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from sqlalchemy import Connection, delete, func, select, text, update

from bot.store.entries import Backlog, Due, Lease, LostLeaseError
from bot.store.tables import DELIVERY, DELIVERY_DUE, DUE

LONGEST_ERROR = 500

# Texts, built once: these run for every delivery and lease, and both databases read them alike.
_RING = text("""
    INSERT INTO due
        (subject, work, installation, generation, done, not_before, attempts, fence, leased_until, last_error)
    VALUES (:subject, :work, :installation, 1, 0, :now, 0, 0, 0, '')
    ON CONFLICT (subject) DO UPDATE SET work = :work, generation = due.generation + 1, not_before = :now,
        installation = CASE WHEN :installation = 0 THEN due.installation ELSE :installation END
    RETURNING generation
""")
_NOTE_DELIVERY = text("""
    INSERT INTO delivery (id, event, digest, received_at) VALUES (:id, :event, :digest, :now)
    ON CONFLICT DO NOTHING RETURNING id
""")
_NOTE_GENERATION = text("""
    INSERT INTO delivery_due (delivery, subject, generation) VALUES (:delivery, :subject, :generation)
    ON CONFLICT (delivery, subject) DO UPDATE SET generation = :generation
""")
# Old ones that ask for nothing more. Done subjects stay: their fences number the ledger's lines.
_DONE_DELIVERIES = text("""
    SELECT id FROM delivery WHERE received_at < :before AND NOT EXISTS (
        SELECT 1 FROM delivery_due JOIN due ON due.subject = delivery_due.subject
        WHERE delivery_due.delivery = delivery.id AND due.done < delivery_due.generation
    ) LIMIT :most
""")
_IS_OPEN = text("""
    SELECT 1 FROM due JOIN delivery_due ON delivery_due.subject = due.subject
    WHERE delivery_due.delivery = :delivery AND due.done < delivery_due.generation LIMIT 1
""")
# Installations take turns: next is the one with the fewest subjects in hand, and its oldest subject. They are found by
# stepping from one to the next along the index, so that ten thousand subjects of one cost no more than one of each.
_FIND = text("""
    WITH RECURSIVE each_one (installation) AS (
        SELECT min(installation) FROM due WHERE generation > done
        UNION ALL
        SELECT (SELECT min(installation) FROM due WHERE generation > done AND installation > each_one.installation)
        FROM each_one WHERE each_one.installation IS NOT NULL
    ), oldest AS (
        SELECT installation, (
            SELECT subject FROM due WHERE due.installation = each_one.installation AND generation > done
                AND not_before <= :now AND leased_until <= :now ORDER BY not_before LIMIT 1
        ) AS subject FROM each_one WHERE installation IS NOT NULL
    )
    SELECT due.subject FROM oldest JOIN due ON due.subject = oldest.subject ORDER BY (
        SELECT count(*) FROM due AS held
        WHERE held.installation = oldest.installation AND held.leased_until > 0 AND held.leased_until > :now
    ), due.not_before LIMIT 1
""")
# Any constant of our own: who chooses holds it until the transaction ends, so that two never choose the same.
_TURN_LOCK = 0x7475726E
_LEASE = text("""
    UPDATE due SET leased_until = :until, fence = fence + 1, attempts = attempts + 1
    WHERE subject = :subject RETURNING subject, work, generation, fence, attempts
""")
_HOLD = text("""
    UPDATE due SET leased_until = coalesce(CAST(:until AS DOUBLE PRECISION), leased_until)
    WHERE subject = :subject AND fence = :fence AND leased_until > 0
""")
_FINISH = text("""
    UPDATE due SET done = :generation, leased_until = 0, attempts = 0, last_error = '' WHERE subject = :subject
""")
_PUT_BACK = text("""
    UPDATE due SET leased_until = 0, last_error = :error,
        not_before = CASE WHEN generation > :generation THEN not_before ELSE :not_before END
    WHERE subject = :subject
""")


def ring(connection: Connection, due: Due, now: float) -> int:
    """Make the subject due now, even when it waits for a retry; the generation that must be done."""
    values = {"subject": due.subject, "work": due.work, "installation": due.installation, "now": now}
    return int(connection.execute(_RING, values).scalar_one())


def note_delivery(connection: Connection, delivery: str, event: str, digest: str, now: float) -> bool:
    """Write the delivery down; false when it came before and all it asked is done."""
    values = {"id": delivery, "event": event, "digest": digest, "now": now}
    if connection.execute(_NOTE_DELIVERY, values).first() is not None:
        return True
    return connection.execute(_IS_OPEN, {"delivery": delivery}).first() is not None


def note_generation(connection: Connection, delivery: str, subject: str, generation: int) -> None:
    """Remember that the delivery is done once the subject is done up to `generation`."""
    connection.execute(_NOTE_GENERATION, {"delivery": delivery, "subject": subject, "generation": generation})


def done_deliveries(connection: Connection, before: float, most: int) -> tuple[str, ...]:
    """At most so many deliveries from before that time (Unix seconds) of which everything is done."""
    return tuple(connection.execute(_DONE_DELIVERIES, {"before": before, "most": most}).scalars())


def forget_deliveries(connection: Connection, deliveries: Sequence[str]) -> None:
    connection.execute(delete(DELIVERY_DUE).where(DELIVERY_DUE.c.delivery.in_(deliveries)))
    connection.execute(delete(DELIVERY).where(DELIVERY.c.id.in_(deliveries)))


def take(connection: Connection, now: float, seconds: float) -> Lease | None:
    """Lease the next subject; None when nothing is due. At most one lease holds a subject.

    It is the oldest of the installation that has the fewest in hand: however much one has, no other waits behind it.
    """
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _TURN_LOCK})
    subject = connection.execute(_FIND, {"now": now}).scalar()
    if subject is None:
        return None
    row = connection.execute(_LEASE, {"subject": subject, "until": now + seconds}).one()
    return Lease(subject=row.subject, work=row.work, generation=row.generation, fence=row.fence, attempts=row.attempts)


def hold(connection: Connection, lease: Lease, until: float | None = None) -> None:
    """Make sure that the lease still holds, to the end of this transaction; extend it when `until` is given."""
    values = {"subject": lease.subject, "fence": lease.fence, "until": until}
    if connection.execute(_HOLD, values).rowcount != 1:
        raise LostLeaseError(lease.subject)


def finish(connection: Connection, lease: Lease) -> None:
    """Done up to the generation of the lease; an event that came meanwhile leaves the subject due."""
    hold(connection, lease)
    connection.execute(_FINISH, {"subject": lease.subject, "generation": lease.generation})


def put_back(connection: Connection, lease: Lease, not_before: float, error: str) -> None:
    """Not done; due again at `not_before`, or at once when an event came meanwhile."""
    hold(connection, lease)
    values = {
        "subject": lease.subject,
        "generation": lease.generation,
        "not_before": not_before,
        "error": error[:LONGEST_ERROR],
    }
    connection.execute(_PUT_BACK, values)


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


def behind(connection: Connection, prefix: str, *, everything: bool = False) -> tuple[str, ...]:
    """The works of the subjects that begin so and are not done; with `everything` also of those that are."""
    query = select(DUE.c.work).where(DUE.c.subject.startswith(prefix, autoescape=True)).order_by(DUE.c.subject)
    return tuple(connection.execute(query if everything else query.where(DUE.c.generation > DUE.c.done)).scalars())


def works(connection: Connection, subjects: Sequence[str]) -> dict[str, str]:
    """Subject → its latest work, done or not; a subject that was never due is missing."""
    query = select(DUE.c.subject, DUE.c.work).where(DUE.c.subject.in_(subjects))
    return {row.subject: row.work for row in connection.execute(query)}


def ring_all(connection: Connection, dues: Iterable[Due], now: float) -> None:
    for due in dues:
        ring(connection, due, now)
