"""How well a tool is found that nobody has listed: each case is judged by a catalogue without the tools it shows."""

from __future__ import annotations

import functools
from collections.abc import Callable
from dataclasses import replace

from bot.core.finding import Evidence
from bot.core.provenance.markers import Markers


def evidence_unlisted(find: Callable[[Markers], tuple[Evidence, ...]], markers: Markers) -> tuple[Evidence, ...]:
    """What `find` sees without any tool that it would name: no name, address, account or wording of it is known.

    One tool hides behind another (a coding agent behind its vendor's models), so that this is repeated until no listed
    tool is named. What is left are general habits.
    """
    listed = frozenset(tool.id for tool in markers.tools)
    hidden: frozenset[str] = frozenset()
    while True:
        evidence = find(_without(markers, hidden))
        named = listed.intersection(one.agent for one in evidence) - hidden
        if not named:
            return evidence
        hidden |= named


@functools.lru_cache(maxsize=1024)
def _without(markers: Markers, tools: frozenset[str]) -> Markers:
    return replace(
        markers,
        tools=tuple(tool for tool in markers.tools if tool.id not in tools),
        markers=tuple(row for row in markers.markers if row.tool not in tools),
    )
