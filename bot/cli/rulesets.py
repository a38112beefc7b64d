"""`rulesets plan` and `rulesets apply`: the rules on GitHub that make the gate bind."""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import groupby

import click

from bot.cli.doctor import examine_place
from bot.cli.operator import LOGIN, TROUBLES, Operator, OperatorError, Place, operating, refuse
from bot.core.policy.model import Mode, Policy
from bot.core.protection.examine import Examined
from bot.core.protection.facts import Enforcement, Reviewer
from bot.core.protection.wanted import Wanted, required_reviewers
from bot.data import load_catalogue
from bot.github.client import Client
from bot.github.errors import Forbidden, Invalid, NotFound, Refused
from bot.github.rulesets import Change, Home, carry_out, plan_change, read_own
from bot.settings import OperatorSettings, SettingsError, read_operator_settings

SHOWN = 5
_PATTERNS = " for changes to "


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """What the command line asks for. `organisation` "" makes the rulesets of each repository."""

    names: tuple[str, ...] = ()
    organisation: str = ""
    evaluate: bool = False
    reviewers: bool = True

    @property
    def enforcement(self) -> Enforcement:
        return Enforcement.EVALUATE if self.evaluate else Enforcement.ACTIVE


@dataclass(slots=True, kw_only=True)
class Plan:
    """`notes` are sentences on what no ruleset can change."""

    changes: list[Change] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


def _choices(function: click.decorators.FC) -> click.decorators.FC:
    for option in (
        click.option("--no-reviewers", is_flag=True, help="Leave GitHub's own required reviewers out."),
        click.option("--evaluate", is_flag=True, help="Only watch at first; needs GitHub Enterprise."),
        click.option("--org", "organisation", default="", metavar="LOGIN", help="One ruleset for all repositories."),
        click.option("--repo", "names", multiple=True, metavar="OWNER/NAME", help="Only this one; may be repeated."),
    ):
        function = option(function)
    return function


@click.group()
def command() -> None:
    """Show or make the rules that make the gate bind.

    One ruleset per branch, named like the check (`countersign/main`): the check from this App only, a pull request,
    no forced push, no deletion, nobody who bypasses, and the teams that must approve what the policy always asks
    a senior for. What stands and is stricter stays.
    """


@command.command()
@_choices
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
def plan(names: tuple[str, ...], organisation: str, *, evaluate: bool, no_reviewers: bool, as_json: bool) -> None:
    """Show what would change on GitHub.

    Exit status: 0 nothing would, 1 something would, 2 GitHub could not be asked.
    """
    choice = Choice(names=names, organisation=organisation, evaluate=evaluate, reviewers=not no_reviewers)
    planned = _answered("rulesets plan", choice)
    if as_json:
        click.echo(json.dumps(_document(planned), indent=2))
    else:
        click.echo("\n".join(_lines(planned)))
    sys.exit(1 if planned.changes else 0)


@command.command()
@_choices
@click.option("--yes", is_flag=True, help="Do not ask.")
def apply(names: tuple[str, ...], organisation: str, *, evaluate: bool, no_reviewers: bool, yes: bool) -> None:
    """Make the change on GitHub, after asking.

    It needs the token of an administrator in GITHUB_TOKEN (`administration: write`; with --org of an owner): the
    running App has no such permission. Exit status: 0 done or nothing to do, 1 not done, 2 bad input.
    """
    choice = Choice(names=names, organisation=organisation, evaluate=evaluate, reviewers=not no_reviewers)
    planned = _answered("rulesets apply", choice, needs_token=True)
    click.echo("\n".join(_lines(planned)))
    if not planned.changes:
        return
    if not yes and not click.confirm("Change this on GitHub?"):
        click.echo("Nothing was changed.")
        sys.exit(1)
    left = _carried_out(choice, planned)
    if left:
        click.echo("GitHub did not keep all of it:\n" + "\n".join(_lines(left)))
        sys.exit(1)
    click.echo("Done; planning again finds nothing to change.")


def _answered(name: str, choice: Choice, *, needs_token: bool = False) -> Plan:
    try:
        settings = read_operator_settings()
        if needs_token and not settings.token:
            refuse(name, "GITHUB_TOKEN: expected the token of an administrator; the App itself may not change rules")
        return asyncio.run(planned_changes(settings, choice))
    except SettingsError as error:
        refuse(name, error)
    except TROUBLES as error:
        refuse(name, error)


def _carried_out(choice: Choice, planned: Plan) -> Plan | None:
    """What is left after all changes, None when nothing is."""
    try:
        left = asyncio.run(apply_changes(read_operator_settings(), choice, planned))
    except TROUBLES as error:
        refuse("rulesets apply", error)
    return left if left.changes else None


async def planned_changes(settings: OperatorSettings, choice: Choice) -> Plan:
    async with operating(settings) as operator:
        return await _planned(operator, choice)


async def apply_changes(settings: OperatorSettings, choice: Choice, planned: Plan) -> Plan:
    """Each change in turn; then what a new plan still finds. OperatorError when one is refused."""
    async with operating(settings) as operator:
        client = _user(operator)
        for change in planned.changes:
            await _apply(client, change)
        return await _planned(operator, choice)


def _user(operator: Operator) -> Client:
    if operator.user is None:
        raise OperatorError("GITHUB_TOKEN: expected the token of an administrator")
    return operator.user


async def _apply(client: Client, change: Change) -> None:
    try:
        await carry_out(client, change)
    except (Forbidden, NotFound) as error:
        permission = "“Administration: write”" + ("" if "/" in change.home.name else " of the organisation")
        raise OperatorError(f"{change.home.name}: the token needs {permission}; {error}") from error
    except Invalid as error:
        hint = "leave out --evaluate, which needs GitHub Enterprise, or add --no-reviewers, which is in beta"
        raise OperatorError(f"{change.home.name}: GitHub refuses {change.name}: {error}; {hint}") from error


async def _planned(operator: Operator, choice: Choice) -> Plan:
    if choice.organisation and not LOGIN.fullmatch(choice.organisation):
        raise OperatorError(f"--org: expected an organisation's login, not {choice.organisation!r}")
    places = await operator.places(choice.names, organisation=choice.organisation)
    examined = [(place, await examine_place(place)) for place in places]
    found = Plan(notes=[note for _, one in examined for note in _notes(one)])
    if choice.organisation:
        await _plan_organisation(operator, choice, [one for _, one in examined], found)
        return found
    for place, one in examined:
        await _plan_repository(operator.settings.app_id, choice, place, one, found)
    return found


async def _plan_repository(app_id: int, choice: Choice, place: Place, one: Examined, found: Plan) -> None:
    if not one.repository.has_rules:
        return
    home = Home(name=place.full_name)
    standing = await read_own(place.client, home)
    reviewers: tuple[Reviewer, ...] = ()
    if choice.reviewers and isinstance(one.policy, Policy):
        reviewers, notes = required_reviewers(one.policy, one.repository, load_catalogue().infra.kinds)
        found.notes += [f"{place.full_name}: {note}" for note in notes]
    teams = {team.id: team.name for team in one.repository.teams}
    for branch in one.repository.branches:
        wanted = Wanted(branch=branch.name, app_id=app_id, enforcement=choice.enforcement, reviewers=reviewers)
        change = plan_change(home, wanted, standing.get(wanted.name), teams)
        found.changes += [] if change is None else [change]


async def _plan_organisation(operator: Operator, choice: Choice, examined: list[Examined], found: Plan) -> None:
    """One ruleset per branch name, for all repositories that have such a branch to gate."""
    home, client = Home(name=choice.organisation), operator.user or _user(operator)
    try:
        standing = await read_own(client, home)
    except Refused as error:
        raise OperatorError(
            f"{home.name}: only an owner's token may read the organisation's rulesets; {error}"
        ) from error
    by_branch: dict[str, set[int]] = {}
    for one in examined:
        for branch in one.repository.branches:
            by_branch.setdefault(branch.name, set()).add(one.repository.id)
    for name, ids in sorted(by_branch.items()):
        wanted = Wanted(
            branch=name,
            app_id=operator.settings.app_id,
            enforcement=choice.enforcement,
            repositories=tuple(sorted(ids)),
        )
        change = plan_change(home, wanted, standing.get(wanted.name), {})
        found.changes += [] if change is None else [change]


def _notes(one: Examined) -> Iterator[str]:
    name = one.repository.name
    if not one.repository.has_rules:
        yield f"{name}: its plan has no rules for private repositories; nothing can be required there"
    if isinstance(one.policy, Policy) and one.policy.mode is Mode.SHADOW:
        yield f"{name}: the policy shadows, so the check always passes; the ruleset can stand already"
    for branch in one.repository.branches:
        if any(guard.is_classic for guard in branch.guards):
            yield (
                f"{name} {branch.name}: its classic protection stays and binds as well; where the two differ the "
                "stricter one holds, and administrators whom it spares are bound by the ruleset"
            )


def _document(planned: Plan) -> dict[str, object]:
    return {
        "changes": [
            {
                "where": change.home.name,
                "ruleset": change.name,
                "new": change.id is None,
                "lines": list(change.lines),
                "body": change.body,
            }
            for change in planned.changes
        ],
        "notes": planned.notes,
    }


def shortened(lines: tuple[str, ...]) -> Iterator[str]:
    """The lines, of a long list of patterns the first few and how many more; `--json` has them all."""
    for about, group in groupby(lines, key=lambda line: line.partition(_PATTERNS)[0] if _PATTERNS in line else line):
        told = list(group)
        yield from told[:SHOWN]
        if len(told) > SHOWN:
            yield f"{about}{_PATTERNS}{len(told) - SHOWN} more patterns"


def _lines(planned: Plan) -> Iterator[str]:
    for change in planned.changes:
        yield f"{change.home.name}: {'make' if change.id is None else 'change'} the ruleset {change.name}"
        yield from (f"    {line}" for line in shortened(change.lines))
    yield from (f"note: {note}" for note in planned.notes)
    yield "Nothing to change." if not planned.changes else f"{len(planned.changes)} to change."
