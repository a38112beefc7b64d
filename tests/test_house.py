"""The rules of the house: who may import whom, how large a module may be, what every room must say of itself."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
BOT = ROOT / "bot"

# Room → the rooms it may import from. `core` also keeps to the libraries listed below.
MAY_IMPORT: dict[str, frozenset[str]] = {
    "core": frozenset({"core"}),
    "data": frozenset({"core", "data"}),
    "jobs": frozenset({"core"}),
    "passkeys": frozenset({"core"}),
    "settings": frozenset(),
    "github": frozenset({"core", "jobs", "github"}),
    "git": frozenset({"core", "git"}),
    "store": frozenset({"store"}),
    "web": frozenset({"jobs", "passkeys", "github.events", "github.errors", "store", "web", "settings"}),
    "worker": frozenset({"core", "jobs", "github", "store", "worker"}),
    "sweep": frozenset({"core", "jobs", "github", "store"}),
    "sandbox": frozenset({"sandbox"}),
}
ANYTHING = frozenset({"cli", "wiring"})

CORE_LIBRARIES = frozenset(
    {"__future__", "abc", "bisect", "collections", "dataclasses", "difflib", "enum", "fnmatch", "functools", "hashlib"}
    | {"itertools", "json", "math", "operator", "re", "string", "textwrap", "tomllib", "typing", "unicodedata"}
    | {"urllib", "msgspec", "pathspec", "re2", "markdown_it"},
)
PARSERS = frozenset({"ast", "yaml", "tree_sitter", "tree_sitter_hcl", "unidiff", "shlex", "resource"})

LONGEST_MODULE = 400
LONGEST_FUNCTION = 60


def modules() -> list[Path]:
    return sorted(BOT.rglob("*.py"))


def room_of(path: Path) -> str:
    relative = path.relative_to(BOT)
    return relative.parts[0].removesuffix(".py") if relative.name != "__init__.py" or len(relative.parts) > 1 else "bot"


def imports_of(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: relative import"
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


@pytest.mark.parametrize("path", modules(), ids=lambda path: str(path.relative_to(ROOT)))
def test_a_room_imports_only_from_the_rooms_it_may(path: Path) -> None:
    room = room_of(path)
    if room in ANYTHING or room == "bot":
        return
    allowed = MAY_IMPORT[room]
    for name in imports_of(path):
        if name.startswith("bot."):
            target = name.removeprefix("bot.")
            assert any(target == room_ or target.startswith(f"{room_}.") for room_ in allowed), f"{room} imports {name}"


@pytest.mark.parametrize("path", sorted((BOT / "core").rglob("*.py")), ids=lambda path: str(path.relative_to(ROOT)))
def test_core_is_pure(path: Path) -> None:
    may_parse = {"blast", "policy"} & set(path.relative_to(BOT).parts)
    allowed = CORE_LIBRARIES | PARSERS if may_parse else CORE_LIBRARIES
    for name in imports_of(path):
        top = name.split(".", maxsplit=1)[0]
        assert top == "bot" or top in allowed, f"core imports {name}"


@pytest.mark.parametrize("path", modules(), ids=lambda path: str(path.relative_to(ROOT)))
def test_a_module_says_its_duty_and_stays_small(path: Path) -> None:
    text = path.read_text()
    tree = ast.parse(text)
    assert ast.get_docstring(tree), "no module docstring"
    assert text.count("\n") <= LONGEST_MODULE
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            assert (node.end_lineno or 0) - node.lineno <= LONGEST_FUNCTION, f"{node.name} is too long"


def test_only_settings_reads_the_environment() -> None:
    for path in modules():
        if path.name != "settings.py":
            assert not any(name in {"os.environ", "os.getenv"} for name in imports_of(path)), path
            assert "os.environ" not in path.read_text(), path
