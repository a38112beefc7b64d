"""What authenticators are asked to sign; each challenge is taken once."""

from __future__ import annotations

from alembic import op
from sqlalchemy import Column, Float, Text

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "challenge",
        Column("nonce", Text, primary_key=True),
        Column("session", Text, nullable=False),
        Column("matter", Text, nullable=False),
        Column("until", Float, nullable=False),
    )
