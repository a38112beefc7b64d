"""Bicep files and ARM templates: resources by their type and `name`; a symbol is no identity, and versions are none."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

import re2

from bot.core.blast.language import Declared
from bot.core.blast.template import Text
from bot.core.blast.yamls import Mapping, flatten

# https://learn.microsoft.com/azure/azure-resource-manager/bicep/file
_DECLARED = re2.compile(r"(?m)^[ \t]*(resource|module)\s+(\w+)\s+'([^'\n]+)'\s*(existing\b)?\s*=")
_NAMED = re2.compile(r"(?m)^[ \t]*name:\s*(.+?)[ \t]*\r?$")
# A registry's module carries its version behind the last colon, a resource type behind the @.
_VERSION = re2.compile(r"@.*$|:[0-9][^/:]*$")
# The name stands among the first lines of a declaration.
FARTHEST = 2_000


def resources_in(code: str, path: str) -> Iterator[Declared]:
    """What is declared, references to what exists elsewhere left out."""
    found = list(_DECLARED.finditer(code))
    ends = [*(match.start() for match in found), len(code)]
    line, place = 1, 0
    for match, (_, end) in zip(found, pairwise(ends), strict=True):
        line, place = line + code.count("\n", place, match.start(2)), match.start(2)
        if match.group(4):
            continue
        type_ = _VERSION.sub("", match.group(3))
        named = _NAMED.search(code[match.end() : min(end, match.end() + FARTHEST)])
        name = named.group(1) if named else match.group(2)
        yield Declared(address=f"{type_} {name[:200]}", type=type_, path=path, line=line)


def resources_of(template: Text) -> Iterator[Declared]:
    """The resources of an ARM template, a list or, in newer ones, a mapping by symbol; nested ones stay inside."""
    section = template.root.get("resources")
    nodes = section.entries.values() if isinstance(section, Mapping) else template.root.items("resources")
    for node in nodes:
        if isinstance(node, Mapping) and node.text("existing") != "true":
            address = f"{node.text('type')} {node.text('name')}"
            type_ = node.text("type")
            yield Declared(address=address, type=type_, path=template.path, line=node.line, attributes=flatten(node))
