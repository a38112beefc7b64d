"""Proves that the ledger is whole, and hands it out."""

from __future__ import annotations

import csv
import datetime as dt
import json
import sys

import click

from bot.cli.completeness import completeness
from bot.cli.database import TIME, harmless, iso, ledger, seconds
from bot.store.ledger import Line, find_fault, lines

_COLUMNS = ("sequence", "at", "subject", "kind", "key", "body", "previous", "hash")


@click.group()
def command() -> None:
    """Verify or export the ledger, or list what was merged and the records behind it."""


@command.command()
@click.option("--expect", metavar="HASH", default="", help="A hash noted earlier, which must still be in the chain.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
def verify(expect: str, as_json: bool) -> None:  # noqa: FBT001 - click's flag
    """Check every link of the hash chain. Exit 1 when one is broken.

    The chain shows every change, and every line missing between others. That its end was cut off is shown only by
    a hash that was noted elsewhere: give it with --expect.
    """
    with ledger() as connection:
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
    type=TIME,
    metavar="TIME",
    default=None,
    help="Only the lines from then on, UTC: 2026-11-25 or 2026-11-25T08:00:00Z.",
)
@click.option("--format", "form", type=click.Choice(["jsonl", "csv"]), default="jsonl", show_default=True)
def export(since: dt.datetime | None, form: str) -> None:
    """Print the ledger, oldest first."""
    start = seconds(since) if since else 0
    with ledger() as connection:
        rows = (_row(line) for line in lines(connection, start))
        if form == "jsonl":
            for row in rows:
                click.echo(json.dumps(row, ensure_ascii=False))
            return
        writer = csv.DictWriter(sys.stdout, _COLUMNS)
        writer.writeheader()
        writer.writerows({name: harmless(value) for name, value in row.items()} for row in rows)


def _row(line: Line) -> dict[str, object]:
    entry = line.entry
    return {
        "sequence": line.sequence,
        "at": iso(entry.at),
        "subject": entry.subject,
        "kind": entry.kind,
        "key": entry.key,
        "body": entry.body,
        "previous": line.previous,
        "hash": line.hash,
    }


command.add_command(completeness)
