"""A policy file's text to a policy, or to all of its faults at once."""

from __future__ import annotations

from typing import Any

import yaml

from bot.core.policy.digest import with_digest
from bot.core.policy.document import DocumentError, compose
from bot.core.policy.grammar import POLICY
from bot.core.policy.model import Mode, Policy, PolicyError
from bot.core.policy.shape import Faults


def parse_policy(text: str, source: str) -> Policy | PolicyError:
    """The policy that `text` says, or its faults by line and column; never raises.

    `source` is where it was read, for the reader. Keys that are left out keep the model's defaults; a file must name
    its version, its seniors and its rules.
    """
    try:
        root = compose(text)
    except DocumentError as error:
        return PolicyError(source=source, faults=(error.fault,))
    faults = Faults()
    values = POLICY.read(root, "", faults)
    _refuse_equal_names(root, faults)
    if faults.found:
        ordered = sorted(set(faults.found), key=lambda fault: (fault.line, fault.column, fault.message))
        return PolicyError(source=source, faults=tuple(ordered))
    return _policy(values, source, frozenset(faults.given))


def _policy(values: dict[str, Any], source: str, given: frozenset[str]) -> Policy:
    del values["version"]
    return with_digest(Policy(**{"mode": Mode.ENFORCE, **values}, source=source, given=given))


def _refuse_equal_names(root: yaml.Node, faults: Faults) -> None:
    """Rules are spoken of by name, in records too, so each has its own."""
    seen: set[str] = set()
    rules = _child(root, "rules")
    for rule in rules.value if isinstance(rules, yaml.SequenceNode) else ():
        name = _child(rule, "name")
        if isinstance(name, yaml.ScalarNode):
            if name.value.casefold() in seen:
                faults.add(name, "rules", "another rule has this name")
            seen.add(name.value.casefold())


def _child(node: yaml.Node, wanted: str) -> yaml.Node | None:
    if not isinstance(node, yaml.MappingNode):
        return None
    return next((value for key, value in node.value if key.value == wanted), None)
