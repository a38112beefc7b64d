"""What people stated, on record, about AI use: the author's declaration, and a senior's dispute of the evidence."""

from __future__ import annotations

from bot.core.approval.eligibility import Answer, authority
from bot.core.approval.records import Act, Binding, Record
from bot.core.approval.withdrawal import source_undone
from bot.core.finding import Declaration, Dispute
from bot.core.policy.model import Policy
from bot.core.provenance.declarations import declared_in
from bot.core.pull import PullRequest
from bot.core.roster import Roster


def standing_declaration(records: tuple[Record, ...], pull: PullRequest) -> Declaration:
    """`ai` once anybody said so, for good; else `human` while the author's own word stands; else silence.

    A word is a command on record, or a ticked box of the pull request's template.
    """
    boxes = declared_in(pull.body)
    accepted = [record for record in records if _is_accepted(record, pull)]
    if boxes is Declaration.AI or any(record.statement.act is Act.DECLARE_AI for record in accepted):
        return Declaration.AI
    human = any(
        record.statement.act is Act.DECLARE_HUMAN
        and record.statement.actor.id == pull.author.id
        and not source_undone(record.statement, records, pull)
        for record in accepted
    )
    return Declaration.HUMAN if human or boxes is Declaration.HUMAN else Declaration.NONE


def declared_tools(records: tuple[Record, ...], pull: PullRequest) -> tuple[str, ...]:
    """What was named after each accepted `/declare-ai`, as it was written, first said first; "" where nothing was."""
    accepted = (record.statement for record in records if _is_accepted(record, pull))
    return tuple(dict.fromkeys(said.argument for said in accepted if said.act is Act.DECLARE_AI))


def standing_dispute(
    records: tuple[Record, ...], *, present: Binding, policy: Policy, pull: PullRequest, roster: Roster
) -> Dispute | None:
    """The latest dispute that stands for this head, None when none does.

    It holds for the very head, while its author could still approve the change, and until somebody declares AI.
    """
    people = authority(policy, roster, pull)
    accepted = [record for record in records if _is_accepted(record, pull)]
    declared_at = max(
        (record.statement.said_at for record in accepted if record.statement.act is Act.DECLARE_AI), default=None
    )
    standing = [
        # Whichever clock is behind, a dispute is not taken to know what was found after it.
        Dispute(by=record.statement.actor.login, at=min(record.statement.said_at, record.statement.received_at))
        for record in accepted
        if record.statement.act is Act.DISPUTE
        and record.binding is not None
        and (record.binding.head_sha, record.binding.base_ref) == (present.head_sha, present.base_ref)
        and (declared_at is None or record.statement.said_at > declared_at)
        and not source_undone(record.statement, records, pull)
        and people.rule(Act.DISPUTE, record.statement.actor).answer is Answer.YES
    ]
    return min(standing, key=lambda dispute: (-dispute.at, dispute.by.casefold()), default=None)


def _is_accepted(record: Record, pull: PullRequest) -> bool:
    here = (pull.repository.id, pull.number)
    return not record.refusal and (record.statement.repository_id, record.statement.number) == here
