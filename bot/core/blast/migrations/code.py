"""Migrations written as programs (knex, TypeORM, Sequelize, Laravel, Ecto, goose): calls and queries of the way up."""

from __future__ import annotations

from collections.abc import Iterator

import re2

from bot.core.blast.migrations.python import Operation
from bot.core.blast.migrations.sql import dangers_of, statements_in

# What a call is named, whatever it is called on → its rule.
_RULES = (
    (
        r"drop(?:Table|Schema|Column|Columns|Timestamps)(?:IfExists)?|removeColumns?|Schema::drop(?:IfExists)?|DropTable|DropColumn",
        "migration-drops-data",
    ),
    (r"rename(?:Table|Column)|changeColumn|Schema::rename|RenameTable|RenameColumn|AlterColumn", "migration-rewrites"),
    (
        r"drop(?:Foreign(?:Keys?)?|Primary(?:Key)?|Unique(?:Constraint)?|CheckConstraint|Checks)|(?:remove|Drop)Constraint",
        "migration-weakens",
    ),
    (r"drop(?:Index|View|ViewIfExists)|removeIndex|DropIndex", "migration-drops-object"),
)
_CALLS = tuple((re2.compile(rf"(?:^|[\s.>(;])({names})\s*\("), rule) for names, rule in _RULES)
# Ecto: https://hexdocs.pm/ecto_sql/Ecto.Migration.html
_ECTO = (
    (re2.compile(r"^\s*(drop(?:_if_exists)?)\s*\(?\s*table\b"), "migration-drops-data"),
    (re2.compile(r"^\s*(remove(?:_if_exists)?)[\s(]+:"), "migration-drops-data"),
    (re2.compile(r"^\s*(rename)[\s(]+table\b"), "migration-rewrites"),
    (re2.compile(r"^\s*(drop(?:_if_exists)?)\s*\(?\s*constraint\b"), "migration-weakens"),
)
_METHOD = re2.compile(
    r"(?i)(?:(?:exports\.|\bfunction\s+|\bdefp?\s+|\basync\s+|\bpublic\s+|\bconst\s+|^\s*)"
    r"(up|down|rollback|migrate|change)\s*(?:[=(:{]|do\b))|\bfunc\s+\w*?(up|down)\w*\s*\("
)
_DOWN = ("down", "rollback")
# A literal that begins with a verb of SQL is a query, whoever runs it.
_VERBS = r"\s*(?:drop|alter|truncate|delete\s+from|rename|grant)\b"
_QUERY = re2.compile(rf"""(?i)"({_VERBS}[^"]*)"|'({_VERBS}[^']*)'|`({_VERBS}[^`]*)`""")
_COMMENT = re2.compile(r"^\s*(?://|#|\*|/\*)")


def operations_in(text: str) -> Iterator[Operation]:
    up = "\n".join(_way_up(text))
    for number, line in enumerate(up.split("\n"), start=1):
        for pattern, rule in (*_CALLS, *_ECTO):
            match = pattern.search(line)
            if match:
                yield Operation(rule=rule, text=" ".join(line[match.start(1) :].split())[:80], line=number)
                break
    begun, place = 1, 0
    for match in _QUERY.finditer(up):
        begun, place = begun + up.count("\n", place, match.start()), match.start()
        query = next(text for text in match.groups() if text)
        for danger in dangers_of(tuple(statements_in(query, begun))):
            yield Operation(rule=danger.rule, text=danger.statement.text[:80], line=danger.statement.line)


def _way_up(text: str) -> Iterator[str]:
    """Every line, those of the way down and comments as empty ones; a method ends where the next one begins."""
    is_down = False
    for line in text.split("\n"):
        method = _METHOD.search(line)
        if method:
            is_down = (method.group(1) or method.group(2)).casefold() in _DOWN
        yield "" if is_down or _COMMENT.search(line) else line
