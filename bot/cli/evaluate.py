"""`evaluate`: how well the gate's eyes see, measured on labelled corpora of real changes."""

from __future__ import annotations

import click

from bot.cli import evaluate_blast, evaluate_markers


@click.group("evaluate")
def command() -> None:
    """Measure the findings against a labelled corpus (JSON lines)."""


command.add_command(evaluate_blast.command, "blast")
command.add_command(evaluate_markers.command, "markers")
