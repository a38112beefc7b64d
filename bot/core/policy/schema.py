"""The JSON Schema of the policy file, for editors; made from the grammar that the parser reads by."""

from __future__ import annotations

from typing import Any

from bot.core.policy.grammar import POLICY


def policy_schema() -> dict[str, Any]:
    """A JSON Schema (draft 2020-12). What it accepts the parser may still refuse: patterns that do not compile."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Countersign policy",
        "description": "What an organisation asks of which change",
        **POLICY.schema(),
    }
