"""What overrides a count of approvals: a senior's block, and a broken glass."""

from __future__ import annotations

from bot.core.approval.eligibility import Answer, Authority
from bot.core.approval.records import Act, Binding, Record
from bot.core.approval.withdrawal import source_undone
from bot.core.pull import PullRequest

OTHERS_TO_LIFT = 2


def standing_blocks(records: tuple[Record, ...], people: Authority, pull: PullRequest) -> tuple[Record, ...]:
    """The latest standing block of each person, by login.

    A block holds over pushes, dismissals, a deleted comment and its author's leaving; only the same person, or two
    others who are seniors now and did not contribute, lift it.
    """
    standing: dict[int | None, Record] = {}
    for record in sorted(records, key=lambda record: (record.statement.said_at, record.statement.id)):
        if record.statement.act is Act.BLOCK and not _is_lifted(record, records, people, pull):
            standing[record.statement.actor.id] = record
    return tuple(sorted(standing.values(), key=lambda record: record.statement.actor.login.casefold()))


def _is_lifted(block: Record, records: tuple[Record, ...], people: Authority, pull: PullRequest) -> bool:
    lifters = {
        record.statement.actor.id: record.statement.actor
        for record in records
        if record.statement.act is Act.UNBLOCK
        and record.statement.said_at > block.statement.said_at
        and not source_undone(record.statement, records, pull)
    }
    if block.statement.actor.id in lifters:
        return True
    others = [actor for actor in lifters.values() if people.rule(Act.APPROVE, actor).answer is Answer.YES]
    return len(others) >= OTHERS_TO_LIFT


def standing_break_glass(
    records: tuple[Record, ...], present: Binding | None, people: Authority, pull: PullRequest, now: int
) -> Record | None:
    """The record that lets this head through; only the head's first ever, while it is fresh, by one who may now."""
    if present is None:
        return None
    uses = [
        record
        for record in records
        if record.statement.act is Act.BREAK_GLASS
        and record.binding is not None
        and record.binding.head_sha == present.head_sha
    ]
    first = min(uses, key=lambda record: (record.statement.said_at, record.statement.id), default=None)
    if first is None or first.binding is None or first.binding.base_ref != present.base_ref:
        return None
    age = now - min(first.statement.said_at, first.recorded_at)
    stands = (
        age < people.policy.break_glass.valid_for
        and not source_undone(first.statement, records, pull)
        and people.rule(Act.BREAK_GLASS, first.statement.actor).answer is Answer.YES
    )
    return first if stands else None
