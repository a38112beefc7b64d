"""The check run on the commit that a merge queue made of several pull requests."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from bot.core.decision import Decision
from bot.core.render import check_name, summary, title, with_id
from bot.core.writes import CheckRun


def group_check_run(
    decision: Decision, base_ref: str, head_sha: str, numbers: Sequence[int], details_url: str
) -> CheckRun:
    """The check run on the commit that a merge queue made of the pull requests `numbers`.

    Without lines and buttons: those belong to the pull requests, where somebody can still act on them.
    """
    told = ", ".join(f"#{number}" for number in numbers) or "nothing that could be told"
    note = f"This merge group holds {told}. Each was judged afresh; the strictest result counts"
    noted = replace(decision, notes=(*decision.notes, note))
    shown = CheckRun(
        name=check_name(base_ref),
        head_sha=head_sha,
        conclusion=noted.conclusion,
        title=title(noted),
        summary=summary(noted, details_url),
        annotations=(),
        buttons=(),
        details_url=details_url,
        external_id="",
    )
    return with_id(shown, "group")
