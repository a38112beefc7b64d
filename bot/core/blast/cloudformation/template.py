"""A template as declared resources: logical id → type and flattened properties, intrinsic functions in one spelling."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from bot.core.blast.language import Declared, Source
from bot.core.blast.statements import Statement, statements_of
from bot.core.blast.yamls import EMPTY, Mapping, Node, Scalar, Sequence, leaves, read_documents

# Transforms that make of a text what is written there, and nothing else.
SYNTAX = ("AWS::Serverless", "AWS::LanguageExtensions")


@dataclass(frozen=True, slots=True, kw_only=True)
class Template:
    """One side of a template. `policies` are the statements of each resource by logical id. `made` is what makes more
    of the template, flattened: macros, loops, inclusions. `fault` is "" when all of it was read.
    """

    resources: tuple[Declared, ...]
    parameters: tuple[Declared, ...]
    policies: dict[str, tuple[Statement, ...]]
    made: dict[str, tuple[str, int]]
    fault: str = ""

    @property
    def defaults(self) -> dict[str, str]:
        """A reference to a parameter, as `flatten` spells it → the parameter's default."""
        return {
            f"!Ref {one.address.removeprefix('parameter ')}": one.attributes["Default"]
            for one in self.parameters
            if "Default" in one.attributes
        }


def read_template(source: Source | None) -> Template:
    """The template of one side; none at all for a side without a file."""
    if source is None:
        return Template(resources=(), parameters=(), policies={}, made={})
    is_json = "\t" in source.text and not source.path.casefold().endswith((".yaml", ".yml"))
    read = read_documents(source.text.replace("\t", " ")) if is_json else source.documents
    fault = f"`{source.path}` could not be read whole as a template: {read.fault}" if read.fault else ""
    root = read.mappings[0] if read.mappings else EMPTY
    resources = _resources_of(root)
    return Template(
        resources=(*_declare(resources, source.path, ""), *_functions(root, source.path), *_service(root, source.path)),
        parameters=tuple(_declare(root.mapping("Parameters"), source.path, "parameter ")),
        policies={name: tuple(_statements(node)) for name, node in resources.entries.items()},
        made=_made(root),
        fault=fault,
    )


def _made(root: Mapping) -> dict[str, tuple[str, int]]:
    """https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/template-macros.html and `Fn::ForEach`."""
    section = root.entries.get("Resources", EMPTY)
    macros = flatten(root.entries["Transform"]) if "Transform" in root.entries else {}
    found = {f"Transform.{path}": leaf for path, leaf in macros.items() if not leaf[0].startswith(SYNTAX)}
    loops = section.entries.items() if isinstance(section, Mapping) else (("Resources", section),)
    for name, node in loops:
        if name.startswith("Fn::") or node is section:
            found |= {f"{name}.{path}": leaf for path, leaf in flatten(node).items()}
    return found


def _resources_of(root: Mapping) -> Mapping:
    """A template's own section, or the one inside a Serverless file (`resources`: one or a list)."""
    if "Resources" in root.entries:
        return root.mapping("Resources")
    sections = [item.mapping("Resources") for item in root.items("resources") if isinstance(item, Mapping)]
    entries = {name: node for section in sections for name, node in section.entries.items()}
    lines = {name: line for section in sections for name, line in section.lines.items()}
    return Mapping(entries=entries, lines=lines, tag="", line=root.line)


def _declare(section: Mapping, path: str, prefix: str) -> Iterator[Declared]:
    for name, node in section.entries.items():
        if isinstance(node, Mapping):
            flat = flatten(node)
            yield Declared(
                address=f"{prefix}{name}",
                type=node.text("Type"),
                path=path,
                line=section.lines.get(name, node.line),
                attributes={key: text for key, (text, _) in flat.items()},
                lines={key: line for key, (_, line) in flat.items()},
            )


def _functions(root: Mapping, path: str) -> Iterator[Declared]:
    """The functions of a Serverless file are resources too."""
    if "Resources" in root.entries or "service" not in root.entries:
        return
    functions = root.mapping("functions")
    for name, node in functions.entries.items():
        flat = flatten(node)
        yield Declared(
            address=f"functions.{name}",
            type="serverless function",
            path=path,
            line=functions.lines.get(name, node.line),
            attributes={f"Properties.{key}": text for key, (text, _) in flat.items()},
            lines={f"Properties.{key}": line for key, (_, line) in flat.items()},
        )


def _service(root: Mapping, path: str) -> Iterator[Declared]:
    """The stack that a Serverless file makes is named by service, stage, region and account."""
    if "service" not in root.entries or "provider" not in root.entries:
        return
    names = {"service": root.text("service") or root.text("service", "name")}
    names |= {name: root.text("provider", name) for name in ("name", "region", "stage", "stackName")}
    yield Declared(
        address="service",
        type="serverless service",
        path=path,
        line=root.lines.get("service"),
        attributes={f"Properties.{name}": text for name, text in names.items() if text},
        lines={},
    )


def flatten(node: Node) -> dict[str, tuple[str, int]]:
    """Dotted path → text and line; `!Sub x`, `Fn::Sub: x` and their likes are one text, `!Sub x`."""
    flat: dict[str, tuple[str, int]] = {}
    waiting: list[tuple[str, Node]] = [("", node)]
    while waiting:
        path, inner = waiting.pop()
        name, argument = _intrinsic(inner)
        if name:
            texts = [scalar.text for _, scalar in leaves(argument)]
            flat[path] = (f"!{name} {' '.join('.'.join(texts).split())}", inner.line)
        elif isinstance(inner, Scalar):
            flat[path] = (inner.text, inner.line)
        else:
            children = enumerate(inner.items) if isinstance(inner, Sequence) else inner.entries.items()
            waiting += [(f"{path}.{key}" if path else str(key), child) for key, child in children]
    return flat


def _intrinsic(node: Node) -> tuple[str, Node]:
    """Function name and argument: https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/intrinsic-function-reference.html."""
    if node.tag.startswith("!") and len(node.tag) > 1:
        return node.tag[1:], node
    if isinstance(node, Mapping) and len(node.entries) == 1:
        ((key, argument),) = node.entries.items()
        if key in ("Ref", "Condition") or key.startswith("Fn::"):
            return key.removeprefix("Fn::"), argument
    return "", node


def _statements(node: Node) -> Iterator[Statement]:
    """Every policy statement below a resource."""
    waiting = [node]
    while waiting:
        inner = waiting.pop()
        if isinstance(inner, Mapping):
            yield from statements_of(inner)
            waiting.extend(inner.entries.values())
        elif isinstance(inner, Sequence):
            waiting.extend(inner.items)
