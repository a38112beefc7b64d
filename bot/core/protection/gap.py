"""One thing that keeps the gate from binding, and what to do about it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Severity(StrEnum):
    """OPENS lets something past the gate, BREAKS keeps it from working, UNKNOWN could be either; ADVICE is neither."""

    OPENS = "opens"
    BREAKS = "breaks"
    UNKNOWN = "unknown"
    ADVICE = "advice"

    @property
    def order(self) -> int:
        """The worst first."""
        return tuple(Severity).index(self)


@dataclass(frozen=True, slots=True, kw_only=True)
class Gap:
    """`id` is stable. `where` is "acme/shop main", "acme/shop" or "the App". `wrong`, `remedy` are a sentence each."""

    id: str
    severity: Severity
    where: str
    wrong: str
    remedy: str


def is_sound(gaps: tuple[Gap, ...]) -> bool:
    """Whether the gate is known to bind: what is not known is never fine."""
    return all(gap.severity is Severity.ADVICE for gap in gaps)


def sort_gaps(gaps: tuple[Gap, ...]) -> tuple[Gap, ...]:
    return tuple(sorted(set(gaps), key=lambda gap: (gap.severity.order, gap.where, gap.id, gap.wrong)))
