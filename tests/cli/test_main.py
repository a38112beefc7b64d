"""The front door: every command is listed in its own words, and listing them imports none."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from bot.cli import COMMANDS, main

ROOT = Path(__file__).parent.parent.parent


@pytest.mark.parametrize("name", sorted(COMMANDS))
def test_the_list_says_of_a_command_what_it_says_of_itself(name: str) -> None:
    command = main.get_command(click.Context(main), name)
    assert command is not None
    listed = CliRunner().invoke(main, ["--help"], terminal_width=200).output
    assert f"{name.ljust(max(map(len, COMMANDS)))}  {command.get_short_help_str(200)}" in listed


def test_listing_the_commands_imports_none_of_them() -> None:
    program = (
        "import sys; from bot.cli import main; main(['--help'], standalone_mode=False);"
        "print(*(name for name in sys.modules if name.startswith('bot.')))"
    )
    done = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "bot.cli"
