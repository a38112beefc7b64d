"""SQL as statements without comments and literals: any dialect, in linear time; what they drop, loosen or grant."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import re2

from bot.core.blast.patterns import Patterns

_MARK = re.compile(r"--|/\*|'|\$\$|;")
_ENDS = {"--": "\n", "/*": "*/", "'": "'", "$$": "$$"}
# A text with more comments, literals and statements is no migration that a person wrote.
MOST_MARKS = 100_000
_NAME = r"(?:if\s+(?:not\s+)?exists\s+)?(?:only\s+)?([\w\"`\[\].]+)"
_LESSER = r"view|materialized\s+view|function|procedure|sequence|extension|role|user|type|index(?:\s+concurrently)?"
# T-SQL writes no keyword before the new type.
_TYPES = r"n?(?:var)?char|(?:big|small|tiny)?int|decimal|numeric|datetime2?|date|bit|float|real|money|varbinary"
_WAY_DOWN = re2.compile(r"(?im)^\s*--\s*(?:\+goose\s+down|migrate:down|//@undo|\+migrate\s+down|down\s+migration)\b")
_DOWN_FILE = re2.compile(
    r"(?i)(^|/)(down\.sql|[^/]*[._-](down|rollback|undo)\.sql|U[0-9][^/]*__[^/]*\.sql|revert/[^/]*)$"
)

# The verb that a statement begins with, its rule, and what follows the verb in the folded text. The first group, where
# there is one, is the object.
_ROWS = (
    ("alter", "migration-drops-data", rf"table\s+{_NAME}.*\bdrop\s+column\s+(?:if\s+exists\s+)?[\w\"`\[\]]+"),
    (
        "alter",
        "migration-weakens",
        r"table\b.*\b(?:drop\s+(?:constraint|foreign\s+key|check|primary\s+key)|disable\s+(?:row\s+level\s+security|trigger)|drop\s+not\s+null)",
    ),
    ("alter", "migration-drops-data", rf"table\s+{_NAME}\s+(?:detach|drop)\s+partition"),
    ("alter", "migration-drops-data", rf"table\s+{_NAME}\s+drop\s+[\w\"`]+\s*(?:,|$)"),
    ("alter", "migration-rewrites", rf"table\s+{_NAME}.*\balter\s+(?:column\s+)?\S+\s+(?:set\s+data\s+)?type\b"),
    ("alter", "migration-rewrites", rf"table\s+{_NAME}.*\brename\b"),
    ("alter", "migration-rewrites", rf"table\s+{_NAME}.*\b(?:modify|change)\s+(?:column\s+)?[\w\"`]"),
    ("alter", "migration-rewrites", rf"table\s+{_NAME}\s+alter\s+column\s+\S+\s+(?:{_TYPES})\b"),
    ("alter", "migration-tightens", rf"table\s+{_NAME}.*\bset\s+not\s+null\b"),
    ("alter", "migration-grants", r"(?:role|user)\b.*\b(?:superuser|createrole|bypassrls)\b"),
    (
        "drop",
        "migration-drops-data",
        rf"(?:table|schema|database|keyspace|materialized\s+view|type|tablespace)\s+{_NAME}",
    ),
    ("drop", "migration-weakens", rf"(?:policy|trigger)\s+{_NAME}"),
    ("drop", "migration-drops-object", rf"(?:{_LESSER})\s+{_NAME}"),
    ("exec", "migration-rewrites", r"sp_rename\b"),
    ("grant", "migration-grants", r".*\bto\b"),
    ("rename", "migration-rewrites", r"table\b"),
    ("truncate", "migration-drops-data", rf"(?:table\s+)?{_NAME}"),
)
_RULES = {
    verb: tuple((rule, re2.compile(rf"(?i)^{rest}")) for other, rule, rest in _ROWS if other == verb)
    for verb in {row[0] for row in _ROWS}
}
_HITS = {verb: Patterns(pattern.pattern for _, pattern in rules) for verb, rules in _RULES.items()}
_DELETES = re2.compile(rf"(?i)^from\s+{_NAME}")
_ADDS = re2.compile(rf"(?i)^table\s+{_NAME}.*\badd\b")
_ADD = re2.compile(r"(?i)\badd\b")
_NOT_NULL = re2.compile(r"(?i)\bnot\s+null\b")
_FILLED = re2.compile(r"(?i)\b(?:default|generated|identity|serial|bigserial|auto_increment|check|constraint)\b")
_QUOTES = str.maketrans("", "", '"`[]')
_WHERE = re2.compile(r"(?i)\b(where|using|join|limit)\b")
_CREATES = re2.compile(
    rf"(?i)^create\s+(?:or\s+replace\s+)?(?:temp(?:orary)?\s+|unlogged\s+|unique\s+|materialized\s+)*(?:table|view|index(?:\s+concurrently)?|function|procedure|trigger|policy|type|sequence)\s+{_NAME}"
)
_CONSTRAINT = re2.compile(r"(?i)\b(?:add|drop)\s+constraint\s+(?:if\s+exists\s+)?([\w\"`\[\]]+)")
_ADDS_CONSTRAINT = re2.compile(r"(?i)\badd\s+constraint\s+([\w\"`\[\]]+)")
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
    creates = {id(one): name for one in statements if _begins(one, "create") and (name := _group(_CREATES, one.text))}
    remade = set(creates.values())
    readded = {_plain(name) for one in statements for name in _ADDS_CONSTRAINT.findall(one.text)}
    renames = [match for one in statements if _begins(one, "alter") and (match := _RENAMES.search(one.text))]
    renamed = {_plain(match.group(2)): _plain(match.group(1)) for match in renames}
    for statement in statements:
        if id(statement) in creates:
            made.add(creates[id(statement)])
            continue
        danger = _danger(statement)
        if danger is None or (danger.rule == "migration-weakens" and _is_readded(statement, readded)):
            continue
        if danger.rule in ("migration-drops-data", "migration-drops-object"):
            if danger.name in made and danger.name not in renamed:
                continue
            if renamed.get(danger.name) in remade or danger.name in remade or danger.name in renamed:
                if danger.rule == "migration-drops-object":
                    continue
                danger = Danger(rule="migration-rewrites", statement=statement, name=danger.name)
        yield danger


def _is_readded(statement: Statement, readded: set[str]) -> bool:
    """Whether every constraint that is dropped is added again under its name: it is given other terms."""
    named = {_plain(name) for name in _CONSTRAINT.findall(statement.text)}
    return bool(named) and named <= readded


def _begins(statement: Statement, verb: str) -> bool:
    return statement.text[: len(verb)].casefold() == verb


def _danger(statement: Statement) -> Danger | None:
    verb, _, text = statement.text.partition(" ")
    verb = verb.casefold()
    hits = _HITS[verb].hits(text) if verb in _HITS else ()
    if hits:
        rule, pattern = _RULES[verb][hits[0]]
        return Danger(rule=rule, statement=statement, name=_group(pattern, text) if pattern.groups else "")
    if verb == "alter":
        match = _ADDS.search(text)
        if match and any(_is_demanding(column) for column in _ADD.split(text)[1:]):
            return Danger(rule="migration-tightens", statement=statement, name=_plain(match.group(1)))
    if verb == "delete":
        name = _group(_DELETES, text)
        if name and not _WHERE.search(text):
            return Danger(rule="migration-drops-data", statement=statement, name=name)
    return None


def _is_demanding(column: str) -> bool:
    """Whether a new column must have a value and says none for the rows that are there."""
    return bool(_NOT_NULL.search(column)) and not _FILLED.search(column)


def _group(pattern: Any, text: str) -> str:
    match = pattern.search(text)
    return _plain(match.group(1)) if match and match.group(1) else ""


def _plain(name: str) -> str:
    return name.translate(_QUOTES).casefold()
