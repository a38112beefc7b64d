"""Reads what is known about infrastructure from the tables of this folder."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from importlib.resources import files

from bot.core.blast.infra import Infra, parse_kinds, parse_names, parse_replacements, parse_rules

FAMILIES = ("cloudformation", "cloudformation-conditional", "terraform", "terraform-likely")


@cache
def load_infra() -> Infra:
    """The tables as values. Raises when one is malformed: the App must not start with half its knowledge."""
    here = files("bot.data")
    return Infra(
        kinds=parse_kinds((here / "infra.toml").read_text(encoding="utf-8")),
        rules=parse_rules(_texts("effects")),
        names=parse_names(_texts("danger")),
        replacements={
            family: parse_replacements((here / "tables" / f"{family}.json").read_text(encoding="utf-8"))
            for family in FAMILIES
        },
    )


def _texts(folder: str) -> Iterator[str]:
    for file in sorted((files("bot.data") / folder).iterdir(), key=lambda file: file.name):
        if file.name.endswith(".toml"):
            yield file.read_text(encoding="utf-8")
