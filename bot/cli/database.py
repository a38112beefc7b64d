"""What a database said that cannot be used, for people."""

from __future__ import annotations

from sqlalchemy.exc import DBAPIError


def first_line(error: DBAPIError) -> str:
    """The database's own words, without the statement, the library's names or a link."""
    return str(error.orig).partition("\n")[0]
