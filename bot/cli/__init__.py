"""The command line: one file per command, found by its name."""

from __future__ import annotations

import importlib

import click

COMMANDS: dict[str, str] = {
    "audit": "bot.cli.audit",
    "backtest": "bot.cli.backtest",
    "evaluate": "bot.cli.evaluate",
    "explain": "bot.cli.explain",
    "judge": "bot.cli.judge",
    "policy": "bot.cli.policy",
    "sandbox": "bot.cli.sandbox",
    "serve": "bot.cli.serve",
}


class _Commands(click.Group):
    """Imports a command's file only when it is called, so that `--help` and `judge` start fast."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        return sorted(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002 - click's signature
        if cmd_name not in COMMANDS:
            return None
        command: click.Command = importlib.import_module(COMMANDS[cmd_name]).command
        return command


@click.group(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"]})
def main() -> None:
    """Countersign: senior approval for AI-assisted infrastructure changes."""
