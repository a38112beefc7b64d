"""The GraphQL documents beside this folder, and queries put together from their fragments."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files

from bot.github.client import Variables


@cache
def document(name: str) -> str:
    """The text of `queries/<name>.graphql`."""
    return (files("bot.github") / "queries" / f"{name}.graphql").read_text(encoding="utf-8")


@dataclass(frozen=True, slots=True, kw_only=True)
class Selection:
    """A part of a query. `repository` are fields of the repository, `root` fields beside it.

    `arguments` are variable name → (GraphQL type, value); `fragments` the documents the fields use.
    """

    repository: str = ""
    root: str = ""
    arguments: Mapping[str, tuple[str, str | int | None]] = field(default_factory=dict)
    fragments: tuple[str, ...] = ()


def compose(*selections: Selection) -> tuple[str, Variables]:
    """One query of all parts, and its variables. Values go into variables, never into the text.

    A variable of two parts is the same variable; `$owner` and `$name` name the repository.
    """
    arguments = {name: told for part in selections for name, told in part.arguments.items()}
    heading = ", ".join(f"${name}: {kind}" for name, (kind, _) in sorted(arguments.items()))
    repository = "\n".join(part.repository for part in selections if part.repository)
    root = "\n".join(part.root for part in selections if part.root)
    fragments = sorted({name for part in selections for name in part.fragments})
    inside = f"repository(owner: $owner, name: $name) {{ nameWithOwner\n{repository} }}"
    text = f"query Look({heading}) {{\n{inside}\n{root}\n}}\n" + "\n".join(document(name) for name in fragments)
    return text, {name: value for name, (_, value) in arguments.items()}


def repository_arguments(owner: str, name: str) -> dict[str, tuple[str, str | int | None]]:
    return {"owner": ("String!", owner), "name": ("String!", name)}
