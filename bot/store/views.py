"""The read side: what the pages show."""

from __future__ import annotations

from sqlalchemy import Connection, delete, insert, select

from bot.store.entries import Shown
from bot.store.tables import SHOWN


def show(connection: Connection, shown: Shown) -> None:
    connection.execute(delete(SHOWN).where(SHOWN.c.subject == shown.subject))
    connection.execute(
        insert(SHOWN).values(
            subject=shown.subject,
            owner=shown.owner,
            name=shown.name,
            number=shown.number,
            title=shown.title,
            verdict=shown.verdict,
            headline=shown.headline,
            waiting=shown.waiting,
            changed_at=shown.changed_at,
            owes=shown.owes,
        )
    )


def waiting(connection: Connection, most: int) -> tuple[Shown, ...]:
    """What waits for a senior, longest first; at most `most`."""
    query = select(SHOWN).where(SHOWN.c.waiting).order_by(SHOWN.c.changed_at, SHOWN.c.subject).limit(most)
    return tuple(Shown(**row._mapping) for row in connection.execute(query))  # noqa: SLF001 - public by its documentation


def owing(connection: Connection, most: int) -> tuple[Shown, ...]:
    """Where a review is owed for a broken glass, longest unchanged first; at most `most`."""
    query = select(SHOWN).where(SHOWN.c.owes).order_by(SHOWN.c.changed_at, SHOWN.c.subject).limit(most)
    return tuple(Shown(**row._mapping) for row in connection.execute(query))  # noqa: SLF001 - public by its documentation


def find_shown(connection: Connection, owner: str, name: str, number: int) -> Shown | None:
    """By its present or last known name, without case, as GitHub compares names."""
    query = select(SHOWN).where(SHOWN.c.number == number).order_by(SHOWN.c.changed_at.desc())
    for row in connection.execute(query):
        if (row.owner.casefold(), row.name.casefold()) == (owner.casefold(), name.casefold()):
            return Shown(**row._mapping)  # noqa: SLF001 - public by its documentation
    return None
