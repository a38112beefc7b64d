"""Remembers evidence by the change it is about, and brings it back wherever that change comes again."""

from __future__ import annotations

from dataclasses import replace

from bot.core.decision import Decision
from bot.core.finding import Evidence, Remembered
from bot.core.memory import Kind, carried_of, of_carried
from bot.core.policy.default import BUILT_IN
from bot.core.policy.model import Policy, PolicyError
from bot.core.provenance.carried import carry, marks_of, recall
from bot.core.provenance.weigh import counts
from bot.core.pull import PullRequest
from bot.store.entries import Entry
from bot.store.queue import Store

MOST_REMEMBERED = 2000


async def evidence_elsewhere(store: Store, pull: PullRequest) -> tuple[PullRequest, tuple[Evidence, ...]]:
    """What other pull requests showed on the changes of `pull`; more than can be read makes it incomplete."""
    subjects = [_subject(pull, mark) for mark in marks_of(pull)]
    entries = await store.entries_about(subjects, Kind.CARRIED.value, MOST_REMEMBERED + 1)
    if len(entries) > MOST_REMEMBERED:
        lost = f"its changes are remembered from elsewhere in more than {MOST_REMEMBERED} entries"
        pull = replace(pull, incomplete=(*pull.incomplete, lost))
    return pull, recall(carried_of((entry.kind, entry.body) for entry in entries), pull)


def remembered_now(elsewhere: tuple[Evidence, ...], now: int) -> tuple[Remembered, ...]:
    """As news of this look, unless this pull request remembers it already. `now` in Unix seconds."""
    return tuple(Remembered(evidence=found, first_seen_at=now) for found in elsewhere)


def entries_to_carry(pull: PullRequest, policy: Policy | PolicyError, decision: Decision, now: int) -> list[Entry]:
    """What made `pull` count as AI-assisted, by the changes it is about. `now` in Unix seconds."""
    provenance = (policy if isinstance(policy, Policy) else BUILT_IN).provenance
    counted = [found for found in decision.provenance.evidence if counts(found, provenance)]
    entries = []
    for mark, carried in sorted(carry(pull, counted).items()):
        memory = of_carried(carried, now)
        entries.append(
            Entry(subject=_subject(pull, mark), kind=memory.kind.value, key=memory.key, at=now, body=memory.body)
        )
    return entries


def _subject(pull: PullRequest, mark: str) -> str:
    return f"change:{pull.repository.id}:{mark}"
