"""Prisma's schema file: the models and the columns that it declares."""

from __future__ import annotations

import re2

# https://www.prisma.io/docs/orm/reference/prisma-schema-reference
_MODEL = re2.compile(r"^\s*model\s+(\w+)\s*\{")
_FIELD = re2.compile(r"^\s*(\w+)\s+(\w+)")


def schema_of(text: str) -> dict[str, int]:
    """`model` and `model.field` → line; fields that stand for related models are no columns."""
    lines = text.split("\n")
    models = {match.group(1) for line in lines if (match := _MODEL.search(line))}
    found: dict[str, int] = {}
    model = ""
    for number, line in enumerate(lines, start=1):
        opened, field = _MODEL.search(line), _FIELD.search(line)
        if opened:
            model = opened.group(1)
            found[model] = number
        elif line.strip() == "}":
            model = ""
        elif field and model and field.group(2) not in models:
            found[f"{model}.{field.group(1)}"] = number
    return found
