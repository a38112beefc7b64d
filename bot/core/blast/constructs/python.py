"""CDK and Pulumi programs in Python, read and never run: the calls that make a construct or a resource."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from bot.core.blast.language import parse_python

LONGEST = 200


def calls_in(text: str, *, is_scoped: bool) -> Iterator[tuple[int, str, str, dict[str, str]]]:
    """Line, type, name and arguments by keyword. Raises SyntaxError, ValueError, RecursionError or MemoryError.

    `is_scoped`: as in the CDK, where the first argument is the parent.
    """
    tree = parse_python(text)
    modules = _modules(tree)
    for call in ast.walk(tree):
        if isinstance(call, ast.Call) and isinstance(call.func, ast.Name | ast.Attribute):
            type_ = ast.unparse(call.func)
            name = _name(call, is_scoped=is_scoped)
            if (
                type_.rpartition(".")[2][:1].isupper()
                and name is not None
                and _declares(call, type_, modules, is_scoped)
            ):
                given = {one.arg: ast.unparse(one.value)[:LONGEST] for one in call.keywords if one.arg}
                yield call.lineno, type_, name, given


def _modules(tree: ast.Module) -> dict[str, str]:
    """The name that an import binds → the module it comes from."""
    found: dict[str, str] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found |= {alias.asname or alias.name.partition(".")[0]: alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            found |= {alias.asname or alias.name: node.module or "." for alias in node.names}
    return found


def _declares(call: ast.Call, type_: str, modules: dict[str, str], is_scoped: bool) -> bool:  # noqa: FBT001 - one call
    """A component of one's own takes more than its name; pathlib.Path and the like take no more."""
    module = modules.get(type_.partition(".")[0], "")
    if is_scoped or module.startswith("pulumi_"):
        return True
    return module != "pulumi" and len(call.args) + len(call.keywords) > 1


def _name(call: ast.Call, *, is_scoped: bool) -> str | None:
    """The name given to the call, None when it has none that could be one."""
    named = {one.arg: one.value for one in call.keywords}
    if is_scoped:
        scope = call.args[0] if call.args else named.get("scope")
        name = call.args[1] if len(call.args) > 1 else named.get("id") or named.get("construct_id")
        return _text(name) if isinstance(scope, ast.Name | ast.Attribute) and name is not None else None
    name = call.args[0] if call.args else named.get("resource_name") or named.get("name")
    return _text(name) if isinstance(name, ast.Constant | ast.JoinedStr) else None


def _text(node: ast.expr) -> str | None:
    if isinstance(node, ast.Constant):
        return node.value if isinstance(node.value, str) else None
    if isinstance(node, ast.JoinedStr):
        parts = (part.value if isinstance(part, ast.Constant) else ast.unparse(part) for part in node.values)
        return "".join(map(str, parts))[:LONGEST]
    return ast.unparse(node)[:LONGEST]
