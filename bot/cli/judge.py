"""`judge`: the judgement of a pull request, on two revisions of a local clone."""

from __future__ import annotations

import json
from pathlib import Path

import click

from bot.cli.local import (
    WITHOUT_PEOPLE,
    InputError,
    choose_policy,
    decide_without_people,
    read_stack_plan,
    read_text,
)
from bot.cli.report import console, report
from bot.core.decision import Conclusion, Decision
from bot.core.document import document
from bot.data import load_catalogue
from bot.git.command import GitError
from bot.git.read import Reading, Supplied, read_pull
from bot.git.source import open_source


@click.command("judge")
@click.option("--repo", type=click.Path(path_type=Path), default=Path(), help="A local clone.  [default: here]")
@click.option("--base", required=True, metavar="REV", help="Where the change would go.")
@click.option("--head", required=True, metavar="REV", help="The change.")
@click.option("--policy", type=click.Path(path_type=Path), metavar="FILE", help="Instead of the base commit's policy.")
@click.option(
    "--plan",
    "plans",
    type=click.Path(path_type=Path),
    multiple=True,
    metavar="FILE",
    help="What `terraform show -json` prints of a plan of HEAD; it can only raise. May be given again.",
)
@click.option("--author", default="", metavar="LOGIN", help="The pull request's author; a bot's login ends in [bot].")
@click.option("--head-ref", default="", metavar="NAME", help="The head branch.  [default: REV when it is a branch]")
@click.option("--title", default="", help="The pull request's title.")
@click.option("--body-file", type=click.Path(path_type=Path), metavar="FILE", help="The pull request's body.")
@click.option("--label", "labels", multiple=True, help="A label of the pull request; may be given again.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
@click.pass_context
def command(
    context: click.Context,
    *,
    repo: Path,
    base: str,
    head: str,
    policy: Path | None,
    plans: tuple[Path, ...],
    author: str,
    head_ref: str,
    title: str,
    body_file: Path | None,
    labels: tuple[str, ...],
    as_json: bool,
) -> None:
    """Judge what HEAD would bring into BASE.

    It says what the gate would say before anybody approved. Exit status: 0 the gate is open, 1 it is shut, 2 the
    input cannot be judged.
    """
    body = read_text(body_file) if body_file else ""
    supplied = Supplied(author=author, head_ref=head_ref, title=title, body=body, labels=labels)
    reading, decision = _judge(repo, base, head, supplied, policy=policy, plans=plans)
    if as_json:
        click.echo(json.dumps(_document(reading, decision), indent=2))
    else:
        console().print(report(decision, reading.pull, (*reading.notices, WITHOUT_PEOPLE)))
    context.exit(0 if decision.conclusion is Conclusion.SUCCESS else 1)


def _judge(
    repo: Path, base: str, head: str, supplied: Supplied, *, policy: Path | None, plans: tuple[Path, ...]
) -> tuple[Reading, Decision]:
    catalogue = load_catalogue()
    try:
        with open_source(repo) as source:
            onto = source.clone.resolve(base)
            reading = read_pull(source, onto, source.clone.resolve(head), supplied)
            rules = choose_policy(source, onto, policy)
            planned = tuple(read_stack_plan(file, reading.pull.head_sha, catalogue.infra) for file in plans)
            return reading, decide_without_people(reading.pull, rules, catalogue, planned)
    except GitError as error:
        raise InputError(str(error)) from error


def _document(reading: Reading, decision: Decision) -> dict[str, object]:
    pull = reading.pull
    return document(decision) | {
        "range": {
            "base": pull.base_sha,
            "merge_base": pull.merge_base,
            "head": pull.head_sha,
            "commits": len(pull.commits),
            "files": len(pull.files),
        },
        "notices": [*reading.notices, WITHOUT_PEOPLE],
    }
