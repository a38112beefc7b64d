"""Proves that the ledger is whole, and hands it out."""

from __future__ import annotations

import csv
import datetime as dt
import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click
from sqlalchemy import Connection, create_engine
from sqlalchemy.exc import DBAPIError

from bot.cli.database import first_line
from bot.settings import SettingsError, read_database_url
from bot.store.embedded import open_for_reading
from bot.store.ledger import Line, find_fault, lines
from bot.store.queue import SQLITE

USAGE = 2
_COLUMNS = ("sequence", "at", "subject", "kind", "key", "body", "previous", "hash")


@click.group()
def command() -> None:
    """Verify or export the ledger."""


@command.command()
@click.option("--expect", metavar="HASH", default="", help="A hash noted earlier, which must still be in the chain.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
def verify(expect: str, as_json: bool) -> None:  # noqa: FBT001 - click's flag
    """Check every link of the hash chain. Exit 1 when one is broken.

    The chain shows every change, and every line missing between others. That its end was cut off is shown only by
    a hash that was noted elsewhere: give it with --expect.
    """
    with _ledger() as connection:
        fault, count, last = find_fault(lines(connection))
        if not fault and expect and all(line.hash != expect for line in lines(connection)):
            fault = "the expected hash is not in the chain"
    if as_json:
        click.echo(json.dumps({"intact": not fault, "fault": fault, "lines": count, "last_hash": last}))
    else:
        click.echo(f"broken: {fault}" if fault else f"intact: {count} lines, last hash {last}")
    sys.exit(1 if fault else 0)


@command.command()
@click.option(
    "--since",
    type=click.DateTime(["%Y-%m-%d", "%Y-%m-%dT%H:%M:%SZ"]),
    metavar="TIME",
    default=None,
    help="Only the lines from then on, UTC: 2026-11-25 or 2026-11-25T08:00:00Z.",
)
@click.option("--format", "form", type=click.Choice(["jsonl", "csv"]), default="jsonl", show_default=True)
def export(since: dt.datetime | None, form: str) -> None:
    """Print the ledger, oldest first."""
    start = int(since.replace(tzinfo=dt.UTC).timestamp()) if since else 0
    with _ledger() as connection:
        rows = (_row(line) for line in lines(connection, start))
        if form == "jsonl":
            for row in rows:
                click.echo(json.dumps(row, ensure_ascii=False))
            return
        writer = csv.DictWriter(sys.stdout, _COLUMNS)
        writer.writeheader()
        writer.writerows({name: _harmless(value) for name, value in row.items()} for row in rows)


def _row(line: Line) -> dict[str, object]:
    entry = line.entry
    return {
        "sequence": line.sequence,
        "at": dt.datetime.fromtimestamp(entry.at, tz=dt.UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "subject": entry.subject,
        "kind": entry.kind,
        "key": entry.key,
        "body": entry.body,
        "previous": line.previous,
        "hash": line.hash,
    }


def _harmless(value: object) -> object:
    """A spreadsheet must not run what somebody wrote. https://owasp.org/www-community/attacks/CSV_Injection"""
    return f"'{value}" if isinstance(value, str) and value.startswith(("=", "+", "-", "@", "\t", "\r")) else value


@contextmanager
def _ledger() -> Iterator[Connection]:
    """Beside a running App: reads only. Exit 2 when there is no database."""
    try:
        url = read_database_url()
        is_file = url.startswith(SQLITE)
        engine = open_for_reading(Path(url.removeprefix(SQLITE))) if is_file else create_engine(url)
        with engine.connect() as connection:
            yield connection
        engine.dispose()
    except FileNotFoundError as error:
        click.echo(f"audit: {error}: no such database", err=True)
        sys.exit(USAGE)
    except SettingsError as error:
        click.echo(f"audit: {error}", err=True)
        sys.exit(USAGE)
    except DBAPIError as error:
        click.echo(f"audit: DATABASE_URL: {first_line(error)}", err=True)
        sys.exit(USAGE)
