"""IAM policy statements of two sides: which grants are new, which denials are gone."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from bot.core.blast.infra import Infra
from bot.core.blast.yamls import Mapping as YamlMapping
from bot.core.blast.yamls import Node, Scalar, Sequence, flatten

EVERYTHING = "*"
# Actions with which one can become somebody mightier; a new one counts as sure.
ESCALATING = ("iam:", "sts:assumerole", "organizations:", "kms:putkeypolicy", "lambda:addpermission")


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """A statement of a policy (https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html).

    `NotAction` and `NotResource` entries start with "not ". `condition` is its canonical text, "" for none.
    """

    allows: bool
    actions: tuple[str, ...]
    resources: tuple[str, ...] = ()
    principals: tuple[str, ...] = ()
    condition: str = ""
    line: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Growth:
    """What the head side allows that the base side did not. `sure` when it is a wildcard or an escalating action."""

    what: str
    sure: bool
    line: int | None = None


@dataclass(slots=True)
class _Reach:
    """On what and to whom one side allows an action under one condition."""

    resources: set[str] = field(default_factory=set)
    principals: set[str] = field(default_factory=set)


# Action → condition → reach.
_Allowed = dict[str, dict[str, _Reach]]


def growth(base: Iterable[Statement], head: Iterable[Statement]) -> tuple[Growth, ...]:
    """New actions, more resources or principals of an action, and changed conditions; narrowing is no growth."""
    base, head = tuple(base), tuple(head)
    before, after = _allowed(base), _allowed(head)
    known = {replace(statement, line=None) for statement in base}
    found = []
    for statement in head:
        if not statement.allows or replace(statement, line=None) in known:
            continue
        for action in statement.actions:
            what = _grown(action, statement, before, after)
            if what:
                sure = _is_wide(action) or f"`{EVERYTHING}`" in what or action.casefold().startswith(ESCALATING)
                found.append(Growth(what=what, sure=sure, line=statement.line))
    return tuple(found)


def _allowed(statements: Iterable[Statement]) -> _Allowed:
    allowed: _Allowed = {}
    for statement in statements:
        for action in statement.actions if statement.allows else ():
            reach = allowed.setdefault(action.casefold(), {}).setdefault(statement.condition, _Reach())
            reach.resources.update(statement.resources)
            reach.principals.update(statement.principals)
    return allowed


def _grown(action: str, statement: Statement, before: _Allowed, after: _Allowed) -> str:
    known = [before[covering] for covering in _covering(action) if covering in before]
    if not known:
        return f"allows `{action}`"
    reaches = [reach for conditions in known for reach in _reaches(conditions, statement.condition)]
    if not reaches:
        return f"allows `{action}` under another condition or none"
    resources = set().union(*(reach.resources for reach in reaches))
    principals = set().union(*(reach.principals for reach in reaches))
    now = after[action.casefold()][statement.condition]
    new = _further(set(statement.resources), resources, now.resources)
    if new:
        return f"allows `{action}` on `{new}`"
    new = _further(set(statement.principals), principals, now.principals)
    return f"allows `{action}` to `{new}`" if new else ""


def _reaches(conditions: Mapping[str, _Reach], condition: str) -> list[_Reach]:
    """What was allowed without a condition was also allowed under any."""
    return [conditions[one] for one in {"", condition} if one in conditions]


def _further(stated: set[str], before: set[str], after: set[str]) -> str:
    """One that was added; "" when as many were taken away: a reworded one is a correction, not a further one."""
    new = stated - before
    if not new or EVERYTHING in before:
        return ""
    if EVERYTHING in new:
        return EVERYTHING
    return min(new) if len(after) > len(before) else ""


def _covering(action: str) -> tuple[str, ...]:
    """The action itself and the wildcards that contain it: `s3:GetObject` → `s3:get*` is not looked for."""
    folded = action.casefold()
    return (folded, f"{folded.partition(':')[0]}:*", EVERYTHING)


def _is_wide(action: str) -> bool:
    return action == EVERYTHING or action.endswith(":*") or action.startswith("not ")


def is_mighty(text: str, infra: Infra) -> bool:
    """Whether a role or a managed policy, by its name or identifier, lets one do nearly everything."""
    return text.strip('"').rpartition("/")[2].casefold() in infra.names["mighty-roles"]


def lost_denials(base: Iterable[Statement], head: Iterable[Statement]) -> tuple[Statement, ...]:
    """Deny statements of which an action is denied no longer."""
    still = {action.casefold() for statement in head if not statement.allows for action in statement.actions}
    return tuple(
        statement
        for statement in base
        if not statement.allows and any(not still & set(_covering(action)) for action in statement.actions)
    )


def statements_of(document: Node) -> tuple[Statement, ...]:
    """The statements of a policy document (`Statement`: one or a list), () when it is none."""
    if not isinstance(document, YamlMapping):
        return ()
    return tuple(_statement(item) for item in document.items("Statement") if isinstance(item, YamlMapping))


def _statement(node: YamlMapping) -> Statement:
    entries = {key.casefold(): value for key, value in node.entries.items()}
    return Statement(
        allows=node.text("Effect").casefold() != "deny",
        actions=_texts(entries, "action"),
        resources=_texts(entries, "resource"),
        principals=_texts(entries, "principal"),
        condition=_canonical(entries.get("condition")),
        line=node.line,
    )


def _texts(entries: Mapping[str, Node], key: str) -> tuple[str, ...]:
    found = _leaf_texts(entries.get(key))
    return (*found, *(f"not {text}" for text in _leaf_texts(entries.get(f"not{key}"))))


def _leaf_texts(node: Node | None) -> tuple[str, ...]:
    if node is None:
        return ()
    if isinstance(node, Scalar | Sequence) or node.entries:
        return tuple(sorted(set(flatten(node).values())))
    return ()


def _canonical(node: Node | None) -> str:
    return "" if node is None else " ".join(f"{path}={text}" for path, text in sorted(flatten(node).items()))
