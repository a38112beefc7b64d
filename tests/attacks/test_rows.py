"""The list of attacks is whole, and every test that it names exists."""

from __future__ import annotations

import ast
import tomllib
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parent.parent.parent
ROWS: list[dict[str, Any]] = tomllib.loads((ROOT / "tests/attacks/rows.toml").read_text())["row"]
STATES = ("held", "residual", "open")


def names_in(path: Path) -> set[str]:
    """The functions and assigned names at the top of a test module."""
    found: set[str] = set()
    for node in ast.parse(path.read_text()).body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            found.add(node.name)
        elif isinstance(node, ast.Assign):
            found |= {target.id for target in node.targets if isinstance(target, ast.Name)}
    return found


def test_every_attack_is_listed_once_in_order() -> None:
    assert [row["number"] for row in ROWS] == list(range(1, 147))


@pytest.mark.parametrize("row", ROWS, ids=[str(row["number"]) for row in ROWS])
def test_each_row_says_where_it_is_held_or_why_not(row: dict[str, Any]) -> None:
    assert set(row) <= {"number", "severity", "attack", *STATES}
    assert sum(state in row for state in STATES) == 1
    assert row["severity"] in {"P0", "P1", "P2"}
    assert row["attack"]
    assert all(row.get(state, "said") for state in STATES)
    for test in row.get("held", ()):
        file, _, name = test.partition("::")
        assert name in names_in(ROOT / file), test


def test_every_test_of_an_attack_is_named_by_its_row() -> None:
    named = {test for row in ROWS for test in row.get("held", ())}
    for path in sorted((ROOT / "tests/attacks").glob("test_*.py")):
        for name in names_in(path):
            if name.startswith("test_") and name[5:8].isdigit():
                assert f"tests/attacks/{path.name}::{name}" in named, name
                assert any(
                    row["number"] == int(name[5:8]) and f"tests/attacks/{path.name}::{name}" in row["held"]
                    for row in ROWS
                    if "held" in row
                )
