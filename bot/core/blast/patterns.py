"""Many patterns searched in one pass, in linear time."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import re2


class Patterns:
    """RE2 patterns, told by their place in the order in which they were given."""

    def __init__(self, patterns: Iterable[str]) -> None:
        self._patterns = tuple(patterns)
        self._set: Any = re2.Set.SearchSet()
        for pattern in self._patterns:
            self._set.Add(pattern)
        # Matches everything: a set that ran out of memory answers "nothing", and this tells it from no match.
        self._canary = self._set.Add("")
        self._set.Compile()

    @property
    def size(self) -> int:
        return len(self._patterns)

    def hits(self, text: str) -> tuple[int, ...]:
        """The places, sorted, of the patterns that are found in the text."""
        found = self._set.Match(text) or ()
        if self._canary in found:
            return tuple(sorted(place for place in found if place != self._canary))
        return tuple(place for place, pattern in enumerate(self._patterns) if re2.search(pattern, text))
