"""Gitignore-style patterns over changed paths, matched in linear time and blind to case and Unicode form."""

from __future__ import annotations

import unicodedata
from functools import lru_cache

import re2
from pathspec.patterns.gitignore.spec import GitIgnoreSpecPattern

from bot.core.pull import ChangedFile


def any_path_matches(patterns: tuple[str, ...], files: tuple[ChangedFile, ...]) -> bool:
    """Whether an old or a new path of `files` matches one of `patterns`; protection over-matches on purpose."""
    paths = {fold_path(path) for file in files for path in (file.old_path, file.path)}
    return any(regex.match(path) for regex in map(_compiled, patterns) for path in paths)


def matches_none(pattern: str, paths: tuple[str, ...]) -> bool:
    """Whether a pattern matches none of a repository's paths: then it protects nothing."""
    regex = _compiled(pattern)
    return not any(regex.match(fold_path(path)) for path in paths)


def fold_path(path: str) -> str:
    """A form in which paths that a case-insensitive or normalising file system takes for one another are equal."""
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", path).casefold()).encode(errors="replace").decode()


def pattern_fault(pattern: str) -> str:
    """Why a pattern cannot be used, as the end of the phrase "expected …"; "" when it can."""
    if pattern.lstrip().startswith(("!", "#")) or not pattern.strip():
        return "a pattern of paths to match, which no pattern may take back"
    try:
        _compiled(pattern)
    except (ValueError, re2.error):
        return "a gitignore-style pattern such as `infra/**`"
    return ""


@lru_cache(maxsize=1024)
def _compiled(pattern: str) -> re2._Regexp[str]:
    expression, _ = GitIgnoreSpecPattern.pattern_to_regex(fold_path(pattern))
    if expression is None:
        raise ValueError(pattern)
    # A path may hold a line break, which `.` must not stop at.
    return re2.compile(f"(?s){expression}")
