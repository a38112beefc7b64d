"""The catalogue of AI markers: tools, their signs, general habits of disclosure, and bots that are plain automation."""

from __future__ import annotations

import itertools
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from bot.core.finding import Involvement, Strength


class Surface(StrEnum):
    """Where a marker is looked for.

    PERSON is a commit's author or anybody whom a trailer names; AUTHOR and CO_AUTHOR are the two halves of it.
    TRAILER is a whole `Key: value` line. MESSAGE is any line of a commit message or pull request text, SUBJECT its
    first line or title, BODY the raw pull request text with its HTML comments. BRANCH is the head branch, LOGIN the
    account that opened or pushed, SIGNATURE the signing key, FILE a changed path, NOTE a git note.
    """

    PERSON = "person"
    AUTHOR = "author"
    CO_AUTHOR = "co-author"
    TRAILER = "trailer"
    SUBJECT = "subject"
    MESSAGE = "message"
    BODY = "body"
    BRANCH = "branch"
    LABEL = "label"
    LOGIN = "login"
    SIGNATURE = "signature"
    FILE = "file"
    NOTE = "note"


class Match(StrEnum):
    """How a pattern is compared.

    EMAIL, LOGIN, KEY, EXACT and PREFIX ignore case. ACCOUNT is GitHub's numeric account id. NAME is a regular
    expression for the whole name of a person, REGEX one that is searched. PATH is a file's name, a folder with a final
    slash, or a path; `*` stands for anything within one name.
    """

    EMAIL = "email"
    ACCOUNT = "account"
    NAME = "name"
    LOGIN = "login"
    KEY = "key"
    EXACT = "exact"
    PREFIX = "prefix"
    REGEX = "regex"
    PATH = "path"


PERSONS = frozenset({Surface.PERSON, Surface.AUTHOR, Surface.CO_AUTHOR})

MATCHES_OF: Mapping[Surface, frozenset[Match]] = {
    Surface.PERSON: frozenset({Match.EMAIL, Match.ACCOUNT, Match.NAME, Match.REGEX}),
    Surface.AUTHOR: frozenset({Match.EMAIL, Match.ACCOUNT, Match.NAME, Match.REGEX}),
    Surface.CO_AUTHOR: frozenset({Match.EMAIL, Match.ACCOUNT, Match.NAME, Match.REGEX}),
    Surface.TRAILER: frozenset({Match.KEY, Match.REGEX}),
    Surface.SUBJECT: frozenset({Match.REGEX}),
    Surface.MESSAGE: frozenset({Match.REGEX}),
    Surface.BODY: frozenset({Match.REGEX}),
    Surface.BRANCH: frozenset({Match.PREFIX, Match.REGEX}),
    Surface.LABEL: frozenset({Match.EXACT}),
    Surface.LOGIN: frozenset({Match.LOGIN}),
    Surface.SIGNATURE: frozenset({Match.EXACT}),
    Surface.FILE: frozenset({Match.PATH}),
    Surface.NOTE: frozenset({Match.REGEX}),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Tool:
    """An AI tool or family of models.

    `names` are words that nothing else is called ("claude code"): enough wherever a tool is named. `shared_names`
    are also people or plain words ("devin", "cursor"): they need support from where they stand. All lower case.
    """

    id: str
    name: str
    vendor: str
    names: tuple[str, ...] = ()
    shared_names: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Marker:
    """One sign of one tool. `matches` and `ignores` are texts of the surface that must and must not match."""

    id: str
    tool: str
    surface: Surface
    match: Match
    pattern: str
    strength: Strength
    involvement: Involvement
    source: str
    matches: tuple[str, ...]
    ignores: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Habit:
    """A general way in which AI involvement shows, whichever the tool; its logic lives in code under the same id.

    `matches` and `ignores` are whole commit messages, or `Name <email>` when `surface` is a person.
    """

    id: str
    surface: Surface
    summary: str
    strength: Strength
    involvement: Involvement
    source: str
    matches: tuple[str, ...]
    ignores: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Automation:
    """A bot that is plain automation. `account` is its numeric id, None when unknown; `email` "" when unknown."""

    login: str
    account: int | None = None
    email: str = ""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Markers:
    """The whole catalogue, each part sorted by id or login. Compared by identity: it is loaded once."""

    tools: tuple[Tool, ...]
    markers: tuple[Marker, ...]
    habits: tuple[Habit, ...]
    automation: tuple[Automation, ...]


class CatalogueError(ValueError):
    """A fault in the catalogue's text: ours, found at start."""


def parse_markers(text: str) -> Markers:
    """Read the catalogue from TOML. Raises CatalogueError on unknown keys, wrong order, duplicates and bad values."""
    document = tomllib.loads(text)
    unknown = document.keys() - {"tool", "marker", "habit", "automation"}
    if unknown:
        raise CatalogueError(f"unknown tables: {', '.join(sorted(unknown))}")
    tools = tuple(_tool(row) for row in _rows(document, "tool", "id"))
    markers = tuple(_marker(row) for row in _rows(document, "marker", "id"))
    habits = tuple(_habit(row) for row in _rows(document, "habit", "id"))
    automation = tuple(_automation(row) for row in _rows(document, "automation", "login"))
    _check_references(tools, markers, habits)
    return Markers(tools=tools, markers=markers, habits=habits, automation=automation)


def _rows(document: Mapping[str, Any], table: str, key: str) -> Sequence[dict[str, Any]]:
    rows: list[dict[str, Any]] = document.get(table, [])
    keys = [str(row.get(key, "")) for row in rows]
    for earlier, later in itertools.pairwise(keys):
        if earlier >= later:
            raise CatalogueError(f"{table}: {later!r} stands after {earlier!r}; rows are sorted and unique")
    return rows


def _only(row: Mapping[str, Any], table: str, required: frozenset[str], optional: frozenset[str]) -> None:
    name = row.get("id", row.get("login", "?"))
    if missing := required - row.keys():
        raise CatalogueError(f"{table} {name}: missing {', '.join(sorted(missing))}")
    if unknown := row.keys() - required - optional:
        raise CatalogueError(f"{table} {name}: unknown {', '.join(sorted(unknown))}")


def _tool(row: Mapping[str, Any]) -> Tool:
    _only(row, "tool", frozenset({"id", "name", "vendor"}), frozenset({"names", "shared_names"}))
    return Tool(
        id=row["id"],
        name=row["name"],
        vendor=row["vendor"],
        names=tuple(row.get("names", ())),
        shared_names=tuple(row.get("shared_names", ())),
    )


_MARKER_KEYS = frozenset(
    {"id", "tool", "surface", "match", "pattern", "strength", "involvement", "source", "matches", "ignores"},
)
_HABIT_KEYS = frozenset({"id", "surface", "summary", "strength", "involvement", "source", "matches", "ignores"})


def _marker(row: Mapping[str, Any]) -> Marker:
    _only(row, "marker", _MARKER_KEYS, frozenset({"note"}))
    marker = Marker(
        id=row["id"],
        tool=row["tool"],
        surface=Surface(row["surface"]),
        match=Match(row["match"]),
        pattern=row["pattern"],
        strength=Strength[row["strength"].upper()],
        involvement=Involvement(row["involvement"]),
        source=row["source"],
        matches=tuple(row["matches"]),
        ignores=tuple(row["ignores"]),
    )
    if marker.match not in MATCHES_OF[marker.surface]:
        raise CatalogueError(f"marker {marker.id}: {marker.surface} cannot be matched by {marker.match}")
    return marker


def _habit(row: Mapping[str, Any]) -> Habit:
    _only(row, "habit", _HABIT_KEYS, frozenset())
    return Habit(
        id=row["id"],
        surface=Surface(row["surface"]),
        summary=row["summary"],
        strength=Strength[row["strength"].upper()],
        involvement=Involvement(row["involvement"]),
        source=row["source"],
        matches=tuple(row["matches"]),
        ignores=tuple(row["ignores"]),
    )


def _automation(row: Mapping[str, Any]) -> Automation:
    _only(row, "automation", frozenset({"login"}), frozenset({"account", "email"}))
    return Automation(login=row["login"], account=row.get("account"), email=row.get("email", ""))


def _check_references(tools: Sequence[Tool], markers: Sequence[Marker], habits: Sequence[Habit]) -> None:
    known = {tool.id for tool in tools}
    for marker in markers:
        if marker.tool not in known:
            raise CatalogueError(f"marker {marker.id}: unknown tool {marker.tool!r}")
    for rule in _duplicates([*(marker.id for marker in markers), *(habit.id for habit in habits)]):
        raise CatalogueError(f"two rules are called {rule!r}")


def _duplicates(ids: Sequence[str]) -> Iterator[str]:
    seen: set[str] = set()
    for rule in ids:
        if rule in seen:
            yield rule
        seen.add(rule)
