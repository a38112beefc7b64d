"""HCL texts as blocks with flattened attributes, free of comments and layout."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache

import tree_sitter
import tree_sitter_hcl

# A megabyte of what people write has fewer; one of brackets and commas has five times as many.
MOST_NODES = 400_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Value:
    """An expression as one line of text, as written but for blanks and comments. `line` counts from 1."""

    text: str
    line: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """`attributes` are those of the block itself, collections flattened: `tags.Name`, `subnets.0`; the arguments of
    function calls and the branches of conditionals are flattened like list items when they hold collections.
    """

    type: str
    labels: tuple[str, ...]
    line: int
    attributes: Mapping[str, Value]
    blocks: tuple[Block, ...] = ()

    def blocks_of(self, type_: str) -> tuple[Block, ...]:
        return tuple(block for block in self.blocks if block.type == type_)

    def text(self, name: str) -> str:
        """The attribute's text, "" when it is not set or a collection."""
        value = self.attributes.get(name)
        return value.text if value else ""

    def flatten(self) -> dict[str, Value]:
        """The attributes of the block and of all blocks inside: `lifecycle.prevent_destroy`, `rule#1.port`.

        `dynamic "rule" { content { … } }` reads like `rule { … }`.
        """
        flat: dict[str, Value] = {}
        waiting: list[tuple[str, Block]] = [("", self)]
        while waiting:
            prefix, block = waiting.pop()
            flat.update((f"{prefix}{name}", value) for name, value in block.attributes.items())
            seen: dict[str, int] = {}
            for inner in block.blocks:
                name = _path_part(inner)
                number = seen[name] = seen.get(name, -1) + 1
                part = f"{name}#{number}" if number else name
                waiting.append((f"{prefix}{part}." if part else prefix, inner))
        return flat


def _path_part(block: Block) -> str:
    if block.type == "dynamic" and block.labels:
        return block.labels[0]
    return "" if block.type == "content" else block.type


@dataclass(frozen=True, slots=True, kw_only=True)
class File:
    """The top-level blocks of a file. `root` holds its top-level attributes (tfvars, Terragrunt inputs).

    `fault` is "" when all was understood.
    """

    root: Block
    fault: str = ""


@cache
def _parser() -> tree_sitter.Parser:
    return tree_sitter.Parser(tree_sitter.Language(tree_sitter_hcl.language()))


def read_hcl(text: str) -> File:
    """Read a text of at most 1 MiB. What follows a syntax error is recovered where possible, and `fault` is set.

    A text of more than MOST_NODES syntax nodes is not read at all.
    """
    tree = _parser().parse(text.removeprefix("\ufeff").encode("utf-8", "replace"))
    if tree.root_node.descendant_count > MOST_NODES:
        return File(root=Block(type="", labels=(), line=1, attributes={}), fault=f"it has more than {MOST_NODES} parts")
    body = next((child for child in tree.root_node.children if child.type == "body"), None)
    root = _body(body, "", (), 1) if body else Block(type="", labels=(), line=1, attributes={})
    return File(root=root, fault=_fault(tree.root_node) if tree.root_node.has_error else "")


def _fault(node: tree_sitter.Node) -> str:
    cursor = node
    while not (cursor.is_error or cursor.is_missing):
        broken = next((child for child in cursor.children if child.has_error), None)
        if broken is None:
            break
        cursor = broken
    return f"line {cursor.start_point.row + 1} is no HCL"


def _body(node: tree_sitter.Node, type_: str, labels: tuple[str, ...], line: int) -> Block:
    attributes: dict[str, Value] = {}
    blocks = []
    for child in node.named_children:
        if child.type == "attribute":
            name, *values = (inner for inner in child.named_children if inner.type != "comment")
            for value in values:
                attributes.update(_flatten(value, _text(name)))
        elif child.type == "block":
            blocks.append(_block(child))
        elif child.type == "ERROR":
            # A block that starts inside an error is still a block.
            blocks += [_block(inner) for inner in child.named_children if inner.type == "block"]
    return Block(type=type_, labels=labels, line=line, attributes=attributes, blocks=tuple(blocks))


def _block(node: tree_sitter.Node) -> Block:
    names = [_unquote(_text(child)) for child in node.named_children if child.type in ("identifier", "string_lit")]
    body = next((child for child in node.named_children if child.type == "body"), None)
    line = node.start_point.row + 1
    type_, labels = names[0] if names else "", tuple(names[1:])
    return _body(body, type_, labels, line) if body else Block(type=type_, labels=labels, line=line, attributes={})


def _flatten(node: tree_sitter.Node, path: str) -> Iterator[tuple[str, Value]]:
    line = node.start_point.row + 1
    children = [child for child in node.named_children if child.type != "comment"]
    match node.type:
        case "expression" | "collection_value" if len(children) == 1:
            yield from _flatten(children[0], path)
        case "tuple":
            items = [child for child in children if child.type == "expression"]
            yield from _flatten_all(items, path, line)
        case "object":
            yield from _flatten_object(children, path, line)
        case "function_call" if _holds_collection(node):
            arguments = next((child for child in children if child.type == "function_arguments"), node)
            items = [child for child in arguments.named_children if child.type == "expression"]
            yield from _flatten(items[0], path) if len(items) == 1 else _flatten_all(items, path, line)
        case "conditional" if _holds_collection(node):
            yield from _flatten_all(children, path, line)
        case "for_expr" | "for_object_expr" | "for_tuple_expr" | "for_intro" if _holds_collection(node):
            for child in children:
                yield from _flatten(child, path) if _holds_collection(child) else ()
        case _:
            yield path, Value(text=_unwrap(_plain(node)), line=line)


def _flatten_all(nodes: list[tree_sitter.Node], path: str, line: int) -> Iterator[tuple[str, Value]]:
    if not nodes:
        yield path, Value(text="[]", line=line)
    for number, node in enumerate(nodes):
        yield from _flatten(node, f"{path}.{number}")


def _flatten_object(children: list[tree_sitter.Node], path: str, line: int) -> Iterator[tuple[str, Value]]:
    elements = [child for child in children if child.type == "object_elem"]
    if not elements:
        yield path, Value(text="{}", line=line)
    for element in elements:
        key, *values = (child for child in element.named_children if child.type != "comment")
        for value in values:
            yield from _flatten(value, f"{path}.{_unquote(_plain(key))}")


def _holds_collection(node: tree_sitter.Node) -> bool:
    text = node.text or b""
    if b"[" not in text and b"{" not in text:
        return False
    waiting = [node]
    while waiting:
        inner = waiting.pop()
        if inner.type in ("tuple", "object"):
            return True
        if inner.type not in ("template_expr", "index", "new_index", "legacy_index"):
            waiting.extend(inner.named_children)
    return False


def _text(node: tree_sitter.Node) -> str:
    return (node.text or b"").decode("utf-8", "replace")


def _plain(node: tree_sitter.Node) -> str:
    text = _text(node)
    if "#" in text or "//" in text or "/*" in text:
        text = " ".join(_tokens(node))
    return " ".join(text.split())


def _tokens(node: tree_sitter.Node) -> Iterator[str]:
    waiting = [node]
    while waiting:
        node = waiting.pop()
        if node.type == "comment":
            continue
        if node.child_count == 0 or node.type in ("quoted_template", "string_lit"):
            yield _text(node)
        else:
            waiting.extend(reversed(node.children))


def _unquote(text: str) -> str:
    return text[1:-1] if len(text) > 1 and text[0] == text[-1] == '"' else text


def _unwrap(text: str) -> str:
    """`"${var.x}"`, as Terraform before 0.12 wrote it, is `var.x`."""
    inner = text[3:-2].strip()
    is_wrapped = text.startswith('"${') and text.endswith('}"') and "${" not in inner and '"' not in inner
    return inner if is_wrapped else text
