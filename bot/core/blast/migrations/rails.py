"""Rails migrations, read line by line: the operations of `up` and `change`, and what the schema file lost."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import takewhile

import re2

from bot.core.blast.migrations.python import Operation
from bot.core.blast.migrations.sql import dangers_of, statements_in

_METHOD = re2.compile(r"^(\s*)def\s+(?:self\.)?(\w+)")
_OPERATION = re2.compile(
    r"(?:^|[\s{;.])(drop_table|drop_join_table|remove_columns?|remove_reference|remove_belongs_to|remove|remove_foreign_key|"
    r"remove_check_constraint|remove_index|rename_table|rename_column|change_column|execute)\b[\s(]*(.*)$"
)
_TABLE = re2.compile(r"""^\s*create_table\s*\(?\s*["':]([\w.]+)""")
_COLUMN = re2.compile(r"""^\s*t\.(\w+)\s*\(?\s*["':](\w+)""")
_QUERY = re2.compile(r"(?i)\b(drop\s+(table|column|schema)|truncate)\b|delete\s+from\s+\w+\s*[\"';]?\s*$")
_HEREDOC = re2.compile(r"""<<[-~]?["'`]?([A-Z_][A-Z0-9_]*)\b""")
_NAMED = re2.compile(r"""(\w+)\s*=\s*(?:["'%]|<<)""")
# `execute sql`, `execute(File.read(path))`: not a text, and no name that stands for one.
_BUILT = re2.compile(r"\bexecute\b(?:\s*\(\s*|\s+)([A-Za-z_]\w*)")
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
    for number, code, query in _way_up(text):
        for danger in dangers_of(tuple(statements_in(query, number + 1))):
            yield Operation(rule=danger.rule, text=danger.statement.text[:80], line=danger.statement.line)
        match = _OPERATION.search(code)
        if match is None:
            continue
        name, rest = match.group(1), match.group(2)
        # A removal that only an unless or a `down` block reaches cannot be told from one that always happens.
        if name == "execute" and not _QUERY.search(rest):
            continue
        yield Operation(rule=RULES.get(name, "migration-drops-data"), text=f"{name} {rest.strip()}"[:80], line=number)


def unread_in(text: str) -> int:
    """The first line whose query is made when it runs, so that nobody can read it here; 0 for none."""
    texts = {match.group(1) for match in _NAMED.finditer(text)}
    for number, code, _ in _way_up(text):
        built = _BUILT.search(code)
        if built and built.group(1) not in texts:
            return number
    return 0


def _way_up(text: str) -> Iterator[tuple[int, str, str]]:
    """Line number, code and here-document of every line outside `def down`."""
    is_down = False
    lines = iter(enumerate(text.split("\n"), start=1))
    for number, line in lines:
        code = line.partition("#")[0]
        method = _METHOD.search(code)
        if method:
            is_down = method.group(2) == "down"
        opened = _HEREDOC.search(line)
        ending = opened.group(1) if opened else ""
        body = list(_until(lines, ending)) if ending else []
        if not is_down:
            yield number, code, "\n".join(body)


def _until(lines: Iterator[tuple[int, str]], ending: str) -> Iterator[str]:
    return takewhile(lambda line: line.strip() != ending, (line for _, line in lines))


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
