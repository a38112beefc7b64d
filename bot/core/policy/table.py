"""The shapes of a policy file's mappings: fixed keys, of which unknown ones are faults, or free names."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import yaml

from bot.core.policy.shape import Faults, Shape, Text

_LONGEST_KEY = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class Table(Shape):
    """A mapping with the keys of `keys` and no other, built by `build` from the values that were given.

    `any_of` names keys of which at least one must be given. A key that is given is noted in `faults.given`.
    """

    keys: Mapping[str, Shape]
    build: Callable[..., Any]
    needed: tuple[str, ...] = ()
    any_of: tuple[str, ...] = ()
    names: Mapping[str, str] = field(default_factory=dict)

    def read(self, node: yaml.Node, where: str, faults: Faults) -> Any:
        if not isinstance(node, yaml.MappingNode):
            faults.add(node, where, f"expected a mapping with {', '.join(self.keys)}")
            return None
        before = len(faults.found)
        values = dict(self._values(node, where, faults))
        given = {key.value for key, _ in node.value if isinstance(key, yaml.ScalarNode)}
        for key in self.needed:
            if key not in given:
                faults.add(node, where, f"expected the key {key}")
        if self.any_of and not given & set(self.any_of):
            faults.add(node, where, f"expected at least one of the keys {', '.join(self.any_of)}")
        return self.build(**values) if len(faults.found) == before else None

    def _values(self, node: yaml.MappingNode, where: str, faults: Faults) -> Iterator[tuple[str, Any]]:
        for key, value, name in _pairs(node, where, faults):
            if name not in self.keys:
                faults.add(key, where, self._unknown(name))
                continue
            place = f"{where}.{name}" if where else name
            faults.given.add(place)
            yield self.names.get(name, name), self.keys[name].read(value, place, faults)

    def _unknown(self, name: str) -> str:
        near = difflib.get_close_matches(name[:_LONGEST_KEY], self.keys, 1)
        meant = f"did you mean {near[0]}? " if near else ""
        return f"unknown key, {meant}expected one of {', '.join(self.keys)}"

    def schema(self) -> dict[str, Any]:
        described: dict[str, Any] = {
            "type": "object",
            "properties": {key: shape.schema() for key, shape in self.keys.items()},
            "additionalProperties": False,
        }
        if self.needed:
            described["required"] = list(self.needed)
        if self.any_of:
            described["anyOf"] = [{"required": [key]} for key in self.any_of]
        return described


@dataclass(frozen=True, slots=True, kw_only=True)
class Named(Shape):
    """A mapping from free names to values of one shape, read as a dict."""

    name: Text
    value: Shape
    most: int = 50

    def read(self, node: yaml.Node, where: str, faults: Faults) -> dict[str, Any] | None:
        if not isinstance(node, yaml.MappingNode) or not 1 <= len(node.value) <= self.most:
            faults.add(node, where, f"expected a mapping of 1 to {self.most} names")
            return None
        read = {
            self.name.read(key, where, faults): self.value.read(value, f"{where}.{name}", faults)
            for key, value, name in _pairs(node, where, faults)
        }
        return {name: value for name, value in read.items() if name is not None}

    def schema(self) -> dict[str, Any]:
        return {
            "type": "object",
            "propertyNames": {key: value for key, value in self.name.schema().items() if key != "type"},
            "additionalProperties": self.value.schema(),
            "minProperties": 1,
            "maxProperties": self.most,
        }


def _pairs(node: yaml.MappingNode, where: str, faults: Faults) -> Iterator[tuple[yaml.Node, yaml.Node, str]]:
    """Key node, value node and key; keys that are no strings or stand twice are faults and left out."""
    seen: set[str] = set()
    for key, value in node.value:
        if not isinstance(key, yaml.ScalarNode):
            faults.add(key, where, "expected a key that is a string")
        elif key.value in seen:
            faults.add(key, where, "the key stands twice")
        else:
            seen.add(key.value)
            yield key, value, key.value
