"""Finds the incidents in the ledger without reading all of it."""

from __future__ import annotations

from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("CREATE INDEX ledger_incidents ON ledger (sequence) WHERE kind = 'incident'")
