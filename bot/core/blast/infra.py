"""What is known about infrastructure, read from tables: kinds, rules, name lists, replacement knowledge."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import msgspec

from bot.core.blast.kinds import ContentTest, Kind, Kinds
from bot.core.finding import EffectKind, Tier


@dataclass(frozen=True, slots=True, kw_only=True)
class EffectRule:
    """What one rule means. `tier` is what an effect found with high confidence is worth."""

    id: str
    effect: EffectKind
    tier: Tier
    sentence: str
    source: str


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Infra:
    """`names` are the lists of danger/*.toml by id. `replacements` is family (the name of a generated table) → type →
    attributes whose change makes the provider delete the object and create another.
    """

    kinds: Kinds
    rules: Mapping[str, EffectRule]
    names: Mapping[str, frozenset[str]]
    replacements: Mapping[str, Mapping[str, frozenset[str]]]


class _ContentRow(msgspec.Struct, forbid_unknown_fields=True):
    extensions: list[str] = []
    paths: list[str] = []
    any: list[str] = []
    all: list[str] = []


class _KindRow(msgspec.Struct, forbid_unknown_fields=True):
    id: str
    weight: int
    source: str
    paths: list[str] = []
    content: list[_ContentRow] = []
    modes: list[str] = []
    matches: list[str] = []
    ignores: list[str] = []


class _KindTable(msgspec.Struct, forbid_unknown_fields=True):
    kind: list[_KindRow]
    lock_files: list[str] = []


class _RuleRow(msgspec.Struct, forbid_unknown_fields=True):
    id: str
    effect: EffectKind
    tier: str
    sentence: str
    source: str


class _NamesRow(msgspec.Struct, forbid_unknown_fields=True):
    id: str
    names: list[str]
    source: str


def parse_kinds(text: str) -> Kinds:
    """Raises ValueError naming the row that is wrong or doubled."""
    table = msgspec.convert(tomllib.loads(text), _KindTable)
    _refuse_doubles(row.id for row in table.kind)
    return Kinds((_kind(row) for row in table.kind), table.lock_files)


def _kind(row: _KindRow) -> Kind:
    return Kind(
        id=row.id,
        weight=row.weight,
        source=row.source,
        paths=tuple(row.paths),
        contents=tuple(
            ContentTest(
                extensions=frozenset(test.extensions),
                paths=tuple(test.paths),
                any=tuple(test.any),
                all=tuple(test.all),
            )
            for test in row.content
        ),
        modes=frozenset(row.modes),
        matches=tuple(row.matches),
        ignores=tuple(row.ignores),
    )


def parse_rules(texts: Iterable[str]) -> Mapping[str, EffectRule]:
    """The effect rules of all files together, by id."""
    rows = [row for text in texts for row in msgspec.convert(tomllib.loads(text)["rule"], list[_RuleRow])]
    _refuse_doubles(row.id for row in rows)
    return {
        row.id: EffectRule(
            id=row.id, effect=row.effect, tier=Tier[row.tier.upper()], sentence=row.sentence, source=row.source
        )
        for row in rows
    }


def parse_names(texts: Iterable[str]) -> Mapping[str, frozenset[str]]:
    """The name lists of all files together, by id."""
    rows = [row for text in texts for row in msgspec.convert(tomllib.loads(text)["list"], list[_NamesRow])]
    _refuse_doubles(row.id for row in rows)
    return {row.id: frozenset(row.names) for row in rows}


def parse_replacements(text: str) -> Mapping[str, frozenset[str]]:
    """One generated table: JSON of {"source": …, "types": {type: [attribute, …]}}."""
    table: Mapping[str, Any] = json.loads(text)
    return {name: frozenset(attributes) for name, attributes in table["types"].items()}


def _refuse_doubles(ids: Iterable[str]) -> None:
    seen: set[str] = set()
    for id_ in ids:
        if id_ in seen:
            message = f"{id_}: expected one row of this id"
            raise ValueError(message)
        seen.add(id_)
