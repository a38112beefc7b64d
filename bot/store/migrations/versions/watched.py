"""Subjects that wait for something to change in their repository."""

from __future__ import annotations

from alembic import op
from sqlalchemy import BigInteger, Column, Integer, Text

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "watched",
        Column("subject", Text, primary_key=True),
        Column("repository", BigInteger().with_variant(Integer, "sqlite"), nullable=False),
        Column("work", Text, nullable=False),
    )
    op.create_index("watched_repository", "watched", ["repository"])
