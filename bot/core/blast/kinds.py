"""Which kinds of infrastructure a changed file is of: by path, by content and by git mode, old and new name alike."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import re2
from pathspec.patterns.gitignore.spec import GitIgnoreSpecPattern

from bot.core.blast.patterns import Patterns
from bot.core.pull import EXECUTABLE_MODE, SUBMODULE_MODE, SYMLINK_MODE, Blob, ChangedFile

# All of what a language would read: who puts a manifest behind a long comment hides nothing.
CONTENT_BYTES = 1024 * 1024
# What a file is of whose name allows several kinds and whose content was not read.
UNREAD_KIND = "unread-content"


@dataclass(frozen=True, slots=True, kw_only=True)
class ContentTest:
    """Holds when the file name ends in one of `extensions` ("" = no extension; an empty set: any name) or matches one
    of `paths` if there are any, at least one pattern of `any` matches (if there are any), and every one of `all`.
    """

    extensions: frozenset[str]
    paths: tuple[str, ...]
    any: tuple[str, ...]
    all: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """A row of the table. `weight` runs from 0 to 10 = one edit can delete data or an environment.

    `modes` are git modes that alone make a file of this kind; `matches` and `ignores` are example paths.
    """

    id: str
    weight: int
    source: str
    paths: tuple[str, ...] = ()
    contents: tuple[ContentTest, ...] = ()
    modes: frozenset[str] = frozenset()
    matches: tuple[str, ...] = ()
    ignores: tuple[str, ...] = ()


def fold_path(path: str) -> str:
    """The path as a file system that folds case and normalises Unicode would see it."""
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", path).casefold())


def extension_of(path: str) -> str:
    """The last extension with its dot, "" when the name has none; a leading dot starts no extension."""
    name = path.rsplit("/", 1)[-1].lstrip(".")
    return "." + name.rsplit(".", 1)[1] if "." in name else ""


class PathSet(Patterns):
    """Gitignore-style patterns, folded. `hits` wants a path folded by `fold_path`."""

    def __init__(self, patterns: Iterable[str]) -> None:
        super().__init__(_regex_of(pattern) for pattern in patterns)


def _regex_of(pattern: str) -> str:
    regex, include = GitIgnoreSpecPattern.pattern_to_regex(fold_path(pattern))
    if regex is None or not include:
        message = f"pattern {pattern!r}: expected a gitignore-style path that is no comment and no exception"
        raise ValueError(message)
    return f"(?s){regex}"


class Kinds:
    """The table of kinds, ready to recognise files. `lock_files` are of no kind when their content was not read."""

    def __init__(self, rows: Iterable[Kind], lock_files: Iterable[str] = ()) -> None:
        self.rows: Mapping[str, Kind] = {row.id: row for row in rows}
        self._lock_files = PathSet(lock_files)
        self._modes = {mode: row.id for row in self.rows.values() for mode in row.modes}
        patterns: list[str] = []
        self._owners: list[tuple[str, ContentTest | None]] = []
        for row in self.rows.values():
            owned: list[tuple[str, ContentTest | None, str]] = [(row.id, None, path) for path in row.paths]
            for test in row.contents:
                owned += [(row.id, test, path) for path in test.paths]
            patterns += [path for _, _, path in owned]
            self._owners += [(kind, test) for kind, test, _ in owned]
        self.paths = PathSet(patterns)
        self._patterns: dict[str, Any] = {}

    @cached_property
    def _tests(self) -> Mapping[str, tuple[tuple[str, ContentTest], ...]]:
        """Extension → the content tests that ask for it and for no path."""
        tests: dict[str, list[tuple[str, ContentTest]]] = {}
        for row in self.rows.values():
            for test in row.contents:
                for extension in () if test.paths else test.extensions:
                    tests.setdefault(extension, []).append((row.id, test))
        return {extension: tuple(found) for extension, found in tests.items()}

    def of_side(self, path: str, blob: Blob | None) -> frozenset[str]:
        """The kinds of one side of a change; a symbolic link or a submodule has no content to look at."""
        if blob is None:
            return frozenset()
        folded = fold_path(path)
        owners = [self._owners[index] for index in self.paths.hits(folded)]
        found = {kind for kind, test in owners if test is None}
        if blob.mode in (SYMLINK_MODE, SUBMODULE_MODE):
            return frozenset(found | {self._modes[blob.mode]} if blob.mode in self._modes else found)
        candidates = {owner for owner in owners if owner[1] is not None} | set(
            self._tests.get(extension_of(folded), ())
        )
        if blob.text is None:
            # Content that was not read may be anything its name allows.
            is_open = bool(candidates) and not self._lock_files.hits(folded)
            return frozenset(found | {UNREAD_KIND} if is_open else found)
        head = blob.text[:CONTENT_BYTES].encode("utf-8", "replace")[:CONTENT_BYTES]
        return frozenset(found | {kind for kind, test in candidates if test is not None and self._holds(test, head)})

    def _holds(self, test: ContentTest, content: bytes) -> bool:
        return (not test.any or any(self._search(pattern, content) for pattern in test.any)) and all(
            self._search(pattern, content) for pattern in test.all
        )

    def _search(self, pattern: str, content: bytes) -> bool:
        if pattern not in self._patterns:
            self._patterns[pattern] = re2.compile(f"(?m){pattern}".encode())
        return self._patterns[pattern].search(content) is not None


def kinds_of(file: ChangedFile, kinds: Kinds) -> frozenset[str]:
    """Every kind that either side of the change is of. One kind hides no other: a file may be several things."""
    found = kinds.of_side(file.old_path, file.base) | kinds.of_side(file.path, file.head)
    if _became_executable(file):
        found |= {kind.id for kind in kinds.rows.values() if EXECUTABLE_MODE in kind.modes}
    return found


def _became_executable(file: ChangedFile) -> bool:
    if file.head is None or file.head.mode != EXECUTABLE_MODE:
        return False
    return file.base is not None and file.base.mode not in ("", EXECUTABLE_MODE)
