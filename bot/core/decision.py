"""The decision on one pull request: verdict, requirement, approvals, and all that explains them."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from bot.core.approval.debts import Debt
from bot.core.approval.records import Binding, Record
from bot.core.finding import Blast, Provenance
from bot.core.policy.model import Fault, Mode, PolicyError, SeniorAuthors
from bot.core.pull import Actor


class Verdict(StrEnum):
    """Only CLEAR and APPROVED are success."""

    CLEAR = "clear"
    APPROVED = "approved"
    PENDING = "pending"
    BLOCKED = "blocked"
    BROKEN = "broken"


class Conclusion(StrEnum):
    """The check-run conclusions the gate uses. `neutral` and `skipped` are not among them: GitHub lets those pass."""

    SUCCESS = "success"
    ACTION_REQUIRED = "action_required"
    FAILURE = "failure"


@dataclass(frozen=True, slots=True, kw_only=True)
class Demand:
    """What one matching rule asks: `seniors` approvals from `from_sets` (empty: any senior).

    `senior_authors`: whether the demand falls away when a senior wrote the change.
    """

    rule: str
    seniors: int
    from_sets: tuple[str, ...]
    step_up: bool
    senior_authors: SeniorAuthors = SeniorAuthors.NEED_ANOTHER


@dataclass(frozen=True, slots=True, kw_only=True)
class Requirement:
    """All demands together, and their strictest sum-up for the reader.

    Every demand must be met; `seniors` is the largest number, `from_sets` the union, `step_up` any.
    `declaration` is true when the author must still say AI or human, `plan` when a Terraform plan must still come.
    """

    demands: tuple[Demand, ...]
    seniors: int
    from_sets: tuple[str, ...]
    step_up: bool
    declaration: bool = False
    plan: bool = False

    @property
    def waits(self) -> bool:
        """Whether something is still asked that is no approval."""
        return self.declaration or self.plan

    @property
    def rules(self) -> tuple[str, ...]:
        return tuple(demand.rule for demand in self.demands)


@dataclass(frozen=True, slots=True, kw_only=True)
class CountedApproval:
    record: Record
    carried_over: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class VoidApproval:
    """An approval that does not count, and why, in words ("wrote commit 1a2b3c4d")."""

    who: str
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Approvals:
    """`missing` is one phrase per unmet demand ("1 senior from acme/sre-leads"), the largest number first,
    of equal ones those with a passkey; empty when all are met.

    `eligible` are the people who could still approve, sorted by login. `incomplete` names people facts that
    could not be read. `blocked_by` has the standing blocks. `broke_glass` is the standing break-glass record.
    """

    counted: tuple[CountedApproval, ...]
    void: tuple[VoidApproval, ...]
    missing: tuple[str, ...]
    eligible: tuple[Actor, ...]
    incomplete: tuple[str, ...] = ()
    blocked_by: tuple[Record, ...] = ()
    broke_glass: Record | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """Changes of which a proposed policy would ask something else than the one in force.

    `involvement`, `tier`, `effect` and `paths` say in words which; `now` and `then` what is asked of them, "nothing"
    for nothing. `asks_less` when not all that is asked now would still be asked.
    """

    involvement: str
    tier: str
    effect: str
    paths: str
    now: str
    then: str
    asks_less: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """A key of the policy that says something else: what was taken out or held, and what came in or would hold."""

    key: str
    now: str
    then: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Preview:
    """What a pull request that changes the policy would make of it.

    `errors` are the proposed files' faults, `source` the path in the head; with any of them nothing else is known.
    `differences` are sorted, those that ask less first. `then` is what the proposed policy would ask of this very
    pull request, None when that cannot be told.
    """

    errors: tuple[PolicyError, ...] = ()
    differences: tuple[Difference, ...] = ()
    settings: tuple[Setting, ...] = ()
    then: Requirement | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """`binding` is what an approval given now would be bound to; None when the facts are incomplete.

    `faults` are the policy's, non-empty only for BROKEN. `incomplete` is non-empty only for BROKEN.
    `preview` is what the pull request makes of the policy, None when it leaves it alone; with errors only for BROKEN.
    `new_records` are the statements of the history that this decision bound or refused, to be appended.
    `debts` are the reviews still owed for a glass that was broken on this pull request.
    `notes` are further sentences for the reader ("2 more pull requests carry this commit").
    """

    verdict: Verdict
    mode: Mode
    provenance: Provenance
    blast: Blast
    requirement: Requirement
    approvals: Approvals
    binding: Binding | None
    policy_source: str
    faults: tuple[Fault, ...] = ()
    incomplete: tuple[str, ...] = ()
    new_records: tuple[Record, ...] = ()
    notes: tuple[str, ...] = ()
    debts: tuple[Debt, ...] = ()
    preview: Preview | None = None

    @property
    def conclusion(self) -> Conclusion:
        """The only place where a verdict becomes something GitHub may let pass."""
        if self.verdict in (Verdict.CLEAR, Verdict.APPROVED):
            return Conclusion.SUCCESS
        if self.mode is Mode.SHADOW and not self.faults and not self.breaks_policy:
            return Conclusion.SUCCESS
        return Conclusion.ACTION_REQUIRED if self.verdict is Verdict.PENDING else Conclusion.FAILURE

    @property
    def breaks_policy(self) -> bool:
        """Whether the policy could not be used any more after the merge: then every other gate would be shut."""
        return self.preview is not None and bool(self.preview.errors)
