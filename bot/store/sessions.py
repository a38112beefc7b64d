"""Which sessions stand: what a cookie says of itself is worth nothing once its session is gone from here."""

from __future__ import annotations

from sqlalchemy import Connection, delete, insert, select

from bot.store.tables import SESSION


def open_session(connection: Connection, session: str, account: int, until: float, now: float) -> None:
    """`until` and `now` in Unix seconds. Sessions whose time is up are forgotten on the way."""
    connection.execute(delete(SESSION).where(SESSION.c.until <= now))
    connection.execute(insert(SESSION).values(id=session, account=account, until=until))


def stands(connection: Connection, session: str, account: int, now: float) -> bool:
    query = select(SESSION.c.id).where(SESSION.c.id == session, SESSION.c.account == account, SESSION.c.until > now)
    return connection.execute(query).first() is not None


def close_session(connection: Connection, session: str) -> None:
    connection.execute(delete(SESSION).where(SESSION.c.id == session))


def close_all(connection: Connection, account: int) -> None:
    """Every session of the account, in whichever browser."""
    connection.execute(delete(SESSION).where(SESSION.c.account == account))
