"""SQL as statements without comments and literals: any dialect, in linear time; what they drop, loosen or grant."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import re2

_MARK = re2.compile(r"--|/\*|'|\$\$|;")
_ENDS = {"--": "\n", "/*": "*/", "'": "'", "$$": "$$"}
# A text with more comments, literals and statements is no migration that a person wrote.
MOST_MARKS = 100_000
_NAME = r"(?:if\s+(?:not\s+)?exists\s+)?(?:only\s+)?([\w\"`\[\].]+)"
_LESSER = r"view|materialized\s+view|function|procedure|sequence|extension|role|user|type|index(?:\s+concurrently)?"
_WAY_DOWN = re2.compile(r"(?im)^\s*--\s*(?:\+goose\s+down|migrate:down|//@undo|\+migrate\s+down|down\s+migration)\b")
_DOWN_FILE = re2.compile(
    r"(?i)(^|/)(down\.sql|[^/]*[._-](down|rollback|undo)\.sql|U[0-9][^/]*__[^/]*\.sql|revert/[^/]*)$"
)

# Rule → what makes a statement one, over its folded text. The first group, where there is one, is the object.
_RULES = tuple(
    (rule, re2.compile(f"(?i){pattern}"))
    for rule, pattern in (
        (
            "migration-drops-data",
            rf"^drop\s+(?:table|schema|database|keyspace|materialized\s+view|type|tablespace)\s+{_NAME}",
        ),
        ("migration-drops-data", rf"^truncate\s+(?:table\s+)?{_NAME}"),
        ("migration-drops-data", rf"^alter\s+table\s+{_NAME}.*\bdrop\s+(?:column\s+)(?:if\s+exists\s+)?[\w\"`]+"),
        (
            "migration-weakens",
            r"^alter\s+table\b.*\b(?:drop\s+(?:constraint|foreign\s+key|check|primary\s+key)|disable\s+(?:row\s+level\s+security|trigger)|drop\s+not\s+null)",
        ),
        ("migration-weakens", rf"^drop\s+(?:policy|trigger)\s+{_NAME}"),
        ("migration-drops-data", rf"^alter\s+table\s+{_NAME}\s+(?:detach|drop)\s+partition"),
        ("migration-drops-data", rf"^alter\s+table\s+{_NAME}\s+drop\s+[\w\"`]+\s*(?:,|$)"),
        (
            "migration-rewrites",
            rf"^alter\s+table\s+{_NAME}.*\balter\s+(?:column\s+)?\S+\s+(?:set\s+data\s+)?type\b",
        ),
        ("migration-rewrites", rf"^(?:alter\s+table\s+{_NAME}.*\brename\b|rename\s+table\b|exec\s+sp_rename\b)"),
        ("migration-tightens", rf"^alter\s+table\s+{_NAME}.*\bset\s+not\s+null\b"),
        ("migration-grants", r"^grant\b.*\bto\b"),
        ("migration-grants", r"^alter\s+(?:role|user)\b.*\b(?:superuser|createrole|bypassrls)\b"),
        (
            "migration-drops-object",
            rf"^drop\s+(?:{_LESSER})\s+{_NAME}",
        ),
    )
)
# What every rule begins with: most statements are none of these, and are looked at once and not by every rule.
_RISKY = re2.compile(r"(?i)^(?:drop|truncate|alter|rename|exec|grant|delete)\b")
_DELETES = re2.compile(rf"(?i)^delete\s+from\s+{_NAME}")
_ADDS = re2.compile(rf"(?i)^alter\s+table\s+{_NAME}.*\badd\b")
_ADD = re2.compile(r"(?i)\badd\b")
_NOT_NULL = re2.compile(r"(?i)\bnot\s+null\b")
_FILLED = re2.compile(r"(?i)\b(?:default|generated|identity|serial|bigserial|auto_increment|check|constraint)\b")
_WHERE = re2.compile(r"(?i)\b(where|using|join|limit)\b")
_CREATES = re2.compile(
    rf"(?i)^create\s+(?:or\s+replace\s+)?(?:temp(?:orary)?\s+|unlogged\s+|unique\s+|materialized\s+)*(?:table|view|index(?:\s+concurrently)?|function|procedure|trigger|policy|type|sequence)\s+{_NAME}"
)
_RENAMES = re2.compile(rf"(?i)^alter\s+table\s+{_NAME}\s+rename\s+to\s+([\w\"`\[\].]+)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """One statement, blanks folded, literals emptied. `line` counts from 1."""

    text: str
    line: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Danger:
    """What a statement does. `name` is the object's, "" where none was found."""

    rule: str
    statement: Statement
    name: str


def is_way_down(path: str) -> bool:
    return bool(_DOWN_FILE.search(path))


def statements_in(text: str, first_line: int = 1) -> Iterator[Statement]:
    """The statements of the way up: what follows a mark of the way down is left out. Raises ValueError when there are
    more than MOST_MARKS comments, literals and statements.
    """
    down = _WAY_DOWN.search(text)
    text = text[: down.start()] if down else text
    parts: list[str] = []
    line = begun = first_line
    position = 0
    for count, match in enumerate(_MARK.finditer(text)):
        if count > MOST_MARKS:
            raise ValueError(f"more than {MOST_MARKS} statements, literals and comments")
        start, mark = match.start(), match.group()
        if start < position:
            continue
        parts.append(text[position:start])
        end = start + 1 if mark == ";" else _end_of(text, start + len(mark), _ENDS[mark])
        before = line + parts[-1].count("\n")
        found, position = text[start:end], end
        line = before + found.count("\n")
        if mark == ";":
            yield from _statement("".join(parts), begun)
            parts, begun = [], line
        elif mark == "$$":
            # A body may hold the very same statements: they are read as ones of their own.
            yield from statements_in(found.strip("$"), before)
        parts.append(("''" if mark == "'" else " ") + "\n" * found.count("\n") if mark != ";" else "")
    yield from _statement("".join(parts) + text[position:], begun)


def _end_of(text: str, start: int, closing: str) -> int:
    """Behind the closing mark; an unclosed comment or literal reaches to the end. A backslash keeps a quote open."""
    end = text.find(closing, start)
    while closing == "'" and end > start and text[end - 1] == "\\":
        end = text.find(closing, end + 1)
    return len(text) if end < 0 else end + len(closing)


def _statement(text: str, line: int) -> Iterator[Statement]:
    lead = len(text) - len(text.lstrip())
    folded = " ".join(text.split())
    if folded:
        yield Statement(
            text=folded.removeprefix("begin ").removeprefix("BEGIN "), line=line + text.count("\n", 0, lead)
        )


def dangers_of(statements: tuple[Statement, ...]) -> Iterator[Danger]:
    """What the statements do, in order. A table that the same way up makes anew is rewritten, one that it made goes
    unmentioned, and so does an object that it makes again.
    """
    made: set[str] = set()
    remade = {name for one in statements if (name := _group(_CREATES, one.text))}
    renames = [match for one in statements if (match := _RENAMES.search(one.text))]
    renamed = {_plain(match.group(2)): _plain(match.group(1)) for match in renames}
    for statement in statements:
        created = _group(_CREATES, statement.text)
        if created:
            made.add(created)
            continue
        danger = _danger(statement)
        if danger is None:
            continue
        if danger.rule in ("migration-drops-data", "migration-drops-object"):
            if danger.name in made and danger.name not in renamed:
                continue
            if renamed.get(danger.name) in remade or danger.name in remade or danger.name in renamed:
                if danger.rule == "migration-drops-object":
                    continue
                danger = Danger(rule="migration-rewrites", statement=statement, name=danger.name)
        yield danger


def _danger(statement: Statement) -> Danger | None:
    if not _RISKY.search(statement.text):
        return None
    for rule, pattern in _RULES:
        match = pattern.search(statement.text)
        if match:
            name = _plain(match.group(1)) if pattern.groups and match.group(1) else ""
            return Danger(rule=rule, statement=statement, name=name)
    match = _ADDS.search(statement.text)
    if match and any(_is_demanding(column) for column in _ADD.split(statement.text)[1:]):
        return Danger(rule="migration-tightens", statement=statement, name=_plain(match.group(1)))
    name = _group(_DELETES, statement.text)
    if name and not _WHERE.search(statement.text):
        return Danger(rule="migration-drops-data", statement=statement, name=name)
    return None


def _is_demanding(column: str) -> bool:
    """Whether a new column must have a value and says none for the rows that are there."""
    return bool(_NOT_NULL.search(column)) and not _FILLED.search(column)


def _group(pattern: Any, text: str) -> str:
    match = pattern.search(text)
    return _plain(match.group(1)) if match else ""


def _plain(name: str) -> str:
    return name.translate({ord(mark): None for mark in '"`[]'}).casefold()
