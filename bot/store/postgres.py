"""PostgreSQL as the database of many processes: its clock decides, its notifications wake them all."""

from __future__ import annotations

import asyncio
import threading
from typing import TypeVar

import psycopg
from sqlalchemy import Connection, create_engine, make_url, text

from bot.store.database import Transaction, migrate

T = TypeVar("T")
CHANNEL = "countersign_due"
# Any constant of our own: two processes that start at once must not migrate at once.
_MIGRATION_LOCK = 0x6D696772
_LISTEN_SECONDS = 0.5


class PostgreSQL:
    """`url` is `postgresql+psycopg://…`. Make it inside a running loop."""

    def __init__(self, url: str, *, connections: int = 10) -> None:
        self._engine = create_engine(
            url, pool_size=connections, max_overflow=0, pool_pre_ping=True, hide_parameters=True
        )
        with self._engine.begin() as connection:
            connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _MIGRATION_LOCK})
            migrate(connection)
        self._loop = asyncio.get_running_loop()
        self._bell = asyncio.Event()
        self._closing = threading.Event()
        plain = make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)
        self._listener = threading.Thread(target=self._listen, args=(plain,), name="database-bell", daemon=True)
        self._listener.start()

    async def write(self, change: Transaction[T], *, rings: bool = False) -> T:
        return await asyncio.to_thread(self._write, change, rings)

    def _write(self, change: Transaction[T], rings: bool) -> T:  # noqa: FBT001 - private, called once
        with self._engine.begin() as connection:
            result = change(connection)
            if rings:
                connection.execute(text("SELECT pg_notify(:channel, '')"), {"channel": CHANNEL})
            return result

    async def read(self, query: Transaction[T]) -> T:
        return await asyncio.to_thread(self._write, query, False)  # noqa: FBT003 - as above

    def now(self, connection: Connection) -> float:
        return float(connection.execute(text("SELECT extract(epoch FROM clock_timestamp())")).scalar_one())

    async def wait(self, seconds: float) -> None:
        try:
            await asyncio.wait_for(self._bell.wait(), seconds)
        except TimeoutError:
            return
        self._bell.clear()

    async def close(self) -> None:
        self._closing.set()
        await asyncio.to_thread(self._listener.join)
        self._engine.dispose()

    def _listen(self, url: str) -> None:
        """A bell that is not heard costs a poll, nothing else; so a lost connection is opened again, quietly."""
        while not self._closing.is_set():
            try:
                with psycopg.connect(url, autocommit=True) as connection:
                    connection.execute(f"LISTEN {CHANNEL}")
                    self._hear(connection)
            except psycopg.OperationalError:
                self._closing.wait(_LISTEN_SECONDS)

    def _hear(self, connection: psycopg.Connection[tuple[object, ...]]) -> None:
        while not self._closing.is_set():
            for _ in connection.notifies(timeout=_LISTEN_SECONDS, stop_after=1):
                self._loop.call_soon_threadsafe(self._bell.set)
