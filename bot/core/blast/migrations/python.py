"""Alembic and Django migrations, read as Python and never run: the operations of the way up."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass

from bot.core.blast.language import parse_python
from bot.core.blast.migrations.sql import dangers_of, statements_in

RULES = {
    "drop_table": "migration-drops-data",
    "drop_column": "migration-drops-data",
    "drop_index": "migration-drops-object",
    "drop_constraint": "migration-weakens",
    "rename_table": "migration-rewrites",
    "DeleteModel": "migration-drops-data",
    "RemoveField": "migration-drops-data",
    "RemoveConstraint": "migration-weakens",
    "RemoveIndex": "migration-drops-object",
    "drop_all": "migration-drops-data",
    "RenameModel": "migration-rewrites",
    "RenameField": "migration-rewrites",
    "AlterModelTable": "migration-rewrites",
}
QUERIES = frozenset({"execute", "RunSQL"})
# What stands in a query where a value is put in.
HOLE = "x"
# Calls that make a text of texts.
TEXTUAL = frozenset({"DDL", "dedent", "format", "join", "lower", "replace", "strip", "text"})
_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation:
    """`text` tells one from another over both sides; `line` counts from 1. `rule` is "" for a query that is made only
    when it runs, which nobody can read here.
    """

    rule: str
    text: str
    line: int


def operations_in(text: str) -> Iterator[Operation]:
    """Raises SyntaxError, ValueError, RecursionError or MemoryError when the text is no Python that can be read."""
    tree = parse_python(text)
    backwards = {"downgrade", *_backwards(tree)}
    up = [node for node in tree.body if not (isinstance(node, _FUNCTIONS) and node.name in backwards)]
    texts = _texts(tree)
    for node in (inner for outer in up for inner in _walk(outer)):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute | ast.Name):
            name = node.func.attr if isinstance(node.func, ast.Attribute) else node.func.id
            yield from _operation(name, node, texts)


def _backwards(tree: ast.Module) -> Iterator[str]:
    """The functions that only undo: RunPython's second argument."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and ast.unparse(node.func).endswith("RunPython"):
            given = [*node.args[1:2], *(one.value for one in node.keywords if one.arg == "reverse_code")]
            yield from (one.id for one in given if isinstance(one, ast.Name))


def _texts(tree: ast.Module) -> dict[str, ast.expr]:
    """The names that stand for a text all the same, wherever they are given one."""
    found: dict[str, ast.expr] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Constant | ast.JoinedStr | ast.BinOp):
            found |= {target.id: node.value for target in node.targets if isinstance(target, ast.Name)}
    return found


def _walk(root: ast.AST) -> Iterator[ast.AST]:
    """As ast.walk, but for what changes only the models' state and not the database."""
    waiting = [root]
    while waiting:
        node = waiting.pop()
        if isinstance(node, ast.keyword) and node.arg == "state_operations":
            continue
        yield node
        waiting.extend(ast.iter_child_nodes(node))


def _operation(name: str, call: ast.Call, texts: dict[str, ast.expr]) -> Iterator[Operation]:
    changed = {keyword.arg for keyword in call.keywords}
    if name in RULES:
        said = [one.value for one in ast.walk(call) if isinstance(one, ast.Constant) and isinstance(one.value, str)]
        yield Operation(rule=RULES[name], text=f"{name} {' '.join(said[:3])}", line=call.lineno)
    elif name == "alter_column" and changed & {"type_", "new_column_name"}:
        yield Operation(rule="migration-rewrites", text=f"{name} {ast.unparse(call)[:80]}", line=call.lineno)
    elif name == "RunPython":
        yield Operation(rule="migration-runs-code", text=ast.unparse(call)[:80], line=call.lineno)
    elif name in QUERIES:
        given = [*call.args[:1], *(one.value for one in call.keywords if one.arg in ("sql", "sqltext"))]
        for query in given:
            yield from _queries(query, texts)


def _queries(query: ast.expr, texts: dict[str, ast.expr]) -> Iterator[Operation]:
    """Each text inside, what is put into it left open."""
    found = list(_literals(query, texts))
    if not found:
        yield Operation(rule="", text=ast.unparse(query)[:80], line=query.lineno)
    for text, line in found:
        for danger in dangers_of(tuple(statements_in(text, line))):
            yield Operation(rule=danger.rule, text=danger.statement.text[:80], line=danger.statement.line)


def _literals(root: ast.expr, texts: dict[str, ast.expr]) -> Iterator[tuple[str, int]]:
    """Text and line of each literal that the query is made of; names stand for what they were given."""
    waiting: list[ast.AST] = [root]
    followed: set[str] = set()
    while waiting:
        node = waiting.pop()
        if isinstance(node, ast.Name):
            if node.id in texts and node.id not in followed:
                followed.add(node.id)
                waiting.append(texts[node.id])
        elif isinstance(node, ast.Call):
            name = ast.unparse(node.func).rpartition(".")[2]
            waiting += [*node.args, node.func] if name in TEXTUAL else ()
        elif isinstance(node, ast.Constant):
            if isinstance(node.value, str):
                yield node.value, node.lineno
        elif isinstance(node, ast.JoinedStr):
            parts = (part.value if isinstance(part, ast.Constant) else HOLE for part in node.values)
            yield "".join(map(str, parts)), node.lineno
        else:
            waiting.extend(ast.iter_child_nodes(node))
