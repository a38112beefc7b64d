"""What a change is found to do, in a form that tables of cases can state."""

from __future__ import annotations

from bot.core.blast.assess import assess
from bot.core.finding import Confidence
from bot.data.infra import load_infra
from tests.core.blast.files import changed

Files = tuple[tuple[str, str | None, str | None], ...]


def effects(*files: tuple[str, str | None, str | None]) -> set[tuple[str, str]]:
    """(rule, address) of what is found with at least medium confidence, scale left out."""
    blast = assess(tuple(changed(*file) for file in files), (), load_infra())
    return {
        (one.rule, one.address)
        for one in blast.effects
        if one.confidence >= Confidence.MEDIUM and not one.rule.startswith("stack-")
    }


def rules(*files: tuple[str, str | None, str | None]) -> set[str]:
    return {rule for rule, _ in effects(*files)}


def unread(*files: tuple[str, str | None, str | None]) -> tuple[str, ...]:
    return assess(tuple(changed(*file) for file in files), (), load_infra()).incomplete
