"""`evaluate markers FILE`: how well AI involvement is found in real commits or pull requests."""

from __future__ import annotations

import functools
import json
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.table import Table

from bot.cli.corpus import judge_each
from bot.cli.unlisted import evidence_unlisted
from bot.core.finding import Evidence, Strength
from bot.core.policy.model import ProvenancePolicy
from bot.core.provenance.find import find_evidence, find_in_commit
from bot.core.provenance.markers import Markers
from bot.core.provenance.weigh import counts
from bot.core.pull import Actor, ActorKind, Commit, PullRequest, PullState, Repository, Signatory, Signature
from bot.core.score import Score, score
from bot.data import load_catalogue

POLICY = ProvenancePolicy()
COMMIT_SCOPE = "commit"
LINES_SHOWN = 12
LINE_SHOWN = 240
Find = Callable[[Markers], tuple[Evidence, ...]]
See = Callable[[Find], tuple[Evidence, ...]]
UNSCORED = frozenset({"note"})
"""Evidence of a pull request that a corpus without the notes themselves cannot show."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """One judged case. `scope` tells where its evidence lies; only the scope `commit` is scored, the others listed."""

    repository: str
    name: str
    label: str
    is_ai: bool
    is_hard: bool
    scope: str
    agents: tuple[str, ...]
    why: str
    text: str
    evidence: tuple[Evidence, ...]

    @property
    def is_found(self) -> bool:
        return bool(self.deciding)

    @property
    def deciding(self) -> tuple[Evidence, ...]:
        return tuple(one for one in self.evidence if one.strength >= Strength.STRONG and counts(one, POLICY))

    @property
    def is_right(self) -> bool:
        return self.is_ai == self.is_found


@click.command("markers")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--errors", is_flag=True, help="List every case judged wrongly, with the text that misled.")
@click.option("--unlisted", is_flag=True, help="Judge each case as if nobody had listed the tools that it shows.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
def command(file: Path, *, errors: bool, unlisted: bool, as_json: bool) -> None:
    """Measure the markers on labelled commits or pull requests (JSON lines, told apart by their fields)."""
    started = time.perf_counter()
    outcomes = tuple(judge_cases(file, load_catalogue().markers, unlisted=unlisted))
    seconds = time.perf_counter() - started
    if as_json:
        click.echo(json.dumps(report(outcomes, errors=errors), indent=2, ensure_ascii=False))
        return
    print_report(outcomes, Console(), seconds)
    if errors:
        for outcome in _wrong(outcomes):
            click.echo(error_text(outcome))


def judge_cases(file: Path, markers: Markers, *, unlisted: bool = False) -> Iterator[Outcome]:
    """Every case of the corpus, judged in its order; with `unlisted` each without the tools that it shows."""

    def see(find: Find) -> tuple[Evidence, ...]:
        return evidence_unlisted(find, markers) if unlisted else find(markers)

    return judge_each(file, lambda case: _of_pull(case, see) if "commits" in case else _of_commit(case, see))


def _of_commit(case: Mapping[str, Any], see: See) -> Outcome:
    commit = _commit(case)
    return Outcome(
        repository=case["repo"],
        name=commit.sha[:10],
        label=case["label"],
        is_ai=case["label"] == "ai",
        is_hard=bool(case["hard"]),
        scope=case["scope"],
        agents=tuple(case["agents"] or ([case["agent"]] if case["agent"] else [])),
        why=case["why"] or "",
        text=commit.message,
        evidence=see(functools.partial(find_in_commit, commit, POLICY)),
    )


def _of_pull(case: Mapping[str, Any], see: See) -> Outcome:
    pull = _pull(case)
    is_ai = case["label"] == "ai"
    scored = not is_ai or any(kind not in UNSCORED for kind in case["evidence"])
    return Outcome(
        repository=case["repo"],
        name=f"#{case['pr']}",
        label=case["label"],
        is_ai=is_ai,
        is_hard=False,
        scope=COMMIT_SCOPE if scored else "note",
        agents=tuple(case["evidence"]),
        why=", ".join(case["evidence"]),
        text="\n".join([pull.head_ref, *(commit.message for commit in pull.commits)]),
        evidence=see(functools.partial(find_evidence, pull, POLICY)),
    )


def _commit(case: Mapping[str, Any]) -> Commit:
    return Commit(
        sha=case["sha"],
        message=case["message"],
        author=Signatory(name=case["author_name"], email=case["author_email"]),
        committer=Signatory(name=case["committer_name"], email=case["committer_email"]),
        signature=Signature(fingerprint=case["ssh_fp"], verified=False) if case["ssh_fp"] else None,
        parents=("", "") if case.get("merge") else ("",),
    )


def _pull(case: Mapping[str, Any]) -> PullRequest:
    owner, _, name = case["repo"].partition("/")
    return PullRequest(
        repository=Repository(id=0, owner=owner, name=name),
        number=case["pr"] or 0,
        author=Actor(login="", id=None, kind=ActorKind.USER),
        title="",
        body="",
        state=PullState.MERGED,
        draft=False,
        base_ref="",
        base_sha="",
        merge_base="",
        head_ref=case["head_branch"] or "",
        head_sha="",
        labels=(),
        commits=tuple(_commit(commit) for commit in case["commits"]),
        files=(),
    )


def report(outcomes: tuple[Outcome, ...], *, errors: bool = False) -> dict[str, Any]:
    """All figures as one JSON-able value; with `errors` each wrong case."""
    scored = tuple(outcome for outcome in outcomes if outcome.scope == COMMIT_SCOPE)
    found: dict[str, Any] = {
        "n": len(scored),
        **_figures(_score(scored)),
        "hard_negative_alarms": sum(one.is_hard and not one.is_ai and one.is_found for one in scored),
        "by_agent": _recalls(scored, lambda one: one.agents or ("unknown",)),
        "by_label": {label: _figures(_score(group)) for label, group in _groups(scored, lambda one: (one.label,))},
        "by_repository": {
            name: _figures(_score(group)) for name, group in _groups(scored, lambda one: (one.repository,))
        },
        "other_scopes": _recalls((one for one in outcomes if one.scope != COMMIT_SCOPE), lambda one: (one.scope,)),
    }
    if errors:
        found["errors"] = [_error(outcome) for outcome in _wrong(outcomes)]
    return found


def _score(outcomes: Iterable[Outcome]) -> Score:
    return score((outcome.is_ai, outcome.is_found) for outcome in outcomes)


def _wrong(outcomes: Iterable[Outcome]) -> Iterator[Outcome]:
    return (outcome for outcome in outcomes if outcome.scope == COMMIT_SCOPE and not outcome.is_right)


def _groups(
    outcomes: Iterable[Outcome], names: Callable[[Outcome], Iterable[str]]
) -> list[tuple[str, tuple[Outcome, ...]]]:
    """The outcomes under each of their names, sorted by name."""
    groups: dict[str, list[Outcome]] = {}
    for outcome in outcomes:
        for name in names(outcome):
            groups.setdefault(name, []).append(outcome)
    return [(name, tuple(groups[name])) for name in sorted(groups)]


def _figures(result: Score) -> dict[str, Any]:
    return {
        "precision": round(result.precision, 4),
        "recall": round(result.recall, 4),
        "f1": round(result.f1, 4),
        "true": result.true,
        "false": result.false,
        "missed": result.missed,
    }


def _recalls(outcomes: Iterable[Outcome], names: Callable[[Outcome], Iterable[str]]) -> dict[str, Any]:
    """Of the cases labelled AI under each name: how many there are, and what share of them was found."""
    found = {}
    for name, group in _groups((outcome for outcome in outcomes if outcome.is_ai), names):
        result = _score(group)
        found[name] = {"n": len(group), "found": result.true, "recall": round(result.recall, 4)}
    return found


def _error(outcome: Outcome) -> dict[str, Any]:
    return {
        "repository": outcome.repository,
        "case": outcome.name,
        "label": outcome.label,
        "why": outcome.why,
        "found": [f"{one.rule} ({one.strength.word}): {one.text}" for one in outcome.evidence],
        "text": overlooked(outcome.text) if outcome.is_ai else "",
    }


def overlooked(text: str) -> str:
    """The last LINES_SHOWN lines of a text that are not empty: signs stand at the end."""
    lines = [line for line in text.splitlines() if line.strip()]
    return "\n".join(line[:LINE_SHOWN] for line in (lines[:1] + lines[1:][-LINES_SHOWN:]))


def error_text(outcome: Outcome) -> str:
    """One wrong case for a reader: what it is, what was found, and the text that misled."""
    case = _error(outcome)
    kind = "missed" if outcome.is_ai else "false alarm"
    parts = [f"{kind}: {case['repository']} {case['case']} ({case['label']}) {case['why']}"]
    parts += [f"    found {line}" for line in case["found"]]
    parts += [f"    | {line}" for line in case["text"].splitlines()]
    return "\n".join(parts)


def print_report(outcomes: tuple[Outcome, ...], console: Console, seconds: float) -> None:
    """Tables for a reader."""
    figures = report(outcomes)
    per_second = len(outcomes) / seconds if seconds else 0.0
    console.print(
        f"{figures['n']} cases: precision {figures['precision']:.4f}, recall {figures['recall']:.4f}, "
        f"F1 {figures['f1']:.4f}; hard negatives alarmed {figures['hard_negative_alarms']}; "
        f"{per_second:,.0f} cases a second",
    )
    for title, key in (("by agent", "by_agent"), ("other scopes, not scored", "other_scopes")):
        table = Table("", "cases", "found", "recall", title=title)
        for name, row in figures[key].items():
            table.add_row(name, str(row["n"]), str(row["found"]), f"{row['recall']:.3f}")
        console.print(table)
    table = Table("", "true", "false", "missed", "precision", "recall", title="by repository")
    for name, row in figures["by_repository"].items():
        counted = (str(row[key]) for key in ("true", "false", "missed"))
        table.add_row(name, *counted, f"{row['precision']:.3f}", f"{row['recall']:.3f}")
    console.print(table)
