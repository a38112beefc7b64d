"""IAM statements inside Terraform: policy documents, jsonencode, and JSON in heredocs."""

from __future__ import annotations

from collections import defaultdict

import re2

from bot.core.blast.language import Declared
from bot.core.blast.statements import Statement, statements_of
from bot.core.blast.yamls import read_documents

# `statement#1.principals.identifiers.0`, `policy.Statement.0.Action`: which statement, which part of it.
_PATH = re2.compile(r"^(.*?\bstatement(?:#\d+|\.\d+)?)\.(\w+)\b(.*)$")
_LAST_NUMBER = re2.compile(r"\.\d+$")
_PARTS = {
    "action": "action",
    "actions": "action",
    "notaction": "not action",
    "notactions": "not action",
    "resource": "resource",
    "resources": "resource",
    "notresource": "not resource",
    "notresources": "not resource",
    "principal": "principal",
    "principals": "principal",
    "notprincipal": "not principal",
    "notprincipals": "not principal",
    "condition": "condition",
    "effect": "effect",
}


def policies_in(declared: Declared) -> tuple[Statement, ...]:
    """Every statement that the object's attributes hold, in no particular order."""
    groups: dict[str, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
    lines: dict[str, int | None] = {}
    embedded: list[Statement] = []
    for path, text in declared.attributes.items():
        folded = path.casefold()
        match = _PATH.search(folded) if "statement" in folded else None
        if match:
            part = _part(match.group(2), match.group(3))
            # A lone value and a list of one say the same.
            rest = _LAST_NUMBER.sub("", match.group(3))
            groups[match.group(1)][part].append(f"{rest}={text}" if part == "condition" else text.strip('"'))
            lines.setdefault(match.group(1), declared.lines.get(path, declared.line))
        elif '"Statement"' in text or '\\"Statement\\"' in text:
            embedded += _embedded(text)
    return (*(_statement(parts, lines[group]) for group, parts in groups.items()), *embedded)


def _part(name: str, rest: str) -> str:
    part = _PARTS.get(name.replace("_", ""), "")
    # `principals { type = "AWS" identifiers = [...] }`: the type grants nothing.
    return "" if part == "principal" and rest.endswith(".type") else part


def _statement(parts: dict[str, list[str]], line: int | None) -> Statement:
    def texts(part: str) -> tuple[str, ...]:
        return tuple(sorted({*parts.get(part, ()), *(f"not {text}" for text in parts.get(f"not {part}", ()))}))

    return Statement(
        allows="deny" not in [text.casefold() for text in parts.get("effect", ())],
        actions=texts("action"),
        resources=texts("resource"),
        principals=texts("principal"),
        condition=" ".join(sorted(parts.get("condition", ()))),
        line=line,
    )


def _embedded(text: str) -> tuple[Statement, ...]:
    start, end = text.find("{"), text.rfind("}")
    documents = read_documents(text[start : end + 1].replace('\\"', '"')).documents if 0 <= start < end else ()
    return tuple(statement for document in documents for statement in statements_of(document))
