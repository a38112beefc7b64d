"""Rails migrations, read line by line: the operations of `up` and `change`, and what the schema file lost."""

from __future__ import annotations

from collections.abc import Iterator

import re2

from bot.core.blast.migrations.python import Operation

_METHOD = re2.compile(r"^(\s*)def\s+(?:self\.)?(\w+)")
_OPERATION = re2.compile(
    r"^\s*(?:t\.)?(drop_table|drop_join_table|remove_columns?|remove_reference|remove_belongs_to|remove|remove_foreign_key|"
    r"remove_check_constraint|remove_index|rename_table|rename_column|change_column|execute)\b[\s(]*(.*)$"
)
_TABLE = re2.compile(r"""^\s*create_table\s*\(?\s*["':]([\w.]+)""")
_COLUMN = re2.compile(r"""^\s*t\.(\w+)\s*\(?\s*["':](\w+)""")
_QUERY = re2.compile(r"(?i)\b(drop\s+(table|column|schema)|truncate)\b|delete\s+from\s+\w+\s*[\"';]?\s*$")
RULES = {
    "rename_table": "migration-rewrites",
    "rename_column": "migration-rewrites",
    "change_column": "migration-rewrites",
    "remove_foreign_key": "migration-weakens",
    "remove_check_constraint": "migration-weakens",
    "remove_index": "migration-drops-object",
}


def operations_in(text: str) -> Iterator[Operation]:
    """Operations outside `def down`; a method ends where the next one begins."""
    is_down = False
    for number, line in enumerate(text.split("\n"), start=1):
        code = line.partition("#")[0]
        method = _METHOD.search(code)
        if method:
            is_down = method.group(2) == "down"
        match = _OPERATION.search(code)
        if match is None or is_down:
            continue
        name, rest = match.group(1), match.group(2)
        # A removal that only an unless or a `down` block reaches cannot be told from one that always happens.
        if name == "execute" and not _QUERY.search(rest):
            continue
        yield Operation(rule=RULES.get(name, "migration-drops-data"), text=f"{name} {rest.strip()}"[:80], line=number)


def schema_of(text: str) -> dict[str, int]:
    """`table` and `table.column` → line, of db/schema.rb."""
    found: dict[str, int] = {}
    table = ""
    for number, line in enumerate(text.split("\n"), start=1):
        code = line.partition("#")[0]
        opened, column = _TABLE.search(code), _COLUMN.search(code)
        if opened:
            table = opened.group(1)
            found[table] = number
        elif column and table and column.group(1) not in ("index", "check_constraint"):
            found[f"{table}.{column.group(2)}"] = number
    return found
