"""Work named by what it is about, not by what happened."""

from __future__ import annotations

from dataclasses import dataclass

from bot.core.approval.records import Statement


@dataclass(frozen=True, slots=True, kw_only=True)
class Evaluate:
    """Judge one pull request afresh. `owner` and `name` are hints that may be outdated; the ids are the key."""

    installation_id: int
    repository_id: int
    owner: str
    name: str
    number: int

    @property
    def subject(self) -> str:
        return f"pull:{self.repository_id}:{self.number}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Sweep:
    """Ring the bell of every open pull request of one installation."""

    installation_id: int

    @property
    def subject(self) -> str:
        return f"sweep:{self.installation_id}"


Job = Evaluate | Sweep


@dataclass(frozen=True, slots=True, kw_only=True)
class Intake:
    """All that one delivery asks: subjects to look at, statements to record, and texts to remember.

    `head_before` is the commit a push replaced, "" when none was; remembered as a past head of the pull request.
    """

    jobs: tuple[Job, ...] = ()
    statements: tuple[Statement, ...] = ()
    head_before: str = ""
