"""Protections that a change switches off: deletion protection, backups, encryption, prevent_destroy."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from bot.core.blast.infra import Infra
from bot.core.blast.language import Comparison, Declared, Pair, compare, effect_of
from bot.core.blast.protections import lost_sections, reworded, squash
from bot.core.blast.statements import lost_denials
from bot.core.blast.terraform.module import Module, name_at
from bot.core.blast.terraform.policies import policies_in
from bot.core.finding import Confidence, Effect, Side

# What switches and statuses say that are off; "" is unset.
OFF = ("", "false", "disabled", "suspended", "null")


def weakened_guards(comparison: Comparison, base: Module, head: Module, infra: Infra) -> Iterator[Effect]:
    """Objects that live on, and the maps of values (locals, variables, tfvars) that feed them."""
    pairs = (*comparison.changed, *comparison.renamed, *compare(base.settings, head.settings).changed)
    values = base.values, head.values
    for pair in pairs:
        yield from _weakened(pair, values, infra)
        yield from _sections_lost(pair, comparison.added, infra)
    for pair in (*comparison.changed, *compare(base.data, head.data).changed):
        for statement in lost_denials(policies_in(pair.before), policies_in(pair.after)):
            reason = f"`{pair.after.address}` no longer denies `{statement.actions[0]}`"
            yield _effect(pair.after, "terraform-denial-removed", reason, Confidence.HIGH, infra)


Values = tuple[Mapping[str, str], Mapping[str, str]]


def _weakened(pair: Pair, values: Values, infra: Infra) -> Iterator[Effect]:
    before, after = pair.before.attributes, pair.after.attributes
    blocks = _blocks_of(before)
    for path in sorted({*before, *after}):
        old, new = before.get(path), after.get(path)
        if old == new:
            continue
        name = name_at(path, pair.after)
        confidence = _confidence(path, name, (old, new), values, infra)
        if new is None and name in infra.names["guards-number"] and "." in path:
            continue  # an entry of a map falls back to a default that stands elsewhere
        # A guard that is spelt out as off in a new map entry is a new object's, not one that was there.
        if confidence is None or (old is None and not _parent_existed(path, blocks)):
            continue
        if pair.after.type == "module" and None in (old, new):
            confidence = min(confidence, Confidence.MEDIUM)  # the module's default may say the same
        reason = f"`{name}` of `{pair.after.address}` goes from {old or 'unset'} to {new or 'unset'}"
        yield _effect(pair.after, "terraform-guard-weakened", reason, confidence, infra, attribute=path)


def _confidence(
    path: str, name: str, sides: tuple[str | None, str | None], values: Values, infra: Infra
) -> Confidence | None:
    """A variable or local value that the same files set is taken for what it is set to, which may be set elsewhere."""
    old, new = (known.get(text or "", text) for text, known in zip(sides, values, strict=True))
    found = weakens(name, old, new, infra) or switches_off(path, old, new, infra) or reworded(path, old, new, infra)
    return found if found is None or (old, new) == sides else min(found, Confidence.MEDIUM)


def _sections_lost(pair: Pair, newcomers: tuple[Declared, ...], infra: Infra) -> Iterator[Effect]:
    """A section that became an object of its own, as aws's buckets lost theirs, still protects."""
    apart = [squash(one.type) for one in newcomers]
    for path, name in lost_sections(pair.before.attributes, pair.after.attributes, infra):
        if not any(name in type_ for type_ in apart):
            reason = f"`{pair.after.address}` no longer has `{path}`"
            yield _effect(pair.after, "terraform-guard-weakened", reason, Confidence.MEDIUM, infra)


def weakens(name: str, old: str | None, new: str | None, infra: Infra) -> Confidence | None:
    """How sure it is that a guard of this name protects less at `new` than at `old`; None for unset. None when not."""
    names = infra.names
    if name in names["guards-on"] or (name in names["guards-on-unless-unset"] and new is not None):
        if new == "false":
            return Confidence.HIGH if old in (None, "true") else Confidence.MEDIUM
        return Confidence.HIGH if old == "true" and new in (None, "null") else None
    if name in names["guards-off"]:
        return Confidence.HIGH if new == "true" and old in (None, "false") else None
    if name in names["guards-number"]:
        return _lowered(old, new)
    return None


def switches_off(path: str, old: str | None, new: str | None, infra: Infra) -> Confidence | None:
    """How sure it is that a block that protects (`versioning { enabled = true }`) is switched off or taken out."""
    *blocks, name = path.split(".")
    if name not in ("enabled", "status") or not infra.names["guard-blocks"] & set(blocks):
        return None
    was_on = (old or "").strip('"').casefold() in ("true", "enabled")
    return Confidence.HIGH if was_on and (new or "").strip('"').casefold() in OFF else None


def _lowered(old: str | None, new: str | None) -> Confidence | None:
    if new == "0" and old != "0":
        return Confidence.HIGH
    if old and new and old.isdigit() and new.isdigit() and int(new) < int(old):
        return Confidence.MEDIUM
    return Confidence.HIGH if old and old.isdigit() and old != "0" and new is None else None


def _parent_existed(path: str, blocks: frozenset[str]) -> bool:
    parent = path.rpartition(".")[0]
    return not parent or parent == "lifecycle" or parent in blocks


def _blocks_of(attributes: Mapping[str, str]) -> frozenset[str]:
    """Every path that something stands below."""
    found: set[str] = set()
    for path in attributes:
        parent = path.rpartition(".")[0]
        while parent and parent not in found:
            found.add(parent)
            parent = parent.rpartition(".")[0]
    return frozenset(found)


def _effect(
    declared: Declared, rule: str, reason: str, confidence: Confidence, infra: Infra, *, attribute: str = ""
) -> Effect:
    return effect_of(
        infra,
        rule,
        declared,
        kind="terraform",
        side=Side.HEAD,
        reason=reason,
        confidence=confidence,
        attribute=attribute,
    )
