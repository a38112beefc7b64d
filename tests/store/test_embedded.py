"""The embedded database: one process, and what it promised survives."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from bot.store.embedded import DatabaseInUseError, Embedded
from bot.store.entries import Due, Entry
from bot.store.queue import Store

FILE = "countersign.db"


async def test_a_second_process_is_refused(tmp_path: Path) -> None:
    first = Embedded(tmp_path / FILE)
    with pytest.raises(DatabaseInUseError):
        Embedded(tmp_path / FILE)
    await first.close()
    await Embedded(tmp_path / FILE).close()


async def test_a_restart_voids_the_leases_of_the_life_before(tmp_path: Path) -> None:
    before = Store(Embedded(tmp_path / FILE))
    await before.ring([Due(subject="pull:1:2", work="{}")])
    assert await before.lease(3600)
    await before.close()
    after = Store(Embedded(tmp_path / FILE))
    assert await after.lease(60)
    await after.close()


async def test_a_changed_line_is_found_even_when_the_guards_were_taken_away(tmp_path: Path) -> None:
    store = Store(Embedded(tmp_path / FILE))
    await store.ring([Due(subject="s", work="{}")])
    lease = await store.lease()
    assert lease
    await store.append(lease, [Entry(subject="s", kind="k", key=str(n), at=n, body="{}") for n in range(3)])
    with sqlite3.connect(tmp_path / FILE) as raw:
        raw.execute("DROP TRIGGER ledger_no_update")
        raw.execute("UPDATE ledger SET body = '[]' WHERE sequence = 2")
    raw.close()
    assert (await store.find_fault())[:2] == ("line 2 was changed", 1)
    await store.close()


async def test_a_line_cannot_be_replaced(tmp_path: Path) -> None:
    store = Store(Embedded(tmp_path / FILE))
    await store.ring([Due(subject="s", work="{}")])
    lease = await store.lease()
    assert lease
    await store.append(lease, [Entry(subject="s", kind="k", key="1", at=1, body="{}")])
    with sqlite3.connect(tmp_path / FILE) as raw, pytest.raises(sqlite3.IntegrityError, match="append-only"):
        raw.execute("REPLACE INTO ledger VALUES (1, 's', 'k', '1', 1, 'forged', '', '')")
    raw.close()
    await store.close()


async def test_every_write_is_durable_before_it_returns(tmp_path: Path) -> None:
    """`synchronous` is FULL (2) and the journal a write-ahead log on the connection that writes."""
    database = Embedded(tmp_path / FILE)
    pragma = "PRAGMA synchronous"
    assert await database.write(lambda connection: connection.exec_driver_sql(pragma).scalar()) == 2
    pragma = "PRAGMA journal_mode"
    assert await database.write(lambda connection: connection.exec_driver_sql(pragma).scalar()) == "wal"
    await database.close()


async def test_a_database_error_quotes_no_values(tmp_path: Path) -> None:
    database = Embedded(tmp_path / FILE)
    with pytest.raises(DBAPIError) as caught:
        await database.write(lambda one: one.execute(text("INSERT INTO delivery (id) VALUES (:id)"), {"id": "s3cret"}))
    assert "s3cret" not in str(caught.value)
    await database.close()
