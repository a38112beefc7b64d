"""How a language is plugged in: what it is given, what it returns, and how two sides are compared by identity."""

from __future__ import annotations

import ast
from collections import defaultdict, deque
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from functools import cached_property
from typing import Protocol

from bot.core.blast.actions import one_by_one, plain
from bot.core.blast.infra import Infra
from bot.core.blast.yamls import Documents, read_documents
from bot.core.finding import Confidence, Effect, EffectKind, Side


@dataclass(frozen=True, kw_only=True)
class Source:
    """One side of a changed file: whole text, at most MAX_BYTES, never a symbolic link's target.

    Has no slots, so that what is derived from the text is worked out once for all languages of an assessment.
    """

    path: str
    text: str

    @cached_property
    def documents(self) -> Documents:
        """The text as YAML or JSON."""
        return read_documents(self.text)

    @cached_property
    def documents_without_actions(self) -> Documents:
        """The text as YAML whose template actions are one word, each document read apart."""
        return one_by_one(plain(self.text))


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """Both sides of one changed file. `kinds` are all those that either side is of, not only the language's.

    `left` are kinds that a new name took the file out of, `joined` those that it took the file into.
    """

    base: Source | None
    head: Source | None
    kinds: frozenset[str]
    left: frozenset[str] = frozenset()
    joined: frozenset[str] = frozenset()

    def under(self, kinds: frozenset[str]) -> Change:
        """As a language of these kinds sees it: what was renamed out of its sight is gone, what came into it is new."""
        mine = self.kinds & kinds
        if mine <= self.left:
            return replace(self, head=None)
        return replace(self, base=None) if mine <= self.joined else self

    @property
    def path(self) -> str:
        """The new path, or the old one of a removed file."""
        side = self.head or self.base
        return side.path if side else ""

    @property
    def is_new(self) -> bool:
        """Nothing stood there before; a blank file is as good as none."""
        return self.base is None or not self.base.text.strip()

    @property
    def is_gone(self) -> bool:
        """Nothing is left there; an emptied file protects and runs as little as a removed one."""
        return self.head is None or not self.head.text.strip()


class Span(StrEnum):
    """How far an identity reaches: FILE as in a template, FOLDER as in a project, MODULE as in Terraform, whose
    folders have a state each, PULL as in a cluster.
    """

    FILE = "file"
    FOLDER = "folder"
    MODULE = "module"
    PULL = "pull"


@dataclass(frozen=True, slots=True, kw_only=True)
class Stack:
    """The changed files that one language judges together, sorted by path. `folder` is "" for Span.PULL and the root,
    and the file's path for Span.FILE.

    A renamed file belongs to the folder of its new path, with both sides; for Span.MODULE see `modules_of`.
    `moved_from` is the folder that all of this module was in before, None when it was here or its state comes along.
    `moves` are all folders that became others whole: old → new.
    """

    folder: str
    changes: tuple[Change, ...]
    moved_from: str | None = None
    moves: Mapping[str, str] = field(default_factory=dict)

    @property
    def base(self) -> tuple[Source, ...]:
        return tuple(change.base for change in self.changes if change.base is not None)

    @property
    def head(self) -> tuple[Source, ...]:
        return tuple(change.head for change in self.changes if change.head is not None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgement:
    """What one language says of one stack. `unread` names, a sentence each, what it could not parse: the tier is then
    at least high. For the rebuild finding: `compared` are the stack's objects, None when it has none, and `ended` those
    places, folders or files, that say nothing any more of what is to stand.
    """

    effects: tuple[Effect, ...] = ()
    compared: Comparison | None = None
    ended: frozenset[str] = frozenset()
    unread: tuple[str, ...] = ()


class Language(Protocol):
    """A plug-in: listed in assess.LANGUAGES, nowhere else. It may raise; the one boundary in assess answers that."""

    name: str
    kinds: frozenset[str]
    span: Span

    def judge(self, stack: Stack, infra: Infra) -> Judgement: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Declared:
    """One object that a text declares. `address` is its identity, `type` what pairs a renamed one (resource type,
    Kubernetes kind), `attributes` are flattened: dotted path → scalar text. `line` counts from 1, and `lines` are those
    of single attributes, where known.
    """

    address: str
    type: str
    path: str
    line: int | None
    attributes: Mapping[str, str] = field(default_factory=dict)
    lines: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """The same object before and after."""

    before: Declared
    after: Declared


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """Base against head by identity. `kept` are all that live on, changed or not, moved between files or not.
    `renamed` are removed ones paired with a newcomer of the same type and alike attributes; `removed` and `added` are
    without them.
    """

    removed: tuple[Declared, ...]
    added: tuple[Declared, ...]
    kept: tuple[Pair, ...]
    renamed: tuple[Pair, ...] = ()

    @property
    def changed(self) -> tuple[Pair, ...]:
        return tuple(pair for pair in self.kept if pair.before.attributes != pair.after.attributes)


# One stack or cluster holds fewer, and every one costs time: a side with more is not judged, which is said.
MOST_OBJECTS = 5_000


# Python's own parser makes half a GiB of objects of one MiB of text.
LONGEST_PYTHON = 256 * 1024


def parse_python(text: str) -> ast.Module:
    """Raises SyntaxError, ValueError, RecursionError or MemoryError for a text that cannot be read or is too long."""
    if len(text) > LONGEST_PYTHON:
        raise ValueError(f"it has more than {LONGEST_PYTHON // 1024} Ki characters")
    return ast.parse(text)


class TooManyError(Exception):
    """A side declares more than is judged; its sentence goes into `Judgement.unread`."""


def refuse_too_many(what: str, count: int, most: int = MOST_OBJECTS) -> None:
    """Raises TooManyError over `most`."""
    if count > most:
        raise TooManyError(f"it holds {count:,} {what}, more than the {most:,} that are judged")


ALIKE = 0.3
# Pairing looks at every removed × added of one type. Types whose pairings no longer fit in this many, in the order of
# their names, are not paired, which reads as removed and added.
MOST_PAIRINGS = 20_000


def compare(base: Iterable[Declared], head: Iterable[Declared]) -> Comparison:
    """Match by address. An address declared several times on a side is matched within its path first, then in order.
    Raises TooManyError when a side holds more than MOST_OBJECTS.
    """
    base, head = tuple(base), tuple(head)
    refuse_too_many("objects", max(len(base), len(head)))
    here: dict[tuple[str, str], deque[Declared]] = defaultdict(deque)
    for declared in head:
        here[declared.address, declared.path].append(declared)
    kept, later = [], []
    for before in base:
        same_path = here[before.address, before.path]
        if same_path:
            kept.append(Pair(before=before, after=same_path.popleft()))
        else:
            later.append(before)
    elsewhere: dict[str, deque[Declared]] = defaultdict(deque)
    for (address, _), left in here.items():
        elsewhere[address].extend(left)
    removed = []
    for before in later:
        if elsewhere[before.address]:
            kept.append(Pair(before=before, after=elsewhere[before.address].popleft()))
        else:
            removed.append(before)
    added = [after for left in elsewhere.values() for after in left]
    return _with_renames(removed, added, kept)


def _with_renames(removed: list[Declared], added: list[Declared], kept: list[Pair]) -> Comparison:
    renamed: list[Pair] = []
    gone, come = _by_type(removed), _by_type(added)
    left = MOST_PAIRINGS
    for type_ in sorted(gone.keys() & come.keys()):
        left -= len(gone[type_]) * len(come[type_])
        if left < 0:
            break
        renamed += _paired(gone[type_], come[type_])
    taken = {id(one) for pair in renamed for one in (pair.before, pair.after)}
    return Comparison(
        removed=tuple(one for one in removed if id(one) not in taken),
        added=tuple(one for one in added if id(one) not in taken),
        kept=tuple(kept),
        renamed=tuple(renamed),
    )


def _by_type(side: list[Declared]) -> dict[str, list[Declared]]:
    types: dict[str, list[Declared]] = defaultdict(list)
    for declared in side:
        types[declared.type].append(declared)
    return types


def _paired(removed: list[Declared], added: list[Declared]) -> Iterator[Pair]:
    """Each removed one with the newcomer most like it, if there is one alike enough."""
    rivals = list(added)
    for before in removed:
        best = max(rivals, key=lambda after: alike(before, after), default=None)
        if best is not None and alike(before, best) >= ALIKE:
            rivals.remove(best)
            yield Pair(before=before, after=best)


def alike(before: Declared, after: Declared) -> float:
    """The share of equal attributes, 0 to 1 (Jaccard over path and value); two without attributes are alike."""
    old, new = before.attributes.items(), after.attributes.items()
    union = len(old | new)
    return len(old & new) / union if union else 1.0


# Said of what a side no longer declares when that side could not be read whole.
AS_FAR_AS_READ = ", as far as the new text can be read"


def doubted(effects: Iterable[Effect]) -> Iterator[Effect]:
    """Losses as a side that was not read whole shows them: no more than likely, and as high as ever."""
    for one in effects:
        is_loss = one.effect in (EffectKind.DESTROY, EffectKind.REPLACE) and one.side is Side.BASE
        if is_loss:
            confidence = min(one.confidence, Confidence.MEDIUM)
            yield replace(one, confidence=confidence, reason=f"{one.reason}{AS_FAR_AS_READ}")
        else:
            yield one


# Folders whose files show or test how something is used; most are deployed by nobody.
EXAMPLES = frozenset({"example", "examples", "fixtures", "testdata"})


def is_example(path: str) -> bool:
    return bool(EXAMPLES & set(path.casefold().split("/")[:-1]))


def effect_of(
    infra: Infra,
    rule: str,
    declared: Declared,
    *,
    kind: str,
    side: Side,
    reason: str,
    confidence: Confidence = Confidence.HIGH,
    attribute: str = "",
) -> Effect:
    """An effect on a declared object. `rule` must have a row in data/effects, which says what it does to the object.

    `attribute` puts it on that attribute's line. What stands in a folder of examples is never of high confidence.
    """
    if is_example(declared.path):
        confidence, reason = min(confidence, Confidence.MEDIUM), f"{reason}, in an example"
    return Effect(
        effect=infra.rules[rule].effect,
        kind=kind,
        address=declared.address,
        path=declared.path,
        line=declared.lines.get(attribute, declared.line),
        side=side,
        reason=reason,
        confidence=confidence,
        rule=rule,
    )
