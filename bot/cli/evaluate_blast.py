"""`evaluate blast FILE`: how well the blast radius tells dangerous real changes from harmless ones."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.table import Table

from bot.cli.corpus import judge_each
from bot.core.blast.assess import assess
from bot.core.blast.infra import Infra
from bot.core.finding import Blast, Confidence, EffectKind
from bot.core.pull import Blob, ChangedFile, FileStatus
from bot.data.infra import load_infra

HARMLESS = "harmless"
# An effect of low confidence says "cannot be told"; it raises the tier but claims nothing.
COUNTED_FROM = Confidence.MEDIUM
STATUSES = {
    "A": FileStatus.ADDED,
    "M": FileStatus.MODIFIED,
    "D": FileStatus.REMOVED,
    "R": FileStatus.RENAMED,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """One case judged. `label` is the corpus's word for the case's own file, `found` the worst effect on that file."""

    id: str
    kind: str
    label: str
    confidence: str
    why: str
    found: str
    blast: Blast

    @property
    def is_dangerous(self) -> bool:
        return self.label in set(EffectKind)

    @property
    def is_right(self) -> bool:
        return self.is_dangerous == (self.found != HARMLESS)


@dataclass(frozen=True, slots=True, kw_only=True)
class Score:
    """Dangerous or not. `exact` is the share of dangerous cases whose worst effect is the label, of those found."""

    cases: int
    precision: float
    recall: float
    f1: float
    exact: float


@click.command("blast")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--errors", is_flag=True, help="List every case judged wrongly, with the reasons found.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
def command(file: Path, *, errors: bool, as_json: bool) -> None:
    """Measure the blast radius on a labelled corpus of changes (JSON lines)."""
    outcomes = tuple(judge_cases(file))
    if as_json:
        click.echo(json.dumps(report(outcomes), indent=2))
        return
    print_report(outcomes, Console())
    if errors:
        for outcome in outcomes:
            if not outcome.is_right:
                print_error(outcome)


def judge_cases(file: Path) -> Iterator[Outcome]:
    infra = load_infra()
    return judge_each(file, lambda case: _judge(case, infra))


def _judge(case: dict[str, Any], infra: Infra) -> Outcome:
    blast = assess(files_of(case), (), infra)
    order = list(EffectKind)
    paths = {case["path"], case["old_path"]}
    counted = [one.effect for one in blast.effects if one.path in paths and one.confidence >= COUNTED_FROM]
    worst = min(counted, key=order.index, default=None)
    return Outcome(
        id=case["id"],
        kind=case["kind"],
        label=case["label"],
        confidence=case["confidence"],
        why=case["why"],
        found=worst.value if worst else HARMLESS,
        blast=blast,
    )


def files_of(case: dict[str, Any]) -> tuple[ChangedFile, ...]:
    """The case's file and those of its folder that the same commit changed."""
    main = ChangedFile(
        path=case["path"],
        old_path=case["old_path"] or case["path"],
        status=STATUSES[case["status"]],
        base=None if case["status"] == "A" else _blob(case["base_text"]),
        head=None if case["status"] == "D" else _blob(case["head_text"]),
    )
    return (main, *(_sibling(sibling) for sibling in case.get("siblings", ())))


def _sibling(sibling: dict[str, Any]) -> ChangedFile:
    base, head = _blob(sibling["base_text"]), _blob(sibling["head_text"])
    letter = "A" if base is None else "D" if head is None else "M"
    return ChangedFile(path=sibling["path"], old_path=sibling["path"], status=STATUSES[letter], base=base, head=head)


def _blob(text: str | None) -> Blob | None:
    return None if text is None else Blob(sha="", mode="", size=len(text.encode()), text=text)


def score(outcomes: Iterable[Outcome]) -> Score:
    """Without a single find or a single dangerous case the shares are 1: nothing was wrong."""
    counts: Counter[tuple[bool, bool]] = Counter()
    exact = cases = 0
    for outcome in outcomes:
        cases += 1
        counts[outcome.is_dangerous, outcome.found != HARMLESS] += 1
        exact += outcome.is_dangerous and outcome.found == outcome.label
    right, missed, wrong = counts[True, True], counts[True, False], counts[False, True]
    precision = right / (right + wrong) if right + wrong else 1.0
    recall = right / (right + missed) if right + missed else 1.0
    f1 = 2 * precision * recall / (precision + recall) if precision + recall else 0.0
    return Score(
        cases=cases,
        precision=precision,
        recall=recall,
        f1=f1,
        exact=exact / (right + missed) if right + missed else 1.0,
    )


def report(outcomes: tuple[Outcome, ...]) -> dict[str, Any]:
    """All figures as one JSON-able value."""
    return {
        "all": _figures(score(outcomes)),
        "high": _figures(score(outcome for outcome in outcomes if outcome.confidence == "high")),
        "labels": {
            label: dict(sorted(Counter(outcome.found for outcome in outcomes if outcome.label == label).items()))
            for label in sorted({outcome.label for outcome in outcomes})
        },
        "kinds": {kind: _figures(score(group)) for kind, group in _by_kind(outcomes)},
    }


def _figures(result: Score) -> dict[str, float]:
    return {
        "cases": result.cases,
        "precision": round(result.precision, 3),
        "recall": round(result.recall, 3),
        "f1": round(result.f1, 3),
        "exact": round(result.exact, 3),
    }


def _by_kind(outcomes: tuple[Outcome, ...]) -> Iterator[tuple[str, tuple[Outcome, ...]]]:
    for kind in sorted({outcome.kind for outcome in outcomes}):
        yield kind, tuple(outcome for outcome in outcomes if outcome.kind == kind)


def print_report(outcomes: tuple[Outcome, ...], console: Console) -> None:
    figures = report(outcomes)
    scores = Table(title="dangerous or not")
    for column in ("", "cases", "precision", "recall", "f1", "exact label"):
        scores.add_column(column)
    for name, row in (("all", figures["all"]), ("high confidence", figures["high"]), *figures["kinds"].items()):
        scores.add_row(name, str(row["cases"]), *(f"{row[key]:.3f}" for key in ("precision", "recall", "f1", "exact")))
    console.print(scores)
    found = [*EffectKind, HARMLESS]
    labels = Table(title="found (across) by label (down)")
    for column in ("", *found):
        labels.add_column(column)
    for label, row in figures["labels"].items():
        labels.add_row(label, *(str(row.get(name, "")) for name in found))
    console.print(labels)


def print_error(outcome: Outcome) -> None:
    click.echo(
        f"{outcome.id} {outcome.kind} {outcome.confidence}: {outcome.label}, found {outcome.found}: {outcome.why}"
    )
    for effect in outcome.blast.effects:
        click.echo(f"    {effect.effect} {effect.address} {effect.path}:{effect.line} {effect.reason} [{effect.rule}]")
