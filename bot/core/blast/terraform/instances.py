"""Instances of an object that count and for_each no longer make, or make under another key."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from collections.abc import Set as AbstractSet

import re2

from bot.core.blast.infra import Infra
from bot.core.blast.language import Comparison, Declared, Pair, compare, effect_of
from bot.core.blast.terraform.identity import is_stateful
from bot.core.blast.terraform.module import CALLS, Module, name_at, object_of
from bot.core.finding import Confidence, Effect, Side

# Path of a local value → keys of the collection that stands there.
LocalKeys = Mapping[str, AbstractSet[str]]
# A condition that compares with a literal holds in some workspaces and not in others.
_COMPARES = re2.compile(r'[!=]=\s*"|"\s*[!=]=')


def lost_instances(comparison: Comparison, base: Module, head: Module, infra: Infra) -> Iterator[Effect]:
    excused = {object_of(address) for address in (*head.moved, *head.forgotten)}
    old, new = _local_keys(base.locals), _local_keys(head.locals)
    for pair in comparison.kept:
        if pair.before.address not in excused:
            yield from _lost(pair, old, new, infra)
    for pair in (*comparison.changed, *compare(base.settings, head.settings).changed):
        yield from _scaled_to_zero(pair, infra)
        yield from _switched_off(pair, infra)


def _lost(pair: Pair, base: LocalKeys, head: LocalKeys, infra: Infra) -> Iterator[Effect]:
    old, new = _repetition(pair.before.attributes), _repetition(pair.after.attributes)
    if _is_empty(pair.after) and not _is_empty(pair.before):
        reason = f"`{pair.after.address}` is made for none any more, so an apply destroys every instance"
        yield _effect(pair, "terraform-instances-lost", reason, Confidence.HIGH, infra)
    elif old != new and "for_each" in (old, new):
        yield _effect(
            pair,
            "terraform-instances-rekeyed",
            f"`{pair.after.address}` goes from {old or 'one instance'} to {new or 'one instance'} "
            "without a moved block, so every instance is destroyed and created under its new key",
            Confidence.HIGH,
            infra,
        )
    elif old == new == "for_each":
        known, left = _keys(pair.before.attributes, base), _keys(pair.after.attributes, head)
        gone = known - left
        if gone and left:
            reason = f"`{pair.after.address}` no longer has the instance {_some(gone)}, so an apply destroys it"
            yield _effect(pair, "terraform-instances-lost", reason, Confidence.HIGH, infra)
    elif new == "count":
        yield from _fewer(pair, infra)


def _is_empty(declared: Declared) -> bool:
    return declared.attributes.get("for_each") in ("[]", "{}")


def _switched_off(pair: Pair, infra: Infra) -> Iterator[Effect]:
    """Modules that are told whether to make what they are for: `create = false`, `create_role = false`."""
    for path, text in pair.after.attributes.items():
        is_switch = path == "enabled" or path.startswith("create")
        if pair.after.type in CALLS and is_switch and text == "false" and pair.before.attributes.get(path) == "true":
            reason = f"`{path}` of `{pair.after.address}` goes from true to false, so an apply destroys what it made"
            yield _effect(pair, "terraform-instances-lost", reason, Confidence.MEDIUM, infra, attribute=path)


def _fewer(pair: Pair, infra: Infra) -> Iterator[Effect]:
    before, after = pair.before.attributes.get("count", "1"), pair.after.attributes["count"]
    if after.isdigit() and before.isdigit() and int(after) < int(before):
        reason = f"`{pair.after.address}` goes from {before} to {after} instances, so an apply destroys the rest"
        yield _effect(pair, "terraform-instances-lost", reason, Confidence.HIGH, infra)
    elif "count" not in pair.before.attributes and _COMPARES.search(after) and after.endswith(("0", "1")):
        reason = f"`{pair.after.address}` is now declared only where `{after}`, so an apply destroys it elsewhere"
        yield _effect(pair, "terraform-instances-lost", reason, Confidence.MEDIUM, infra)


def _repetition(attributes: Mapping[str, str]) -> str:
    names = {path.partition(".")[0] for path in attributes}
    return "for_each" if "for_each" in names else "count" if "count" in names else ""


def _keys(attributes: Mapping[str, str], locals_: LocalKeys) -> frozenset[str]:
    """The instance keys that can be read from the text; empty when an expression makes them."""
    whole = attributes.get("for_each", "")
    if whole.startswith(("local.", "toset(local.")):
        return frozenset(locals_.get(whole.removeprefix("toset(").removesuffix(")").removeprefix("local."), ()))
    entries = {path: text for path, text in attributes.items() if path.startswith("for_each.")}
    return frozenset(key for path, text in entries.items() if (key := _key(path.split(".")[1:], text)))


def _local_keys(locals_: Mapping[str, str]) -> LocalKeys:
    """The keys below every path of the local values, found once for all objects that name one."""
    found: dict[str, set[str]] = defaultdict(set)
    for path, text in locals_.items():
        parts = path.split(".")
        for place in range(1, len(parts)):
            key = _key(parts[place:], text)
            if key:
                found[".".join(parts[:place])].add(key)
    return found


def _key(parts: list[str], text: str) -> str:
    if not parts[0].isdigit():
        return parts[0]
    if len(parts) == 1:
        return text.strip('"') if text.startswith('"') and "${" not in text else ""
    return "" if parts[1].isdigit() else parts[1]


def _some(keys: frozenset[str]) -> str:
    first = f"`{min(keys)}`"
    return first if len(keys) == 1 else f"{first} and {len(keys) - 1} more"


def _scaled_to_zero(pair: Pair, infra: Infra) -> Iterator[Effect]:
    for path, text in pair.after.attributes.items():
        before = pair.before.attributes.get(path)
        if text == "0" and before not in (None, "0") and name_at(path, pair.after) in infra.names["terraform-sizes"]:
            reason = f"`{pair.after.address}` is scaled from {before} to 0 by {path}"
            yield _effect(pair, "terraform-scaled-to-zero", reason, Confidence.HIGH, infra, attribute=path)


def _effect(pair: Pair, rule: str, reason: str, confidence: Confidence, infra: Infra, *, attribute: str = "") -> Effect:
    if rule == "terraform-instances-lost" and is_stateful(pair.before, infra):
        rule = "terraform-stateful-instances-lost"
    where = attribute or next((path for path in pair.after.attributes if path.startswith(("count", "for_each"))), "")
    return effect_of(
        infra,
        rule,
        pair.after,
        kind="terraform",
        side=Side.HEAD,
        reason=reason,
        confidence=confidence,
        attribute=where,
    )
