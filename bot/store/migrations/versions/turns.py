"""Whose work a subject is, so that installations take turns."""

from __future__ import annotations

from alembic import op
from sqlalchemy import BigInteger, Column, Integer

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

_Number = BigInteger().with_variant(Integer, "sqlite")


def upgrade() -> None:
    op.add_column("due", Column("installation", _Number, nullable=False, server_default="0"))
    op.execute("DROP INDEX due_open")
    op.execute("CREATE INDEX due_open ON due (installation, not_before) WHERE generation > done")
    op.execute("CREATE INDEX due_held ON due (installation) WHERE leased_until > 0")
