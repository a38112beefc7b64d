"""The comments that the gate answers with: to a command, a button, and a broken glass."""

from __future__ import annotations

from bot.core.approval.records import Act, Method, Record
from bot.core.approval.undoing import undid_nothing
from bot.core.decision import Decision
from bot.core.markdown import code, login
from bot.core.render import status_reply

NAMES_CALLED = 3
NAMES_SHOWN = 25

_NOTHING_UNDONE = {
    Act.REVOKE: "There was nothing to withdraw: no approval of yours stood here.",
    Act.UNBLOCK: "There was nothing to lift: no block stood here.",
}


def skipped_reply(glass: Record, decision: Decision) -> str:
    """The one answer to a broken glass: it tells those whom it passed over. At most three are called by name."""
    skipped = [actor.login for actor in decision.approvals.eligible]
    names = [*(f"@{name}" for name in skipped[:NAMES_CALLED]), *(login(name) for name in skipped[NAMES_CALLED:])]
    more = f" and {len(names) - NAMES_SHOWN} more" if len(names) > NAMES_SHOWN else ""
    told = f"{', '.join(names[:NAMES_SHOWN])}{more}" if names else "nobody who could have approved it is known"
    head = glass.binding.head_sha if glass.binding else ""
    who = login(glass.statement.actor.login)
    return (
        f"**The glass was broken** by {who} for commit {code(head[:12])}: "
        f"{code(glass.statement.argument, 300)}\n\n"
        f"Passed over: {told}. One of them owes this commit a review: read it, then comment "
        f"`/approve-ai {head[:12]}`, also after the merge. Until then {who} cannot break another."
    )


def answer(record: Record, decision: Decision, records: tuple[Record, ...]) -> str:
    """The sentence that answers a command or a button; "" where the reaction says it all.

    `records` are all of the pull request's.
    """
    statement = record.statement
    if record.refusal:
        pressed = f"{login(statement.actor.login)} pressed a button. " if statement.method is Method.BUTTON else ""
        return f"{pressed}{record.refusal}{_whom_to_ask(record, decision)}"
    if undid_nothing(record, records):
        return _NOTHING_UNDONE[statement.act]
    if statement.act is Act.UNBLOCK:
        return _still_blocked(decision)
    return status_reply(decision) if statement.act is Act.STATUS else ""


def _still_blocked(decision: Decision) -> str:
    """Of two who have to lift a block the first learns that the second is missing."""
    setters = [login(block.statement.actor.login) for block in decision.approvals.blocked_by[:NAMES_SHOWN]]
    if not setters:
        return ""
    return (
        f"Noted. The block of {', '.join(setters)} still stands: one more senior who did not contribute, or whoever "
        "set it, has to lift it."
    )


def _whom_to_ask(record: Record, decision: Decision) -> str:
    """The next step for somebody who may not approve this change."""
    eligible = decision.approvals.eligible
    is_one = any(actor.id == record.statement.actor.id for actor in eligible)
    if record.statement.act is not Act.APPROVE or is_one or not eligible:
        return ""
    return f" Ask a senior who did not contribute: {', '.join(login(actor.login) for actor in eligible[:NAMES_SHOWN])}."
