"""A rule that fired: of a row of the catalogue, or of a general habit."""

from __future__ import annotations

from dataclasses import dataclass

from bot.core.finding import Involvement, Strength
from bot.core.provenance.index import Index
from bot.core.provenance.markers import Marker


@dataclass(frozen=True, slots=True, kw_only=True)
class Sign:
    """A rule that fired, before it is known where."""

    rule: str
    agent: str
    strength: Strength
    involvement: Involvement


def sign_of(row: Marker) -> Sign:
    return Sign(rule=row.id, agent=row.tool, strength=row.strength, involvement=row.involvement)


def habit(rule: str, index: Index, *, agent: str = "unknown") -> Sign:
    """The sign of a general habit, as strong as the catalogue says."""
    row = index.habits[rule]
    return Sign(rule=row.id, agent=agent, strength=row.strength, involvement=row.involvement)
