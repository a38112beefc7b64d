"""Protections of a template that a change takes away: deletion policies, deletion protection, backups, denials."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from bot.core.blast.cloudformation.template import Template
from bot.core.blast.infra import Infra
from bot.core.blast.language import Comparison, Pair, effect_of
from bot.core.blast.protections import lost_sections, reworded
from bot.core.blast.statements import lost_denials
from bot.core.finding import Confidence, Effect, Side

POLICIES = ("DeletionPolicy", "UpdateReplacePolicy")
KEEPING = ("Retain", "RetainExceptOnCreate", "Snapshot")


def weakened_guards(comparison: Comparison, base: Template, head: Template, infra: Infra) -> Iterator[Effect]:
    for pair in (*comparison.changed, *comparison.renamed):
        yield from _policies(pair, infra)
        yield from _switches(pair, head.defaults, infra)
    for pair in comparison.kept:
        before, after = (side.policies.get(one.address, ()) for side, one in ((base, pair.before), (head, pair.after)))
        for denial in lost_denials(before, after):
            reason = f"`{pair.after.address}` no longer denies `{min(denial.actions, default='everything')}`"
            yield _effect(pair, "Properties", reason, Confidence.HIGH, infra)


def _policies(pair: Pair, infra: Infra) -> Iterator[Effect]:
    for name in POLICIES:
        old, new = pair.before.attributes.get(name), pair.after.attributes.get(name)
        if old in KEEPING and new not in KEEPING:
            reason = f"`{name}` of `{pair.after.address}` goes from {old} to {new or 'unset'}"
            yield _effect(pair, name, reason, Confidence.HIGH, infra)


def _switches(pair: Pair, defaults: Mapping[str, str], infra: Infra) -> Iterator[Effect]:
    before, after = pair.before.attributes, pair.after.attributes
    for path, _ in lost_sections(before, after, infra):
        reason = f"`{pair.after.address}` no longer has `{path.removeprefix('Properties.')}`"
        yield _effect(pair, path, reason, Confidence.MEDIUM, infra)
    for path in sorted({*before, *after}):
        old, new = before.get(path), after.get(path)
        confidence = None if old == new else _confidence(path, old, new, defaults, infra)
        if confidence is not None:
            name = path.removeprefix("Properties.")
            reason = f"`{name}` of `{pair.after.address}` goes from {old or 'unset'} to {new or 'unset'}"
            yield _effect(pair, path, reason, confidence, infra)


def _confidence(
    path: str, old: str | None, new: str | None, defaults: Mapping[str, str], infra: Infra
) -> Confidence | None:
    """A parameter is taken for its default, which a deployment may override."""
    now = defaults.get(new or "", new)
    name = path.rpartition(".")[2]
    if name == "Status" and "VersioningConfiguration" in path:
        found = Confidence.HIGH if old == "Enabled" and now == "Suspended" else None
    else:
        found = _weakens(name, old, now, infra) or reworded(path, old, now, infra)
    return found if found is None or now == new else min(found, Confidence.MEDIUM)


def _weakens(name: str, old: str | None, new: str | None, infra: Infra) -> Confidence | None:
    was, now = (old or "").casefold(), (new or "").casefold()
    if name in infra.names["cloudformation-guards-on"]:
        return Confidence.HIGH if was in ("true", "enabled") and now in ("", "false", "disabled", "suspended") else None
    is_number = name in infra.names["cloudformation-guards-number"] and was.isdigit() and now.isdigit()
    if is_number and int(now) < int(was):
        return Confidence.HIGH if now == "0" else Confidence.MEDIUM
    return None


def _effect(pair: Pair, path: str, reason: str, confidence: Confidence, infra: Infra) -> Effect:
    return effect_of(
        infra,
        "cloudformation-guard-weakened",
        pair.after,
        kind="cloudformation",
        side=Side.HEAD,
        reason=reason,
        confidence=confidence,
        attribute=path,
    )
