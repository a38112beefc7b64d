"""Liquibase changelogs in XML, YAML and JSON: the changes that a changeset makes, its rollbacks left out."""

from __future__ import annotations

from collections.abc import Iterator

import re2

from bot.core.blast.migrations.python import Operation
from bot.core.blast.migrations.sql import dangers_of, statements_in
from bot.core.blast.yamls import Documents, Mapping, Node, Scalar, Sequence

# https://docs.liquibase.com/change-types/home.html
RULES = {
    "addNotNullConstraint": "migration-tightens",
    "dropAllForeignKeyConstraints": "migration-weakens",
    "dropColumn": "migration-drops-data",
    "dropDefaultValue": "migration-weakens",
    "dropForeignKeyConstraint": "migration-weakens",
    "dropIndex": "migration-drops-object",
    "dropNotNullConstraint": "migration-weakens",
    "dropPrimaryKey": "migration-weakens",
    "dropProcedure": "migration-drops-object",
    "dropSequence": "migration-drops-object",
    "dropTable": "migration-drops-data",
    "dropUniqueConstraint": "migration-weakens",
    "dropView": "migration-drops-object",
    "mergeColumns": "migration-rewrites",
    "modifyDataType": "migration-rewrites",
    "renameColumn": "migration-rewrites",
    "renameTable": "migration-rewrites",
}
_IDENTITY = ("tableName", "columnName", "oldTableName", "oldColumnName", "constraintName", "indexName", "viewName")
_LEFT_OUT = re2.compile(r"(?s)<!--.*?-->|<rollback\b[^>]*?/>|<rollback\b.*?</rollback\s*>")
_TAG = re2.compile(r"(?s)<(\w+)\b([^<>]*)>")
_ATTRIBUTE = re2.compile(r"""(\w+)\s*=\s*["']([^"'<>]*)["']""")
_CDATA = re2.compile(r"<!\[CDATA\[|\]\]>")


def of_xml(text: str) -> Iterator[Operation]:
    """Read tag by tag: no entity is ever expanded."""
    text = _LEFT_OUT.sub(lambda match: "\n" * match.group().count("\n"), text)
    ends = _Ends(text)
    line, place, done = 1, 0, 0
    for match in _TAG.finditer(text):
        line, place = line + text.count("\n", place, match.start()), match.start()
        tag, attributes = match.group(1), dict(_ATTRIBUTE.findall(match.group(2)))
        if match.start() < done:
            continue
        if tag in ("sql", "createProcedure"):
            done = ends.of(tag, match.end())
            yield from _of_sql(_CDATA.sub("", text[match.end() : done]), line + match.group().count("\n"))
        elif tag == "delete":
            done = ends.of(tag, match.end()) if not match.group(2).endswith("/") else match.end()
            if "<where" not in text[match.end() : done]:
                yield Operation(rule="migration-drops-data", text=_shown(tag, attributes), line=line)
        elif tag in RULES:
            yield Operation(rule=RULES[tag], text=_shown(tag, attributes), line=line)


class _Ends:
    """Where elements end, each place looked for once."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._known: dict[str, int] = {}

    def of(self, tag: str, start: int) -> int:
        """The end of the text when the element has none."""
        if self._known.get(tag, -1) < start:
            end = self._text.find(f"</{tag}", start)
            self._known[tag] = end if end >= 0 else len(self._text)
        return self._known[tag]


def of_documents(documents: Documents) -> Iterator[Operation]:
    waiting: list[Node] = list(documents.documents)
    while waiting:
        node = waiting.pop()
        if isinstance(node, Sequence):
            waiting.extend(reversed(node.items))
        elif isinstance(node, Mapping):
            for key, child in node.entries.items():
                yield from _change(key, child, node.lines.get(key, node.line))
            waiting.extend(reversed([child for key, child in node.entries.items() if key != "rollback"]))


def _change(key: str, node: Node, line: int) -> Iterator[Operation]:
    if key == "sql":
        text = node.text if isinstance(node, Scalar) else node.text("sql") if isinstance(node, Mapping) else ""
        yield from _of_sql(text, line)
    elif isinstance(node, Mapping):
        attributes = {name: node.text(name) for name in _IDENTITY}
        if key == "delete" and not node.text("where"):
            yield Operation(rule="migration-drops-data", text=_shown(key, attributes), line=line)
        elif key in RULES:
            yield Operation(rule=RULES[key], text=_shown(key, attributes), line=line)


def _of_sql(text: str, line: int) -> Iterator[Operation]:
    for danger in dangers_of(tuple(statements_in(text, line))):
        yield Operation(rule=danger.rule, text=danger.statement.text[:80], line=danger.statement.line)


def _shown(tag: str, attributes: dict[str, str]) -> str:
    return " ".join((tag, *(attributes[name] for name in _IDENTITY if attributes.get(name))))[:80]
