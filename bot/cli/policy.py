"""`policy check` tells all faults of a policy file at once; `policy schema` prints the JSON Schema for editors."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import click

from bot.core.policy.document import LARGEST_TEXT
from bot.core.policy.model import Policy, PolicyError
from bot.core.policy.parse import parse_policy
from bot.core.policy.schema import policy_schema

FOUND, USAGE = 1, 2


@click.group()
def command() -> None:
    """Check a policy file, or print its schema."""


@command.command()
@click.argument("file", type=click.Path(path_type=Path, allow_dash=True))
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
def check(file: Path, *, as_json: bool) -> None:
    """Tell every fault of a policy file.

    Each with line and column; `-` reads standard input. Exits with 0 when the policy can be used, 1 when it has
    faults, 2 when it cannot be read.
    """
    parsed = parse_policy(_read(file), str(file))
    if as_json:
        click.echo(json.dumps(_document(parsed), indent=2))
    elif isinstance(parsed, PolicyError):
        for fault in parsed.faults:
            click.echo(f"{file}:{fault.line}:{fault.column}: {fault.message}")
    else:
        click.echo(f"{file}: good, {len(parsed.rules)} rules, mode {parsed.mode.value}, {parsed.digest}")
    sys.exit(FOUND if isinstance(parsed, PolicyError) else 0)


@command.command()
def schema() -> None:
    """Print the JSON Schema of the policy file."""
    click.echo(json.dumps(policy_schema(), indent=2))


def _read(file: Path) -> str:
    """The file's text, one byte over the limit at most; exits when there is none."""
    try:
        with click.open_file(str(file), "rb") as stream:
            content: bytes = stream.read(LARGEST_TEXT + 1)
            # Over the limit nothing but the size is told, so a character that the limit cut in two does not matter.
            return content.decode("utf-8-sig", "replace" if len(content) > LARGEST_TEXT else "strict")
    except OSError as error:
        click.echo(f"{file}: cannot be read: {error.strerror}", err=True)
    except UnicodeDecodeError:
        click.echo(f"{file}: cannot be read: expected UTF-8", err=True)
    sys.exit(USAGE)


def _document(parsed: Policy | PolicyError) -> dict[str, object]:
    faults = parsed.faults if isinstance(parsed, PolicyError) else ()
    return {
        "good": not faults,
        "source": parsed.source,
        "digest": parsed.digest if isinstance(parsed, Policy) else "",
        "faults": [{"line": fault.line, "column": fault.column, "message": fault.message} for fault in faults],
    }
