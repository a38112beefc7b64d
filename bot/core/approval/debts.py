"""What a broken glass leaves behind: a review that is owed until a senior other than the breaker gives it."""

from __future__ import annotations

from dataclasses import dataclass

from bot.core.approval.records import Act, Binding, Record
from bot.core.pull import Actor, PullRequest, PullState


@dataclass(frozen=True, slots=True, kw_only=True)
class Debt:
    """The review owed for one broken glass.

    `id` is its statement's, `place` the pull request as people write it ("acme/shop#7"), `since` Unix seconds.
    """

    id: str
    by: Actor
    repository_id: int
    place: str
    head_sha: str
    since: int


def broken_glasses(records: tuple[Record, ...], pull: PullRequest) -> tuple[Record, ...]:
    """Every accepted one of `pull`, the earliest first, whether or not it still lets anything through."""
    here = (pull.repository.id, pull.number)
    found = (
        record
        for record in records
        if record.statement.act is Act.BREAK_GLASS
        and record.binding is not None
        and not record.refusal
        and (record.statement.repository_id, record.statement.number) == here
    )
    return tuple(sorted(found, key=lambda record: (record.statement.said_at, record.statement.id)))


def debt_of(glass: Record, pull: PullRequest) -> Debt:
    statement = glass.statement
    return Debt(
        id=statement.id,
        by=statement.actor,
        repository_id=pull.repository.id,
        place=f"{pull.repository.full_name}#{pull.number}",
        head_sha=glass.binding.head_sha if glass.binding else "",
        since=statement.said_at,
    )


def owed_reviews(records: tuple[Record, ...], pull: PullRequest) -> tuple[Debt, ...]:
    """The debts of `pull` that nobody has paid yet; `records` in the ledger's order.

    One is paid by an accepted approval that somebody else gave afterwards: of that head, or of a head that replaced
    it. Such an approval pays for good, whatever becomes of its comment: the review was made.
    """
    return tuple(debt_of(glass, pull) for glass in broken_glasses(records, pull) if not _is_paid(glass, records))


def reviewed_later(records: tuple[Record, ...], pull: PullRequest) -> Binding | None:
    """What an approval of a pull request that is not open any more is about: the head whose glass was broken."""
    if pull.state is PullState.OPEN:
        return None
    heads = (glass.binding for glass in broken_glasses(records, pull))
    return next((bound for bound in heads if bound is not None and bound.head_sha == pull.head_sha), None)


def _is_paid(glass: Record, records: tuple[Record, ...]) -> bool:
    # GitHub's times are whole seconds: of two acts in one second, the ledger knows which came first.
    noted = records.index(glass)
    return any(_pays(record, glass, noted_later=index > noted) for index, record in enumerate(records))


def _pays(record: Record, glass: Record, *, noted_later: bool) -> bool:
    said, broke = record.statement, glass.statement
    return (
        said.act is Act.APPROVE
        and record.binding is not None
        and not record.refusal
        and (said.repository_id, said.number) == (broke.repository_id, broke.number)
        and (said.said_at > broke.said_at or (noted_later and said.said_at == broke.said_at))
        and said.actor.id != broke.actor.id
    )
