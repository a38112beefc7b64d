"""Protections that are told by words, versions and whole sections, whichever tool's spelling names them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

import re2

from bot.core.blast.infra import Infra
from bot.core.finding import Confidence

_WORD = re2.compile(r"^[\w-]+$")
# "TLS1_2", "TLSv1.2_2021", "1.2".
_VERSION = re2.compile(r"(\d)[._](\d)")


def squash(name: str) -> str:
    """`http_tokens` and `HttpTokens` are one name: `httptokens`."""
    return name.replace("_", "").casefold()


def reworded(path: str, old: str | None, new: str | None, infra: Infra) -> Confidence | None:
    """How sure it is that a word or a version that protects gives way to a weaker one; None for unset, and when not."""
    if old == new:
        return None
    name = squash(path.rpartition(".")[2])
    if "health" in path.casefold():
        return None  # how something is probed says nothing of how it is reached
    if name in infra.names["guards-version"]:
        return _older(old, new)
    strong = infra.names["guards-word"]
    if f"{name}={_word(old)}" not in strong or f"{name}={_word(new)}" in strong:
        return None
    if new is None:
        # Of a nested one, what it was part of may be gone, and with it what was to be protected.
        return None if "." in path.removeprefix("Properties.") else Confidence.MEDIUM
    return Confidence.HIGH if _word(new) else None


def opens_by_word(path: str, old: str | None, new: str | None, infra: Infra) -> bool:
    """Whether a word that keeps people out gives way to one that lets them in."""
    if not old or old == new:
        return False
    name = squash(path.rpartition(".")[2])
    return _word(old) != _word(new) and f"{name}={_word(new)}" in infra.names["access-word"]


def _older(old: str | None, new: str | None) -> Confidence | None:
    before, after = (_VERSION.search(text or "") for text in (old, new))
    lower = before and after and after.groups() < before.groups()
    return Confidence.HIGH if lower else None


def _word(text: str | None) -> str:
    """A literal word in small letters, "" for all else."""
    plain = (text or "").strip('"').casefold()
    return plain if _WORD.match(plain) else ""


def lost_sections(before: Iterable[str], after: Iterable[str], infra: Infra) -> Iterator[tuple[str, str]]:
    """Each protecting section of which nothing is left, as it is spelt, and the squashed name."""
    old, new = _sections(before, infra), _sections(after, infra)
    yield from ((old[name], name) for name in sorted(old.keys() - new.keys()))


def _sections(paths: Iterable[str], infra: Infra) -> Mapping[str, str]:
    """Squashed name → the path down to it."""
    found: dict[str, str] = {}
    for path in paths:
        parts = path.split(".")
        for place, part in enumerate(parts[:-1]):
            name = squash(part.partition("#")[0])
            if name in infra.names["guard-sections"]:
                found.setdefault(name, ".".join(parts[: place + 1]))
    return found
