"""The one comment that a broken glass is answered with."""

from __future__ import annotations

from bot.core.approval.records import Record
from bot.core.decision import Decision
from bot.core.markdown import code, login

NAMES_CALLED = 3
NAMES_SHOWN = 25


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
