"""`backtest`: the merges of a local clone's first-parent line, judged as if they were pull requests."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path

import click
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from bot.cli.backtest_page import page
from bot.cli.backtest_report import backtest_document, backtest_report
from bot.cli.local import InputError, choose_policy, decide_without_people, usable
from bot.cli.report import console
from bot.core.catalogue import Catalogue
from bot.core.policy.model import Policy
from bot.core.tally import Backtest, Case, tally
from bot.data import load_catalogue
from bot.git.command import GitError
from bot.git.history import Landing, Way, first_parent_line
from bot.git.read import read_pull
from bot.git.source import Source, open_source

INTERRUPTED = 130


@click.command("backtest")
@click.option("--repo", type=click.Path(path_type=Path), default=Path(), help="A local clone.  [default: here]")
@click.option("--head", default="HEAD", show_default=True, metavar="REV", help="Where the line ends.")
@click.option("--since", type=click.DateTime(["%Y-%m-%d"]), metavar="DATE", help="Only what landed since, YYYY-MM-DD.")
@click.option("--limit", type=click.IntRange(min=1), metavar="N", help="Only the newest N.")
@click.option("--direct", is_flag=True, help="Judge commits that came without a pull request too.")
@click.option("--policy", type=click.Path(path_type=Path), metavar="FILE", help="Instead of the policy at REV.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
@click.option("--html", type=click.Path(path_type=Path), metavar="FILE", help="Write a page that needs nothing else.")
@click.pass_context
def command(
    context: click.Context,
    *,
    repo: Path,
    head: str,
    since: datetime | None,
    limit: int | None,
    direct: bool,
    policy: Path | None,
    as_json: bool,
    html: Path | None,
) -> None:
    """Judge what landed on a branch.

    It says what would have been asked, how often, why, and at what cost. A merge or squash merge is judged as it
    landed, with the policy of today. Exit status: 0 done, 2 bad input, 130 interrupted;
    what was covered until then is printed.
    """
    after = int(since.replace(tzinfo=UTC).timestamp()) if since else 0
    try:
        with open_source(repo) as source:
            tip = source.clone.resolve(head)
            rules = usable(choose_policy(source, tip, policy))
            landings, passed_over = select(first_parent_line(source, tip), after, limit, direct=direct)
            done = run(source, landings, rules, passed_over)
    except GitError as error:
        raise InputError(str(error)) from error
    if html:
        _write(html, page(done))
    click.echo(json.dumps(backtest_document(done), indent=2)) if as_json else console().print(backtest_report(done))
    context.exit(INTERRUPTED if done.interrupted else 0)


def select(line: Iterator[Landing], after: int, limit: int | None, *, direct: bool) -> tuple[tuple[Landing, ...], int]:
    """The newest `limit` landings since `after`, and how many direct commits were passed over among them."""
    passed_over = 0

    def wanted() -> Iterator[Landing]:
        nonlocal passed_over
        for landing in line:
            if landing.landed_at < after:
                continue
            if landing.way is Way.DIRECT and not direct:
                passed_over += 1
                continue
            yield landing

    return tuple(islice(wanted(), limit)), passed_over


def run(source: Source, landings: Sequence[Landing], policy: Policy, passed_over: int) -> Backtest:
    """Judge the landings, newest first, with a progress bar; Ctrl-C ends it early and keeps what is done."""
    catalogue = load_catalogue()
    cases: list[Case] = []
    failed: list[tuple[str, str]] = []
    interrupted = False
    started = time.monotonic()
    try:
        with _progress() as progress:
            for landing in progress.track(landings, description="Judging"):
                try:
                    cases.append(_judge(source, landing, policy, catalogue))
                except GitError as error:
                    failed.append((landing.sha, str(error)))
    except KeyboardInterrupt:
        interrupted = True
    return Backtest(
        name=source.clone.name,
        policy_source=policy.source,
        selected=len(landings),
        passed_over=passed_over,
        failed=tuple(failed),
        interrupted=interrupted,
        seconds=time.monotonic() - started,
        tally=tally(cases),
    )


def _judge(source: Source, landing: Landing, policy: Policy, catalogue: Catalogue) -> Case:
    reading = read_pull(source, *landing.range, landing.supplied)
    return Case(
        sha=landing.sha,
        number=landing.number,
        subject=landing.title,
        landed_at=landing.landed_at,
        decision=decide_without_people(reading.pull, policy, catalogue),
    )


def _progress() -> Progress:
    columns = TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn()
    return Progress(*columns, console=console(stderr=True), transient=True)


def _write(path: Path, text: str) -> None:
    try:
        path.write_text(text, "utf-8")
    except OSError as error:
        raise InputError(f"cannot write {path}: {error.strerror}") from error
