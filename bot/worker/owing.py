"""Remembers who owes a review for a broken glass, over all pull requests."""

from __future__ import annotations

from dataclasses import replace

from bot.core.approval.debts import broken_glasses, debt_of
from bot.core.approval.records import Act, Record
from bot.core.decision import Decision
from bot.core.history import History
from bot.core.memory import Kind, debts_of, of_debt, of_payment
from bot.core.pull import PullRequest
from bot.store.entries import Entry
from bot.store.queue import Store

MOST_GLASSES = 2000
TOO_MANY = "the people who would break the glass here broke it too often for all of that to be read"


async def with_debts(store: Store, pull: PullRequest, history: History) -> tuple[PullRequest, History]:
    """The history with the debts of whoever would break the glass now; what cannot be read is incomplete."""
    breakers = {said.actor.id for said in history.statements if said.act is Act.BREAK_GLASS} - {None}
    subjects = [_subject(breaker) for breaker in breakers]
    lines = []
    for kind in (Kind.DEBT, Kind.DEBT_PAID):
        entries = await store.entries_about(subjects, kind.value, MOST_GLASSES + 1)
        if len(entries) > MOST_GLASSES:
            return replace(pull, incomplete=(*pull.incomplete, TOO_MANY)), history
        lines += [(entry.kind, entry.body) for entry in entries]
    return pull, replace(history, debts=debts_of(lines))


def entries_of_debts(pull: PullRequest, records: tuple[Record, ...], decision: Decision, now: int) -> list[Entry]:
    """Every broken glass of `pull`, and which of them are paid. `now` in Unix seconds."""
    owed = {debt.id for debt in decision.debts}
    debts = [debt_of(glass, pull) for glass in broken_glasses(records, pull)]
    memories = [(debt, of_debt(debt, now)) for debt in debts]
    memories += [(debt, of_payment(debt, now)) for debt in debts if debt.id not in owed]
    return [
        Entry(subject=_subject(debt.by.id), kind=one.kind.value, key=one.key, at=one.at, body=one.body)
        for debt, one in memories
    ]


def _subject(breaker: int | None) -> str:
    return f"glass:{breaker}"
