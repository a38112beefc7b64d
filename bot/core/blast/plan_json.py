"""`terraform show -json` of a saved plan: what it destroys, replaces and opens, without any value it holds."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum

import msgspec

from bot.core.blast.assess import worst_first
from bot.core.blast.infra import Infra
from bot.core.blast.terraform.access import OPEN
from bot.core.blast.terraform.guards import switches_off, weakens
from bot.core.finding import Confidence, Effect, Side

MAX_BYTES = 16 * 1024 * 1024
# Values of all kinds: a hostile text of that size could hold so many that they fill gigabytes.
MAX_VALUES = 1_500_000
MAX_DEPTH = 100
MOST_OF_A_RULE = 50
LONGEST_ADDRESS = 300
HOW_TO_MAKE_ONE = "expected what `terraform show -json PLANFILE` prints"
# 0.x is what Terraform wrote before 1.1, with the same fields as far as they are read here.
FORMATS = ("0", "1")


class Action(StrEnum):
    """https://developer.hashicorp.com/terraform/internals/json-format#change-representation."""

    NO_OP = "no-op"
    CREATE = "create"
    READ = "read"
    UPDATE = "update"
    DELETE = "delete"
    FORGET = "forget"


class _Change(msgspec.Struct):
    actions: list[Action]
    before: object = None
    after: object = None
    after_unknown: object = None
    replace_paths: list[list[str | int]] = []


class _ResourceChange(msgspec.Struct):
    address: str
    type: str
    change: _Change
    mode: str = "managed"


class _Deferred(msgspec.Struct):
    resource_change: _ResourceChange | None = None


class _Plan(msgspec.Struct):
    """`resource_changes` is left out by a plan without resources; a state has neither it nor `planned_values`."""

    format_version: str
    resource_changes: list[_ResourceChange] | None = None
    planned_values: dict[str, object] | None = None
    deferred_changes: list[_Deferred] = []
    errored: bool = False
    complete: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanReading:
    """What a plan does. `objects` are those it manages. `fault` says why that is not the whole truth, "" when it is.

    `unlisted` is the number of effects beside `effects`, of the same rules.
    """

    effects: tuple[Effect, ...] = ()
    unlisted: int = 0
    objects: int = 0
    fault: str = ""


class _FaultError(Exception):
    """What is wrong with an upload and where, one sentence without values."""


def read_plan(raw: bytes, *, stack: str, infra: Infra) -> PlanReading:
    """What the plan of `stack` does; never raises, and repeats nothing of what it holds but names and switches."""
    try:
        plan = _plan(raw)
    except _FaultError as error:
        return PlanReading(fault=str(error))
    changes = [*(plan.resource_changes or ()), *(one.resource_change for one in plan.deferred_changes)]
    managed = [change for change in changes if change is not None and change.mode == "managed"]
    effects = dict.fromkeys(effect for change in managed for effect in _effects(change, stack, infra))
    found = _at_most(effects)
    fault = "the plan itself says that it failed" if plan.errored else ""
    fault = fault or ("" if plan.complete else "the plan itself says that it is incomplete: plan without `-target`")
    return PlanReading(
        effects=tuple(sorted(found, key=worst_first)),
        unlisted=len(effects) - len(found),
        objects=len(managed),
        fault=fault,
    )


def _plan(raw: bytes) -> _Plan:
    if len(raw) > MAX_BYTES:
        raise _FaultError(f"it is larger than {MAX_BYTES // 1024 // 1024} MiB: plan smaller stacks")
    if raw.count(b"{") + raw.count(b"[") + raw.count(b",") > MAX_VALUES:
        raise _FaultError(f"it holds more than {MAX_VALUES} values: plan smaller stacks")
    try:
        told = json.loads(raw, object_pairs_hook=_once, parse_constant=_no_number)
        plan = msgspec.convert(told, _Plan)
    except json.JSONDecodeError as error:
        raise _FaultError(f"line {error.lineno}, column {error.colno} is no JSON; {HOW_TO_MAKE_ONE}") from error
    except msgspec.ValidationError as error:
        raise _FaultError(f"{_place(error)} is not as in a plan; {HOW_TO_MAKE_ONE}") from error
    except RecursionError as error:
        raise _FaultError("it is nested too deeply") from error
    except ValueError as error:  # undecodable bytes, or a number longer than Python reads
        raise _FaultError(f"it is no JSON ({type(error).__name__}); {HOW_TO_MAKE_ONE}") from error
    if plan.format_version.partition(".")[0] not in FORMATS:
        raise _FaultError("its `format_version` is of a later format than 1.x, which this gate does not know")
    if plan.resource_changes is None and plan.planned_values is None:
        raise _FaultError(f"it has no `resource_changes`, as a state has none; {HOW_TO_MAKE_ONE}")
    return plan


def _once(pairs: list[tuple[str, object]]) -> dict[str, object]:
    """Readers differ in which of two equal keys they believe; nobody who plans writes any."""
    found = dict(pairs)
    if len(found) < len(pairs):
        raise _FaultError("an object in it has the same key twice")
    return found


def _no_number(_: str) -> object:
    raise _FaultError("it holds NaN or Infinity, which are no JSON")


def _place(error: msgspec.ValidationError) -> str:
    """Where the value is (`$.resource_changes[3].change.actions[0]`); the message itself may quote it."""
    place = str(error).rpartition(" - at `")[2].rstrip("`")
    return f"`{place}`" if place.startswith("$") else "`$`"


def _at_most(effects: Iterable[Effect]) -> set[Effect]:
    """So many of each rule: neither tier nor matching rules change, and a reader is told how many more there are."""
    seen: Counter[str] = Counter()
    kept = set()
    for effect in effects:
        seen[effect.rule] += 1
        if seen[effect.rule] <= MOST_OF_A_RULE:
            kept.add(effect)
    return kept


def _effects(resource: _ResourceChange, stack: str, infra: Infra) -> Iterator[Effect]:
    actions = set(resource.change.actions)
    stateful = resource.type in infra.names["terraform-stateful-types"]
    address = _clean(resource.address)
    if {Action.DELETE, Action.CREATE} <= actions:
        because = (
            ", ".join(sorted({_dotted(path) for path in resource.change.replace_paths})) or "its provider asks for it"
        )
        rule = "plan-replaces-stateful" if stateful else "plan-replaces"
        yield _effect(rule, address, stack, f"the plan destroys and creates `{address}` because of {because}", infra)
    elif Action.DELETE in actions:
        rule = "plan-destroys-stateful" if stateful else "plan-destroys"
        yield _effect(rule, address, stack, f"the plan destroys `{address}`", infra)
    elif Action.UPDATE in actions:
        yield from _updates(resource.change, address, stack, infra)


def _updates(change: _Change, address: str, stack: str, infra: Infra) -> Iterator[Effect]:
    """An update in place can take protections away: they are attributes like others."""
    before, after = flatten(change.before), flatten(change.after)
    unknown = {path for path, value in flatten(change.after_unknown).items() if value == "true"}
    known_before = frozenset(before.values())
    for path in sorted({*before, *after}):
        old, new = before.get(path), after.get(path)
        if old == new:
            continue
        name, shown = path.rpartition(".")[2], _clean(path)
        if weakens(name, old, new, infra) is not None or switches_off(path, old, new, infra) is not None:
            later = "a value known only after it ran" if path in unknown else _plain(new)
            reason = f"the plan takes `{shown}` of `{address}` from {_plain(old)} to {later}"
            yield _effect("plan-weakens-guard", address, stack, reason, infra)
        opened = (new in OPEN and "egress" not in path) or (name in infra.names["access-on"] and new == "true")
        if opened and new not in known_before:
            reason = f"the plan opens `{shown}` of `{address}`"
            yield _effect("plan-widens-access", address, stack, reason, infra)


def _plain(text: str | None) -> str:
    """Only switches and numbers are repeated: a plan's other values may be secret."""
    is_plain = text in ("true", "false") or (text or "").isdigit()
    return str(text) if is_plain else "unset" if text is None else "a value"


def flatten(value: object) -> dict[str, str]:
    """Dotted path → text as HCL writes it; null is unset. Deeper than MAX_DEPTH is left out."""
    flat: dict[str, str] = {}
    waiting: list[tuple[str, object, int]] = [("", value, 0)]
    while waiting:
        path, inner, depth = waiting.pop()
        if isinstance(inner, dict | list) and depth < MAX_DEPTH:
            items = inner.items() if isinstance(inner, dict) else enumerate(inner)
            waiting += [(f"{path}.{key}" if path else str(key), child, depth + 1) for key, child in items]
        elif inner is not None:
            flat[path] = f'"{inner}"' if isinstance(inner, str) else str(inner).lower()
    return flat


def _dotted(path: list[str | int]) -> str:
    return _clean(".".join(str(step) for step in path))


def _clean(name: str) -> str:
    """A name that can be stored and shown: JSON can spell half of a surrogate pair, no database can keep it."""
    return name.encode(errors="replace").decode()[:LONGEST_ADDRESS]


def _effect(rule: str, address: str, stack: str, reason: str, infra: Infra) -> Effect:
    return Effect(
        effect=infra.rules[rule].effect,
        kind="terraform",
        address=address,
        path=f"plan {stack}",
        line=None,
        side=Side.HEAD,
        reason=reason,
        confidence=Confidence.HIGH,
        rule=rule,
        plan=stack,
    )
