"""A clone with its objects and notes at hand: what everything else reads from."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from bot.git.clone import Clone, open_clone
from bot.git.notes import Notes, find_notes
from bot.git.objects import ObjectReader, open_objects


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    clone: Clone
    objects: ObjectReader
    notes: Notes


@contextmanager
def open_source(path: Path) -> Iterator[Source]:
    """Open the repository at `path` for reading. GitError when there is none."""
    with open_clone(path) as clone, open_objects(clone) as objects:
        yield Source(clone=clone, objects=objects, notes=find_notes(clone))
