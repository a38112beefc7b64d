"""Logs say what failed and where, and nothing of what was being worked on."""

from __future__ import annotations

import io
import json
import logging
from collections.abc import Iterator

import pytest
import structlog

from bot.cli.logs import configure_logs


@pytest.fixture
def lines() -> Iterator[io.StringIO]:
    stream = io.StringIO()
    configure_logs("info", stream)
    yield stream
    structlog.reset_defaults()


def fail(token: str) -> None:
    raise ValueError(f"cannot use {token}")


def work() -> None:
    secret = "ghs_" + "s3cret" * 8
    try:
        fail(secret)
    except ValueError as error:
        raise RuntimeError(secret) from error


def test_an_exception_is_logged_without_its_values_or_words(lines: io.StringIO) -> None:
    try:
        work()
    except RuntimeError:
        structlog.get_logger().exception("look failed", subject="pull:1:2")
    (line,) = lines.getvalue().splitlines()
    assert "s3cret" not in line
    told = json.loads(line)
    assert (told["event"], told["subject"], told["level"]) == ("look failed", "pull:1:2", "error")
    outer, cause = told["exception"]
    assert outer.startswith("RuntimeError < ")
    assert cause.startswith("ValueError < ")
    assert "test_logs.py" in cause
    assert " fail" in cause


def test_what_is_below_the_level_is_not_logged(lines: io.StringIO) -> None:
    structlog.get_logger().debug("small talk")
    assert lines.getvalue() == ""


def test_what_a_library_logs_is_told_without_what_it_quotes(lines: io.StringIO) -> None:
    secret = "ghs_" + "s3cret" * 8
    try:
        fail(secret)
    except ValueError:
        logging.getLogger("aiohttp.server").exception("Error handling request from %s", secret)
    logging.getLogger("asyncio").error(f"Task exception was never retrieved\nfuture: <Task {secret}>")  # noqa: G004
    first, second = (json.loads(line) for line in lines.getvalue().splitlines())
    assert (first["event"], first["logger"]) == ("Error handling request from %s", "aiohttp.server")
    assert first["exception"][0].startswith("ValueError < ")
    assert (second["event"], second["level"]) == ("Task exception was never retrieved", "error")
    assert "s3cret" not in lines.getvalue()
