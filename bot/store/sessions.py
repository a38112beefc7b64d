"""Which sessions and challenges stand: what a browser brings is worth nothing once it is gone from here."""

from __future__ import annotations

from sqlalchemy import Connection, delete, insert, select

from bot.store.tables import CHALLENGE, SESSION


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


def pose_challenge(connection: Connection, nonce: str, *, session: str, matter: str, until: float, now: float) -> None:
    """One that is good until `until`, for this session and matter alone; those whose time is up are forgotten."""
    connection.execute(delete(CHALLENGE).where(CHALLENGE.c.until <= now))
    connection.execute(insert(CHALLENGE).values(nonce=nonce, session=session, matter=matter, until=until))


def take_challenge(connection: Connection, nonce: str, session: str, matter: str, now: float) -> bool:
    """Whether it was posed to this session in this matter and is still good; it is gone afterwards either way."""
    row = connection.execute(delete(CHALLENGE).where(CHALLENGE.c.nonce == nonce).returning(*CHALLENGE.c)).first()
    return row is not None and (row.session, row.matter) == (session, matter) and row.until > now
