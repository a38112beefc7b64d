"""The catalogue arranged for quick look-up: one table per kind of match, one pattern that tells a silent text."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import re2

from bot.core.blast.patterns import Patterns
from bot.core.finding import Involvement
from bot.core.policy.model import CustomMarker, ProvenancePolicy
from bot.core.provenance.markers import PERSONS, Habit, Marker, Markers, Match, Surface, Tool

# Words of disclosure that no single tool owns. A line without any of these, and without any tool's words, is silent.
# No counted repetition and no `.*`: the automaton has to stay small to be quick.
_GENERAL_HINTS = (
    r"\[bot\]",
    r"\b(?:ai|llms?|agents?|agentic|genai|copilot|autopilot|vibe[ -]?cod(?:ed|ing))\b",
    r"(?:assisted|generated|made|created|built|powered|written|developed|coded)[ -](?:by|with|using)\b",
    r"\bauthored (?:by|with)\b",
    r"<(?:no-?reply|do-?not-?reply|agent|ai|assistant|bot)@",
    r"[-_+.](?:ai|bot)(?:\[bot\])?@",
    r"agent@",
    r"[a-z]-coder\b",
    r"[a-z]-(?:session|thread|conversation|transcript|trajectory|checkpoint|prompt|model)(?:-(?:id|url|link))? ?:",
    r"\bassistant\b",
    r"co-authored-by ?:",
    r"\b(?:session|transcript|trajectory|conversation)(?:\]\(|:? http)",
    r"\bsession-(?:url|link) ?:",
    r"🤖",
    r"for (?:the )?(?:task|session|thread) \[",
    r"/(?:sessions?|threads?|tasks?|agents?|conversations?|trajectories|chats?|share)[/=_?-]",
    r"\x{fffd}",
)
POLICY = "policy"
"""The source of a marker that an organisation added."""

_FORGES = frozenset({"users.noreply.github.com", "github.com"})
_HINT_MEMORY = 1 << 26


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Index:
    """Look-up tables; all texts in the keys are lower case. `hints` is a bytes pattern over UTF-8.

    `persons` has for each of PERSONS the rows of any person too. `automation_globs` tells what automation is usually
    called; None where no such name is believed.
    """

    emails: Mapping[str, tuple[Marker, ...]]
    accounts: Mapping[str, tuple[Marker, ...]]
    logins: Mapping[str, Marker]
    keys: Mapping[str, Marker]
    labels: Mapping[str, Marker]
    signatures: Mapping[str, Marker]
    branch_prefixes: tuple[tuple[str, Marker], ...]
    patterns: Mapping[Surface, Expressions]
    persons: Mapping[Surface, Expressions]
    by_id: Mapping[str, Marker]
    habits: Mapping[str, Habit]
    named: Any
    shared: Any
    tools_by_name: Mapping[str, str]
    automation_logins: frozenset[str]
    automation_globs: Any
    automation_accounts: frozenset[str]
    automation_emails: frozenset[str]
    vendor_domains: frozenset[str]
    hints: Any


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Expressions:
    """The rows of one surface that are regular expressions, all searched at once."""

    rows: tuple[Marker, ...]
    patterns: Patterns

    def matching(self, text: str) -> list[Marker]:
        """The rows whose pattern is found in the text, in the catalogue's order."""
        return [self.rows[place] for place in self.patterns.hits(text)] if self.rows else []


@functools.lru_cache(maxsize=64)
def index_of(markers: Markers, policy: ProvenancePolicy) -> Index:
    """Arrange the catalogue together with a policy's own markers and automation; the same pair is arranged once."""
    rows = (*markers.markers, *(_custom(one) for one in policy.markers))
    names = {name: tool.id for tool in markers.tools for name in tool.names}
    plain = (*(bot.login for bot in markers.automation), *policy.automation)
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
        persons={surface: _patterns(rows, Surface.PERSON, surface) for surface in PERSONS},
        by_id={row.id: row for row in rows},
        habits={habit.id: habit for habit in markers.habits},
        named=_words(names),
        shared=_words(shared),
        tools_by_name=shared | names,
        automation_logins=frozenset(plain_login(login) for login in plain if "*" not in login),
        automation_globs=_globs(login for login in plain if "*" in login),
        automation_accounts=frozenset(str(bot.account) for bot in markers.automation if bot.account is not None),
        automation_emails=frozenset(bot.email.lower() for bot in markers.automation if bot.email),
        vendor_domains=frozenset(row.pattern.lower().rpartition("@")[2] for row in rows if row.match is Match.EMAIL)
        - _FORGES,
        hints=_hints(markers.tools, rows),
    )


@functools.lru_cache(maxsize=64)
def believing_no_names(index: Index) -> Index:
    """The same, without what automation is usually called: anybody can call an App `acme-ci[bot]`."""
    return replace(index, automation_globs=None)


def _custom(marker: CustomMarker) -> Marker:
    return Marker(
        id=marker.id,
        tool=marker.agent,
        surface=Surface(marker.surface),
        match=Match.REGEX,
        pattern=marker.pattern,
        strength=marker.strength,
        involvement=Involvement.AUTHORED,
        source=POLICY,
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


def _patterns(rows: Iterable[Marker], *surfaces: Surface) -> Expressions:
    found = tuple(row for row in rows if row.surface in surfaces and row.match in _EXPRESSIONS)
    return Expressions(rows=found, patterns=Patterns(map(_expression, found)))


_EXPRESSIONS = frozenset({Match.REGEX, Match.NAME, Match.PATH})


def _expression(row: Marker) -> str:
    if row.match is Match.NAME:
        return f"^(?:{row.pattern}) ?<"
    return path_pattern(row.pattern) if row.match is Match.PATH else row.pattern


def path_pattern(pattern: str) -> str:
    """The regular expression of a PATH pattern: a final slash is a folder, anywhere; `*` stays within one name."""
    escaped = re2.escape(pattern).replace(r"\*", "[^/]*")
    return f"(?:^|/){escaped}" if pattern.endswith("/") else f"(?:^|/){escaped}$"


def _globs(logins: Iterable[str]) -> Any:
    """One pattern for any of the logins, whose `*` stands for anything."""
    choice = "|".join(re2.escape(plain_login(login)).replace(r"\*", ".*") for login in logins)
    return re2.compile(f"^(?:{choice})$")


def _words(names: Iterable[str]) -> Any:
    """One pattern for any of the names as whole words; group 1 is the name. Longer names are tried first."""
    choice = "|".join(re2.escape(name) for name in sorted(names, key=lambda name: (-len(name), name)))
    return re2.compile(rf"(?i)(?:^|[^a-z0-9])({choice})(?:[^a-z0-9]|$)")


_COSTLY = frozenset("{*")
"""Repetitions that swell the automaton: a row of the catalogue with one has a plain hint instead, its tool's name."""

_IN_TEXT = frozenset({*PERSONS, Surface.TRAILER, Surface.SUBJECT, Surface.MESSAGE})


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
        elif row.surface in _IN_TEXT and (row.source == POLICY or not _COSTLY.intersection(row.pattern)):
            choices.add(row.pattern)
    return any_of(sorted(choices), flags="(?im)", raw=True)


def any_of(patterns: Iterable[str], *, flags: str = "", raw: bool = False) -> Any:
    """One pattern that is found where any of the patterns is; it captures nothing, so that the search stays quick.

    With `raw` it searches UTF-8 bytes.
    """
    choice = flags + "|".join(f"(?:{pattern})" for pattern in patterns)
    options = re2.Options()
    options.max_mem = _HINT_MEMORY
    options.never_capture = True
    return re2.compile(choice.encode() if raw else choice, options=options)
