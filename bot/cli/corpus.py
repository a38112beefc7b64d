"""A labelled corpus: JSON lines, each one case."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, TypeVar

from bot.cli.local import InputError

T = TypeVar("T")


def judge_each(file: Path, judge: Callable[[dict[str, Any]], T]) -> Iterator[T]:
    """What `judge` makes of each case, in their order; empty lines are passed over.

    InputError for a line that `judge` can make nothing of, and for a file without a case.
    """
    count = 0
    with file.open(encoding="utf-8", errors="replace") as lines:
        for number, line in enumerate(lines, 1):
            if not line.strip():
                continue
            try:
                outcome = judge(json.loads(line))
            except (ValueError, KeyError, TypeError, AttributeError) as error:
                raise InputError(f"{file}, line {number}: no labelled case: {_why(error)}") from error
            count += 1
            yield outcome
    if not count:
        raise InputError(f"{file}: no labelled case in it")


def _why(error: Exception) -> str:
    if isinstance(error, json.JSONDecodeError):
        return "no valid JSON"
    return f"the key {error} is missing or holds something else" if isinstance(error, KeyError) else str(error)
