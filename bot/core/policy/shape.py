"""The shapes of a policy file's values: each reads a YAML node, naming every fault, and tells its JSON Schema."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import re2
import yaml

from bot.core.policy.model import Fault

# YAML 1.2's core schema; PyYAML's 1.1 would read `on`, `no` and `1:30` as something else than what is written.
_INTEGER = re2.compile(r"[-+]?[0-9]{1,9}")
_DURATION = re2.compile(r"([1-9][0-9]{0,5})([smhdw])")
_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86_400, "w": 604_800}


class Faults:
    """The faults found so far; a reader adds to them and goes on, so that all are told at once."""

    def __init__(self) -> None:
        self.found: list[Fault] = []
        self.given: set[str] = set()

    def add(self, node: yaml.Node, where: str, message: str) -> None:
        mark = node.start_mark
        text = f"{where}: {message}" if where else message
        self.found.append(Fault(line=mark.line + 1, column=mark.column + 1, message=text))


class Shape(ABC):
    """`read` returns the value, or None after adding a fault; `where` is the dotted place of the node."""

    @abstractmethod
    def read(self, node: yaml.Node, where: str, faults: Faults) -> Any: ...

    @abstractmethod
    def schema(self) -> dict[str, Any]: ...


def _is_plain(node: yaml.Node) -> bool:
    return isinstance(node, yaml.ScalarNode) and not node.style


@dataclass(frozen=True, slots=True, kw_only=True)
class Text(Shape):
    """A string that `pattern` matches whole. `fault` may find more: it ends the phrase "expected …"."""

    expected: str
    pattern: str = r"(?s).+"
    longest: int = 200
    fold: bool = False
    fault: Callable[[str], str] = field(default=lambda _text: "")

    def read(self, node: yaml.Node, where: str, faults: Faults) -> str | None:
        if not isinstance(node, yaml.ScalarNode):
            faults.add(node, where, f"expected {self.expected}")
            return None
        text: str = node.value
        if len(text) > self.longest or not re2.fullmatch(self.pattern, text):
            faults.add(node, where, f"expected {self.expected}, at most {self.longest} characters")
            return None
        if wrong := self.fault(text):
            faults.add(node, where, f"expected {wrong}")
            return None
        return text.lower() if self.fold else text

    def schema(self) -> dict[str, Any]:
        pattern = self.pattern.removeprefix("(?s)")
        shown = {} if pattern == ".+" else {"pattern": f"^(?:{pattern})$"}
        return {"type": "string", "minLength": 1, "maxLength": self.longest, "description": self.expected, **shown}


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice(Shape):
    """One of a closed set of words, each standing for a value."""

    words: Mapping[str, Any]

    def read(self, node: yaml.Node, where: str, faults: Faults) -> Any:
        if isinstance(node, yaml.ScalarNode) and node.value in self.words:
            return self.words[node.value]
        faults.add(node, where, f"expected one of {', '.join(self.words)}")
        return None

    def schema(self) -> dict[str, Any]:
        return {"enum": list(self.words)}


@dataclass(frozen=True, slots=True, kw_only=True)
class Whole(Shape):
    """An integer within bounds, both included."""

    least: int
    most: int

    def read(self, node: yaml.Node, where: str, faults: Faults) -> int | None:
        if _is_plain(node) and _INTEGER.fullmatch(node.value) and self.least <= int(node.value) <= self.most:
            return int(node.value)
        wanted = f"an integer from {self.least} to {self.most}" if self.least < self.most else f"{self.least}"
        faults.add(node, where, f"expected {wanted}")
        return None

    def schema(self) -> dict[str, Any]:
        return {"type": "integer", "minimum": self.least, "maximum": self.most}


class Flag(Shape):
    """`true` or `false`, in no other spelling."""

    def read(self, node: yaml.Node, where: str, faults: Faults) -> bool | None:
        if _is_plain(node) and node.value in {"true", "false"}:
            return bool(node.value == "true")
        faults.add(node, where, "expected true or false")
        return None

    def schema(self) -> dict[str, Any]:
        return {"type": "boolean"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Duration(Shape):
    """A whole number with a unit of s, m, h, d or w, read as seconds; bounds in seconds, both included."""

    least: int
    most: int

    def read(self, node: yaml.Node, where: str, faults: Faults) -> int | None:
        found = _DURATION.fullmatch(node.value) if isinstance(node, yaml.ScalarNode) else None
        seconds = int(found[1]) * _SECONDS[found[2]] if found else 0
        if self.least <= seconds <= self.most:
            return seconds
        faults.add(
            node,
            where,
            f"expected a duration such as 1h or 14d, from {self.least // 60} minutes to {self.most // 86_400} days",
        )
        return None

    def schema(self) -> dict[str, Any]:
        return {"type": "string", "pattern": "^[1-9][0-9]{0,5}[smhdw]$"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Many(Shape):
    """A list of 1 to `most` different items, read as a tuple."""

    item: Shape
    most: int = 200

    def read(self, node: yaml.Node, where: str, faults: Faults) -> tuple[Any, ...] | None:
        if not isinstance(node, yaml.SequenceNode) or not 1 <= len(node.value) <= self.most:
            faults.add(node, where, f"expected a list of 1 to {self.most} items")
            return None
        values = [self.item.read(child, f"{where}[{index}]", faults) for index, child in enumerate(node.value)]
        for index, value in enumerate(values):
            if value is not None and value in values[:index]:
                faults.add(node.value[index], f"{where}[{index}]", "is in the list already")
        return tuple(value for value in values if value is not None)

    def schema(self) -> dict[str, Any]:
        return {
            "type": "array",
            "items": self.item.schema(),
            "minItems": 1,
            "maxItems": self.most,
            "uniqueItems": True,
        }
