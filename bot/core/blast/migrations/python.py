"""Alembic and Django migrations, read as Python and never run: the operations of the way up."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass

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
    "RenameModel": "migration-rewrites",
    "RenameField": "migration-rewrites",
    "AlterModelTable": "migration-rewrites",
}
QUERIES = frozenset({"execute", "RunSQL"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation:
    """`text` tells one from another over both sides; `line` counts from 1."""

    rule: str
    text: str
    line: int


def operations_in(text: str) -> Iterator[Operation]:
    """Raises SyntaxError, RecursionError or MemoryError when the text is no Python that can be read."""
    tree = ast.parse(text)
    up = [node for node in tree.body if not (isinstance(node, ast.FunctionDef) and node.name == "downgrade")]
    for node in (inner for outer in up for inner in ast.walk(outer)):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute | ast.Name):
            name = node.func.attr if isinstance(node.func, ast.Attribute) else node.func.id
            yield from _operation(name, node)


def _operation(name: str, call: ast.Call) -> Iterator[Operation]:
    if name in RULES:
        texts = [one.value for one in ast.walk(call) if isinstance(one, ast.Constant) and isinstance(one.value, str)]
        yield Operation(rule=RULES[name], text=f"{name} {' '.join(texts[:3])}", line=call.lineno)
    elif name == "alter_column" and any(keyword.arg == "type_" for keyword in call.keywords):
        yield Operation(rule="migration-rewrites", text=f"{name} {ast.unparse(call)[:80]}", line=call.lineno)
    elif name in QUERIES and call.args:
        for one in ast.walk(call.args[0]):
            if isinstance(one, ast.Constant) and isinstance(one.value, str):
                for danger in dangers_of(tuple(statements_in(one.value, one.lineno))):
                    yield Operation(rule=danger.rule, text=danger.statement.text[:80], line=danger.statement.line)
