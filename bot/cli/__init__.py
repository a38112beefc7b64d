"""The command line: one file per command, found by its name."""

from __future__ import annotations

import ast
import importlib
from pathlib import Path

import click

COMMANDS: dict[str, str] = {
    "audit": "bot.cli.audit",
    "backtest": "bot.cli.backtest",
    "doctor": "bot.cli.doctor",
    "evaluate": "bot.cli.evaluate",
    "explain": "bot.cli.explain",
    "judge": "bot.cli.judge",
    "policy": "bot.cli.policy",
    "rulesets": "bot.cli.rulesets",
    "sandbox": "bot.cli.sandbox",
    "serve": "bot.cli.serve",
}


class _Commands(click.Group):
    """Imports a command's file only when it is called, so that each starts as fast as it can."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        return sorted(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002 - click's signature
        if cmd_name not in COMMANDS:
            return None
        command: click.Command = importlib.import_module(COMMANDS[cmd_name]).command
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, _summary(COMMANDS[name])) for name in self.list_commands(ctx)])


def _summary(module: str) -> str:
    """The first sentence of a command's help, read from its file: importing all of them takes seconds."""
    file = Path(__file__).parent / f"{module.rpartition('.')[2]}.py"
    for node in ast.parse(file.read_bytes()).body:
        if isinstance(node, ast.FunctionDef) and node.name == "command":
            return (ast.get_docstring(node) or "").partition("\n")[0]
    raise LookupError(f"{file.name}: expected a function named command")


@click.group(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"]})
def main() -> None:
    """Countersign: senior approval for AI-assisted infrastructure changes."""
