"""`audit completeness` lists the merges of a period, and fails when one has neither record, exception nor incident."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner

from bot.cli import main
from bot.core.landing import Landing
from bot.core.memory import Kind, of_landing
from bot.jobs import AuditBranch, encode_job
from bot.store.embedded import Embedded
from bot.store.entries import Due, Entry
from bot.store.queue import Store
from tests.core.test_completeness import INCIDENT, MOVE, RECORD

DAY = 86_400
JOB = AuditBranch(installation_id=3, repository_id=10, owner="acme", name="shop", branch="main")
DUE = Due(subject=JOB.subject, work=encode_job(JOB))
LANDINGS = (
    replace(RECORD, move=replace(MOVE, id=1, at=DAY)),
    replace(INCIDENT, move=replace(MOVE, id=2, at=3 * DAY, actor="=cmd()")),
)


def entry(landing: Landing) -> Entry:
    memory = of_landing(landing, Kind.LANDING, landing.move.at)
    return Entry(subject=JOB.subject, kind=memory.kind.value, key=memory.key, at=memory.at, body=memory.body)


async def write(path: Path, *, finished: bool) -> Path:
    store = Store(Embedded(path))
    await store.ring([DUE])
    lease = await store.lease()
    assert lease
    await store.append(lease, [entry(landing) for landing in LANDINGS])
    if finished:
        await store.finish(lease)
    await store.close()
    return path


@pytest.fixture
async def database(tmp_path: Path) -> Path:
    return await write(tmp_path / "countersign.db", finished=True)


def run(path: Path, *arguments: str) -> tuple[int, str]:
    environment = {"DATABASE_URL": f"sqlite:///{path}"}
    result = CliRunner().invoke(main, ["audit", "completeness", *arguments], env=environment)
    return result.exit_code, result.output


def test_each_merge_of_the_period_is_listed_with_what_stands_behind_it(database: Path) -> None:
    code, output = run(database, "--since", "1970-01-01", "--json")
    told = json.loads(output)
    assert (code, told["complete"], told["counts"]) == (0, True, {"record": 1, "incident": 1})
    assert [merge["outcome"] for merge in told["merges"]] == ["record", "incident"]
    assert {merge["repository"] for merge in told["merges"]} == {"acme/shop"}


@pytest.mark.parametrize(
    ("arguments", "outcomes"),
    [
        (["--since", "1970-01-03"], ["incident"]),
        (["--since", "1970-01-01", "--until", "1970-01-03"], ["record"]),
        (["--since", "1970-01-05"], []),
        (["--since", "1970-01-01", "--repo", "ACME/shop"], ["record", "incident"]),
    ],
)
def test_a_period_and_a_repository_choose(database: Path, arguments: list[str], outcomes: list[str]) -> None:
    code, output = run(database, *arguments, "--json")
    assert code == 0
    assert [merge["outcome"] for merge in json.loads(output)["merges"]] == outcomes


async def test_an_audit_that_is_not_finished_makes_the_list_incomplete(tmp_path: Path) -> None:
    code, output = run(await write(tmp_path / "behind.db", finished=False), "--since", "1970-01-01")
    assert code == 1
    assert "the audit of this branch is not finished" in output
    assert output.splitlines()[-1] == "3 merges: 1 incident, 1 missing, 1 record"


def test_a_spreadsheet_runs_nothing_of_it(database: Path) -> None:
    code, output = run(database, "--since", "1970-01-01", "--format", "csv")
    assert code == 0
    assert ",'=cmd()," in output
    assert output.splitlines()[0].startswith("at,repository,branch,commit")


def test_a_repository_that_is_not_known_is_an_error(database: Path) -> None:
    code, output = run(database, "--since", "1970-01-01", "--repo", "acme/none")
    assert (code, output) == (2, "audit: --repo: acme/none: the ledger knows no such repository\n")
