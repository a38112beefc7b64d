"""The ledger as commands read it, beside a running App, and what it holds in the forms that people are given."""

from __future__ import annotations

import datetime as dt
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click
from sqlalchemy import Connection, create_engine
from sqlalchemy.exc import DBAPIError

from bot.settings import SettingsError, read_database_url
from bot.store.embedded import open_for_reading
from bot.store.queue import SQLITE

USAGE = 2
TIME = click.DateTime(["%Y-%m-%d", "%Y-%m-%dT%H:%M:%SZ"])


def first_line(error: DBAPIError) -> str:
    """The database's own words, without the statement, the library's names or a link."""
    return str(error.orig).partition("\n")[0]


def seconds(time: dt.datetime) -> int:
    """Of a time that was given without a zone, which is UTC."""
    return int(time.replace(tzinfo=dt.UTC).timestamp())


def iso(at: int) -> str:
    return dt.datetime.fromtimestamp(at, tz=dt.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def harmless(value: object) -> object:
    """A spreadsheet must not run what somebody wrote. https://owasp.org/www-community/attacks/CSV_Injection"""
    return f"'{value}" if isinstance(value, str) and value.startswith(("=", "+", "-", "@", "\t", "\r")) else value


@contextmanager
def ledger() -> Iterator[Connection]:
    """Reads only. Exit 2 when there is no database."""
    try:
        url = read_database_url()
        is_file = url.startswith(SQLITE)
        engine = open_for_reading(Path(url.removeprefix(SQLITE))) if is_file else create_engine(url)
        with engine.connect() as connection:
            yield connection
        engine.dispose()
    except FileNotFoundError as error:
        _refuse(f"{error}: no such database")
    except SettingsError as error:
        _refuse(str(error))
    except DBAPIError as error:
        _refuse(f"DATABASE_URL: {first_line(error)}")


def _refuse(why: str) -> None:
    click.echo(f"audit: {why}", err=True)
    sys.exit(USAGE)
