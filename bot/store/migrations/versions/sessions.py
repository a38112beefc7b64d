"""Who is signed in, so that signing out ends a session wherever its cookie was copied to."""

from __future__ import annotations

from alembic import op
from sqlalchemy import BigInteger, Column, Float, Integer, Text

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

_Number = BigInteger().with_variant(Integer, "sqlite")


def upgrade() -> None:
    op.create_table(
        "session",
        Column("id", Text, primary_key=True),
        Column("account", _Number, nullable=False),
        Column("until", Float, nullable=False),
    )
    op.create_index("session_account", "session", ["account"])
