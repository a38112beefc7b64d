"""A judged history on the terminal and as a JSON document."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from bot.core.markdown import plain
from bot.core.tally import Backtest, Case

SHOWN = 10
_BAR = 24


def backtest_document(done: Backtest) -> dict[str, object]:
    """Plain values only, ready for `json.dumps`; times in ISO 8601, UTC."""
    tally = done.tally
    return {
        "repository": done.name,
        "policy": done.policy_source,
        "selected": done.selected,
        "judged": tally.judged,
        "passed_over": done.passed_over,
        "failed": [{"sha": sha, "reason": reason} for sha, reason in done.failed],
        "interrupted": done.interrupted,
        "seconds": round(done.seconds, 3),
        "first": iso(tally.first_landed_at),
        "last": iso(tally.last_landed_at),
        "asked": tally.asked,
        "share": round(tally.share, 4),
        "broken": tally.broken,
        "approvals": tally.approvals,
        "approvals_per_week": round(tally.approvals_per_week, 2),
        "by_verdict": dict(tally.by_verdict),
        "by_tier": dict(tally.by_tier),
        "by_level": dict(tally.by_level),
        "by_rule": dict(tally.by_rule),
        "by_agent": dict(tally.by_agent),
        "by_effect": dict(tally.by_effect),
        "worst": [_case(case) for case in tally.worst],
    }


def backtest_report(done: Backtest) -> RenderableType:
    """The share asked and its cost first, then why, then the worst changes."""
    tally = done.tally
    headline = Text.assemble(
        (f"{tally.asked} of {tally.judged} changes ", "bold"),
        (f"({tally.share:.0%}) would have waited for somebody", "bold"),
        f": {tally.approvals} approvals, {tally.approvals_per_week:.1f} a week\n",
        (f"{plain(done.name)}, {iso(tally.first_landed_at)[:10]} to {iso(tally.last_landed_at)[:10]}, ", "dim"),
        (f"policy {plain(done.policy_source)}\n{done.coverage}\n", "dim"),
    )
    counts = [
        ("Rule", tally.by_rule),
        ("Blast radius", tally.by_tier),
        ("Effect", tally.by_effect),
        ("AI involvement", tally.by_level),
        ("Tool", tally.by_agent),
        ("Verdict", tally.by_verdict),
    ]
    bars = [_bars(name, rows, tally.judged) for name, rows in counts if rows]
    return Group(headline, *bars, _worst(tally.worst[:SHOWN]))


def iso(seconds: int) -> str:
    """Unix seconds as ISO 8601; commits may claim any time, and what no calendar holds is shown as the epoch."""
    try:
        moment = datetime.fromtimestamp(seconds, UTC)
    except (ValueError, OverflowError, OSError):
        moment = datetime.fromtimestamp(0, UTC)
    return moment.isoformat().replace("+00:00", "Z")


def name_of(case: Case) -> str:
    """How a reader finds the change: its pull request's number, else its commit."""
    return f"#{case.number}" if case.number is not None else case.sha[:10]


def _case(case: Case) -> dict[str, object]:
    decision = case.decision
    return {
        "sha": case.sha,
        "number": case.number,
        "subject": case.subject,
        "landed": iso(case.landed_at),
        "verdict": decision.verdict.value,
        "title": case.sentence,
        "tier": decision.blast.tier.word,
        "level": decision.provenance.level.word,
        "seniors": decision.requirement.seniors,
        "rules": list(decision.requirement.rules),
        "effects": len(decision.blast.effects),
    }


def _bars(name: str, rows: Mapping[str, int], judged: int) -> RenderableType:
    table = Table.grid(padding=(0, 2))
    table.add_column(width=24, overflow="ellipsis", no_wrap=True)
    table.add_column(justify="right", width=6)
    table.add_column()
    for label, count in rows.items():
        table.add_row(Text(plain(label)), Text(str(count)), Text("█" * _length(count, judged), style="cyan"))
    return Group(Text(name, style="bold"), table, Text(""))


def _length(count: int, judged: int) -> int:
    return max(1, round(_BAR * count / judged)) if count else 0


def _worst(cases: tuple[Case, ...]) -> RenderableType:
    if not cases:
        return Text("")
    table = Table.grid(padding=(0, 2))
    table.add_column(style="bold", no_wrap=True)
    table.add_column(no_wrap=True)
    table.add_column(style="red", no_wrap=True)
    table.add_column(overflow="fold")
    for case in cases:
        tier = case.decision.blast.tier.word
        cells = name_of(case), iso(case.landed_at)[:10], tier, f"{case.subject}: {case.sentence}"
        table.add_row(*(Text(plain(cell, 300)) for cell in cells))
    return Group(Text("Worst", style="bold"), table)
