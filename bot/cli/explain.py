"""`explain RULE-ID`: what a rule looks for, where that is known from, and examples."""

from __future__ import annotations

from collections.abc import Iterator

import click

from bot.core.blast.infra import EffectRule
from bot.core.blast.kinds import Kind
from bot.core.blast.tier import edit_tier
from bot.core.catalogue import Catalogue
from bot.core.provenance.markers import Habit, Marker, Markers, Match, Surface
from bot.data import load_catalogue

LIKE_SHOWN = 5

PLACES = {
    Surface.PERSON: "the author of a commit, or anybody whom a trailer names",
    Surface.AUTHOR: "the author of a commit",
    Surface.CO_AUTHOR: "a person whom a trailer names",
    Surface.TRAILER: "a trailer of a commit message",
    Surface.SUBJECT: "the first line of a commit message, or the title",
    Surface.MESSAGE: "any line of a commit message, or of the pull request's text",
    Surface.BODY: "the raw text of the pull request",
    Surface.BRANCH: "the head branch",
    Surface.LABEL: "a label",
    Surface.LOGIN: "the account that opened the pull request or pushed to it",
    Surface.SIGNATURE: "the key that signed a commit",
    Surface.FILE: "the changed paths",
    Surface.NOTE: "a git note on a commit",
}

COMPARISONS = {
    Match.EMAIL: "this very e-mail address",
    Match.ACCOUNT: "the GitHub account with this number, whatever it is called",
    Match.NAME: "a name that is wholly",
    Match.LOGIN: "this login",
    Match.KEY: "this key",
    Match.EXACT: "exactly",
    Match.PREFIX: "a name that begins with",
    Match.REGEX: "the regular expression",
    Match.PATH: "the path, file name or folder",
}


@click.command("explain")
@click.argument("rule_id", metavar="RULE-ID")
def command(rule_id: str) -> None:
    """Say what a rule of a report looks for.

    RULE-ID stands behind each finding, as in `terraform-guard-weakened`: a sign of AI use, a kind of infrastructure, or
    an effect of a change.
    """
    lines = tuple(explanation(rule_id, load_catalogue()))
    if not lines:
        raise click.BadParameter(unknown(rule_id, load_catalogue()), param_hint="RULE-ID")
    click.echo("\n".join(lines))


def explanation(rule_id: str, catalogue: Catalogue) -> Iterator[str]:
    """The lines that explain one id; an id of several catalogues is explained in each, an unknown one in none."""
    for marker in catalogue.markers.markers:
        if marker.id == rule_id:
            yield from _marker(marker, catalogue.markers)
    for habit in catalogue.markers.habits:
        if habit.id == rule_id:
            yield from _habit(habit)
    if rule_id in catalogue.infra.kinds.rows:
        yield from _kind(catalogue.infra.kinds.rows[rule_id])
    if rule_id in catalogue.infra.rules:
        yield from _danger(catalogue.infra.rules[rule_id])


def unknown(rule_id: str, catalogue: Catalogue) -> str:
    """A sentence for an id that there is not, with those that resemble it."""
    like = [known for known in ids(catalogue) if rule_id.lower() in known][:LIKE_SHOWN]
    return f"no rule {rule_id!r}" + (f"; there is {', '.join(like)}" if like else "")


def ids(catalogue: Catalogue) -> list[str]:
    """Every id that can be explained, sorted."""
    found = {marker.id for marker in catalogue.markers.markers} | {habit.id for habit in catalogue.markers.habits}
    return sorted(found | set(catalogue.infra.kinds.rows) | set(catalogue.infra.rules))


def _marker(marker: Marker, markers: Markers) -> Iterator[str]:
    tool = next(tool for tool in markers.tools if tool.id == marker.tool)
    yield f"{marker.id}: a marker of {tool.name} ({tool.vendor})"
    yield f"  looks at   {PLACES[marker.surface]}"
    yield f"  for        {COMPARISONS[marker.match]} {marker.pattern}"
    yield f"  strength   {marker.strength.word}"
    yield f"  means      {marker.involvement}"
    yield f"  known from {marker.source}"
    yield from _examples(marker.matches, marker.ignores)


def _habit(habit: Habit) -> Iterator[str]:
    yield f"{habit.id}: a way to disclose AI use, whichever the tool"
    yield f"  looks at   {PLACES[habit.surface]}"
    yield f"  for        {habit.summary[0].lower()}{habit.summary[1:]}"
    yield f"  strength   {habit.strength.word}"
    yield f"  means      {habit.involvement}"
    yield f"  known from {habit.source}"
    yield from _examples(habit.matches, habit.ignores)


def _kind(kind: Kind) -> Iterator[str]:
    yield f"{kind.id}: a kind of infrastructure; an edit alone is worth tier {edit_tier(kind.weight).word}"
    yield from (f"  looks at   {path}" for path in kind.paths)
    yield f"  known from {kind.source}"
    yield from _examples(kind.matches, kind.ignores)


def _danger(rule: EffectRule) -> Iterator[str]:
    yield f"{rule.id}: an effect of a change, {rule.effect}, worth tier {rule.tier.word}"
    yield f"  says       {rule.sentence}"
    yield f"  known from {rule.source}"


def _examples(matches: tuple[str, ...], ignores: tuple[str, ...]) -> Iterator[str]:
    for word, examples in (("fires on", matches), ("not on", ignores)):
        for example in examples:
            first, *rest = example.split("\n")
            yield f"  {word:<10} {first}"
            yield from (f"  {'':<10} {line}" for line in rest)
