"""The tables, as SQLAlchemy sees them; the migrations make them."""

from __future__ import annotations

from sqlalchemy import BigInteger, Boolean, Column, Float, Integer, MetaData, Table, Text

METADATA = MetaData()
# SQLite numbers rows only of columns of its own INTEGER type.
_Number = BigInteger().with_variant(Integer, "sqlite")

DELIVERY = Table(
    "delivery",
    METADATA,
    Column("id", Text, primary_key=True),
    Column("event", Text, nullable=False),
    Column("digest", Text, nullable=False),
    Column("received_at", Float, nullable=False),
)

DELIVERY_DUE = Table(
    "delivery_due",
    METADATA,
    Column("delivery", Text, primary_key=True),
    Column("subject", Text, primary_key=True),
    Column("generation", _Number, nullable=False),
)

DUE = Table(
    "due",
    METADATA,
    Column("subject", Text, primary_key=True),
    Column("work", Text, nullable=False),
    Column("generation", _Number, nullable=False),
    Column("done", _Number, nullable=False),
    Column("not_before", Float, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("fence", _Number, nullable=False),
    Column("leased_until", Float, nullable=False),
    Column("last_error", Text, nullable=False),
    Column("installation", _Number, nullable=False),
)

LEDGER = Table(
    "ledger",
    METADATA,
    Column("sequence", _Number, primary_key=True, autoincrement=False),
    Column("subject", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("key", Text, nullable=False),
    Column("at", _Number, nullable=False),
    Column("body", Text, nullable=False),
    Column("previous", Text, nullable=False),
    Column("hash", Text, nullable=False),
)

SHOWN = Table(
    "shown",
    METADATA,
    Column("subject", Text, primary_key=True),
    Column("owner", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("number", _Number, nullable=False),
    Column("title", Text, nullable=False),
    Column("verdict", Text, nullable=False),
    Column("headline", Text, nullable=False),
    Column("waiting", Boolean, nullable=False),
    Column("changed_at", _Number, nullable=False),
    Column("owes", Boolean, nullable=False),
)

# `id` is a digest: who reads the database can forge no cookie from it.
SESSION = Table(
    "session",
    METADATA,
    Column("id", Text, primary_key=True),
    Column("account", _Number, nullable=False),
    Column("until", Float, nullable=False),
)

CHALLENGE = Table(
    "challenge",
    METADATA,
    Column("nonce", Text, primary_key=True),
    Column("session", Text, nullable=False),
    Column("matter", Text, nullable=False),
    Column("until", Float, nullable=False),
)

WATCHED = Table(
    "watched",
    METADATA,
    Column("subject", Text, primary_key=True),
    Column("repository", _Number, nullable=False),
    Column("work", Text, nullable=False),
)
