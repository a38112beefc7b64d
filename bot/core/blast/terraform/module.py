"""The files of a Terraform folder as one module: its objects, moves, and literal locals."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urljoin

from bot.core.blast.language import Declared, Source
from bot.core.blast.terraform.hcl import Block, File, Value, read_hcl
from bot.core.blast.yamls import Mapping as YamlMapping
from bot.core.blast.yamls import Node, Scalar, Sequence, read_documents

# How many labels each block type of the JSON syntax nests: https://developer.hashicorp.com/terraform/language/syntax/json
LABELS = {"resource": 2, "data": 2, "ephemeral": 2, "module": 1, "variable": 1, "output": 1, "provider": 1, "check": 1}
# Blocks that stand for all that other code declares: of Terraform, of its stacks, and of Terragrunt's.
CALLS = frozenset({"module", "component", "unit", "stack"})
OBJECTS = CALLS | {"resource"}
# Blocks that Terraform refuses with any other number of labels.
LABELLED = {"resource": 2, "data": 2, "module": 1}


@dataclass(frozen=True, slots=True, kw_only=True)
class Module:
    """One side of a folder. `objects` are resources, modules and their likes, `data` data sources, `settings` all else
    that holds attributes (locals, variables, tfvars, Terragrunt inputs, providers, backends), by address.

    `moved` are from → to of `moved` blocks, `forgotten` what a `removed` block lets live on, `ended` what one
    destroys, `imported` what `import` blocks adopt; as written. `faults` name what could not be understood.
    """

    objects: tuple[Declared, ...]
    data: tuple[Declared, ...]
    settings: tuple[Declared, ...]
    moved: Mapping[str, str]
    forgotten: frozenset[str]
    ended: Mapping[str, Declared]
    imported: frozenset[str]
    faults: tuple[str, ...]

    @property
    def locals(self) -> Mapping[str, str]:
        """Flattened local values: `subnets.0` → text."""
        found: dict[str, str] = {}
        for declared in self.settings:
            if declared.type == "locals":
                found.update(declared.attributes)
        return found

    @property
    def values(self) -> Mapping[str, str]:
        """What single local values and the variables' defaults are: `local.size`, `var.size` → text."""
        found = {f"local.{name}": text for name, text in self.locals.items()}
        for declared in self.settings:
            if declared.type == "variable" and "default" in declared.attributes:
                found[f"var.{declared.address.removeprefix('variable.')}"] = declared.attributes["default"]
        return found


def read_module(sources: Iterable[Source]) -> Module:
    declared: list[tuple[str, Declared]] = []
    moved: dict[str, str] = {}
    forgotten: set[str] = set()
    ended: dict[str, Declared] = {}
    imported: set[str] = set()
    faults = []
    for source in sources:
        file = read_json(source.text) if source.path.casefold().endswith(".json") else read_hcl(source.text)
        if file.fault:
            faults.append(f"`{source.path}` could not be read whole as Terraform: {file.fault}")
        if file.root.attributes:
            declared.append(("inputs", declare(file.root, source.path, "inputs")))
        faults += [f"`{source.path}` is no Terraform at line {line}" for line in _mislabelled(file)]
        for block in file.root.blocks:
            if block.type == "moved":
                moved[block.text("from")] = block.text("to")
            elif block.type == "removed" and _says(block, "false"):
                forgotten.add(block.text("from"))
            elif block.type == "removed":
                address = block.text("from")
                ended |= {address: declare(block, source.path, address)} if _says(block, "true") else {}
            elif block.type == "import":
                imported.add(block.text("to"))
            else:
                declared.append((block.type, declare(block, source.path, _address(block))))
    return Module(
        objects=tuple(one for type_, one in declared if type_ in OBJECTS),
        data=tuple(one for type_, one in declared if type_ == "data"),
        settings=tuple(one for type_, one in declared if type_ not in OBJECTS | {"data"}),
        moved=moved,
        forgotten=frozenset(forgotten),
        ended=ended,
        imported=frozenset(imported),
        faults=tuple(faults),
    )


def _address(block: Block) -> str:
    """Resources go by type and name, everything else by its block type too: `data.aws_ami.x`, `variable.size`."""
    return ".".join(block.labels if block.type == "resource" else (block.type, *block.labels))


def declare(block: Block, path: str, address: str) -> Declared:
    flat = block.flatten()
    return Declared(
        address=address,
        type=block.labels[0] if block.labels and block.type in ("resource", "data") else block.type or "inputs",
        path=path,
        line=block.line,
        attributes={name: value.text for name, value in flat.items()},
        lines={name: value.line for name, value in flat.items()},
    )


def place_of_state(module: Module) -> dict[str, str]:
    """Arguments of the `terraform` block that say where the state is kept, whatever the folder is called."""
    return {
        path: text
        for one in module.settings
        if one.type == "terraform"
        for path, text in one.attributes.items()
        if path.startswith(("backend.", "cloud."))
    }


def called_folder(path: str, source: str) -> str | None:
    """The folder of this repository that a file at `path` takes a module from; None for one from elsewhere."""
    called = source.strip('"').partition("?")[0]
    return urljoin(f"/{path}", called).strip("/") if called.startswith(".") else None


def name_at(path: str, declared: Declared) -> str:
    """What the value at a path is called: the path's last part, or the variable whose default it is."""
    last = path.rpartition(".")[2]
    return declared.address.rpartition(".")[2] if last == "default" and declared.type == "variable" else last


def _mislabelled(file: File) -> Iterator[int]:
    return (
        block.line for block in file.root.blocks if len(block.labels) != LABELLED.get(block.type, len(block.labels))
    )


def _says(removed: Block, destroy: str) -> bool:
    """https://developer.hashicorp.com/terraform/language/resources/syntax#removing-resources.

    Left out it means one thing to Terraform and another to OpenTofu.
    """
    return any(lifecycle.text("destroy") == destroy for lifecycle in removed.blocks_of("lifecycle"))


def object_of(address: str) -> str:
    """The object that an address with instance keys or inner modules belongs to: `module.a["x"].b.c` → `module.a`."""
    parts = address.partition("[")[0].split(".")
    return ".".join(parts[:2])


def read_json(text: str) -> File:
    """The JSON syntax, as the blocks it stands for."""
    read = read_documents(text if "\t" not in text else text.replace("\t", " "))
    document = read.documents[0] if read.documents else None
    if not isinstance(document, YamlMapping):
        return File(root=_empty(), fault=read.fault or "it holds no JSON object")
    blocks = [
        block
        for type_, node in document.entries.items()
        for block in _json_blocks(type_, node, LABELS.get(type_, 0), ())
    ]
    is_inputs = not any(type_ in LABELS or type_ in ("locals", "terraform") for type_ in document.entries)
    attributes = _values(document) if is_inputs else {}
    root = Block(type="", labels=(), line=1, attributes=attributes, blocks=() if is_inputs else tuple(blocks))
    return File(root=root, fault=read.fault or _json_fault(text))


def _json_fault(text: str) -> str:
    """Terraform takes all of several members of one name; what is read here is the last."""

    def once(members: list[tuple[str, Any]]) -> dict[str, Any]:
        names = [name for name, _ in members]
        if len(set(names)) < len(names):
            message = "it has several members of one name"
            raise ValueError(message)
        return {}

    try:
        json.loads(text.removeprefix("\ufeff"), object_pairs_hook=once)
    except ValueError as error:
        return f"{error}"
    return ""


def _empty() -> Block:
    return Block(type="", labels=(), line=1, attributes={})


def _json_blocks(type_: str, node: Node, labels_left: int, labels: tuple[str, ...]) -> Iterator[Block]:
    for item in node.items if isinstance(node, Sequence) else (node,):
        if not isinstance(item, YamlMapping):
            continue
        if labels_left:
            for label, inner in item.entries.items():
                yield from _json_blocks(type_, inner, labels_left - 1, (*labels, label))
        else:
            yield Block(type=type_, labels=labels, line=item.line, attributes=_values(item))


def _values(node: YamlMapping) -> dict[str, Value]:
    values: dict[str, Value] = {}
    waiting: list[tuple[str, Any]] = [(key, inner) for key, inner in node.entries.items()]
    while waiting:
        path, inner = waiting.pop()
        if isinstance(inner, Scalar):
            values[path] = Value(text=_expression(inner), line=inner.line)
        elif isinstance(inner, Sequence):
            # A nested block may be written as a list of one.
            items = inner.items
            lone = len(items) == 1 and isinstance(items[0], YamlMapping)
            waiting += [(path if lone else f"{path}.{number}", item) for number, item in enumerate(items)]
        else:
            waiting += [(f"{path}.{key}", item) for key, item in inner.entries.items()]
    return values


def _expression(scalar: Scalar) -> str:
    """JSON strings hold templates; a lone `${…}` is the expression itself."""
    if not scalar.quoted:
        return scalar.text
    text = scalar.text
    is_wrapped = text.startswith("${") and text.endswith("}") and "${" not in text[2:]
    return text[2:-1].strip() if is_wrapped else json.dumps(text, ensure_ascii=False)
