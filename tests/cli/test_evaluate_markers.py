"""`evaluate markers`: the figures follow from the labels, and each wrong case is shown."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.cli.conftest import Run

AI = "Fix it\n\nCo-authored-by: Claude <noreply@anthropic.com>\n"


def commit(**changes: Any) -> dict[str, Any]:
    return {
        "repo": "acme/shop",
        "sha": "1a2b3c4d5e6f",
        "author_name": "Sam",
        "author_email": "sam@example.com",
        "committer_name": "Sam",
        "committer_email": "sam@example.com",
        "message": "Fix it\n",
        "head_branch": None,
        "ssh_fp": None,
        "label": "human",
        "agent": None,
        "agents": [],
        "scope": "commit",
        "hard": False,
        "why": "",
    } | changes


COMMITS = [
    commit(),
    commit(message=AI, label="ai", agents=["claude"]),
    commit(message="Vibes\n", label="ai", agents=["claude"], why="the author said so elsewhere"),
    commit(message=AI, hard=True),
    commit(label="ai", agent="codex", scope="branch"),
]


def corpus(path: Path, *cases: dict[str, Any]) -> Path:
    path.write_text("\n".join(json.dumps(case) for case in cases) + "\n\n", encoding="utf-8")
    return path


def document(run: Run, *arguments: object) -> dict[str, Any]:
    result = run("evaluate", "markers", *arguments, "--json")
    assert result.exit_code == 0, result.output
    found: dict[str, Any] = json.loads(result.stdout)
    return found


def test_commits_are_scored_where_their_evidence_can_be_seen(tmp_path: Path, run: Run) -> None:
    found = document(run, corpus(tmp_path / "c.jsonl", *COMMITS))
    assert (found["n"], found["true"], found["false"], found["missed"]) == (4, 1, 1, 1)
    assert (found["precision"], found["recall"], found["f1"]) == (0.5, 0.5, 0.5)
    assert found["hard_negative_alarms"] == 1
    assert found["by_agent"] == {"claude": {"n": 2, "found": 1, "recall": 0.5}}
    assert found["by_repository"]["acme/shop"]["missed"] == 1
    assert found["other_scopes"] == {"branch": {"n": 1, "found": 0, "recall": 0.0}}


def test_pull_requests_are_told_by_their_fields(tmp_path: Path, run: Run) -> None:
    ai = {"repo": "acme/shop", "pr": 7, "head_branch": "codex/fix-it", "label": "ai", "evidence": ["branch"]}
    noted = {"repo": "acme/shop", "pr": 8, "head_branch": None, "label": "ai", "evidence": ["note"]}
    cases = [case | {"commits": [commit()]} for case in (ai, noted)]
    found = document(run, corpus(tmp_path / "p.jsonl", *cases))
    assert (found["n"], found["recall"]) == (1, 1.0)
    assert found["other_scopes"] == {"note": {"n": 1, "found": 0, "recall": 0.0}}


def test_tools_count_as_unlisted_under_all_their_names(tmp_path: Path, run: Run) -> None:
    """What finds them then are habits: an unknown bot, a standard trailer; a plain name says nothing any more."""
    bot = "Devin <158243242+devin-ai-integration[bot]@users.noreply.github.com>"
    cases = [
        commit(message=f"Fix it\n\nCo-authored-by: {bot}\n", label="ai", agents=["devin"]),
        commit(message="Fix it\n\nAssisted-by: Claude:claude-opus-4.6\n", label="ai", agents=["claude"]),
        commit(message="Fix it\n\nBuilt with Cursor\n", label="ai", agents=["cursor"]),
        commit(),
    ]
    file = corpus(tmp_path / "c.jsonl", *cases)
    assert document(run, file)["recall"] == 1.0
    found = document(run, file, "--unlisted")
    assert {name: row["found"] for name, row in found["by_agent"].items()} == {"devin": 1, "claude": 1, "cursor": 0}
    assert found["false"] == 0


def test_errors_show_the_text_that_misled(tmp_path: Path, run: Run) -> None:
    file = corpus(tmp_path / "c.jsonl", *COMMITS)
    result = run("evaluate", "markers", file, "--errors")
    assert result.exit_code == 0
    assert "missed: acme/shop 1a2b3c4d5e (ai) the author said so elsewhere" in result.stdout
    assert "    | Vibes" in result.stdout
    assert "false alarm: acme/shop" in result.stdout
    assert [error["text"] for error in document(run, file, "--errors")["errors"]] == ["Vibes", ""]


@pytest.mark.parametrize("text", ["no json\n", "[]\n", '{"repo": "acme/shop"}\n'])
def test_a_file_that_is_no_corpus_is_refused_by_line(tmp_path: Path, run: Run, text: str) -> None:
    (tmp_path / "x.jsonl").write_text("\n" + text, encoding="utf-8")
    result = run("evaluate", "markers", tmp_path / "x.jsonl")
    assert result.exit_code == 2
    assert "line 2" in result.output
