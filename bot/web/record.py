"""The record of one pull request, from the ledger's lines to what its page tells."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import Any, TypeVar
from urllib.parse import quote

import msgspec

from bot.passkeys import Approvable, approvable
from bot.store.entries import Entry
from bot.store.ledger import Line
from bot.web.words import iso

MOST_LINES = 1000
LONGEST_BODY = 20_000

Shape = TypeVar("Shape")


class Effect(msgspec.Struct, frozen=True):
    effect: str
    address: str
    path: str
    reason: str
    confidence: str
    rule: str
    line: int | None = None
    side: str = "head"
    source: str = "estimate"

    @property
    def known(self) -> str:
        return "from the plan" if self.source == "plan" else f"estimated, {self.confidence} confidence"


class Blast(msgspec.Struct, frozen=True):
    tier: str
    kinds: tuple[str, ...] = ()
    paths: dict[str, tuple[str, ...]] = {}
    effects: tuple[Effect, ...] = ()
    reasons: tuple[str, ...] = ()


class Evidence(msgspec.Struct, frozen=True):
    rule: str
    agent: str
    strength: str
    where: str
    text: str
    past: bool = False


class Provenance(msgspec.Struct, frozen=True):
    level: str
    evidence: tuple[Evidence, ...] = ()
    contradicted: bool = False
    disputed_by: str | None = None


class Demand(msgspec.Struct, frozen=True, rename={"from_sets": "from"}):
    rule: str
    seniors: int
    from_sets: tuple[str, ...] = ()
    step_up: bool = False


class Requirement(msgspec.Struct, frozen=True):
    step_up: bool = False
    declaration: bool = False
    plan: bool = False
    demands: tuple[Demand, ...] = ()


class Counted(msgspec.Struct, frozen=True):
    who: str
    method: str
    carried_over: bool = False


class Void(msgspec.Struct, frozen=True):
    who: str
    why: str


class Approvals(msgspec.Struct, frozen=True):
    counted: tuple[Counted, ...] = ()
    void: tuple[Void, ...] = ()
    missing: tuple[str, ...] = ()
    eligible: tuple[str, ...] = ()
    incomplete: tuple[str, ...] = ()


class Fault(msgspec.Struct, frozen=True):
    line: int
    column: int
    message: str


class PolicyTold(msgspec.Struct, frozen=True):
    source: str
    faults: tuple[Fault, ...] = ()


class Difference(msgspec.Struct, frozen=True):
    involvement: str
    tier: str
    effect: str
    paths: str
    now: str
    then: str
    asks_less: bool = False


class Proposed(msgspec.Struct, frozen=True):
    """What the pull request would make of the policy."""

    differences: tuple[Difference, ...] = ()


class Owed(msgspec.Struct, frozen=True):
    by: str
    head_sha: str


class Decision(msgspec.Struct, frozen=True):
    """A decision's line, as far as the page tells it. Keys are only ever added: those that came later have defaults."""

    verdict: str
    title: str
    mode: str
    policy: PolicyTold
    provenance: Provenance
    blast: Blast
    requirement: Requirement
    approvals: Approvals
    head_sha: str
    base_ref: str
    state: str = ""
    merge_base: str | None = None
    proposed_policy: Proposed | None = None
    incomplete: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    owed_reviews: tuple[Owed, ...] = ()

    @property
    def missing(self) -> tuple[str, ...]:
        """What the verdict waits for, in words."""
        rest = {
            "the author's word on AI use": self.requirement.declaration,
            "a Terraform plan of this head": self.requirement.plan,
        }
        return (*self.approvals.missing, *(words for words, is_asked in rest.items() if is_asked))


class Actor(msgspec.Struct, frozen=True):
    login: str


class Statement(msgspec.Struct, frozen=True):
    id: str
    act: str
    actor: Actor
    method: str
    said_at: int
    head_sha: str = ""
    argument: str = ""


class Record(msgspec.Struct, frozen=True):
    """What somebody said, and what became of it: `refusal` "" when it was accepted, `recorded_at` 0 while it waits."""

    statement: Statement
    refusal: str = ""
    recorded_at: int = 0

    @property
    def at(self) -> str:
        return iso(self.statement.said_at)


def last_approvable(entries: Sequence[Entry]) -> Approvable | None:
    """What an approval given now would be bound to, as the last decision says."""
    decisions = [entry.body for entry in entries if entry.kind == "decision"]
    return approvable(decisions[-1]) if decisions else None


def decisions_of(entries: Sequence[Entry]) -> tuple[tuple[str, Decision], ...]:
    """Every decision and its time, oldest first; a line of a shape that is not known any more is left to the ledger."""
    found = ((iso(entry.at), _read(entry.body, Decision)) for entry in entries if entry.kind == "decision")
    return tuple((at, decision) for at, decision in found if decision is not None)


def said_in(entries: Sequence[Entry]) -> tuple[Record, ...]:
    """What people said here, oldest first: judged or still waiting for that."""
    records = {one.statement.id: one for one in _all(entries, "record", Record)}
    waiting = (one for one in _all(entries, "statement", Statement) if one.id not in records)
    everything = (*records.values(), *(Record(statement=one) for one in waiting))
    return tuple(sorted(everything, key=lambda one: (one.statement.said_at, one.statement.id)))


def _all(entries: Sequence[Entry], kind: str, shape: type[Shape]) -> Iterator[Shape]:
    for entry in entries:
        found = _read(entry.body, shape) if entry.kind == kind else None
        if found is not None:
            yield found


def _read(body: str, shape: type[Shape]) -> Shape | None:
    try:
        return msgspec.json.decode(body, type=shape)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return None


def effects_of(repository_url: str, decision: Decision | None) -> list[tuple[Effect, str]]:
    """Each effect with the address of its line on GitHub."""
    return [(one, place_url(repository_url, decision, one)) for one in decision.blast.effects] if decision else []


def place_url(repository_url: str, decision: Decision, effect: Effect) -> str:
    """The line on GitHub, at the very commit that was judged.

    https://docs.github.com/en/repositories/working-with-files/using-files/getting-permanent-links-to-files
    """
    commit = decision.head_sha if effect.side == "head" else decision.merge_base or decision.base_ref
    line = f"#L{effect.line}" if effect.line else ""
    return f"{repository_url}/blob/{quote(commit, safe='')}/{quote(effect.path, errors='replace')}{line}"


def shown_line(line: Line) -> dict[str, Any]:
    """A ledger line for the page, its body indented and, if it is very long, cut."""
    body = json.dumps(json.loads(line.entry.body), indent=2, ensure_ascii=False)
    is_cut = len(body) > LONGEST_BODY
    return {
        "sequence": line.sequence,
        "at": iso(line.entry.at),
        "kind": line.entry.kind,
        "key": line.entry.key,
        "body": body[:LONGEST_BODY],
        "is_cut": is_cut,
        "hash": line.hash,
    }


def line_document(line: Line) -> dict[str, Any]:
    """A ledger line as `audit export` writes it: with its body as the very text that the hash covers."""
    entry = line.entry
    return {
        "sequence": line.sequence,
        "at": entry.at,
        "subject": entry.subject,
        "kind": entry.kind,
        "key": entry.key,
        "body": entry.body,
        "previous": line.previous,
        "hash": line.hash,
    }
