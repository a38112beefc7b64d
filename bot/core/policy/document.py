"""A policy file's text as a YAML node tree: one document, no anchors, aliases or tags, bounded in size and depth."""

from __future__ import annotations

from typing import Any

import yaml

from bot.core.policy.model import Fault

# GitHub shows no larger file in a diff either; a policy has a few hundred lines at most.
LARGEST_TEXT = 64 * 1024
DEEPEST = 12

_Loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class DocumentError(Exception):
    """The text is no usable document; `fault` says why."""

    def __init__(self, fault: Fault) -> None:
        super().__init__(fault.message)
        self.fault = fault


def compose(text: str) -> yaml.Node:
    """The root node of `text`; raises DocumentError for what no reader could go on with.

    The events are looked through before nodes are made, so that nothing is ever expanded or nested without bound.
    """
    if len(text) > LARGEST_TEXT:
        raise DocumentError(_fault(None, f"expected at most {LARGEST_TEXT // 1024} KiB"))
    try:
        _refuse_cleverness(text)
        root = yaml.compose(text, Loader=_Loader)
    except yaml.MarkedYAMLError as error:
        raise DocumentError(_fault(error.problem_mark, f"no valid YAML: {error.problem}")) from error
    except (yaml.YAMLError, UnicodeError) as error:
        raise DocumentError(_fault(None, "no valid YAML: a character that YAML does not allow")) from error
    if root is None:
        raise DocumentError(_fault(None, "expected a policy, found an empty file"))
    return root


def _refuse_cleverness(text: str) -> None:
    depth = 0
    for event in yaml.parse(text, Loader=_Loader):
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        if depth > DEEPEST:
            raise DocumentError(_fault(event.start_mark, f"expected at most {DEEPEST} levels"))
        if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None) is not None:
            raise DocumentError(_fault(event.start_mark, "anchors and aliases are not allowed: write the value out"))
        if getattr(event, "tag", None) is not None:
            raise DocumentError(_fault(event.start_mark, "tags are not allowed: write the plain value"))


def _fault(mark: Any, message: str) -> Fault:
    return Fault(line=mark.line + 1 if mark else 1, column=mark.column + 1 if mark else 1, message=message)
