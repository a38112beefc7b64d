"""How well findings fit labels: precision, recall and F1."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Score:
    """Counts of `true` finds, `false` alarms and `missed` positives. A share of nothing is 1: nothing was wrong."""

    true: int
    false: int
    missed: int

    @property
    def precision(self) -> float:
        return self.true / (self.true + self.false) if self.true + self.false else 1.0

    @property
    def recall(self) -> float:
        return self.true / (self.true + self.missed) if self.true + self.missed else 1.0

    @property
    def f1(self) -> float:
        total = self.precision + self.recall
        return 2 * self.precision * self.recall / total if total else 0.0


def score(outcomes: Iterable[tuple[bool, bool]]) -> Score:
    """Count pairs of (is labelled, is found)."""
    counts = [0, 0, 0, 0]
    for labelled, found in outcomes:
        counts[2 * labelled + found] += 1
    return Score(true=counts[3], false=counts[1], missed=counts[2])
