"""Whether a command that undoes something found anything to undo; only the answer to it rests on this."""

from __future__ import annotations

from bot.core.approval.exceptions import OTHERS_TO_LIFT
from bot.core.approval.records import Act, Record

_TAKES_BACK = frozenset({Act.REVOKE, Act.CHANGES_REQUESTED})


def undid_nothing(record: Record, records: tuple[Record, ...]) -> bool:
    """Of `records`, the pull request's accepted ones, nothing stood that an accepted `record` could withdraw or lift.

    GitHub tells whole seconds: of two acts in one second the earlier is taken to have stood.
    """
    earlier = tuple(
        one
        for one in records
        if not one.refusal and one is not record and one.statement.said_at <= record.statement.said_at
    )
    if record.refusal or record.statement.act not in (Act.REVOKE, Act.UNBLOCK):
        return False
    if record.statement.act is Act.REVOKE:
        return not any(_is_own_approval(one, record) and not _taken_back(one, record, earlier) for one in earlier)
    return not any(one.statement.act is Act.BLOCK and not _lifted(one, record, earlier) for one in earlier)


def _is_own_approval(one: Record, revoke: Record) -> bool:
    return one.statement.act is Act.APPROVE and one.statement.actor.id == revoke.statement.actor.id


def _taken_back(approval: Record, revoke: Record, earlier: tuple[Record, ...]) -> bool:
    return any(
        one.statement.act in _TAKES_BACK
        and one.statement.actor.id == approval.statement.actor.id
        and approval.statement.said_at <= one.statement.said_at < revoke.statement.said_at
        for one in earlier
    )


def _lifted(block: Record, unblock: Record, earlier: tuple[Record, ...]) -> bool:
    lifters = {
        one.statement.actor.id
        for one in earlier
        if one.statement.act is Act.UNBLOCK
        and block.statement.said_at < one.statement.said_at < unblock.statement.said_at
    }
    return block.statement.actor.id in lifters or len(lifters) >= OTHERS_TO_LIFT
