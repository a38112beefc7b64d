"""The sentences about a policy that a pull request proposes: its faults, or what it would change."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from bot.core.decision import Decision, Difference, Preview, Requirement, Setting
from bot.core.markdown import code, code_cell

# A reader stops long before.
ROWS_SHOWN = 25

_COLUMNS = ("AI involvement", "tier", "effect", "paths")


def proposed_fault(decision: Decision) -> str:
    """The first fault in one sentence without Markdown; "" when there is none."""
    errors = decision.preview.errors if decision.preview else ()
    return f"The proposed policy cannot be used: {errors[0].faults[0].message}" if errors else ""


def preview_section(decision: Decision) -> str:
    """What the pull request makes of the policy; "" when it leaves it alone."""
    preview = decision.preview
    if preview is None:
        return ""
    lines = list(_faults(preview)) or list(_changes(preview, decision.requirement))
    return "\n".join(["### The policy as proposed", "", *lines])


def _faults(preview: Preview) -> Iterator[str]:
    for error in preview.errors:
        yield f"After the merge {code(error.source)} could not be used, and every gate under it would be shut:"
        yield ""
        for fault in error.faults[:ROWS_SHOWN]:
            yield f"- line {fault.line}, column {fault.column}: {code(fault.message)}"


def _changes(preview: Preview, now: Requirement) -> Iterator[str]:
    if preview.then is None:
        yield "It can be read; what it would change cannot be told while the policy in force cannot be used."
        return
    yield "The policy in force judges this pull request, whatever it proposes. After the merge:"
    yield ""
    yield from _table(preview.differences)
    for setting in preview.settings[:ROWS_SHOWN]:
        yield _setting(setting)
    if not preview.differences:
        yield "- every kind of change would be asked what it is asked now"
    yield f"- this very pull request would be asked {_asked(preview.then)}; it is asked {_asked(now)}"


def _table(rows: Sequence[Difference]) -> Iterator[str]:
    """Columns that tell nothing apart are left out."""
    if not rows:
        return
    cells = [(row.involvement, row.tier, row.effect, row.paths) for row in rows]
    kept = [place for place in range(len(_COLUMNS)) if any(row[place] != "any" for row in cells)]
    yield "| " + " | ".join([*(_COLUMNS[place] for place in kept), "asked now", "would be asked"]) + " |"
    yield "|---" * (len(kept) + 2) + "|"
    for row, words in list(zip(rows, cells, strict=True))[:ROWS_SHOWN]:
        less = "**less:** " if row.asks_less else ""
        shown = [*(code_cell(words[place]) for place in kept), code_cell(row.now), less + code_cell(row.then)]
        yield "| " + " | ".join(shown) + " |"
    yield ""
    if len(rows) > ROWS_SHOWN:
        yield f"- and {len(rows) - ROWS_SHOWN} more kinds of change"


def _setting(setting: Setting) -> str:
    return f"- {code(setting.key)}: now {code(setting.now)}, then {code(setting.then)}"


def _asked(requirement: Requirement) -> str:
    if not requirement.demands:
        return "nothing"
    seniors = f"{requirement.seniors} senior{'s' if requirement.seniors > 1 else ''}"
    return f"{seniors} by {', '.join(code(rule) for rule in requirement.rules[:ROWS_SHOWN])}"
