"""`backtest` on a real repository: which landings it judges, and what it says of them."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from bot.cli.backtest import run as run_backtest
from bot.core.policy.default import BUILT_IN
from bot.git.history import Landing, first_parent_line
from bot.git.source import open_source
from tests.cli.conftest import Run
from tests.git.workbench import Workbench

AI = "Resize (#1)\n\nCo-Authored-By: Claude <noreply@anthropic.com>\n"


@pytest.fixture
def history(bench: Workbench) -> Workbench:
    """A root, an AI-assisted squash merge of Terraform, a direct commit, and a merge of documentation."""
    bench.commit({"main.tf": b"# 0\n"})
    bench.commit({"main.tf": b"# 1\n"}, message=AI)
    tip = bench.commit({"notes": b"1"}, message="Note")
    side = bench.commit({"README.md": b"1"}, branch="side", parents=[tip], message="Docs")
    bench.commit({"README.md": b"1"}, parents=[tip, side], message="Merge pull request #2 from acme/docs\n\nDocs")
    return bench


def document(run: Run, bench: Workbench, *more: object) -> dict[str, Any]:
    result = run("backtest", "--repo", bench.path, "--json", *more)
    assert result.exit_code == 0
    found: dict[str, Any] = json.loads(result.stdout)
    return found


def test_merges_and_squash_merges_are_judged_and_direct_commits_counted(history: Workbench, run: Run) -> None:
    found = document(run, history)
    assert (found["selected"], found["judged"], found["passed_over"]) == (2, 2, 1)
    assert (found["asked"], found["share"], found["approvals"]) == (1, 0.5, 1)
    assert found["by_agent"] == {"claude-code": 1}
    assert found["by_rule"] == {"AI-assisted infrastructure": 1}
    assert [(case["number"], case["subject"]) for case in found["worst"]] == [(1, "Resize (#1)")]
    assert (found["failed"], found["interrupted"]) == ([], False)


@pytest.mark.parametrize(
    ("options", "judged"),
    [
        (("--direct",), 3),
        (("--limit", 1), 1),
        (("--since", "2026-01-01"), 2),
        (("--since", "2026-01-02"), 0),
        (("--head", "HEAD~1"), 1),
    ],
)
def test_the_range_can_be_chosen(history: Workbench, run: Run, options: tuple[object, ...], judged: int) -> None:
    assert datetime.fromtimestamp(1767225600, UTC).isoformat() == "2026-01-01T00:00:00+00:00"
    assert document(run, history, *options)["judged"] == judged


def test_todays_policy_judges_all(history: Workbench, run: Run, tmp_path: Path) -> None:
    policy = tmp_path / "policy.yml"
    policy.write_text(
        "version: 1\nseniors: {users: [sam]}\nrules:\n  - {name: all, when: {paths: ['**']}, require: {seniors: 3}}\n"
    )
    found = document(run, history, "--policy", policy)
    assert (found["share"], found["approvals"], found["policy"]) == (1.0, 6, str(policy))


def test_the_report_and_the_page_are_written(history: Workbench, run: Run, tmp_path: Path) -> None:
    html = tmp_path / "page.html"
    result = run("backtest", "--repo", history.path, "--html", html)
    assert result.exit_code == 0
    assert result.stdout.startswith("1 of 2 changes (50%) would have waited for somebody")
    assert "Resize (#1)" in html.read_text()


class _Interrupting(list[Landing]):
    """A list whose second element is Ctrl-C."""

    def __iter__(self) -> Any:
        yield self[0]
        raise KeyboardInterrupt


def test_an_interrupted_run_keeps_what_it_covered(history: Workbench) -> None:
    with open_source(history.path) as source:
        landings = list(first_parent_line(source, source.clone.resolve("main")))
        done = run_backtest(source, _Interrupting(landings), BUILT_IN, 0)
    assert (done.interrupted, done.selected, done.tally.judged) == (True, 3, 1)


def test_a_landing_that_cannot_be_judged_is_named_and_the_rest_goes_on(history: Workbench, run: Run) -> None:
    tree = history.git("rev-parse", "HEAD~2^{tree}")
    (history.path / ".git" / "objects" / tree[:2] / tree[2:]).unlink()
    found = document(run, history)
    assert found["judged"] == 1
    assert [failure["sha"] for failure in found["failed"]] == [history.git("rev-parse", "HEAD~2")]


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("--repo", "NOWHERE"), "is not a directory"),
        (("--repo", "SHOP", "--head", "nope"), "unknown revision 'nope'"),
        (("--repo", "SHOP", "--policy", "FAULTY"), "faulty.yml cannot be used: 1:1 "),
        (("--repo", "SHOP", "--html", "NOWHERE_BELOW"), "cannot write"),
    ],
)
def test_bad_input_is_one_sentence_and_exit_2(
    history: Workbench, run: Run, tmp_path: Path, arguments: tuple[str, ...], sentence: str
) -> None:
    (tmp_path / "faulty.yml").write_text("seniority: 1\n")
    places = {
        "NOWHERE_BELOW": tmp_path / "nowhere" / "x.html",
        "NOWHERE": tmp_path / "nowhere",
        "SHOP": history.path,
        "FAULTY": tmp_path / "faulty.yml",
    }
    replaced = [places.get(word, word) for word in arguments]
    result = run("backtest", *replaced)
    assert result.exit_code == 2
    assert sentence in result.stderr
