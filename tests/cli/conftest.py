from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from bot.cli import main
from tests.git.workbench import Workbench

Run = Callable[..., Result]


@pytest.fixture
def bench(tmp_path: Path) -> Workbench:
    return Workbench.start(tmp_path / "shop")


@pytest.fixture
def run() -> Run:
    """Calls the command line with its own words, and lets no exception through unseen."""

    def call(*arguments: object) -> Result:
        result = CliRunner().invoke(main, [str(argument) for argument in arguments])
        assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
        return result

    return call
