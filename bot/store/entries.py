"""What is handed to the store and comes back from it: texts and numbers, no meanings."""

from __future__ import annotations

from dataclasses import dataclass


class LostLeaseError(Exception):
    """Another worker has taken the subject over; what this one found may be outdated and is not written."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Due:
    """A subject to look at. `work` is the job as JSON; the newest one of a subject is kept.

    `installation` is whose work it is, 0 when that does not matter or is known from before: all take turns.
    """

    subject: str
    work: str
    installation: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One line of the ledger. (`subject`, `kind`, `key`) is unique: adding the same twice adds it once.

    `at` is Unix seconds, `body` JSON.
    """

    subject: str
    kind: str
    key: str
    at: int
    body: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrival:
    """One verified delivery and all that it asks. `digest` is `sha256:` of its body; the body itself is not kept."""

    delivery: str
    event: str
    digest: str
    due: tuple[Due, ...] = ()
    entries: tuple[Entry, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Lease:
    """The right to work on a subject. `attempts` counts this one; `fence` grows with every lease of the subject."""

    subject: str
    work: str
    generation: int
    fence: int
    attempts: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """How a pull request appears on the dashboard. `waiting` is true while a senior is asked for.

    `owes` is true while a review is owed for a glass that was broken here, also after the merge.
    """

    subject: str
    owner: str
    name: str
    number: int
    title: str
    verdict: str
    headline: str
    waiting: bool
    changed_at: int
    owes: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Backlog:
    """`due` subjects not done yet, of which `failing` have failed at least once; `oldest_seconds` overdue."""

    due: int
    failing: int
    oldest_seconds: float
