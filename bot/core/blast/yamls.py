"""YAML and JSON texts as trees with lines and tags: nothing is constructed, depth and size are bounded."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from collections.abc import Mapping as ReadOnly
from dataclasses import dataclass, field

import msgspec
import yaml

MAX_DEPTH = 100
MAX_NODES = 200_000
# Longer paths end in a digest: hostile keys must not multiply with the depth.
LONGEST_PATH = 400
_QUOTES = frozenset({"'", '"'})


# Structs and not dataclasses: a text has tens of thousands of nodes, and these are made ten times as fast. No node can
# hold itself, so the garbage collector need not follow them.
class Scalar(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """`text` as written, without quotes. `tag` is "" unless one is written (`!Ref`). Lines count from 1."""

    text: str
    tag: str
    line: int
    quoted: bool = False


class Sequence(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    items: tuple[Node, ...]
    tag: str
    line: int


class Mapping(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """Of a doubled key the last value counts, as in most readers. `lines` are the lines of the keys.

    `<<` merges are carried out; a key that is no scalar is left out.
    """

    entries: ReadOnly[str, Node]
    lines: ReadOnly[str, int]
    tag: str
    line: int

    def get(self, *path: str) -> Node | None:
        """The node at a path of keys, None when any step is missing or no mapping."""
        node: Node | None = self
        for key in path:
            node = node.entries.get(key) if isinstance(node, Mapping) else None
        return node

    def text(self, *path: str) -> str:
        """The scalar's text at a path of keys, "" when there is none."""
        node = self.get(*path)
        return node.text if isinstance(node, Scalar) else ""

    def mapping(self, *path: str) -> Mapping:
        """The mapping at a path of keys, an empty one when there is none."""
        node = self.get(*path)
        return node if isinstance(node, Mapping) else EMPTY

    def items(self, *path: str) -> tuple[Node, ...]:
        """The items of the sequence at a path of keys; a lone scalar or mapping is a sequence of one; () for none."""
        node = self.get(*path)
        if node is None:
            return ()
        return node.items if isinstance(node, Sequence) else (node,)


Node = Scalar | Sequence | Mapping
EMPTY = Mapping(entries={}, lines={}, tag="", line=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Documents:
    """The documents read before the first fault. `fault` is "" when all was read, else why not, one sentence."""

    documents: tuple[Node, ...]
    fault: str = ""

    @property
    def mappings(self) -> tuple[Mapping, ...]:
        return tuple(document for document in self.documents if isinstance(document, Mapping))


class _UnreadableError(Exception):
    pass


@dataclass(slots=True)
class _Open:
    """A collection whose end has not come yet. `key` is the scalar that waits for its value."""

    is_mapping: bool
    tag: str
    line: int
    anchor: str | None
    nodes_before: int
    children: list[Node] = field(default_factory=list)


class _Composer:
    """Builds trees from libyaml's events without recursion; an alias is expanded and every node counted."""

    def __init__(self, first_line: int = 1) -> None:
        self._first_line = first_line
        self.documents: list[Node] = []
        self._open: list[_Open] = []
        self._anchors: dict[str, Node] = {}
        self._sizes: dict[str, int] = {}
        self._nodes = 0

    def compose(self, events: Iterator[yaml.Event]) -> None:
        """Fills `documents`. Raises when a limit is passed or an alias leads nowhere."""
        for event in events:
            if isinstance(event, yaml.ScalarEvent):
                self._scalar(event)
            elif isinstance(event, yaml.CollectionStartEvent):
                self._start(event)
            elif isinstance(event, yaml.CollectionEndEvent):
                self._end()
            elif isinstance(event, yaml.AliasEvent):
                self._alias(event.anchor)
            elif isinstance(event, yaml.DocumentStartEvent):
                self._anchors, self._sizes = {}, {}
            # The ends of documents and of the stream carry nothing.

    def _scalar(self, event: yaml.ScalarEvent) -> None:
        self._count(1)
        is_quoted = event.style in _QUOTES
        node = Scalar(text=event.value, tag=event.tag or "", line=self._line_of(event), quoted=is_quoted)
        self._close(node, event.anchor, 1)

    def _end(self) -> None:
        opened = self._open.pop()
        node = _mapping(opened) if opened.is_mapping else _sequence(opened)
        self._close(node, opened.anchor, self._nodes - opened.nodes_before)

    def _alias(self, anchor: str | None) -> None:
        if anchor not in self._anchors:
            raise _UnreadableError(f"alias *{anchor} has no anchor before it")
        self._count(self._sizes[anchor])
        self._close(self._anchors[anchor], None, 0)

    def _count(self, nodes: int) -> None:
        self._nodes += nodes
        if self._nodes > MAX_NODES:
            raise _UnreadableError(f"more than {MAX_NODES} values")

    def _start(self, event: yaml.CollectionStartEvent) -> None:
        before = self._nodes
        self._count(1)
        if len(self._open) >= MAX_DEPTH:
            raise _UnreadableError(f"nested deeper than {MAX_DEPTH}")
        is_mapping = isinstance(event, yaml.MappingStartEvent)
        line = self._line_of(event)
        opened = _Open(is_mapping=is_mapping, tag=event.tag or "", line=line, anchor=event.anchor, nodes_before=before)
        self._open.append(opened)

    def _line_of(self, event: yaml.Event) -> int:
        return (event.start_mark.line if event.start_mark else 0) + self._first_line

    def _close(self, node: Node, anchor: str | None, size: int) -> None:
        if anchor:
            self._anchors[anchor], self._sizes[anchor] = node, size
        if self._open:
            self._open[-1].children.append(node)
        else:
            self.documents.append(node)


def _sequence(opened: _Open) -> Sequence:
    return Sequence(items=tuple(opened.children), tag=opened.tag, line=opened.line)


def _mapping(opened: _Open) -> Mapping:
    entries: dict[str, Node] = {}
    lines: dict[str, int] = {}
    merged: list[Node] = []
    children = iter(opened.children)
    for key, value in zip(children, children, strict=True):
        if not isinstance(key, Scalar):
            continue
        name = key.text
        if name == "<<" and not key.quoted:
            merged += value.items if isinstance(value, Sequence) else (value,)
        else:
            entries[name] = value
            lines[name] = key.line
    for other in merged:
        for name, node in other.entries.items() if isinstance(other, Mapping) else ():
            entries.setdefault(name, node)
            lines.setdefault(name, other.line)
    return Mapping(entries=entries, lines=lines, tag=opened.tag, line=opened.line)


def read_documents(text: str, first_line: int = 1) -> Documents:
    """Every document of a YAML or JSON text. Never raises; linear in the text and MAX_NODES."""
    composer = _Composer(first_line)
    try:
        # None comes after the last event.
        composer.compose(iter(yaml.CSafeLoader(text.removeprefix("\ufeff")).get_event, None))
    except _UnreadableError as error:
        return Documents(documents=tuple(composer.documents), fault=str(error))
    except (yaml.YAMLError, ValueError) as error:
        return Documents(documents=tuple(composer.documents), fault=_said(error))
    return Documents(documents=tuple(composer.documents))


def _said(error: Exception) -> str:
    """The reader's message as one line; it calls a text that has no name of its own a "<unicode string>"."""
    return " ".join(str(error).split()).replace('in "<unicode string>", line', "at line")[:200]


def leaves(node: Node, *, by_name: bool = False) -> Iterator[tuple[str, Scalar]]:
    """Dotted path and scalar of every leaf, list items by index, in order. A key's own dots are kept as they are.

    `by_name`: the items of a list go by their `name` instead where each has one of its own.
    """
    waiting: list[tuple[str, Node]] = [("", node)]
    while waiting:
        path, node = waiting.pop()
        if isinstance(node, Scalar):
            yield path, node
            continue
        if isinstance(node, Mapping):
            children = list(node.entries.items())
        else:
            keys = _names_of(node) if by_name else ()
            children = [
                (key, child) for key, child in zip(keys or map(str, range(len(node.items))), node.items, strict=True)
            ]
        waiting.extend([(_join(path, key), child) for key, child in reversed(children)])


def _names_of(sequence: Sequence) -> tuple[str, ...]:
    """() unless every item has a name that no other has."""
    names: list[str] = []
    for item in sequence.items:
        name = item.entries.get("name") if isinstance(item, Mapping) else None
        if not isinstance(name, Scalar) or not name.text:
            return ()
        names.append(name.text)
    return tuple(names) if len(set(names)) == len(names) else ()


def _join(path: str, key: str) -> str:
    whole = f"{path}.{key}" if path else key
    if len(whole) <= LONGEST_PATH:
        return whole
    return f"{whole[: LONGEST_PATH // 2]}…{hashlib.sha256(whole.encode()).hexdigest()[:16]}"


def flatten(node: Node) -> dict[str, str]:
    """Dotted path → text (with its tag, if any) of every leaf, for `Declared.attributes`."""
    return flatten_with_lines(node)[0]


def flatten_with_lines(node: Node, *, by_name: bool = False) -> tuple[dict[str, str], dict[str, int]]:
    """The same, and dotted path → line, for `Declared.lines`."""
    texts: dict[str, str] = {}
    lines: dict[str, int] = {}
    for path, scalar in leaves(node, by_name=by_name):
        texts[path] = f"{scalar.tag} {scalar.text}" if scalar.tag else scalar.text
        lines[path] = scalar.line
    return texts, lines
