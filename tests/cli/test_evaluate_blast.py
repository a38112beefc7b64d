"""The law: the figures count each case once, by its own file, and a corpus's errors can be listed."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from bot.cli.evaluate_blast import command

QUEUE = 'resource "aws_sns_topic" "orders" {\n}\n'


def case(id_: str, label: str, base: str | None, head: str | None, **more: Any) -> dict[str, Any]:
    status = "A" if base is None else "D" if head is None else "M"
    return {
        "id": id_,
        "path": "infra/main.tf",
        "old_path": None,
        "status": status,
        "kind": "terraform",
        "label": label,
        "confidence": "high",
        "why": "for the test",
        "base_text": base,
        "head_text": head,
        **more,
    }


@pytest.fixture
def corpus(tmp_path: Path) -> Path:
    """Two right, one missed, one false alarm, one excused by a sibling file."""
    cases = [
        case("right", "destroy", QUEUE, None),
        case("harmless", "add", None, QUEUE),
        case("missed", "replace", QUEUE, QUEUE + "# a note\n"),
        case("false-alarm", "benign-modify", QUEUE, ""),
        case("moved", "move", QUEUE, "", siblings=[{"path": "infra/b.tf", "base_text": None, "head_text": QUEUE}]),
        case("elsewhere", "move", "", "", siblings=[{"path": "infra/b.tf", "base_text": QUEUE, "head_text": None}]),
    ]
    file = tmp_path / "cases.jsonl"
    file.write_text("".join(json.dumps(one) + "\n" for one in cases), encoding="utf-8")
    return file


def test_the_figures_are_those_of_the_cases(corpus: Path) -> None:
    report = json.loads(CliRunner().invoke(command, [str(corpus), "--json"], catch_exceptions=False).output)
    assert report["all"] == {"cases": 6, "precision": 0.5, "recall": 0.5, "f1": 0.5, "exact": 0.5}
    assert report["labels"]["destroy"] == {"destroy": 1}
    assert report["labels"]["move"] == {"harmless": 2}


@pytest.mark.parametrize(
    ("raw", "sentence"),
    [
        (b"\xff\xfe", "line 1: no labelled case: no valid JSON"),
        (b"\n{}\n", "line 2: no labelled case: the key 'path' is missing"),
        (b"[]\n", "line 1: no labelled case"),
        (b"\n", "no labelled case in it"),
    ],
)
def test_a_file_that_is_no_corpus_is_refused_by_line(tmp_path: Path, raw: bytes, sentence: str) -> None:
    (tmp_path / "x.jsonl").write_bytes(raw)
    result = CliRunner().invoke(command, [str(tmp_path / "x.jsonl")])
    assert result.exit_code == 2
    assert sentence in result.output


def test_the_errors_are_listed_with_what_was_found(corpus: Path) -> None:
    output = CliRunner().invoke(command, [str(corpus), "--errors"], catch_exceptions=False).output
    assert "missed terraform high: replace, found harmless: for the test" in output
    assert "false-alarm terraform high: benign-modify, found destroy" in output
    assert "[terraform-object-removed]" in output
    assert "\nright " not in output
