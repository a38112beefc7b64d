"""Binds what a person said to exactly the change that they saw, or refuses it with a sentence."""

from __future__ import annotations

from itertools import takewhile

from bot.core.approval.debts import Debt, owed_reviews
from bot.core.approval.digest import approval_digest
from bot.core.approval.eligibility import YES, Answer, Authority, Ruling, authority
from bot.core.approval.records import Act, Binding, Method, Record, Sighting, Statement
from bot.core.markdown import login
from bot.core.policy.model import Policy
from bot.core.pull import PullRequest, PullState
from bot.core.roster import Roster

# A person reads the page some time before they comment; a head that came this close may not be what they saw.
UNSURE_SECONDS = 30
SHORTEST_SHA = 12

_ABOUT_A_HEAD = frozenset({Act.APPROVE, Act.DISPUTE, Act.BREAK_GLASS})


def bind(
    statement: Statement,
    *,
    present: Binding,
    pull: PullRequest,
    sightings: tuple[Sighting, ...],
    policy: Policy,
    roster: Roster,
    records: tuple[Record, ...],
    now: int,
    debts: tuple[Debt, ...] = (),
) -> Record | None:
    """The record of `statement`: bound to `present`, or refused with the sentence to answer.

    None while a fact about the person could not be read: the statement stays unbound and is tried again; as it binds
    to nothing but the head that its author saw, waiting cannot make it mean more. `records` are the earlier ones,
    `debts` the reviews owed in other pull requests.
    """
    people = authority(policy, roster, pull)
    ruling = people.rule(statement.act, statement.actor)
    why = _misplaced(statement, pull, owed_reviews(records, pull)) or _unseen(statement, present, pull, sightings)
    if not why and Answer.UNKNOWN in (ruling.answer, _of_independence(statement, people, records).answer):
        return None
    if not why and ruling.answer is Answer.NO:
        why = f"Not accepted: {login(statement.actor.login)} {ruling.why}."
    owed = (*owed_reviews(records, pull), *debts)
    why = (
        why
        or _spent(statement, present, records)
        or _in_debt(statement, pull, owed)
        or _not_theirs(statement, people, records)
    )
    return Record(statement=statement, binding=None if why else present, refusal=why, recorded_at=now)


def _misplaced(statement: Statement, pull: PullRequest, owed: tuple[Debt, ...]) -> str:
    """Why the statement is not about this pull request as it stands; withdrawing acts always are.

    What was merged can still be approved: a deployment may wait for it. Of one that was closed otherwise an approval
    can only pay what is owed for its last head.
    """
    if (statement.repository_id, statement.number) != (pull.repository.id, pull.number):
        return "This was said of another pull request."
    if statement.act.withdraws:
        return ""
    if statement.act is Act.MALFORMED:
        return statement.argument
    useful = pull.state is PullState.MERGED or any(debt.head_sha == pull.head_sha for debt in owed)
    if pull.state is not PullState.OPEN and not (statement.act is Act.APPROVE and useful):
        return "This pull request is not open."
    if statement.method is Method.COMMENT and any(
        comment.edited and statement.reference == f"comment:{comment.id}" for comment in pull.comments
    ):
        return "An edited comment commands nothing: write a new one."
    return ""


def _unseen(statement: Statement, present: Binding, pull: PullRequest, sightings: tuple[Sighting, ...]) -> str:
    """Why it is not certain that the statement is about the present head; "" when it is, or need not be."""
    if statement.act not in _ABOUT_A_HEAD:
        return ""
    if pull.head_sha != present.head_sha or pull.base_ref != present.base_ref:
        return "The head moved while this was read: look again and repeat it."
    if statement.base_ref and statement.base_ref != present.base_ref:
        return f"This was said of another base branch: look again, then {_repeat(statement, present)}."
    if statement.method is Method.STEP_UP:
        return _named(statement, present) or _signed(statement, present, pull)
    if statement.method is not Method.COMMENT:
        return _named(statement, present)
    if statement.head_sha:
        return _named(statement, present) or _based(statement, present, sightings)
    return _stood(statement, present, sightings)


def _signed(statement: Statement, present: Binding, pull: PullRequest) -> str:
    """What the passkey signed must be all that the approval would be bound to, diff and policy included."""
    if statement.seen == approval_digest(pull.repository.id, pull.number, present):
        return ""
    return "The change or its policy is no longer what the page showed: open the page anew, read it, and approve that."


def _named(statement: Statement, present: Binding) -> str:
    """A commit that the event names must be the head; a comment's may be shortened, never below 12 digits."""
    named = statement.head_sha
    is_head = named == present.head_sha
    is_prefix = statement.method is Method.COMMENT and len(named) >= SHORTEST_SHA
    if is_head or (is_prefix and present.head_sha.startswith(named)):
        return ""
    said = f"commit `{named[:SHORTEST_SHA]}`" if _is_hex(named) else "no commit"
    return f"This was said of {said}, but the head is another: look again, then {_repeat(statement, present)}."


def _based(statement: Statement, present: Binding, sightings: tuple[Sighting, ...]) -> str:
    """A comment names a commit and no base: it is about the base that was seen before it, if none came close to it."""
    moment = min(statement.said_at, statement.received_at)
    looked = [seen for seen in sightings if seen.base_ref]
    here = list(takewhile(lambda seen: seen.base_ref == present.base_ref, reversed(looked)))
    if not here or here[-1].first_seen_at > moment:
        return (
            f"The gate had not seen this base branch when this was written: look, then {_repeat(statement, present)}."
        )
    if len(here) < len(looked) and moment - here[-1].first_seen_at <= UNSURE_SECONDS:
        return f"The base branch changed within half a minute of this comment: {_repeat(statement, present)}."
    return ""


def _stood(statement: Statement, present: Binding, sightings: tuple[Sighting, ...]) -> str:
    """A bare comment is about the head whose check stood before it, if no head came or went too close to it."""
    # Whichever of the two clocks is behind, a head is not taken to have stood earlier than it did.
    moment = min(statement.said_at, statement.received_at)
    here = (present.head_sha, present.base_ref)
    first = min(sightings, key=lambda seen: (seen.first_seen_at, seen.head_sha, seen.base_ref), default=None)
    moved = any(seen != first and abs(seen.first_seen_at - moment) <= UNSURE_SECONDS for seen in sightings)
    if moved:
        return f"The head moved within half a minute of this comment: {_repeat(statement, present)}."
    stood = [seen for seen in sightings if seen.published_at is not None and seen.published_at <= moment]
    if not stood:
        return f"The check did not stand yet when this was written: look at it, then {_repeat(statement, present)}."
    latest = max(stood, key=lambda seen: (seen.published_at or 0, seen.first_seen_at))
    if _pair(latest) != here or _came_later(latest, sightings):
        return f"Another head stood when this was written: look at this one, then {_repeat(statement, present)}."
    return ""


def _came_later(stood: Sighting, sightings: tuple[Sighting, ...]) -> bool:
    """Whether a head or base came after `stood`, though it is gone again; a replaced head has no base."""
    known = {seen.head_sha for seen in sightings if seen.first_seen_at <= stood.first_seen_at}
    return any(
        seen.first_seen_at > stood.first_seen_at and (seen.base_ref or seen.head_sha not in known) for seen in sightings
    )


def _repeat(statement: Statement, present: Binding) -> str:
    if statement.act is Act.APPROVE:
        return f"comment `/approve-ai {present.head_sha}`"
    return "repeat it"


def _pair(seen: Sighting) -> tuple[str, str]:
    return (seen.head_sha, seen.base_ref)


def _is_hex(text: str) -> bool:
    return bool(text) and set(text) <= set("0123456789abcdef")


def _spent(statement: Statement, present: Binding, records: tuple[Record, ...]) -> str:
    """The glass of one head breaks once."""
    if statement.act is Act.BREAK_GLASS and any(
        record.statement.act is Act.BREAK_GLASS
        and record.statement.id != statement.id
        and record.binding is not None
        and record.binding.head_sha == present.head_sha
        for record in records
    ):
        return "The glass was broken for this head already: it breaks once."
    return ""


def _in_debt(statement: Statement, pull: PullRequest, owed: tuple[Debt, ...]) -> str:
    """Nobody breaks a second glass before the first was made good."""
    mine = [debt for debt in owed if debt.by.id == statement.actor.id and debt.id != statement.id]
    if statement.act is not Act.BREAK_GLASS or not mine:
        return ""
    debt = mine[0]
    # Who reads this may not read that one.
    place = debt.place if debt.repository_id == pull.repository.id else "another repository"
    return (
        f"Not accepted: {login(statement.actor.login)} broke the glass before, and a senior's review of commit "
        f"`{debt.head_sha[:SHORTEST_SHA]}` in {place} is still owed. Have that reviewed, or ask somebody else."
    )


def _not_theirs(statement: Statement, people: Authority, records: tuple[Record, ...]) -> str:
    """A contributor may lift nothing but their own block."""
    ruling = _of_independence(statement, people, records)
    if ruling.answer is Answer.YES:
        return ""
    return f"Not accepted: {login(statement.actor.login)} {ruling.why}, and the block is somebody else's."


def _of_independence(statement: Statement, people: Authority, records: tuple[Record, ...]) -> Ruling:
    """Whoever lifts a block that is not their own must be able to approve the change."""
    is_own = any(
        record.statement.act is Act.BLOCK and not record.refusal and record.statement.actor.id == statement.actor.id
        for record in records
    )
    return YES if statement.act is not Act.UNBLOCK or is_own else people.rule(Act.APPROVE, statement.actor)
