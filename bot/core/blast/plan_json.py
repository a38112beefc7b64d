"""`terraform show -json` of a plan for one head commit: the truth about a change, which can only raise the estimate."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from enum import StrEnum

import msgspec

from bot.core.blast.assess import worst_first
from bot.core.blast.infra import Infra
from bot.core.blast.terraform.access import OPEN
from bot.core.blast.terraform.guards import weakens
from bot.core.blast.tier import reasons_of
from bot.core.finding import Blast, Confidence, Effect, Side, Tier

MAX_BYTES = 20 * 1024 * 1024
MAX_DEPTH = 100


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
    replace_paths: list[list[str | int]] = []


class _ResourceChange(msgspec.Struct):
    address: str
    type: str
    change: _Change
    mode: str = "managed"


class _Plan(msgspec.Struct):
    format_version: str
    resource_changes: list[_ResourceChange]
    errored: bool = False
    complete: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What a plan of this very head does. `source` names the upload in messages; `objects` are those it manages."""

    source: str
    head_sha: str
    effects: tuple[Effect, ...]
    objects: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanRefusal:
    """Why an upload does not count, one sentence. A refused plan changes nothing."""

    source: str
    reason: str


def read_plan(text: str, *, source: str, plan_sha: str, head_sha: str, infra: Infra) -> Plan | PlanRefusal:
    """`plan_sha` is the commit that the upload says it was made for; anything but the present head is refused."""
    if not head_sha or plan_sha != head_sha:
        return PlanRefusal(source=source, reason=f"it was made for {plan_sha[:12] or 'no commit'}, the head is another")
    if len(text) > MAX_BYTES:
        return PlanRefusal(source=source, reason=f"it is larger than {MAX_BYTES // 1024 // 1024} MiB")
    try:
        plan = msgspec.json.decode(text, type=_Plan)
    except (msgspec.MsgspecError, RecursionError, UnicodeEncodeError) as error:
        return PlanRefusal(source=source, reason=f"it is no plan in JSON: {str(error)[:200]}")
    if plan.format_version.partition(".")[0] != "1":
        return PlanRefusal(source=source, reason=f"its format version is {plan.format_version[:20]}, expected 1.x")
    if plan.errored or not plan.complete:
        return PlanRefusal(source=source, reason="the plan itself says that it failed or is incomplete")
    managed = [change for change in plan.resource_changes if change.mode == "managed"]
    effects = tuple(effect for change in managed for effect in _effects(change, source, infra))
    return Plan(source=source, head_sha=head_sha, effects=effects, objects=len(managed))


def raise_by_plan(blast: Blast, plan: Plan, infra: Infra) -> Blast:
    """The estimate with the plan's effects added; tier and reasons can only grow."""
    found = list(reasons_of(plan.effects, infra))
    tier = max([blast.tier, *(tier for tier, _ in found)])
    reasons = [(Tier[reason.partition(":")[0].upper()], reason) for reason in blast.reasons]
    reasons += [(worth, f"{worth.word}: {sentence}") for worth, sentence in found]
    reasons.sort(key=lambda reason: -reason[0])
    return replace(
        blast,
        tier=tier,
        effects=tuple(sorted({*blast.effects, *plan.effects}, key=worst_first)),
        reasons=tuple(dict.fromkeys(reason for _, reason in reasons)),
    )


def _effects(resource: _ResourceChange, source: str, infra: Infra) -> Iterator[Effect]:
    actions = set(resource.change.actions)
    stateful = resource.type in infra.names["terraform-stateful-types"]
    if {Action.DELETE, Action.CREATE} <= actions:
        because = (
            ", ".join(sorted({_dotted(path) for path in resource.change.replace_paths})) or "its provider asks for it"
        )
        rule = "plan-replaces-stateful" if stateful else "plan-replaces"
        reason = f"the plan destroys and creates `{resource.address}` because of {because}"
        yield _effect(rule, resource, source, reason, infra)
    elif Action.DELETE in actions:
        rule = "plan-destroys-stateful" if stateful else "plan-destroys"
        yield _effect(rule, resource, source, f"the plan destroys `{resource.address}`", infra)
    elif Action.UPDATE in actions:
        yield from _updates(resource, source, infra)


def _updates(resource: _ResourceChange, source: str, infra: Infra) -> Iterator[Effect]:
    """An update in place can take protections away: they are attributes like others."""
    before, after = flatten(resource.change.before), flatten(resource.change.after)
    for path in sorted({*before, *after}):
        old, new = before.get(path), after.get(path)
        if old == new:
            continue
        name = path.rpartition(".")[2]
        if weakens(name, old, new, infra) is not None:
            reason = f"the plan takes `{path}` of `{resource.address}` from {_plain(old)} to {_plain(new)}"
            yield _effect("plan-weakens-guard", resource, source, reason, infra)
        opened = (new in OPEN and "egress" not in path) or (name in infra.names["access-on"] and new == "true")
        if opened and new not in before.values():
            yield _effect(
                "plan-widens-access", resource, source, f"the plan opens `{path}` of `{resource.address}`", infra
            )


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
            flat[path] = json.dumps(inner, ensure_ascii=False)
    return flat


def _dotted(path: list[str | int]) -> str:
    return ".".join(str(step) for step in path)


def _effect(rule: str, resource: _ResourceChange, source: str, reason: str, infra: Infra) -> Effect:
    return Effect(
        effect=infra.rules[rule].effect,
        kind="terraform",
        address=resource.address,
        path=source,
        line=None,
        side=Side.HEAD,
        reason=reason,
        confidence=Confidence.HIGH,
        rule=rule,
    )
