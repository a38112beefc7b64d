"""The ledger can be proved whole, and handed out, from the command line."""

from __future__ import annotations

import json
import sqlite3
from pathlib import Path

import pytest
from click.testing import CliRunner

from bot.cli import main
from bot.store.embedded import Embedded
from bot.store.entries import Due, Entry
from bot.store.queue import Store


@pytest.fixture
async def database(tmp_path: Path) -> Path:
    path = tmp_path / "countersign.db"
    store = Store(Embedded(path))
    await store.ring([Due(subject="s", work="{}")])
    lease = await store.lease()
    assert lease
    entries = [Entry(subject="s", kind="k", key=key, at=86_400 * n, body="{}") for n, key in enumerate("=ab")]
    await store.append(lease, entries)
    await store.close()
    return path


def run(path: Path, *arguments: str) -> tuple[int, str]:
    result = CliRunner().invoke(main, ["audit", *arguments], env={"DATABASE_URL": f"sqlite:///{path}"})
    return result.exit_code, result.output


def test_a_whole_ledger_is_intact(database: Path) -> None:
    code, output = run(database, "verify", "--json")
    told = json.loads(output)
    assert (code, told["intact"], told["lines"]) == (0, True, 3)
    assert run(database, "verify", "--expect", told["last_hash"])[0] == 0


def test_a_changed_line_is_found(database: Path) -> None:
    with sqlite3.connect(database) as raw:
        raw.execute("DROP TRIGGER ledger_no_update")
        raw.execute("UPDATE ledger SET at = 1 WHERE sequence = 2")
    raw.close()
    code, output = run(database, "verify")
    assert (code, output) == (1, "broken: line 2 was changed\n")


def test_a_cut_off_end_is_found_by_a_noted_hash(database: Path) -> None:
    noted = json.loads(run(database, "verify", "--json")[1])["last_hash"]
    with sqlite3.connect(database) as raw:
        raw.execute("DROP TRIGGER ledger_no_delete")
        raw.execute("DELETE FROM ledger WHERE sequence = 3")
    raw.close()
    assert run(database, "verify")[0] == 0
    assert run(database, "verify", "--expect", noted)[0] == 1


def test_the_export_has_every_line_since_a_day(database: Path) -> None:
    code, output = run(database, "export", "--since", "1970-01-02")
    assert code == 0
    assert [json.loads(line)["key"] for line in output.splitlines()] == ["a", "b"]


def test_a_spreadsheet_runs_nothing_of_the_export(database: Path) -> None:
    _, output = run(database, "export", "--format", "csv")
    assert ",'=," in output.splitlines()[1]


def test_a_file_that_is_no_database_is_said_in_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "some.db").write_text("x" * 4096, encoding="utf-8")
    assert run(tmp_path / "some.db", "verify") == (2, "audit: DATABASE_URL: file is not a database\n")


def test_without_a_database_it_says_so(tmp_path: Path) -> None:
    code, output = run(tmp_path / "none.db", "verify")
    assert code == 2
    assert "no such database" in output
