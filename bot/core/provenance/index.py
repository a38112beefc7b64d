"""The catalogue arranged for quick look-up: one table per kind of match, one pattern that tells a silent text."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import re2

from bot.core.finding import Involvement
from bot.core.policy.model import CustomMarker, ProvenancePolicy
from bot.core.provenance.markers import PERSONS, Marker, Markers, Match, Surface, Tool

# Words of disclosure that no single tool owns. A line without any of these, and without any tool's words, is silent.
_GENERAL_HINTS = (
    r"\[bot\]",
    r"\b(?:ai|llms?|agent|agents|agentic|genai|copilot|vibe[ -]?cod(?:ed|ing))\b",
    r"(?:assisted|generated|made|created|built|powered|written|authored|developed|coded)[ -]+(?:by|with|using)\b",
    r"<(?:no-?reply|agent|ai|assistant|bot|support)@",
    r"[-_+.](?:agent|ai|bot)(?:\[bot\])?@",
    r"(?:session|thread|task|trace|conversation|trajectory)s?[-_/= ]?(?:id|url|link)?\b.{0,40}(?:https?://|:)",
    r"https?://[^ )>\"]*/(?:sessions?|threads?|tasks?|agents?|conversations?|chats?|runs?|trajectories|c|s|t)/",
    # a word of Latin and look-alike letters: Greek, Cyrillic, Armenian, full width; or a letter nobody sees
    r"[a-z-][\x{0370}-\x{058f}\x{ff21}-\x{ff5a}\x{200b}-\x{200f}\x{2060}\x{00ad}\x{feff}]",
    r"[\x{0370}-\x{058f}\x{ff21}-\x{ff5a}\x{200b}-\x{200f}\x{2060}\x{00ad}\x{feff}][a-z-]",
    r"\x{fffd}",
)
_HINT_MEMORY = 1 << 26


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Index:
    """Look-up tables; all texts in the keys are lower case. `hints` is a bytes pattern over UTF-8."""

    emails: Mapping[str, tuple[Marker, ...]]
    accounts: Mapping[str, tuple[Marker, ...]]
    logins: Mapping[str, Marker]
    keys: Mapping[str, Marker]
    labels: Mapping[str, Marker]
    signatures: Mapping[str, Marker]
    branch_prefixes: tuple[tuple[str, Marker], ...]
    patterns: Mapping[Surface, tuple[tuple[Any, Marker], ...]]
    by_id: Mapping[str, Marker]
    named: Any
    shared: Any
    tools_by_name: Mapping[str, str]
    automation_logins: frozenset[str]
    automation_accounts: frozenset[str]
    automation_emails: frozenset[str]
    hints: Any


@functools.lru_cache(maxsize=64)
def index_of(markers: Markers, policy: ProvenancePolicy) -> Index:
    """Arrange the catalogue together with a policy's own markers and automation; the same pair is arranged once."""
    rows = (*markers.markers, *(_custom(one) for one in policy.markers))
    names = {name: tool.id for tool in markers.tools for name in tool.names}
    shared = {name: tool.id for tool in markers.tools for name in tool.shared_names}
    return Index(
        emails=_grouped(rows, PERSONS, Match.EMAIL),
        accounts=_grouped(rows, PERSONS, Match.ACCOUNT),
        logins=_table(rows, Surface.LOGIN, Match.LOGIN, plain_login),
        keys=_table(rows, Surface.TRAILER, Match.KEY, str.lower),
        labels=_table(rows, Surface.LABEL, Match.EXACT, str.lower),
        signatures=_table(rows, Surface.SIGNATURE, Match.EXACT, str),
        branch_prefixes=tuple((row.pattern.lower(), row) for row in rows if row.match is Match.PREFIX),
        patterns={surface: _patterns(rows, surface) for surface in Surface},
        by_id={row.id: row for row in rows},
        named=_words(names),
        shared=_words(shared),
        tools_by_name=shared | names,
        automation_logins=frozenset(
            plain_login(login) for login in (*(bot.login for bot in markers.automation), *policy.automation)
        ),
        automation_accounts=frozenset(str(bot.account) for bot in markers.automation if bot.account is not None),
        automation_emails=frozenset(bot.email.lower() for bot in markers.automation if bot.email),
        hints=_hints(markers.tools, rows),
    )


def _custom(marker: CustomMarker) -> Marker:
    return Marker(
        id=marker.id,
        tool=marker.agent,
        surface=Surface(marker.surface),
        match=Match.REGEX,
        pattern=marker.pattern,
        strength=marker.strength,
        involvement=Involvement.AUTHORED,
        source="policy",
        matches=(),
        ignores=(),
    )


def plain_login(login: str) -> str:
    """A login without regard to case and to `[bot]`, which REST writes and GraphQL does not."""
    return login.lower().removesuffix("[bot]")


def _grouped(rows: Iterable[Marker], surfaces: frozenset[Surface], match: Match) -> dict[str, tuple[Marker, ...]]:
    table: dict[str, tuple[Marker, ...]] = {}
    for row in rows:
        if row.match is match and row.surface in surfaces:
            key = row.pattern.lower()
            table[key] = (*table.get(key, ()), row)
    return table


def _table(rows: Iterable[Marker], surface: Surface, match: Match, key: Callable[[str], str]) -> dict[str, Marker]:
    return {key(row.pattern): row for row in rows if row.surface is surface and row.match is match}


def _patterns(rows: Iterable[Marker], surface: Surface) -> tuple[tuple[Any, Marker], ...]:
    found = []
    for row in rows:
        if row.surface is not surface:
            continue
        if row.match is Match.REGEX:
            found.append((re2.compile(row.pattern), row))
        elif row.match is Match.NAME:
            found.append((re2.compile(f"^(?:{row.pattern}) ?<"), row))
        elif row.match is Match.PATH:
            found.append((re2.compile(path_pattern(row.pattern)), row))
    return tuple(found)


def path_pattern(pattern: str) -> str:
    """The regular expression of a PATH pattern: a final slash is a folder, anywhere; `*` stays within one name."""
    escaped = re2.escape(pattern).replace(r"\*", "[^/]*")
    return f"(?:^|/){escaped}" if pattern.endswith("/") else f"(?:^|/){escaped}$"


def _words(names: Iterable[str]) -> Any:
    """One pattern for any of the names as whole words; group 1 is the name. Longer names are tried first."""
    choice = "|".join(re2.escape(name) for name in sorted(names, key=lambda name: (-len(name), name)))
    return re2.compile(rf"(?i)(?:^|[^a-z0-9])({choice})(?:[^a-z0-9]|$)")


def _hints(tools: Iterable[Tool], rows: Iterable[Marker]) -> Any:
    choices = {*_GENERAL_HINTS}
    for tool in tools:
        choices.update(rf"\b{re2.escape(name)}" for name in (*tool.names, *tool.shared_names))
    for row in rows:
        if row.match is Match.EMAIL:
            choices.add(re2.escape(row.pattern))
        elif row.match is Match.ACCOUNT:
            choices.add(rf"\b{row.pattern}\+")
        elif row.match is Match.KEY:
            choices.add(rf"\b{re2.escape(row.pattern)} ?:")
        elif row.match in (Match.REGEX, Match.NAME) and row.surface not in (Surface.BRANCH, Surface.NOTE):
            choices.add(f"(?:{row.pattern})")
    options = re2.Options()
    options.max_mem = _HINT_MEMORY
    return re2.compile("(?im)" + "|".join(sorted(choices)), options=options)
