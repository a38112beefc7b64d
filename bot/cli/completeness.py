"""Lists every merge of a period with its record, exception or incident."""

from __future__ import annotations

import csv
import datetime as dt
import json
import sys
import time
from collections import Counter

import click
from sqlalchemy import Connection

from bot.cli.database import TIME, USAGE, harmless, iso, ledger, seconds
from bot.core.completeness import MISSING, Gathered, Merge, document, unfinished
from bot.jobs import AuditBranch, Sweep, decode_job
from bot.store.due import behind
from bot.store.ledger import lines

_COLUMNS = (
    *("at", "repository", "branch", "commit", "actor", "pulls", "outcome", "incident", "debt", "reviewed_at", "why"),
)


@click.command()
@click.option("--since", type=TIME, metavar="TIME", required=True, help="From then on, UTC: 2026-11-25.")
@click.option("--until", type=TIME, metavar="TIME", default=None, help="Until then, UTC, not included; now otherwise.")
@click.option("--repo", metavar="OWNER/NAME", default="", help="Only this repository.")
@click.option("--format", "form", type=click.Choice(["table", "csv"]), default="table", show_default=True)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
def completeness(since: dt.datetime, until: dt.datetime | None, repo: str, form: str, as_json: bool) -> None:  # noqa: FBT001 - click's flag
    """List every merge with the record behind it.

    Each has a record, an exception (a broken glass with the state of its debt, or shadow mode) or is an incident.
    Exit 1 when one has neither: it was merged and not audited, or the audit of its branch is not finished.
    """
    now = int(time.time())
    end = seconds(until) if until else now + 1
    with ledger() as connection:
        names = _names(connection)
        if repo and repo.casefold() not in {name.casefold() for name in names.values()}:
            click.echo(f"audit: --repo: {repo}: the ledger knows no such repository", err=True)
            sys.exit(USAGE)
        found = [*_gathered(connection).merges(), *unfinished(_behind(connection), min(now, end - 1))]

    def name(repository_id: int) -> str:
        return names.get(repository_id, str(repository_id))

    chosen = [
        merge
        for merge in found
        if seconds(since) <= merge.at < end and (not repo or name(merge.repository_id).casefold() == repo.casefold())
    ]
    rows = [document(merge, name, iso) for merge in chosen]
    counts = Counter(merge.outcome for merge in chosen)
    if as_json:
        click.echo(json.dumps({"merges": rows, "counts": counts, "complete": not counts[MISSING]}))
    elif form == "csv":
        _print_csv(rows)
    else:
        _print_table(rows, chosen, counts)
    sys.exit(1 if counts[MISSING] else 0)


def _gathered(connection: Connection) -> Gathered:
    gathered = Gathered()
    for line in lines(connection):
        gathered.take(line.entry.subject, line.entry.kind, line.entry.at, line.entry.body)
    return gathered


def _names(connection: Connection) -> dict[int, str]:
    """Repositories by id, as they were called last."""
    names = {}
    for work in behind(connection, "", everything=True):
        job = decode_job(work)
        if not isinstance(job, Sweep):
            names[job.repository_id] = f"{job.owner}/{job.name}"
    return names


def _behind(connection: Connection) -> list[tuple[int, str]]:
    """The branches of which something has moved that was not audited yet."""
    jobs = [decode_job(work) for work in behind(connection, "branch:")]
    return [(job.repository_id, job.branch) for job in jobs if isinstance(job, AuditBranch)]


def _print_csv(rows: list[dict[str, object]]) -> None:
    writer = csv.DictWriter(sys.stdout, _COLUMNS)
    writer.writeheader()
    for row in rows:
        pulls = row["pulls"]
        told = {**row, "pulls": " ".join(map(str, pulls)) if isinstance(pulls, list) else ""}
        writer.writerows([{key: harmless(value) for key, value in told.items()}])


def _print_table(rows: list[dict[str, object]], merges: list[Merge], counts: Counter[str]) -> None:
    for row, merge in zip(rows, merges, strict=True):
        more = f" (debt {merge.debt})" if merge.debt else ""
        more += f" (reviewed {row['reviewed_at']})" if merge.reviewed_at is not None else ""
        place = f"{row['repository']} {merge.branch} {merge.commit[:12]}"
        click.echo(f"{row['at']}  {merge.outcome:9}  {place}  {merge.why}{more}")
    told = ", ".join(f"{count} {outcome}" for outcome, count in sorted(counts.items()))
    click.echo(f"{len(merges)} merges: {told}" if merges else "no merges")
