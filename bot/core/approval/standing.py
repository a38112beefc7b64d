"""Which approvals count now: every record against the present change, people and requirement."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from bot.core.approval.contributors import STRANGER
from bot.core.approval.drift import drifted, is_exact
from bot.core.approval.eligibility import Answer, Authority, authority
from bot.core.approval.exceptions import standing_blocks, standing_break_glass
from bot.core.approval.records import Act, Binding, Method, Record
from bot.core.approval.withdrawal import withdrawn
from bot.core.decision import Approvals, CountedApproval, Demand, Requirement, VoidApproval
from bot.core.policy.model import Policy, SeniorAuthors
from bot.core.pull import Actor, ActorKind, PastContributor, PullRequest
from bot.core.roster import Roster


@dataclass(frozen=True, slots=True, kw_only=True)
class _Look:
    """All that the approvals are held against."""

    records: tuple[Record, ...]
    present: Binding | None
    policy: Policy
    pull: PullRequest
    people: Authority
    now: int


def standing_approvals(
    records: tuple[Record, ...],
    *,
    present: Binding | None,
    requirement: Requirement,
    policy: Policy,
    pull: PullRequest,
    roster: Roster,
    now: int,
) -> Approvals:
    """The approvals that count for `requirement` and, for each that does not, why; in any order of `records`.

    `present` is None when the change could not be read whole: then nothing counts, but blocks hold.
    """
    own = tuple(record for record in _of(records, pull) if not record.refusal)
    look = _Look(
        records=own, present=present, policy=policy, pull=pull, people=authority(policy, roster, pull), now=now
    )
    valid, void = _sort_out(look)
    asked = tuple(demand for demand in requirement.demands if not _is_waived(demand, look))
    met = {demand: _supporters(demand, valid, look) for demand in asked}
    counted = _counted(valid, met, look)
    unmet = tuple(
        sorted(
            (demand for demand in asked if len(met[demand]) < demand.seniors),
            key=lambda demand: (len(met[demand]) - demand.seniors, not demand.step_up),
        )
    )
    return Approvals(
        counted=counted,
        void=_void((*void, *_unused(valid, counted, asked, look)), counted),
        missing=_missing(unmet, met),
        eligible=_eligible(unmet, met, look),
        incomplete=_incomplete(unmet, valid, look),
        blocked_by=standing_blocks(own, look.people, pull),
        broke_glass=standing_break_glass(own, present, look.people, pull, now),
    )


def _of(records: tuple[Record, ...], pull: PullRequest) -> tuple[Record, ...]:
    """The records of `pull`, the latest said first: a later one of a person is preferred to an earlier."""
    here = (pull.repository.id, pull.number)
    own = (record for record in records if (record.statement.repository_id, record.statement.number) == here)
    return tuple(sorted(own, key=lambda record: (-record.statement.said_at, record.statement.id)))


def _sort_out(look: _Look) -> tuple[tuple[Record, ...], tuple[VoidApproval, ...]]:
    """Approvals that stand for the present change, whoever gave them, and those that do not."""
    valid, void = [], []
    for record in look.records:
        if record.statement.act is Act.APPROVE:
            why = _void_reason(record, look)
            if why:
                void.append(VoidApproval(who=record.statement.actor.login, why=why))
            else:
                valid.append(record)
    return tuple(valid), tuple(void)


def _void_reason(record: Record, look: _Look) -> str:
    if look.present is None:
        return "gave it, but the change could not be read whole"
    return withdrawn(record.statement, look.records, look.pull) or drifted(
        record, look.present, look.policy.approvals, look.pull, look.now
    )


def _supporters(demand: Demand, valid: tuple[Record, ...], look: _Look) -> dict[int, Record]:
    """One approval of each distinct person who counts for `demand`: the exact before the carried over."""
    found: dict[int, Record] = {}
    for record in sorted(valid, key=lambda record: not _is_exact(record, look)):
        actor = record.statement.actor
        fits = not demand.step_up or record.statement.method is Method.STEP_UP
        if fits and look.people.rule(Act.APPROVE, actor, demand.from_sets).answer is Answer.YES:
            found.setdefault(actor.id or 0, record)
    return found


def _counted(
    valid: tuple[Record, ...], met: dict[Demand, dict[int, Record]], look: _Look
) -> tuple[CountedApproval, ...]:
    """The approvals that some demand counts; where nothing is asked, those of any senior."""
    nothing = Demand(rule="", seniors=0, from_sets=(), step_up=False)
    used = [
        record for found in (met or {nothing: _supporters(nothing, valid, look)}).values() for record in found.values()
    ]
    unique = {record.statement.id: record for record in used}
    ordered = sorted(unique.values(), key=lambda record: (record.statement.actor.login.casefold(), record.statement.id))
    return tuple(CountedApproval(record=record, carried_over=not _is_exact(record, look)) for record in ordered)


def _is_exact(record: Record, look: _Look) -> bool:
    return record.binding is not None and look.present is not None and is_exact(record.binding, look.present)


def _unused(
    valid: tuple[Record, ...], counted: tuple[CountedApproval, ...], asked: tuple[Demand, ...], look: _Look
) -> Iterator[VoidApproval]:
    """Approvals of the present change that no demand counts, each with the reason."""
    used = {approval.record.statement.id for approval in counted}
    for record in valid:
        if record.statement.id not in used:
            yield VoidApproval(
                who=record.statement.actor.login, why=_unused_reason(record.statement.actor, asked, look)
            )


def _unused_reason(actor: Actor, asked: tuple[Demand, ...], look: _Look) -> str:
    general = look.people.rule(Act.APPROVE, actor)
    if general.answer is not Answer.YES:
        return general.why
    narrow = [look.people.rule(Act.APPROVE, actor, demand.from_sets) for demand in asked]
    if any(ruling.answer is Answer.YES for ruling in narrow):
        return "gave it without the passkey that this change asks for"
    return next((ruling.why for ruling in narrow if ruling.why), "gave it where nothing is asked")


def _void(void: tuple[VoidApproval, ...], counted: tuple[CountedApproval, ...]) -> tuple[VoidApproval, ...]:
    """Each reason once, by person; an older approval of somebody who counts anyway tells the reader nothing."""
    counting = {approval.record.statement.actor.login for approval in counted}
    unique = {(each.who, each.why): each for each in void if each.who not in counting}
    return tuple(unique[key] for key in sorted(unique))


def _is_waived(demand: Demand, look: _Look) -> bool:
    """Whether the rule lets seniors' own changes pass and everybody who had a hand in this one is such a senior.

    An account that GitHub could not link to a commit may be anybody's, so it waives nothing.
    """
    if demand.senior_authors is not SeniorAuthors.EXEMPT:
        return False
    pull = look.pull
    if pull.pushers_unread or STRANGER in pull.past_contributors:
        return False
    authors = [commit.author_account for commit in (*pull.commits, *pull.past_commits)]
    past = [_actor(one) for one in pull.past_contributors if one.id is not None]
    hands = (pull.author, *authors, *past, *pull.pushers, *pull.requesters)
    return all(
        actor is not None and look.people.rule(Act.BLOCK, actor, demand.from_sets).answer is Answer.YES
        for actor in hands
    )


def _actor(past: PastContributor) -> Actor:
    """Seniors are told by id; of an account that is remembered by id alone nothing else is needed."""
    return Actor(login=past.login, id=past.id, kind=ActorKind.USER)


def _missing(unmet: tuple[Demand, ...], met: dict[Demand, dict[int, Record]]) -> tuple[str, ...]:
    """One phrase for each set of people, with the largest number; the largest first, as `unmet` is sorted."""
    strictest: dict[tuple[tuple[str, ...], bool], str] = {}
    for demand in unmet:
        phrase = _phrase(demand, demand.seniors - len(met[demand]))
        strictest.setdefault((demand.from_sets, demand.step_up), phrase)
    return tuple(strictest.values())


def _phrase(demand: Demand, number: int) -> str:
    seniors = f"{number} senior{'s' if number > 1 else ''}"
    source = f" from {', '.join(demand.from_sets)}" if demand.from_sets else ""
    return f"{seniors}{source}{' with a passkey' if demand.step_up else ''}"


def _eligible(unmet: tuple[Demand, ...], met: dict[Demand, dict[int, Record]], look: _Look) -> tuple[Actor, ...]:
    """Who could still approve what is unmet, by login."""
    found = {
        actor
        for demand in unmet
        for actor in look.people.pool(demand.from_sets)
        if actor.id not in met[demand] and look.people.rule(Act.APPROVE, actor, demand.from_sets).answer is Answer.YES
    }
    return tuple(sorted(found, key=lambda actor: (actor.login.casefold(), actor.id or 0)))


def _incomplete(unmet: tuple[Demand, ...], valid: tuple[Record, ...], look: _Look) -> tuple[str, ...]:
    """What could not be read of people and might meet what is unmet."""
    unread = {what for demand in unmet for what in look.people.unread(demand.from_sets)}
    unread |= {look.pull.pushers_unread} - {""} if unmet else set()
    unknown = {
        f"{record.statement.actor.login} {ruling.why}"
        for demand in unmet
        for record in valid
        if (ruling := look.people.rule(Act.APPROVE, record.statement.actor, demand.from_sets)).answer is Answer.UNKNOWN
    }
    return tuple(sorted(unread | unknown))
