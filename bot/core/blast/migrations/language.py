"""Migrations as a language of the blast radius: operations that a change adds, wherever they stood before."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from bot.core.blast.infra import Infra
from bot.core.blast.language import Change, Declared, Judgement, Source, Span, Stack, effect_of
from bot.core.blast.migrations import code, liquibase, prisma, python, rails
from bot.core.blast.migrations.python import Operation
from bot.core.blast.migrations.sql import dangers_of, is_way_down, statements_in
from bot.core.finding import Confidence, Effect, Side

CONFIDENCE = {
    "migration-drops-data": Confidence.HIGH,
    "migration-drops-object": Confidence.LOW,
    "migration-grants": Confidence.HIGH,
    "migration-rewrites": Confidence.MEDIUM,
    "migration-runs-code": Confidence.LOW,
    "migration-tightens": Confidence.LOW,
    "migration-weakens": Confidence.MEDIUM,
}
WHAT = {
    "migration-drops-data": "drops data",
    "migration-drops-object": "drops an object without data",
    "migration-grants": "grants rights",
    "migration-rewrites": "renames or rewrites what is in use",
    "migration-runs-code": "runs a program over the rows, of which only the queries were read",
    "migration-tightens": "fails or stops writes where rows have no value",
    "migration-weakens": "takes a constraint or protection away",
}


MADE_LATE = "runs a query that is made only when it runs"
PROGRAMS = (".ts", ".js", ".mjs", ".cjs", ".php", ".exs", ".ex", ".go", ".kt", ".java", ".cs")
CHANGELOGS = (".xml", ".yaml", ".yml", ".json")
# Files that say what a database holds: what leaves one is dropped by the next migration that is made from it.
SCHEMAS = {"schema.rb": rails.schema_of, ".prisma": prisma.schema_of}


class Migrations:
    name = "migrations"
    kinds = frozenset(
        {"migration-sql", "migration-alembic", "migration-django", "migration-rails", "migration-other", "sql-schema"}
    )
    span = Span.PULL

    def judge(self, stack: Stack, infra: Infra) -> Judgement:
        unread: list[str] = []
        known = Counter(one.text for source in stack.base for one in _operations(source, unread))
        effects: list[Effect] = []
        for change in stack.changes:
            for one in _operations(change.head, unread) if change.head else ():
                if known[one.text] > 0:
                    known[one.text] -= 1
                else:
                    effects.append(_effect(change, one, infra))
            effects += _lost_schema(change, infra)
        return Judgement(effects=tuple(effects), unread=tuple(dict.fromkeys(unread)))


def _operations(source: Source, unread: list[str]) -> tuple[Operation, ...]:
    """Those of one text; when it cannot be read, a sentence is added to `unread`."""
    path = source.path.casefold()
    if path.endswith(".py"):
        try:
            found = tuple(python.operations_in(source.text))
        except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
            unread.append(f"`{source.path}` is no Python that can be read ({type(error).__name__})")
            return ()
        unread += [f"`{source.path}` line {one.line} {MADE_LATE}" for one in found if not one.rule]
        return tuple(one for one in found if one.rule)
    if path.endswith(".rb"):
        return _of_rails(source, unread)
    if is_way_down(source.path):
        return ()
    if path.endswith(PROGRAMS):
        return tuple(code.operations_in(source.text))
    if path.endswith(CHANGELOGS):
        return _of_liquibase(source, unread)
    if not path.endswith((".sql", ".ddl")):
        return ()
    try:
        dangers = tuple(dangers_of(tuple(statements_in(source.text))))
    except ValueError as error:
        unread.append(f"`{path}` was not read to its end: {error}")
        return ()
    return tuple(Operation(rule=one.rule, text=one.statement.text, line=one.statement.line) for one in dangers)


def _of_liquibase(source: Source, unread: list[str]) -> tuple[Operation, ...]:
    """A changelog, told by its root; other settings of the tool hold no changes."""
    if "databaseChangeLog" not in source.text:
        return ()
    try:
        if source.path.casefold().endswith(".xml"):
            return tuple(liquibase.of_xml(source.text))
        if source.documents.fault:
            unread.append(f"`{source.path}` is no YAML: {source.documents.fault}")
        return tuple(liquibase.of_documents(source.documents))
    except ValueError as error:
        unread.append(f"`{source.path}` was not read to its end: {error}")
        return ()


def _of_rails(source: Source, unread: list[str]) -> tuple[Operation, ...]:
    if source.path.endswith("schema.rb"):
        return ()
    line = rails.unread_in(source.text)
    if line:
        unread.append(f"`{source.path}` line {line} {MADE_LATE}")
    return tuple(rails.operations_in(source.text))


def _lost_schema(change: Change, infra: Infra) -> Iterator[Effect]:
    read = next((read for ending, read in SCHEMAS.items() if change.base and change.base.path.endswith(ending)), None)
    if change.base is None or read is None:
        return
    before, after = read(change.base.text), read(change.head.text if change.head else "")
    kind = min(change.kinds & Migrations.kinds)
    for name in before.keys() - after.keys():
        if name.partition(".")[0] == name or name.partition(".")[0] in after:
            declared = Declared(address=name, type="schema", path=change.path, line=before[name])
            reason = f"`{name}` is no longer part of the schema"
            yield effect_of(infra, "migration-drops-data", declared, kind=kind, side=Side.BASE, reason=reason)


def _effect(change: Change, operation: Operation, infra: Infra) -> Effect:
    shown = operation.text.replace("`", "")[:80]
    declared = Declared(address=shown, type="migration", path=change.path, line=operation.line)
    kind = min(change.kinds & Migrations.kinds)
    reason = f"`{shown}` {WHAT[operation.rule]}"
    confidence = CONFIDENCE[operation.rule]
    if kind == "sql-schema":
        # A dump or a set-up script says what a new database holds, and mostly nothing of one that is in use.
        confidence = min(confidence, Confidence.LOW if operation.rule == "migration-rewrites" else Confidence.MEDIUM)
    return effect_of(infra, operation.rule, declared, kind=kind, side=Side.HEAD, reason=reason, confidence=confidence)
