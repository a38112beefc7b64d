"""The judgement of a local range as a short report on the terminal."""

from __future__ import annotations

from collections.abc import Sequence

from rich.console import Console, Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from bot.core.decision import Decision, Demand, Preview, Verdict
from bot.core.finding import Effect, Evidence, Side, Tier
from bot.core.markdown import plain
from bot.core.pull import PullRequest
from bot.core.render import title, tool_name

SHOWN = 15
# A pipe has no width; long paths stay on one line.
_WIDTH_IN_A_PIPE = 160

_FACE = {
    Verdict.CLEAR: ("✔", "bold green"),
    Verdict.APPROVED: ("✔", "bold green"),
    Verdict.PENDING: ("●", "bold yellow"),
    Verdict.BLOCKED: ("✖", "bold red"),
    Verdict.BROKEN: ("✖", "bold red"),
}
_TIER_STYLE = {
    Tier.NONE: "green",
    Tier.LOW: "green",
    Tier.MEDIUM: "yellow",
    Tier.HIGH: "red",
    Tier.CRITICAL: "bold red",
}


def console(*, stderr: bool = False) -> Console:
    """Colours on a terminal, plain text in a pipe."""
    probe = Console(stderr=stderr, highlight=False)
    return probe if probe.is_terminal else Console(stderr=stderr, highlight=False, width=_WIDTH_IN_A_PIPE)


def report(decision: Decision, pull: PullRequest, notices: Sequence[str]) -> RenderableType:
    """Verdict, why this tier, the evidence, what would be asked, and what was not read."""
    sections = [
        _headline(decision, pull),
        _section("Blast radius", decision.blast.tier.word, _blast(decision), _TIER_STYLE[decision.blast.tier]),
        _section("AI involvement", decision.provenance.level.word, _evidence(decision), "cyan"),
        _section("Asked", _asked(decision), _demands(decision.requirement.demands), ""),
        _list("Not read", tuple(dict.fromkeys((*decision.incomplete, *decision.blast.incomplete))), "red"),
        _list("Policy faults", [f"{f.line}:{f.column} {f.message}" for f in decision.faults], "red"),
        *(_preview(decision.preview) if decision.preview else ()),
        Text("\n".join(_plain(notice) for notice in (*decision.notes, *notices)), style="dim"),
    ]
    return Group(*(section for section in sections if section))


def _headline(decision: Decision, pull: PullRequest) -> Text:
    mark, style = _FACE[decision.verdict]
    commits, files = _count(len(pull.commits), "commit"), _count(len(pull.files), "file")
    head = f"{pull.head_ref} {pull.head_sha[:12]}".strip()
    place = f"{pull.repository.name}: {commits} and {files} from {pull.merge_base[:12]} to {head}"
    return Text.assemble(
        (f"{mark} {decision.verdict.value} ", style),
        (f"{_plain(title(decision))}\n", "bold"),
        (f"{_plain(place)}, policy {_plain(decision.policy_source)}\n", "dim"),
    )


def _section(name: str, word: str, body: RenderableType | None, style: str) -> RenderableType:
    heading = Text.assemble((f"{name}: ", "bold"), (word, style))
    return Group(heading, Padding(body, (0, 0, 1, 2), expand=False) if body else Text(""))


def _blast(decision: Decision) -> RenderableType:
    blast = decision.blast
    lines = [line for effect in blast.effects[:SHOWN] for line in _effect_lines(effect)]
    left = len(blast.effects) - SHOWN
    if left > 0:
        lines.append(Text(f"and {left} more", style="dim"))
    # Effects come with their own reasons; where there are none, the tier needs one.
    reasons = () if blast.effects else blast.reasons[:SHOWN]
    kinds = ", ".join(f"{kind.kind} ({_count(len(kind.paths), 'file')})" for kind in blast.kinds)
    plain_lines = (*reasons, f"touches {kinds}" if kinds else "no infrastructure touched")
    return Group(*lines, *(Text(_plain(line), style="dim") for line in plain_lines))


def _effect_lines(effect: Effect) -> tuple[RenderableType, ...]:
    place = effect.path if effect.line is None else f"{effect.path}:{effect.line}"
    before = " (before)" if effect.side is Side.BASE and effect.line is not None else ""
    headline = Text.assemble((effect.effect.value, "red"), " ", (_plain(effect.address), "bold"))
    return headline, Padding(
        Text.assemble((_plain(place) + before, "cyan"), ": ", _plain(effect.reason), (_known(effect), "dim")),
        (0, 0, 0, 2),
        expand=False,
    )


def _known(effect: Effect) -> str:
    return " (from the plan)" if effect.plan else ""


def _evidence(decision: Decision) -> RenderableType | None:
    if not decision.provenance.evidence:
        return Text("none disclosed; only what tools and people disclose can be seen", style="dim")
    # A series of commits repeats its trailers, and one line may be a sign by several rules: one row for each text,
    # by its strongest rule, at its first place.
    signs: dict[str, tuple[Evidence, dict[str, None]]] = {}
    for found in decision.provenance.evidence:
        signs.setdefault(found.text, (found, {}))[1][found.where] = None
    rows = [
        (f"{found.strength.word}, {found.involvement.value}", tool_name(found.agent), text, _places(tuple(places)))
        for text, (found, places) in signs.items()
    ]
    table = _grid(rows[:SHOWN], ("", "bold", "", "cyan"))
    left = len(rows) - SHOWN
    return Group(table, Text(f"and {left} more", style="dim")) if left > 0 else table


def _places(places: Sequence[str]) -> str:
    return places[0] if len(places) == 1 else f"{places[0]} and {len(places) - 1} more"


def _asked(decision: Decision) -> str:
    requirement = decision.requirement
    parts = [_count(requirement.seniors, "senior")] if requirement.demands else []
    parts += ["the author's word on AI use"] if requirement.declaration else []
    parts += ["a Terraform plan"] if requirement.plan else []
    return " and ".join(parts) or "nothing"


def _demands(demands: Sequence[Demand]) -> RenderableType | None:
    rows = [
        (
            _count(demand.seniors, "senior"),
            f"from {', '.join(demand.from_sets)}" if demand.from_sets else "any",
            "with a passkey" if demand.step_up else "",
            f"rule: {demand.rule}",
        )
        for demand in demands
    ]
    return _grid(rows, ("", "", "", "dim")) if rows else None


def _preview(preview: Preview) -> tuple[RenderableType | None, ...]:
    """What the range makes of the policy, in the words of the check run."""
    faults = [f"{one.source}:{f.line}:{f.column} {f.message}" for one in preview.errors for f in one.faults]
    rows = [
        f"{row.involvement} involvement, tier {row.tier}, effect {row.effect}, paths {row.paths}: "
        f"now {row.now}, then {row.then}{' (less)' if row.asks_less else ''}"
        for row in preview.differences
    ]
    keys = [f"{setting.key}: now {setting.now}, then {setting.then}" for setting in preview.settings]
    return _list("Faults of the proposed policy", faults, "red"), _list("The proposed policy", (*rows, *keys), "")


def _list(name: str, items: Sequence[str], style: str) -> RenderableType | None:
    if not items:
        return None
    left = len(items) - SHOWN
    lines = [*map(_plain, items[:SHOWN]), *([f"and {left} more"] if left > 0 else [])]
    return _section(name, str(len(items)), Text("\n".join(lines)), style)


def _grid(rows: Sequence[tuple[str, ...]], styles: tuple[str, ...]) -> Table:
    grid = Table.grid(padding=(0, 2))
    for style in styles:
        grid.add_column(style=style, overflow="fold")
    for row in rows:
        grid.add_row(*(Text(_plain(cell)) for cell in row))
    return grid


def _plain(text: str) -> str:
    """Outside text without control characters: a file's name must not steer the reader's terminal."""
    return plain(text, 300)


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" + ("" if number == 1 else "s")
