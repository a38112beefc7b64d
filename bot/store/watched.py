"""Subjects that are done and wait all the same: whatever changes in their repository makes them due again."""

from __future__ import annotations

from sqlalchemy import Connection, delete, insert, select

from bot.store.due import ring_all
from bot.store.entries import Due
from bot.store.tables import WATCHED


def watch(connection: Connection, due: Due, repository: int) -> None:
    unwatch(connection, due.subject)
    connection.execute(insert(WATCHED).values(subject=due.subject, repository=repository, work=due.work))


def unwatch(connection: Connection, subject: str) -> None:
    connection.execute(delete(WATCHED).where(WATCHED.c.subject == subject))


def ring_watched(connection: Connection, repository: int | None, now: float) -> int:
    """Make those of a repository due, of all for None; how many."""
    query = select(WATCHED.c.subject, WATCHED.c.work).order_by(WATCHED.c.subject)
    if repository is not None:
        query = query.where(WATCHED.c.repository == repository)
    dues = [Due(subject=row.subject, work=row.work) for row in connection.execute(query)]
    ring_all(connection, dues, now)
    return len(dues)
