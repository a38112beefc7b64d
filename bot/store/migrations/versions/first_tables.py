"""Deliveries, due subjects, the append-only ledger, and what the dashboard shows."""

from __future__ import annotations

from alembic import op
from sqlalchemy import BigInteger, Boolean, Column, Float, Integer, Text

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

_Number = BigInteger().with_variant(Integer, "sqlite")

_SQLITE_GUARDS = (
    """CREATE TRIGGER ledger_no_update BEFORE UPDATE ON ledger
       BEGIN SELECT RAISE(ABORT, 'the ledger is append-only'); END""",
    """CREATE TRIGGER ledger_no_delete BEFORE DELETE ON ledger
       BEGIN SELECT RAISE(ABORT, 'the ledger is append-only'); END""",
    # REPLACE deletes without the delete trigger unless recursive triggers are on; so an existing row is refused here.
    """CREATE TRIGGER ledger_no_replace BEFORE INSERT ON ledger
       WHEN EXISTS (SELECT 1 FROM ledger WHERE sequence = NEW.sequence
                    OR (subject = NEW.subject AND kind = NEW.kind AND key = NEW.key))
       BEGIN SELECT RAISE(ABORT, 'the ledger is append-only'); END""",
)
_POSTGRESQL_GUARDS = (
    """CREATE FUNCTION ledger_refuse() RETURNS trigger LANGUAGE plpgsql AS
       $$ BEGIN RAISE EXCEPTION 'the ledger is append-only'; END $$""",
    """CREATE TRIGGER ledger_no_change BEFORE UPDATE OR DELETE ON ledger
       FOR EACH ROW EXECUTE FUNCTION ledger_refuse()""",
    """CREATE TRIGGER ledger_no_truncate BEFORE TRUNCATE ON ledger
       FOR EACH STATEMENT EXECUTE FUNCTION ledger_refuse()""",
)


def upgrade() -> None:
    _deliveries()
    _due()
    _ledger()
    _shown()
    sqlite = op.get_bind().dialect.name == "sqlite"
    for guard in _SQLITE_GUARDS if sqlite else _POSTGRESQL_GUARDS:
        op.execute(guard)


def _deliveries() -> None:
    op.create_table(
        "delivery",
        Column("id", Text, primary_key=True),
        Column("event", Text, nullable=False),
        Column("digest", Text, nullable=False),
        Column("received_at", Float, nullable=False),
    )
    op.create_table(
        "delivery_due",
        Column("delivery", Text, primary_key=True),
        Column("subject", Text, primary_key=True),
        Column("generation", _Number, nullable=False),
    )


def _due() -> None:
    op.create_table(
        "due",
        Column("subject", Text, primary_key=True),
        Column("work", Text, nullable=False),
        Column("generation", _Number, nullable=False),
        Column("done", _Number, nullable=False),
        Column("not_before", Float, nullable=False),
        Column("attempts", Integer, nullable=False),
        Column("fence", _Number, nullable=False),
        Column("leased_until", Float, nullable=False),
        Column("last_error", Text, nullable=False),
    )
    op.execute("CREATE INDEX due_open ON due (not_before) WHERE generation > done")


def _ledger() -> None:
    op.create_table(
        "ledger",
        Column("sequence", _Number, primary_key=True, autoincrement=False),
        Column("subject", Text, nullable=False),
        Column("kind", Text, nullable=False),
        Column("key", Text, nullable=False),
        Column("at", _Number, nullable=False),
        Column("body", Text, nullable=False),
        Column("previous", Text, nullable=False),
        Column("hash", Text, nullable=False),
    )
    op.create_index("ledger_once", "ledger", ["subject", "kind", "key"], unique=True)


def _shown() -> None:
    op.create_table(
        "shown",
        Column("subject", Text, primary_key=True),
        Column("owner", Text, nullable=False),
        Column("name", Text, nullable=False),
        Column("number", _Number, nullable=False),
        Column("title", Text, nullable=False),
        Column("verdict", Text, nullable=False),
        Column("headline", Text, nullable=False),
        Column("waiting", Boolean, nullable=False),
        Column("changed_at", _Number, nullable=False),
    )
