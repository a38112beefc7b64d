"""What the gate remembers of a pull request, as the texts that the ledger keeps, and back."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TypeVar

import msgspec

from bot.core.approval.debts import Debt
from bot.core.approval.records import Push, Record, Sighting, Statement
from bot.core.blast.plans import StackPlan
from bot.core.finding import Evidence, Remembered
from bot.core.history import History
from bot.core.landing import Landing, Outcome
from bot.core.protection.drift import Weakened
from bot.core.provenance.carried import Carried
from bot.core.pull import Actor, PastContributor

T = TypeVar("T")


class Kind(StrEnum):
    """The kinds of line in the ledger. The judgement reads those up to REFUSED_REVIEWER, the pages the rest.

    LANDING is every move of a gated branch, LANDED the first of them at a commit, INCIDENT one past the gate, and
    INCIDENT_REVIEWED that a senior has approved since what it brought. DEPLOYMENT is each ruling on a deployment that
    waits, DEPLOYED at a commit that it was approved for an environment.
    """

    STATEMENT = "statement"
    SIGHTING = "sighting"
    PUBLISHED = "published"
    PUSH = "push"
    PAST_HEAD = "past-head"
    LOGIN = "login"
    EVIDENCE = "evidence"
    CARRIED = "carried"
    CONTRIBUTOR = "contributor"
    RECORD = "record"
    DEBT = "debt"
    DEBT_PAID = "debt-paid"
    PLAN = "plan"
    ASKED_REVIEWER = "asked-reviewer"
    REFUSED_REVIEWER = "refused-reviewer"
    LANDING = "landing"
    LANDED = "landed"
    INCIDENT = "incident"
    INCIDENT_REVIEWED = "incident-reviewed"
    RULES_WEAKENED = "rules-weakened"
    DEPLOYMENT = "deployment"
    DEPLOYED = "deployed"
    DECISION = "decision"
    WRITE = "write"
    FAILURE = "failure"
    PASSKEY = "passkey"
    PASSKEY_USED = "passkey-used"
    PASSKEY_REMOVED = "passkey-removed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Memory:
    """One line to keep. `key` tells a repetition from news; `at` is Unix seconds; `body` is JSON."""

    kind: Kind
    key: str
    at: int
    body: str


class _PastHead(msgspec.Struct, frozen=True):
    head_sha: str


class _Login(msgspec.Struct, frozen=True):
    login: str
    account: Actor


class _Reviewer(msgspec.Struct, frozen=True):
    head_sha: str
    reviewer: str


def of_statement(statement: Statement) -> Memory:
    return Memory(kind=Kind.STATEMENT, key=statement.id, at=statement.received_at, body=_text(statement))


def of_record(record: Record) -> Memory:
    return Memory(kind=Kind.RECORD, key=record.statement.id, at=record.recorded_at, body=_text(record))


def of_sighting(seen: Sighting) -> Memory:
    """A head that comes back after another is seen anew, so the time is part of the key."""
    key = f"{seen.head_sha}:{seen.base_ref}:{seen.first_seen_at}"
    body = _text(replace(seen, published_at=None))
    return Memory(kind=Kind.SIGHTING, key=key, at=seen.first_seen_at, body=body)


def of_past_head(head_sha: str, at: int) -> Memory:
    """A head that a push replaced, maybe never looked at. Against which base is not known: nothing binds to it."""
    seen = Sighting(head_sha=head_sha, base_ref="", first_seen_at=at, published_at=None)
    return Memory(kind=Kind.SIGHTING, key=f"{head_sha}:", at=at, body=_text(seen))


def of_push(push: Push, at: int) -> Memory:
    """Who brought which head, each once."""
    return Memory(kind=Kind.PUSH, key=f"{push.before}:{push.after}:{push.by.id}", at=at, body=_text(push))


def of_read_head(head_sha: str, at: int) -> Memory:
    """What its commits showed is remembered: it need not be read again."""
    return Memory(kind=Kind.PAST_HEAD, key=head_sha, at=at, body=_text(_PastHead(head_sha=head_sha)))


def of_published(seen: Sighting, at: int) -> Memory:
    """The check stood on this head from `at`, Unix seconds."""
    key = f"{seen.head_sha}:{seen.base_ref}:{seen.first_seen_at}"
    return Memory(kind=Kind.PUBLISHED, key=key, at=at, body=_text(replace(seen, published_at=at)))


def of_evidence(found: Evidence, at: int) -> Memory:
    """Where it stands may become past; what was found stays the same memory."""
    lasting = replace(found, past=False)
    key = hashlib.sha256(_text(lasting).encode()).hexdigest()
    return Memory(kind=Kind.EVIDENCE, key=key, at=at, body=_text(Remembered(evidence=lasting, first_seen_at=at)))


def of_carried(carried: Carried, at: int) -> Memory:
    """The same evidence on a change is one memory, whichever pull request showed it first."""
    shown = _text(carried.evidence)
    return Memory(kind=Kind.CARRIED, key=hashlib.sha256(shown.encode()).hexdigest(), at=at, body=_text(carried))


def carried_of(lines: Iterable[tuple[str, str]]) -> tuple[Carried, ...]:
    """What (kind, body) lines about changes tell. ValueError when a line cannot be read."""
    return _all(list(lines), Kind.CARRIED, Carried)


def of_contributor(known: PastContributor, at: int) -> Memory:
    key = known.login if known.id is None else f"id:{known.id}"
    return Memory(kind=Kind.CONTRIBUTOR, key=key, at=at, body=_text(known))


def contributors_in(lines: Iterable[tuple[str, str]]) -> tuple[PastContributor, ...]:
    """Everybody who was ever seen to have a hand in the pull request."""
    return _all(list(lines), Kind.CONTRIBUTOR, PastContributor)


def of_plan(plan: StackPlan) -> Memory:
    """The same plan of the same stack on the same base by the same workflow is one, however often CI runs again."""
    by = hashlib.sha256(plan.workflow.encode()).hexdigest()[:12] if plan.workflow else ""
    key = f"{plan.stack}:{plan.base_sha[:12]}:{by}:{plan.digest}"
    return Memory(kind=Kind.PLAN, key=key, at=plan.received_at, body=_text(plan))


def plans_of(lines: Iterable[tuple[str, str]]) -> tuple[StackPlan, ...]:
    """What (kind, body) lines about a head tell, oldest first. ValueError when a line cannot be read."""
    return _all(list(lines), Kind.PLAN, StackPlan)


def of_login(login: str, account: Actor, at: int) -> Memory:
    """Only the first account of a login is kept."""
    return Memory(kind=Kind.LOGIN, key=login, at=at, body=_text(_Login(login=login, account=account)))


def first_accounts(lines: Iterable[tuple[str, str]]) -> dict[str, Actor]:
    """Login (lower case) to account, as (kind, body) lines about logins tell."""
    return {one.login: one.account for one in _all(list(lines), Kind.LOGIN, _Login)}


def of_debt(debt: Debt, at: int) -> Memory:
    return Memory(kind=Kind.DEBT, key=debt_key(debt), at=at, body=_text(debt))


def of_payment(debt: Debt, at: int) -> Memory:
    return Memory(kind=Kind.DEBT_PAID, key=debt_key(debt), at=at, body=_text(debt))


def debt_key(debt: Debt) -> str:
    return f"{debt.repository_id}:{debt.id}"


def debts_of(lines: Iterable[tuple[str, str]]) -> tuple[Debt, ...]:
    """The unpaid ones that (kind, body) lines about people tell. ValueError when a line cannot be read."""
    kept = list(lines)
    paid = {debt_key(debt) for debt in _all(kept, Kind.DEBT_PAID, Debt)}
    return tuple(debt for debt in _all(kept, Kind.DEBT, Debt) if debt_key(debt) not in paid)


def of_landing(landing: Landing, kind: Kind, at: int) -> Memory:
    """As one of the four kinds that tell of a branch.

    LANDED is once for each branch that came by the commit, and the audit of a branch begins once.
    """
    began = landing.outcome is Outcome.BASELINE
    key = "baseline" if began else f"{landing.move.id}:{landing.move.after}"
    key = landing.branch if kind is Kind.LANDED else key
    return Memory(kind=kind, key=key, at=at, body=_text(landing))


def landings_of(bodies: Iterable[str]) -> tuple[Landing, ...]:
    """ValueError when one cannot be read."""
    return tuple(msgspec.json.decode(body, type=Landing) for body in bodies)


def of_weakened(one: Weakened) -> Memory:
    return Memory(kind=Kind.RULES_WEAKENED, key=one.delivery, at=one.at, body=_text(one))


def weakened_of(bodies: Iterable[str]) -> tuple[Weakened, ...]:
    """ValueError when one cannot be read."""
    return tuple(msgspec.json.decode(body, type=Weakened) for body in bodies)


def of_refused_reviewer(head_sha: str, reviewer: str, at: int) -> Memory:
    return _of_reviewer(Kind.REFUSED_REVIEWER, head_sha, reviewer, at)


def of_asked_reviewer(head_sha: str, reviewer: str, at: int) -> Memory:
    return _of_reviewer(Kind.ASKED_REVIEWER, head_sha, reviewer, at)


def _of_reviewer(kind: Kind, head_sha: str, reviewer: str, at: int) -> Memory:
    body = _text(_Reviewer(head_sha=head_sha, reviewer=reviewer))
    return Memory(kind=kind, key=f"{head_sha}:{reviewer}", at=at, body=body)


def history_of(lines: Iterable[tuple[str, str]]) -> History:
    """The history that (kind, body) lines tell, oldest first. ValueError when a line cannot be read: then all waits."""
    kept = list(lines)
    records = _all(kept, Kind.RECORD, Record)
    bound = {record.statement.id for record in records}
    published = {replace(one, published_at=None): one for one in _all(kept, Kind.PUBLISHED, Sighting)}
    return History(
        records=records,
        statements=tuple(one for one in _all(kept, Kind.STATEMENT, Statement) if one.id not in bound),
        sightings=tuple(published.get(one, one) for one in _all(kept, Kind.SIGHTING, Sighting)),
        evidence=_all(kept, Kind.EVIDENCE, Remembered),
        pushes=_all(kept, Kind.PUSH, Push),
        past_heads=tuple(one.head_sha for one in _all(kept, Kind.PAST_HEAD, _PastHead)),
    )


def refused_reviewers(lines: Iterable[tuple[str, str]]) -> frozenset[str]:
    """Whom GitHub refused at the head that was looked at last."""
    return _reviewers_at(list(lines), Kind.REFUSED_REVIEWER, "")


def asked_reviewers(lines: Iterable[tuple[str, str]], head_sha: str) -> frozenset[str]:
    """Whom we asked at this head."""
    return _reviewers_at(list(lines), Kind.ASKED_REVIEWER, head_sha)


def _reviewers_at(kept: list[tuple[str, str]], kind: Kind, head_sha: str) -> frozenset[str]:
    looked = [one.head_sha for one in _all(kept, Kind.SIGHTING, Sighting) if one.base_ref]
    head = head_sha or (looked[-1] if looked else "")
    return frozenset(one.reviewer for one in _all(kept, kind, _Reviewer) if one.head_sha == head)


def _all(lines: list[tuple[str, str]], kind: Kind, shape: type[T]) -> tuple[T, ...]:
    return tuple(msgspec.json.decode(body, type=shape) for line_kind, body in lines if line_kind == kind.value)


def _text(value: object) -> str:
    return msgspec.json.encode(value).decode()
