"""The policy commands tell everything at once, and their exit codes can be relied on."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner
from openapi_schema_validator import OAS31Validator

from bot.cli import main

GOOD = "version: 1\nseniors: {users: [sam]}\nrules: [{name: a, when: {tier: low}, require: {seniors: 1}}]\n"


def run(*arguments: str, given: str | None = None) -> tuple[int, str, str]:
    result = CliRunner().invoke(main, ["policy", *arguments], input=given)
    return result.exit_code, result.stdout, result.stderr


def test_a_good_policy_exits_with_zero(tmp_path: Path) -> None:
    file = tmp_path / "countersign.yml"
    file.write_text("\ufeff" + GOOD)
    code, out, _ = run("check", str(file))
    assert code == 0
    assert "good, 1 rules, mode enforce, sha256:" in out


def test_all_faults_are_told_with_line_and_column(tmp_path: Path) -> None:
    file = tmp_path / "countersign.yml"
    file.write_text(GOOD.replace("seniors: 1", "seniors: 0") + "roles: 1\n")
    code, out, _ = run("check", str(file))
    assert code == 1
    assert [line.removeprefix(f"{file}:").split(":")[0] for line in out.splitlines()] == ["3", "4"]


def test_standard_input_and_json() -> None:
    code, out, _ = run("check", "-", "--json", given="version: 2\n")
    document = json.loads(out)
    assert code == 1
    assert document["good"] is False
    assert document["faults"][0] == {"line": 1, "column": 1, "message": "expected the key rules"}
    code, out, _ = run("check", "-", "--json", given=GOOD)
    assert (code, json.loads(out)["good"]) == (0, True)


@pytest.mark.parametrize("content, words", [(None, "No such file"), (b"\xff\xfe", "expected UTF-8")])
def test_what_cannot_be_read_exits_with_two(tmp_path: Path, content: bytes | None, words: str) -> None:
    file = tmp_path / "countersign.yml"
    if content is not None:
        file.write_bytes(content)
    code, out, err = run("check", str(file))
    assert (code, out) == (2, "")
    assert words in err


def test_a_huge_file_is_a_fault_not_a_burden(tmp_path: Path) -> None:
    file = tmp_path / "countersign.yml"
    file.write_text(GOOD + "#" * 1_000_000)
    assert run("check", str(file))[:2] == (1, f"{file}:1:1: expected at most 64 KiB\n")


def test_the_schema_is_one_json_document() -> None:
    code, out, _ = run("schema")
    assert code == 0
    OAS31Validator.check_schema(json.loads(out))


def test_a_missing_argument_exits_with_two() -> None:
    assert run("check")[0] == 2
