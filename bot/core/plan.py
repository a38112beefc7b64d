"""The fewest writes that make GitHub show a decision; planning twice plans nothing."""

from __future__ import annotations

from collections.abc import Iterator

from bot.core.answers import answer, skipped_reply
from bot.core.approval.debts import broken_glasses
from bot.core.approval.records import Act, Method, Record
from bot.core.approval.undoing import undid_nothing
from bot.core.decision import Decision, Verdict
from bot.core.finding import Strength
from bot.core.history import Facts
from bot.core.policy.model import Policy, ReviewRequest
from bot.core.pull import PullState
from bot.core.render import check_run
from bot.core.writes import AddLabel, PostCheck, React, Reaction, RemoveLabel, Reply, RequestReview, Write

AI_LABEL = "ai-assisted"
WAITING_LABEL = "needs-senior-approval"

# What a comment can ask for; the other acts come from events and are answered by nothing but the check.
_COMMANDS = frozenset(
    {Act.APPROVE, Act.REVOKE, Act.BLOCK, Act.UNBLOCK, Act.DECLARE_AI, Act.DECLARE_HUMAN}
    | {Act.DISPUTE, Act.BREAK_GLASS, Act.STATUS, Act.RECHECK, Act.MALFORMED},
)


def plan(
    decision: Decision, facts: Facts, policy: Policy | None, records: tuple[Record, ...], details_url: str
) -> tuple[Write, ...]:
    """What to write, the check run first: a crash half-way must not leave an answer without its verdict.
    Where nothing can merge any more, commands are still answered.

    `policy` is None when it could not be used; then nobody is asked and no label is touched.
    `records` are all of this pull request's, the new ones included.
    """
    if facts.pull.state is not PullState.OPEN:
        return tuple(_answers(decision, facts, records))
    writes: list[Write] = [*_check(decision, facts, details_url)]
    if policy is not None:
        writes += [*_review_request(decision, facts, policy), *_labels(decision, facts, policy)]
    return (*writes, *_answers(decision, facts, records), *_tell_skipped(decision, facts, records))


def _check(decision: Decision, facts: Facts, details_url: str) -> Iterator[Write]:
    wanted = check_run(decision, facts.pull, details_url)
    stands = facts.posted.check
    if (
        stands is None
        or stands.head_sha != wanted.head_sha
        or stands.name != wanted.name
        or stands.external_id != wanted.external_id
        or stands.conclusion != wanted.conclusion.value
    ):
        yield PostCheck(check=wanted)


def _review_request(decision: Decision, facts: Facts, policy: Policy) -> Iterator[Write]:
    if decision.verdict is not Verdict.PENDING or facts.pull.draft:
        return
    match policy.review_request:
        case ReviewRequest.NONE:
            return
        case ReviewRequest.TEAM:
            yield from _request_team(decision, facts, policy)
        case ReviewRequest.ONE:
            yield from _request_one(decision, facts)


def _request_one(decision: Decision, facts: Facts) -> Iterator[Write]:
    """The least loaded eligible person, unless one is or was asked, or has reviewed, at this head.

    Whoever takes a request back is not overruled: nobody is asked twice for the same state.
    """
    candidates = [
        actor
        for actor in decision.approvals.eligible
        if _fold(actor.login) not in _folded(facts.posted.refused_reviewers)
    ]
    asked = _folded(facts.posted.requested | facts.posted.asked_reviewers)
    if any(_fold(actor.login) in asked or actor.id in _reviewers(facts) for actor in candidates):
        return
    load = facts.roster.open_requests
    for actor in sorted(candidates, key=lambda actor: (load.get(_fold(actor.login), 0), _fold(actor.login)))[:1]:
        yield RequestReview(number=facts.pull.number, login=actor.login)


def _request_team(decision: Decision, facts: Facts, policy: Policy) -> Iterator[Write]:
    """The teams that the unmet demands name, else all senior teams; only the organisation's own can be asked."""
    named = {name for demand in decision.requirement.demands for name in demand.from_sets if "/" in name}
    owner = f"{_fold(facts.pull.repository.owner)}/"
    slugs = [name.removeprefix(owner) for name in sorted(named or set(policy.seniors.teams)) if name.startswith(owner)]
    posted = facts.posted
    asked = _folded(posted.requested_teams | posted.refused_reviewers | posted.asked_reviewers)
    if reviewed_by_eligible(decision, facts):
        return
    for slug in slugs:
        if slug not in asked:
            yield RequestReview(number=facts.pull.number, team=slug)


def reviewed_by_eligible(decision: Decision, facts: Facts) -> bool:
    """GitHub drops a request once somebody reviewed; asking again would ask for ever."""
    return any(actor.id in _reviewers(facts) for actor in decision.approvals.eligible)


def _reviewers(facts: Facts) -> set[int | None]:
    """Who has reviewed the present head."""
    return {review.author.id for review in facts.pull.reviews if review.commit_sha == facts.pull.head_sha}


def _labels(decision: Decision, facts: Facts, policy: Policy) -> Iterator[Write]:
    if not policy.labels:
        return
    wanted = {
        AI_LABEL: decision.provenance.level >= Strength.STRONG,
        WAITING_LABEL: decision.verdict in (Verdict.PENDING, Verdict.BLOCKED),
    }
    for label, stands in wanted.items():
        if stands and label not in facts.posted.labels:
            yield AddLabel(number=facts.pull.number, label=label)
        # The label of a finding is never taken away: labels are evidence that people may have set.
        if not stands and label == WAITING_LABEL and label in facts.posted.labels:
            yield RemoveLabel(number=facts.pull.number, label=label)


def _answers(decision: Decision, facts: Facts, records: tuple[Record, ...]) -> Iterator[Write]:
    """A reaction for each command that did or was refused something, a sentence where more is to say; none twice."""
    for record in records:
        statement = record.statement
        if statement.act not in _COMMANDS or statement.method not in (Method.COMMENT, Method.BUTTON):
            continue
        if statement.method is Method.COMMENT and not undid_nothing(record, records):
            yield from _reaction(record, facts)
        body = answer(record, decision, records)
        if body and statement.id not in facts.posted.replied:
            yield Reply(number=facts.pull.number, key=statement.id, body=body)


def _reaction(record: Record, facts: Facts) -> Iterator[Write]:
    comment_id = int(record.statement.reference.rpartition(":")[2])
    if comment_id not in facts.posted.reacted:
        yield React(comment_id=comment_id, reaction=Reaction.THUMBS_DOWN if record.refusal else Reaction.THUMBS_UP)


def _tell_skipped(decision: Decision, facts: Facts, records: tuple[Record, ...]) -> Iterator[Write]:
    """One reply to each broken glass, once."""
    for glass in broken_glasses(records, facts.pull):
        key = f"{glass.statement.id}:skipped"
        if key not in facts.posted.replied:
            yield Reply(number=facts.pull.number, key=key, body=skipped_reply(glass, decision))


def _fold(login: str) -> str:
    return login.casefold()


def _folded(logins: frozenset[str]) -> set[str]:
    return {_fold(login) for login in logins}
