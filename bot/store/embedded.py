"""SQLite as a database of one process: one writer thread that commits what has gathered as one group."""

from __future__ import annotations

import asyncio
import fcntl
import queue
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.pool import QueuePool

from bot.store.database import Transaction, migrate
from bot.store.due import free_all

T = TypeVar("T")
LARGEST_GROUP = 256


class DatabaseInUseError(Exception):
    """Another process has this SQLite file open; several processes need PostgreSQL."""


@dataclass(frozen=True, slots=True)
class _Change:
    run: Transaction[Any]
    rings: bool
    outcome: Future[Any]


class Embedded:
    """One file in WAL mode with `synchronous=FULL`. `clock` gives Unix seconds. Make it inside a running loop."""

    def __init__(self, path: Path, *, clock: Callable[[], float] = time.time) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._lock = _locked(path)
        self._clock = clock
        self._writer = _engine(path, begin="BEGIN IMMEDIATE")
        self._reader = _engine(path, begin="BEGIN")
        with self._writer.begin() as connection:
            migrate(connection)
            free_all(connection)
        self._loop = asyncio.get_running_loop()
        self._bell = asyncio.Event()
        self._changes: queue.SimpleQueue[_Change | None] = queue.SimpleQueue()
        self._closed = False
        self._thread = threading.Thread(target=self._write_all, name="database-writer", daemon=True)
        self._thread.start()

    async def write(self, change: Transaction[T], *, rings: bool = False) -> T:
        if self._closed:
            raise RuntimeError("the database is closed")
        outcome: Future[T] = Future()
        self._changes.put(_Change(change, rings, outcome))
        return await asyncio.wrap_future(outcome)

    async def read(self, query: Transaction[T]) -> T:
        return await asyncio.to_thread(self._read, query)

    def _read(self, query: Transaction[T]) -> T:
        if self._closed:
            raise RuntimeError("the database is closed")
        with self._reader.begin() as connection:
            return query(connection)

    def now(self, connection: Connection) -> float:  # noqa: ARG002 - the other database asks its connection
        return self._clock()

    async def wait(self, seconds: float) -> None:
        try:
            await asyncio.wait_for(self._bell.wait(), seconds)
        except TimeoutError:
            return
        self._bell.clear()

    async def close(self) -> None:
        if self._closed:
            return
        self._closed = True
        self._changes.put(None)
        await asyncio.to_thread(self._thread.join)
        self._writer.dispose()
        self._reader.dispose()
        self._lock.close()

    def _write_all(self) -> None:
        """Until told to stop: wait for a change, take along all that have gathered, commit them together."""
        with self._writer.connect() as connection:
            while True:
                group = [self._changes.get()]
                while len(group) < LARGEST_GROUP and not self._changes.empty():
                    group.append(self._changes.get())
                self._commit(connection, [change for change in group if change is not None])
                if None in group:
                    return

    def _commit(self, connection: Connection, group: list[_Change]) -> None:
        running = [change for change in group if change.outcome.set_running_or_notify_cancel()]
        if not running:
            return
        settle: list[Callable[[], None]] = []
        try:
            with connection.begin():
                settle = [_attempt(connection, change) for change in running]
        except Exception as error:  # noqa: BLE001 - whatever broke the commit is each caller's to hear
            for change in running:
                change.outcome.set_exception(error)
            return
        for tell in settle:
            tell()
        if any(change.rings for change in running):
            self._loop.call_soon_threadsafe(self._bell.set)


def _attempt(connection: Connection, change: _Change) -> Callable[[], None]:
    """Run one change of a group; its failure undoes it alone. What to tell its caller once the group stands."""
    connection.exec_driver_sql("SAVEPOINT change")
    try:
        result = change.run(connection)
    except Exception as error:  # noqa: BLE001 - handed to the caller, who knows what it means
        failure = error
        connection.exec_driver_sql("ROLLBACK TO change")
        connection.exec_driver_sql("RELEASE change")
        return lambda: change.outcome.set_exception(failure)
    connection.exec_driver_sql("RELEASE change")
    return lambda: change.outcome.set_result(result)


def _engine(path: Path, *, begin: str) -> Engine:
    """SQLAlchemy's begin is made ours: the driver's own begins late, and then a reader cannot become a writer."""
    engine = create_engine(
        f"sqlite:///{path}", poolclass=QueuePool, hide_parameters=True, connect_args={"check_same_thread": False}
    )

    @event.listens_for(engine, "connect")
    def _on_connect(connection: Any, _: object) -> None:
        connection.isolation_level = None
        for pragma in ("journal_mode=WAL", "synchronous=FULL", "busy_timeout=5000", "foreign_keys=ON"):
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def _on_begin(connection: Connection) -> None:
        connection.exec_driver_sql(begin)

    return engine


def open_for_reading(path: Path) -> Engine:
    """Beside a running App, for `audit`: reads only."""
    if not path.is_file():
        raise FileNotFoundError(path)
    return _engine(path, begin="BEGIN")


def _locked(path: Path) -> Any:
    """Hold the file beside the database while this process lives; the kernel lets go of it when it dies."""
    lock = path.with_name(path.name + ".lock").open("w")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        lock.close()
        raise DatabaseInUseError(f"{path}: another process uses it; several processes need PostgreSQL") from error
    return lock
