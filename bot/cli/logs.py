"""Logs: one JSON object a line, a constant message and fields; of an exception where it was, never what it held."""

from __future__ import annotations

import json
import logging
import sys
import traceback
from datetime import UTC, datetime
from typing import Any, TextIO

import structlog
from structlog.typing import ExcInfo

LONGEST_CHAIN = 10
LONGEST_EVENT = 200


def configure_logs(level: str, stream: TextIO = sys.stdout) -> None:
    """What libraries log at warning and above is kept too. `level` is debug, info, warning or error."""
    handler = logging.StreamHandler(stream)
    handler.setFormatter(_LibraryFormat())
    logging.basicConfig(level=logging.WARNING, handlers=[handler], force=True)
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.ExceptionRenderer(_frames),
            structlog.processors.JSONRenderer(),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(getattr(logging, level.upper())),
        logger_factory=structlog.WriteLoggerFactory(file=stream),
    )


class _LibraryFormat(logging.Formatter):
    """A library's line as one of ours. Its arguments stay out, and of its words all but the first line: aiohttp
    quotes requests there, asyncio the exceptions of tasks.
    """

    def format(self, record: logging.LogRecord) -> str:
        told: dict[str, Any] = {
            "event": str(record.msg).partition("\n")[0][:LONGEST_EVENT],
            "logger": record.name,
            "level": record.levelname.lower(),
            "timestamp": datetime.fromtimestamp(record.created, UTC).isoformat(),
        }
        if isinstance(record.exc_info, tuple) and record.exc_info[1] is not None:
            told["exception"] = _frames(record.exc_info)
        return json.dumps(told)


def _frames(exc_info: ExcInfo) -> list[str]:
    """The kinds of the exception and its causes with their frames. Values and messages stay out: they may quote a
    change, a token or a secret.
    """
    found: list[str] = []
    error: BaseException | None = exc_info[1]
    while error is not None and len(found) < LONGEST_CHAIN:
        frames = reversed(traceback.extract_tb(error.__traceback__))
        places = [f"{frame.filename}:{frame.lineno} {frame.name}" for frame in frames]
        found.append(" < ".join([type(error).__name__, *places]))
        error = error.__cause__ or error.__context__
    return found
