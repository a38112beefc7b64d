"""Whether a pull request owes a review for a broken glass."""

from __future__ import annotations

from alembic import op
from sqlalchemy import Boolean, Column, false

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("shown", Column("owes", Boolean, nullable=False, server_default=false()))
