"""Properties of constructs that protect what is made, where a literal of the one file turns from strict to lax."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

import re2

from bot.core.blast.infra import Infra

# `removalPolicy: cdk.RemovalPolicy.RETAIN`, `deletion_protection=True`, `Protect: pulumi.Bool(true)`, `'a': 'Enabled'`.
_GIVEN = re2.compile(r"""\b([A-Za-z_]\w*)["']?\s*[:=]\s*(?:\w+\.Bool\(\s*)?["']?((?:\w+\.)*\w+)""")


def turned(base: str, head: str, infra: Infra) -> Iterator[tuple[int, str]]:
    """Line on the head side and what is laxer; as many that turn the other way cancel it."""
    levels = _levels(infra)
    before = Counter((key, value) for key, value, _ in _given(base, levels))
    known = Counter(before)
    after = list(_given(head, levels))
    now = Counter((key, value) for key, value, _ in after)
    for key, value, place in after:
        strict = levels[key].get(value, ())
        if known[key, value] > 0:
            known[key, value] -= 1
            continue
        was = next((one for one in sorted(strict) if now[key, one] < before[key, one]), "")
        if was:
            yield head.count("\n", 0, place) + 1, f"`{key}` goes from {was} to {value}"


def _levels(infra: Infra) -> dict[str, dict[str, set[str]]]:
    """Property → lax value → its strict ones."""
    levels: dict[str, dict[str, set[str]]] = {}
    for entry in infra.names["construct-guards"]:
        key, _, values = entry.partition(":")
        strict, _, lax = values.partition(">")
        levels.setdefault(key, {}).setdefault(lax, set()).add(strict)
    return levels


def _given(text: str, levels: dict[str, dict[str, set[str]]]) -> Iterator[tuple[str, str, int]]:
    for match in _GIVEN.finditer(text):
        key = match.group(1).replace("_", "").casefold()
        if key in levels:
            yield key, match.group(2).replace("_", ".").rpartition(".")[2].casefold(), match.start(1)
