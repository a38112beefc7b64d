"""The narrow port to a database, and the migrations that both kinds run."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Protocol, TypeVar

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection

T = TypeVar("T")
Transaction = Callable[[Connection], T]


class Database(Protocol):
    """Runs transactions. A `write` that has returned survives the death of the process and of the machine."""

    async def write(self, change: Transaction[T], *, rings: bool = False) -> T:
        """Run `change` in one transaction of its own; with `rings`, wake whoever waits once it stands."""
        ...

    async def read(self, query: Transaction[T]) -> T:
        """Run `query` on a consistent view."""
        ...

    def now(self, connection: Connection) -> float:
        """Unix seconds of the clock that every process on this database shares."""
        ...

    async def wait(self, seconds: float) -> None:
        """Return when somebody rang since the last wait, or after `seconds`."""
        ...

    async def close(self) -> None: ...


def migrate(connection: Connection) -> None:
    """Bring the schema to the present, inside the caller's transaction."""
    configuration = Config()
    configuration.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    configuration.attributes["connection"] = connection
    command.upgrade(configuration, "head")
