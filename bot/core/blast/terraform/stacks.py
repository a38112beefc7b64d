"""Which changed files make up one module: those of a folder, and those of the folder that it was before a rename."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

import re2

from bot.core.blast.language import Change, Source, Stack, is_example
from bot.core.blast.terraform.module import Module, called_folder, place_of_state, read_module

# What a module's files say of each other: `var.size`, `local.tags`, `module.net`.
_REFERENCE = re2.compile(r"\b(var|local|module)\.([\w-]+)")
# Blocks that a folder has once, for all of it; a lone file with none of them is one of several.
_FRAME = frozenset({"inputs", "output", "provider", "terraform", "variable"})


def modules_of(changes: tuple[Change, ...]) -> Iterator[Stack]:
    """By folder, sorted. A file that moves to another folder leaves one module, and its state, for another; only when
    all of a module moves does it stay one, and `moved_from` says so unless its state is seen to come along.

    An example has no state to leave.
    """
    moves = _Moves(changes)
    whole = {old: new for old, new in moves.crossings if _is_shown(old) or moves.is_whole(old, new)}
    folders: dict[str, list[Change]] = defaultdict(list)
    for change in changes:
        old, new = _folder(change.base), _folder(change.head)
        home = new if old is None else whole.get(old, old)
        if new is None or home == new:
            folders[home or ""].append(change)
        else:
            folders[home or ""].append(Change(base=change.base, head=None, kinds=change.kinds))
            folders[new].append(Change(base=None, head=change.head, kinds=change.kinds))
    adrift = {new: old for old, new in whole.items() if not (_is_shown(old) or moves.takes_state(old, new))}
    for folder in sorted(folders):
        yield Stack(folder=folder, changes=tuple(folders[folder]), moved_from=adrift.get(folder), moves=whole)


def _folder(source: Source | None) -> str | None:
    return None if source is None else source.path.rpartition("/")[0]


def _is_shown(folder: str) -> bool:
    return is_example(f"{folder}/")


@dataclass(frozen=True)
class _Moves:
    """What the changed files tell of folders that became others; worked out once for all of them."""

    changes: tuple[Change, ...]

    @cached_property
    def targets(self) -> Mapping[str, set[str]]:
        """Folder → the folders that its files are in now, but for removed ones."""
        found: dict[str, set[str]] = defaultdict(set)
        for change in self.changes:
            old, new = _folder(change.base), _folder(change.head)
            if old is not None and new is not None:
                found[old].add(new)
        return found

    @property
    def crossings(self) -> tuple[tuple[str, str], ...]:
        return tuple((old, new) for old, targets in sorted(self.targets.items()) for new in targets if old != new)

    @cached_property
    def base(self) -> Mapping[str, list[Source]]:
        return _by_folder(change.base for change in self.changes)

    @cached_property
    def head(self) -> Mapping[str, list[Source]]:
        return _by_folder(change.head for change in self.changes)

    @cached_property
    def called(self) -> tuple[frozenset[str], frozenset[str]]:
        """The folders of this repository that modules are taken from, before and after."""
        before = (folder for change in self.changes for folder in _called(change.base))
        after = (folder for change in self.changes for folder in _called(change.head))
        return frozenset(before), frozenset(after)

    def is_whole(self, old: str, new: str) -> bool:
        """Whether nothing of the old folder stays, nothing was in the new, and what moves names nothing else."""
        if self.targets[old] != {new} or old in self.head or new in self.base:
            return False
        module = _read(self.base[old])
        declared = {one.address for one in (*module.objects, *module.settings)}
        declared |= {f"local.{path.partition('.')[0]}" for path in module.locals}
        is_module = any(one.type in _FRAME for one in module.settings) or self.is_followed(old, new)
        return is_module and _named_in(module) <= declared

    def takes_state(self, old: str, new: str) -> bool:
        """Whether the place of its state is written in the module itself, or whoever calls it now calls it there."""
        place = place_of_state(_read(self.base[old]))
        return bool(place and place == place_of_state(_read(self.head[new]))) or self.is_followed(old, new)

    def is_followed(self, old: str, new: str) -> bool:
        before, after = self.called
        return old in before and new in after and old not in after


def _by_folder(sources: Iterable[Source | None]) -> Mapping[str, list[Source]]:
    found: dict[str, list[Source]] = defaultdict(list)
    for source in sources:
        if source is not None:
            found[source.path.rpartition("/")[0]].append(source)
    return dict(found)


def _read(sources: Iterable[Source]) -> Module:
    """What nests too deeply to be read declares nothing and names nothing."""
    try:
        return read_module(sources)
    except RecursionError:
        return read_module(())


def _named_in(module: Module) -> set[str]:
    """Addresses, as declarations have them, of what the module's expressions name."""
    texts = (text for one in (*module.objects, *module.data, *module.settings) for text in one.attributes.values())
    found = (match for text in texts for match in _REFERENCE.findall(text))
    return {f"{'variable' if kind == 'var' else kind}.{name}" for kind, name in found}


def _called(source: Source | None) -> Iterator[str]:
    if source is None or "source" not in source.text:
        return
    module = _read((source,))
    for one in (*module.objects, *module.settings):
        folder = called_folder(source.path, one.attributes.get("source", ""))
        if folder is not None:
            yield folder
