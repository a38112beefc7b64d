"""What one look brings together: the present facts, and what the gate remembers of the same pull request."""

from __future__ import annotations

from dataclasses import dataclass

from bot.core.approval.debts import Debt
from bot.core.approval.records import Push, Record, Sighting, Statement
from bot.core.blast.plans import StackPlan
from bot.core.finding import Remembered
from bot.core.policy.proposal import Proposal
from bot.core.pull import PullRequest
from bot.core.roster import Roster
from bot.core.writes import Posted


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """The present state. `now` is the time of the look, Unix seconds.

    `proposal` is the policy as the pull request would leave it, None when it leaves it alone.
    """

    pull: PullRequest
    roster: Roster
    posted: Posted
    now: int
    proposal: Proposal | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class History:
    """What the ledger holds on this pull request, oldest first.

    `statements` are those not yet bound to what they were about; `records` are the bound ones.
    `pushes` are those that were heard of; `past_heads` are heads that were pushed away before anybody judged them, and
    whose commits an earlier look read.
    `debts` are the reviews that people who would break the glass here owe in other pull requests.
    `evidence` was found at any earlier look, or on the same commits in another pull request.
    `plans` are the Terraform plans of the present head, `planned_heads` the earlier heads that have some.
    """

    records: tuple[Record, ...] = ()
    statements: tuple[Statement, ...] = ()
    sightings: tuple[Sighting, ...] = ()
    evidence: tuple[Remembered, ...] = ()
    pushes: tuple[Push, ...] = ()
    past_heads: tuple[str, ...] = ()
    debts: tuple[Debt, ...] = ()
    plans: tuple[StackPlan, ...] = ()
    planned_heads: tuple[str, ...] = ()


EMPTY = History()
