"""The append-only ledger: every line carries the hash of the one before it, so that none can change unnoticed."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, Row, exists, insert, literal_column, select, text

from bot.store.entries import Entry
from bot.store.tables import LEDGER

FIRST = "0" * 64
_SUBJECTS_PER_QUERY = 500
# Any constant of our own: who appends holds this lock until the transaction ends, so that the chain does not fork.
_CHAIN_LOCK = 0x636F756E746572


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One line as it stands. `hash` and `previous` are 64 hex digits."""

    sequence: int
    entry: Entry
    previous: str
    hash: str


def link(previous: str, sequence: int, entry: Entry) -> str:
    """SHA-256 over the previous hash and the line as a JSON array, whose text is one for each value."""
    fields = [previous, sequence, entry.subject, entry.kind, entry.key, entry.at, entry.body]
    return hashlib.sha256(json.dumps(fields, ensure_ascii=True, separators=(",", ":")).encode()).hexdigest()


def append(connection: Connection, entries: Sequence[Entry]) -> None:
    """Add those that are not there yet, in the given order."""
    if not entries:
        return
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _CHAIN_LOCK})
    last = connection.execute(
        select(LEDGER.c.sequence, LEDGER.c.hash).order_by(LEDGER.c.sequence.desc()).limit(1)
    ).first()
    sequence, previous = (0, FIRST) if last is None else (int(last[0]), str(last[1]))
    for entry in entries:
        if _stands(connection, entry):
            continue
        sequence += 1
        digest = link(previous, sequence, entry)
        connection.execute(
            insert(LEDGER).values(
                sequence=sequence,
                subject=entry.subject,
                kind=entry.kind,
                key=entry.key,
                at=entry.at,
                body=entry.body,
                previous=previous,
                hash=digest,
            )
        )
        previous = digest


def entries_of(connection: Connection, subject: str) -> tuple[Entry, ...]:
    """All of one subject, oldest first."""
    return tuple(line.entry for line in lines_of(connection, subject))


def lines_of(connection: Connection, subject: str) -> tuple[Line, ...]:
    """All of one subject with their links, oldest first."""
    rows = connection.execute(select(LEDGER).where(LEDGER.c.subject == subject).order_by(LEDGER.c.sequence))
    return tuple(_line(row) for row in rows)


def entries_about(connection: Connection, subjects: Sequence[str], kind: str, most: int) -> tuple[Entry, ...]:
    """Those of one kind on many subjects, oldest first within each batch of subjects; the first `most`."""
    found: list[Entry] = []
    for start in range(0, len(subjects), _SUBJECTS_PER_QUERY):
        query = (
            select(LEDGER)
            .where(LEDGER.c.subject.in_(subjects[start : start + _SUBJECTS_PER_QUERY]), LEDGER.c.kind == kind)
            .order_by(LEDGER.c.sequence)
            .limit(most - len(found))
        )
        found += [_line(row).entry for row in connection.execute(query)]
    return tuple(found)


def latest_of(connection: Connection, subject: str, kind: str) -> Entry | None:
    query = select(LEDGER).where(LEDGER.c.subject == subject, LEDGER.c.kind == kind)
    row = connection.execute(query.order_by(LEDGER.c.sequence.desc()).limit(1)).first()
    return None if row is None else _line(row).entry


def open_entries(connection: Connection, kind: str, closed_by: str, most: int) -> tuple[Entry, ...]:
    """Those of `kind` that no entry of `closed_by` with the same subject and key follows, the newest first."""
    closing = LEDGER.alias()
    is_closed = exists().where(
        closing.c.subject == LEDGER.c.subject, closing.c.kind == closed_by, closing.c.key == LEDGER.c.key
    )
    # The kind stands in the text, so that the index of just that kind is found.
    query = select(LEDGER).where(LEDGER.c.kind == literal_column(f"'{kind}'"), ~is_closed)
    rows = connection.execute(query.order_by(LEDGER.c.sequence.desc()).limit(most))
    return tuple(_line(row).entry for row in rows)


def lines(connection: Connection, since: int = 0) -> Iterator[Line]:
    """Every line whose time is `since` (Unix seconds) or later, in order, a thousand at a time."""
    query = select(LEDGER).where(LEDGER.c.at >= since).order_by(LEDGER.c.sequence)
    for row in connection.execution_options(yield_per=1000).execute(query):
        yield _line(row)


def find_fault(chain: Iterator[Line]) -> tuple[str, int, str]:
    """The first fault in words ("" when there is none), the number of good lines, and the last good hash."""
    previous, count = FIRST, 0
    for line in chain:
        if line.sequence != count + 1:
            return f"line {count + 1} is missing", count, previous
        if line.previous != previous or line.hash != link(previous, line.sequence, line.entry):
            return f"line {line.sequence} was changed", count, previous
        previous, count = line.hash, count + 1
    return "", count, previous


def _stands(connection: Connection, entry: Entry) -> bool:
    query = select(LEDGER.c.sequence).where(
        LEDGER.c.subject == entry.subject, LEDGER.c.kind == entry.kind, LEDGER.c.key == entry.key
    )
    return connection.execute(query).first() is not None


def _line(row: Row[tuple[object, ...]]) -> Line:
    fields = row._mapping  # noqa: SLF001 - SQLAlchemy's public name for it
    return Line(
        sequence=fields["sequence"],
        entry=Entry(
            subject=fields["subject"],
            kind=fields["kind"],
            key=fields["key"],
            at=fields["at"],
            body=fields["body"],
        ),
        previous=fields["previous"],
        hash=fields["hash"],
    )
