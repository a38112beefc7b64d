"""One pull request as it was looked at, with all that is remembered of it, and the decision."""

from __future__ import annotations

from dataclasses import dataclass

from bot.core.approval.records import Record
from bot.core.decision import Decision
from bot.core.history import History
from bot.core.pull import PullRequest
from bot.github.read.look import Look


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """`history` ends with the sighting of this look."""

    subject: str
    look: Look
    history: History
    decision: Decision

    @property
    def records(self) -> tuple[Record, ...]:
        return (*self.history.records, *self.decision.new_records)

    @property
    def pull(self) -> PullRequest:
        return self.look.facts.pull
