"""`doctor`: whether the gate really binds, for every repository of the App's installations."""

from __future__ import annotations

import asyncio
import json
import sys

import click
from rich.console import Group, RenderableType
from rich.text import Text

from bot.cli.operator import TROUBLES, Operator, Place, operating, refuse, wanted_grants
from bot.cli.report import console
from bot.core.policy.model import Policy, PolicyError
from bot.core.protection.examine import Examined, examine
from bot.core.protection.facts import App
from bot.core.protection.gap import Gap, Severity, is_sound
from bot.core.protection.wanted import required_reviewers
from bot.data import load_catalogue
from bot.github.errors import GitHubError
from bot.github.read.policies import PolicyText
from bot.github.read.policy_files import organisation_policy, repository_policy
from bot.github.read.protection import default_branch, read_protection
from bot.github.read.registration import read_app
from bot.settings import OperatorSettings, SettingsError, read_operator_settings
from bot.worker.policies import choose_policy

_FACES = {
    Severity.OPENS: ("✖", "bold red"),
    Severity.BREAKS: ("✖", "bold yellow"),
    Severity.UNKNOWN: ("?", "bold magenta"),
    Severity.ADVICE: ("·", "dim"),
}


@click.command("doctor")
@click.option("--repo", "names", multiple=True, metavar="OWNER/NAME", help="Only this one; may be given again.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
def command(names: tuple[str, ...], *, as_json: bool) -> None:
    """Say whether the gate really binds.

    It looks at the App (permissions, events, webhook), at the rules of the default branch, every protected branch
    and every release branch (is the check required, from this App only, and who gets past it), at the policy and
    at the people it asks. Each finding says what to do.

    It asks with the App's own key (APP_ID, PRIVATE_KEY or PRIVATE_KEY_PATH), or as an operator (APP_ID,
    GITHUB_TOKEN), best with both: GitHub tells only administrators who may bypass a ruleset.

    Exit status: 0 the gate binds, 1 something opens or breaks it or could not be read, 2 it could not be asked.
    """
    try:
        gaps, looked = asyncio.run(diagnose(read_operator_settings(), names))
    except SettingsError as error:
        refuse("doctor", error)
    except TROUBLES as error:
        refuse("doctor", error)
    if as_json:
        click.echo(json.dumps(document(gaps, looked), indent=2))
    else:
        console().print(_report(gaps, looked))
    sys.exit(0 if is_sound(gaps) else 1)


async def diagnose(settings: OperatorSettings, names: tuple[str, ...]) -> tuple[tuple[Gap, ...], tuple[str, ...]]:
    """Every gap, and the repositories that were looked at."""
    async with operating(settings) as operator:
        app = await _app(operator)
        places = await operator.places(names)
        examined = [await examine_place(place) for place in places]
    webhook = f"{settings.public_url}/webhook" if settings.public_url else ""
    gaps = examine(settings.app_id, app, wanted_grants(), webhook, examined)
    return gaps, tuple(place.full_name for place in places)


async def _app(operator: Operator) -> App | str:
    if not operator.settings.private_key:
        return "the App itself was not asked, since its key was not given"
    try:
        return await read_app(operator.github.app)
    except GitHubError as error:
        return f"the App could not be asked: {error}"


async def examine_place(place: Place) -> Examined:
    """One repository and the policy that holds on its default branch."""
    branch = await default_branch(place.client, place.owner, place.name)
    own = await repository_policy(place.client, place.owner, place.name, branch)
    policy = _chosen(await organisation_policy(place.client, place.owner), own)
    usable = policy if isinstance(policy, Policy) else None
    repository = await read_protection(place.client, place.owner, place.name, usable)
    kinds = load_catalogue().infra.kinds
    return Examined(
        repository=repository,
        policy=policy,
        own=choose_policy(None, own) if isinstance(own, PolicyText) else None,
        reviewers=required_reviewers(usable, repository, kinds)[0] if usable else (),
    )


def _chosen(
    organisation: PolicyText | PolicyError | None, repository: PolicyText | PolicyError | None
) -> Policy | PolicyError:
    if isinstance(organisation, PolicyError):
        return organisation
    return repository if isinstance(repository, PolicyError) else choose_policy(organisation, repository)


def document(gaps: tuple[Gap, ...], looked: tuple[str, ...]) -> dict[str, object]:
    return {
        "binds": is_sound(gaps),
        "repositories": list(looked),
        "findings": [
            {
                "id": gap.id,
                "severity": gap.severity.value,
                "where": gap.where,
                "wrong": gap.wrong,
                "remedy": gap.remedy,
            }
            for gap in gaps
        ],
    }


def _report(gaps: tuple[Gap, ...], looked: tuple[str, ...]) -> RenderableType:
    """The worst first; each with its remedy on the line below."""
    lines: list[Text] = []
    for gap in gaps:
        mark, style = _FACES[gap.severity]
        lines.append(
            Text.assemble(
                (f"{mark} {gap.severity.value:<8}", style),
                (f"{gap.where}: ", "bold"),
                gap.wrong,
                (f"  {gap.id}", "dim"),
            )
        )
        lines.append(Text(f"  → {gap.remedy}", style="cyan"))
    return Group(*lines, _summary(gaps, looked))


def _summary(gaps: tuple[Gap, ...], looked: tuple[str, ...]) -> Text:
    where = "1 repository" if len(looked) == 1 else f"{len(looked)} repositories"
    if is_sound(gaps):
        return Text(f"✔ the gate binds in {where}", style="bold green")
    counts = [(one, sum(gap.severity is one for gap in gaps)) for one in Severity if one is not Severity.ADVICE]
    told = ", ".join(f"{count} {one.value}" for one, count in counts if count)
    return Text(f"✖ the gate is not known to bind in {where}: {told}", style="bold red")
