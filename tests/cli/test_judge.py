"""`judge` on real repositories: what it prints, and what its exit status says."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.conftest import Run
from tests.core.blast.plans import change, plan_of
from tests.git.workbench import Workbench

ROOT = Path(__file__).parent.parent.parent
DATABASE = b'resource "aws_db_instance" "main" {\n  identifier = "shop"\n}\n'
AI = "Resize the database\n\nCo-Authored-By: Claude <noreply@anthropic.com>\n"
POLICY = b"version: 1\nseniors: {users: [sam]}\nrules:\n  - {name: all, when: {paths: ['**']}, require: {seniors: 3}}\n"


@pytest.fixture
def fork(bench: Workbench) -> str:
    return bench.commit({"infra/db.tf": DATABASE, "README.md": b"shop\n"})


def edit(bench: Workbench, fork: str, path: str = "infra/db.tf", message: str = AI) -> None:
    content = DATABASE.replace(b"}", b"  instance_class = 1\n}") if path.endswith(".tf") else b"more\n"
    bench.commit({path: content}, branch="topic", parents=[fork], message=message)


def test_an_ai_assisted_edit_of_infrastructure_shuts_the_gate(bench: Workbench, fork: str, run: Run) -> None:
    edit(bench, fork)
    result = run("judge", "--repo", bench.path, "--base", "main", "--head", "topic")
    assert result.exit_code == 1
    assert result.stdout.startswith("● pending Waiting for 1 senior: touches terraform, AI-assisted (Claude Code)\n")
    assert "Co-Authored-By: Claude <noreply@anthropic.com>" in result.stdout
    assert "rule: AI-assisted infrastructure" in result.stdout
    assert "before anybody approved" in result.stdout


def test_an_ai_assisted_removal_of_a_database_asks_two_seniors_and_shows_its_line(
    bench: Workbench, fork: str, run: Run
) -> None:
    bench.commit({"infra/db.tf": b"# gone\n"}, branch="topic", parents=[fork], message=AI)
    result = run("judge", "--repo", bench.path, "--base", "main", "--head", "topic")
    assert result.exit_code == 1
    assert "Asked: 2 seniors" in result.stdout
    assert re.search(r"destroy aws_db_instance.main *\n +infra/db.tf:1 \(before\): ", result.stdout)


def test_a_rename_by_git_is_no_removal(bench: Workbench, fork: str, run: Run) -> None:
    bench.commit({"infra/db.tf": None, "infra/database.tf": DATABASE}, branch="topic", parents=[fork], message=AI)
    found = json.loads(run("judge", "--repo", bench.path, "--base", "main", "--head", "topic", "--json").stdout)
    assert found["blast"]["effects"] == []
    assert found["blast"]["paths"]["terraform"] == ["infra/database.tf", "infra/db.tf"]


@pytest.mark.parametrize(("path", "message"), [("README.md", AI), ("infra/db.tf", "Resize the database")])
def test_neither_ai_nor_infrastructure_alone_shuts_it(
    bench: Workbench, fork: str, run: Run, path: str, message: str
) -> None:
    edit(bench, fork, path, message)
    result = run("judge", "--repo", bench.path, "--base", "main", "--head", "topic")
    assert result.exit_code == 0
    assert result.stdout.startswith("✔ clear ")


def test_json_is_one_document_with_the_promised_keys(bench: Workbench, fork: str, run: Run) -> None:
    edit(bench, fork)
    result = run("judge", "--repo", bench.path, "--base", "main", "--head", "topic", "--json")
    assert result.exit_code == 1
    found = json.loads(result.stdout)
    assert {"verdict", "conclusion", "title", "provenance", "blast", "requirement", "approvals", "incomplete"} <= set(
        found
    )
    assert (found["verdict"], found["conclusion"]) == ("pending", "action_required")
    assert found["provenance"]["level"] == "explicit"
    assert found["blast"]["kinds"] == ["terraform"]
    assert found["requirement"]["seniors"] == 1
    assert (found["range"]["base"], found["range"]["files"], found["range"]["commits"]) == (fork, 1, 1)


def test_the_policy_of_the_base_commit_counts_and_not_the_heads(bench: Workbench, run: Run) -> None:
    fork = bench.commit({".github/countersign.yml": POLICY, "README.md": b"0"})
    bench.commit({"README.md": b"1", ".github/countersign.yml": None}, branch="topic", parents=[fork])
    found = json.loads(run("judge", "--repo", bench.path, "--base", "main", "--head", "topic", "--json").stdout)
    assert found["requirement"]["seniors"] == 3
    assert found["policy"]["source"] == f".github/countersign.yml@{fork[:12]}"


def test_a_given_policy_file_counts_instead(bench: Workbench, fork: str, run: Run, tmp_path: Path) -> None:
    edit(bench, fork, "README.md", "Docs")
    file = tmp_path / "policy.yml"
    file.write_bytes(POLICY)
    result = run("judge", "--repo", bench.path, "--base", "main", "--head", "topic", "--policy", file)
    assert result.exit_code == 1
    assert "Asked: 3 seniors" in result.stdout


def test_a_policy_with_faults_is_broken_and_shows_where(bench: Workbench, run: Run) -> None:
    fork = bench.commit({".github/countersign.yml": b"version: 1\nsenior: {}\n", "README.md": b"0"})
    edit(bench, fork, "README.md", "Docs")
    result = run("judge", "--repo", bench.path, "--base", "main", "--head", "topic")
    assert result.exit_code == 1
    assert result.stdout.startswith("✖ broken The policy cannot be used")
    assert "2:1 " in result.stdout


def test_facts_that_could_not_be_read_are_broken_not_clear(bench: Workbench, fork: str, run: Run) -> None:
    bench.commit({"a": b"1"}, branch="topic", parents=[fork], message="x" * (1024 * 1024))
    result = run("judge", "--repo", bench.path, "--base", "main", "--head", "topic")
    assert result.exit_code == 1
    assert result.stdout.startswith("✖ broken ")


@pytest.mark.parametrize("content", [b"#" * (1024 * 1024 + 1), b'resource "x" "y" {}\n\0'])
def test_infrastructure_that_was_not_read_waits_for_a_senior(
    bench: Workbench, fork: str, run: Run, content: bytes
) -> None:
    bench.commit({"infra/db.tf": content}, branch="topic", parents=[fork], message="By hand")
    result = run("judge", "--repo", bench.path, "--base", "main", "--head", "topic")
    assert result.exit_code == 1
    assert result.stdout.startswith("● pending ")


def test_a_plan_raises_what_the_text_does_not_show(bench: Workbench, fork: str, run: Run, tmp_path: Path) -> None:
    edit(bench, fork, message="Resize the database")
    question = ("judge", "--repo", bench.path, "--base", "main", "--head", "topic")
    assert run(*question).exit_code == 0
    file = tmp_path / "production.json"
    file.write_bytes(plan_of(change(["delete", "create"], "aws_db_instance", replace_paths=[["identifier"]])))
    result = run(*question, "--plan", file)
    assert result.exit_code == 1
    assert "the plan destroys and creates `aws_db_instance.x` because of identifier (from the plan)" in result.stdout
    blast = json.loads(run(*question, "--plan", file, "--json").stdout)["blast"]
    assert [(effect["source"], effect["path"]) for effect in blast["effects"]] == [("plan", "plan production")]


def test_half_a_plan_is_shown_and_none_is_refused(bench: Workbench, fork: str, run: Run, tmp_path: Path) -> None:
    edit(bench, fork, message="Resize the database")
    question = ("judge", "--repo", bench.path, "--base", "main", "--head", "topic")
    half, none = tmp_path / "half.json", tmp_path / "none.json"
    half.write_bytes(plan_of(change(["delete"]), complete=False))
    none.write_bytes(b"{}")
    told = run(*question, "--plan", half)
    assert (told.exit_code, "the Terraform plan of `half` is not known whole" in told.stdout) == (1, True)
    refused = run(*question, "--plan", half, "--plan", none)
    assert refused.exit_code == 2
    assert f"the plan {none} cannot be used: `$` is not as in a plan" in refused.stderr


def test_what_git_does_not_know_can_be_told(bench: Workbench, fork: str, run: Run, tmp_path: Path) -> None:
    edit(bench, fork, message="Resize")
    body = tmp_path / "body.md"
    body.write_text("Resize the database.\n")
    told = ("--author", "helper[bot]", "--head-ref", "claude/resize", "--title", "Resize", "--body-file", body)
    result = run("judge", "--repo", bench.path, "--base", "main", "--head", "topic", *told, "--label", "x")
    assert result.exit_code == 1
    assert "claude/resize" in result.stdout


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("--repo", "NOWHERE", "--base", "main", "--head", "main"), "is not a directory"),
        (("--repo", "EMPTY", "--base", "main", "--head", "main"), "is not a git repository"),
        (("--repo", "SHOP", "--base", "main", "--head", "nope"), "unknown revision 'nope'"),
        (("--repo", "SHOP", "--base", "--all", "--head", "main"), "unknown revision '--all'"),
        (("--repo", "SHOP", "--base", "main", "--head", "main", "--policy", "NOWHERE"), "cannot read"),
        (("--repo", "SHOP", "--base", "main", "--head", "main", "--policy", "FAULTY"), "cannot be used: 1:1 "),
        (("--repo", "SHOP", "--base", "main", "--head", "main", "--body-file", "EMPTY"), "cannot read"),
    ],
)
def test_input_that_cannot_be_judged_is_one_sentence_and_exit_2(
    bench: Workbench, fork: str, run: Run, tmp_path: Path, arguments: tuple[str, ...], sentence: str
) -> None:
    assert fork
    (tmp_path / "empty").mkdir()
    (tmp_path / "faulty.yml").write_text("seniority: 1\n", encoding="utf-8")
    places = {
        "NOWHERE": tmp_path / "nowhere",
        "EMPTY": tmp_path / "empty",
        "SHOP": bench.path,
        "FAULTY": tmp_path / "faulty.yml",
    }
    result = run("judge", *(places.get(argument, argument) for argument in arguments))
    assert result.exit_code == 2
    assert result.stdout == ""
    assert sentence in result.stderr
    assert result.stderr.count("\n") == 1


def test_the_real_door_answers_with_the_same_status(bench: Workbench, fork: str) -> None:
    edit(bench, fork)
    command = [
        sys.executable,
        "app.py",
        "judge",
        "--repo",
        str(bench.path),
        "--base",
        "main",
        "--head",
        "topic",
        "--json",
    ]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, check=False)
    assert (done.returncode, done.stderr) == (1, b"")
    assert json.loads(done.stdout)["verdict"] == "pending"
