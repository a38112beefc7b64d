"""Every merge of a period with what stands behind it: a record, an exception, an incident, or nothing at all."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

import msgspec

from bot.core.approval.debts import Debt
from bot.core.decided import Decided, decided_of
from bot.core.landing import Landing, Outcome
from bot.core.memory import Kind, debt_key, landings_of
from bot.core.pull import PullState

MISSING = "missing"
UNFINISHED = "the audit of this branch is not finished"
NOT_AUDITED = "merged, and no audit has come by it"


@dataclass(frozen=True, slots=True, kw_only=True)
class Merge:
    """One move of a branch. `outcome` is the landing's, or `missing`. `at` is when it moved, Unix seconds.

    `debt` is "owed" or "paid" where a glass was broken for it, `reviewed_at` None until an incident was reviewed.
    """

    repository_id: int
    branch: str
    commit: str
    at: int
    actor: str
    pulls: tuple[int, ...]
    outcome: str
    why: str
    incident: str = ""
    debt: str = ""
    reviewed_at: int | None = None


@dataclass(slots=True)
class Gathered:
    """What the lines of the ledger tell of merges, as they are read one by one."""

    landings: list[tuple[int, Landing]] = field(default_factory=list)
    reviewed: dict[tuple[int, str, int, str], int] = field(default_factory=dict)
    debts: dict[str, Debt] = field(default_factory=dict)
    paid: set[str] = field(default_factory=set)
    seen_open: set[tuple[int, int]] = field(default_factory=set)
    merged: dict[tuple[int, int], tuple[int, Decided]] = field(default_factory=dict)

    def take(self, subject: str, kind: str, at: int, body: str) -> None:
        """One line. ValueError when one of those that matter cannot be read."""
        match kind:
            case Kind.LANDING.value:
                self.landings.append((_repository(subject), landings_of([body])[0]))
            case Kind.INCIDENT_REVIEWED.value:
                self.reviewed.setdefault(_key(_repository(subject), landings_of([body])[0]), at)
            case Kind.DEBT.value | Kind.DEBT_PAID.value:
                debt = msgspec.json.decode(body, type=Debt)
                self.debts[debt_key(debt)] = debt
                self.paid |= {debt_key(debt)} if kind == Kind.DEBT_PAID.value else set()
            case Kind.DECISION.value if subject.startswith("pull:"):
                (decided,) = decided_of([body])
                pull = (_repository(subject), int(subject.rpartition(":")[2]))
                if decided.state == PullState.OPEN.value:
                    self.seen_open.add(pull)
                elif decided.state == PullState.MERGED.value and pull in self.seen_open:
                    # What the gate never saw open may have been merged before it came.
                    self.merged.setdefault(pull, (at, decided))
            case _:
                return

    def merges(self) -> tuple[Merge, ...]:
        """All of them, the earliest first. What was merged and was not audited is among them, as missing."""
        found = [self._told(where, landing) for where, landing in self.landings if _counts(landing)]
        audited = {(merge.repository_id, number) for merge in found for number in merge.pulls}
        found += [
            _missing(where, number, at, decided)
            for (where, number), (at, decided) in self.merged.items()
            if (where, number) not in audited
        ]
        return tuple(sorted(found, key=lambda merge: (merge.at, merge.branch, merge.commit)))

    def _told(self, where: int, landing: Landing) -> Merge:
        heads = {pull.head_sha for pull in landing.pulls}
        owed = {key for key, debt in self.debts.items() if debt.repository_id == where and debt.head_sha in heads}
        return Merge(
            repository_id=where,
            branch=landing.branch,
            commit=landing.move.after,
            at=landing.move.at,
            actor=landing.move.actor,
            pulls=tuple(pull.number for pull in landing.pulls),
            outcome=landing.outcome.value,
            why=landing.why,
            incident=landing.incident.value,
            debt="" if not owed else "paid" if owed <= self.paid else "owed",
            reviewed_at=self.reviewed.get(_key(where, landing)),
        )


def _counts(landing: Landing) -> bool:
    return landing.outcome not in (Outcome.BASELINE, Outcome.NOTHING)


def _missing(where: int, number: int, at: int, decided: Decided) -> Merge:
    return Merge(
        repository_id=where,
        branch=decided.base_ref,
        commit=decided.head_sha,
        at=at,
        actor="",
        pulls=(number,),
        outcome=MISSING,
        why=NOT_AUDITED,
    )


def unfinished(behind: Iterable[tuple[int, str]], now: int) -> tuple[Merge, ...]:
    """One line for each branch (repository id, name) whose audit is not finished: what it holds is not known."""
    return tuple(
        Merge(
            repository_id=where,
            branch=branch,
            commit="",
            at=now,
            actor="",
            pulls=(),
            outcome=MISSING,
            why=UNFINISHED,
        )
        for where, branch in behind
    )


def document(merge: Merge, name: Callable[[int], str], time: Callable[[int], str]) -> dict[str, object]:
    """Plain values. `name` tells a repository by its id, `time` the text of Unix seconds."""
    return {
        "at": time(merge.at),
        "repository": name(merge.repository_id),
        "branch": merge.branch,
        "commit": merge.commit,
        "actor": merge.actor,
        "pulls": list(merge.pulls),
        "outcome": merge.outcome,
        "incident": merge.incident,
        "debt": merge.debt,
        "reviewed_at": time(merge.reviewed_at) if merge.reviewed_at is not None else "",
        "why": merge.why,
    }


def _repository(subject: str) -> int:
    return int(subject.split(":")[1])


def _key(where: int, landing: Landing) -> tuple[int, str, int, str]:
    return (where, landing.branch, landing.move.id, landing.move.after)
