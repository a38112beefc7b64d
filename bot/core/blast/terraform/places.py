"""Where a module's state is kept, where its providers act, and where its code comes from, when that changes.

What happens then is not in the files: each finding is of low confidence and says what to look at.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import replace

import re2

from bot.core.blast.infra import Infra
from bot.core.blast.language import Comparison, Declared, Pair, Stack, compare, effect_of
from bot.core.blast.terraform.module import CALLS, Module, called_folder
from bot.core.finding import Confidence, Effect, Side

# `v5.1.0`, `~> 5.0`, `?ref=v5.1.0`: the number that a breaking change raises.
_MAJOR = re2.compile(r"(?:^|[^\w.-])v?(\d+)(?:\.\d+)+")
LONGEST = 80
# Blocks that say where the state is: Terraform's own, and Terragrunt's.
STATE = ("terraform", "remote_state")


def changed_places(stack: Stack, comparison: Comparison, base: Module, head: Module, infra: Infra) -> Iterator[Effect]:
    """One finding of each kind, with the number of further ones: a provider's other name can be on every object."""
    found: dict[str, list[Effect]] = defaultdict(list)
    for effect in _changed_places(stack, comparison, base, head, infra):
        found[effect.rule].append(effect)
    for first, *others in found.values():
        yield replace(first, reason=f"{first.reason}; {len(others)} more like it") if others else first


def _changed_places(stack: Stack, comparison: Comparison, base: Module, head: Module, infra: Infra) -> Iterator[Effect]:
    for pair in compare(base.settings, head.settings).changed:
        if pair.before.type in STATE:
            yield from _state_moved(pair, stack, infra)
            unit = replace(pair.after, address=pair.after.path)
            yield from _source_changed(Pair(before=pair.before, after=unit), stack.moves, infra)
        elif pair.before.type == "provider":
            yield from _target_moved(pair, infra)
    for pair in comparison.changed:
        if pair.after.type in CALLS:
            yield from _source_changed(pair, stack.moves, infra)
        yield from _provider_changed(pair, infra)


def _state_moved(pair: Pair, stack: Stack, infra: Infra) -> Iterator[Effect]:
    old, new = _state_place(pair.before, infra), _state_place(pair.after, infra)
    if not old or old == new:
        return
    path = next((path for path in sorted({*old, *new}) if old.get(path) != new.get(path)), "")
    reason = (
        f"`{path}` of the state goes from {old.get(path, 'unset')} to {new.get(path, 'unset')}: "
        "unless the state is moved along, an apply makes everything anew"
    )
    state = replace(pair.after, address=f"{stack.folder or '.'} (state)")
    yield _effect(state, "terraform-state-moved", reason, path, infra)


def _state_place(declared: Declared, infra: Infra) -> Mapping[str, str]:
    return {
        path: text
        for path, text in declared.attributes.items()
        if path.startswith(("backend.", "cloud.", "config.")) and _last(path) in infra.names["terraform-state-places"]
    }


def _last(path: str) -> str:
    parts = path.split(".")
    return parts[-2] if parts[-1].isdigit() else parts[-1]


def _target_moved(pair: Pair, infra: Infra) -> Iterator[Effect]:
    old, new = pair.before.attributes, pair.after.attributes
    for path in sorted(old.keys() & new.keys()):
        if old[path] != new[path] and path.rpartition(".")[2] in infra.names["terraform-provider-targets"]:
            reason = (
                f"`{path}` of `{pair.after.address}` goes from {old[path]} to {new[path]}: what was made there is not "
                "found there any more, and an apply makes it anew"
            )
            yield _effect(pair.after, "terraform-target-moved", reason, path, infra)
            return


def _provider_changed(pair: Pair, infra: Infra) -> Iterator[Effect]:
    old, new = (side.attributes.get("provider", "the default") for side in (pair.before, pair.after))
    # Without an alias it is the default configuration of a provider, as `google-beta` is of the same project.
    if old != new and any("." in one for one in (old, new)):
        reason = (
            f"`{pair.after.address}` is now managed by {new} instead of {old}: if that acts in another place, "
            "an apply makes it anew there"
        )
        yield _effect(pair.after, "terraform-target-moved", reason, "provider", infra)


def _source_changed(pair: Pair, moves: Mapping[str, str], infra: Infra) -> Iterator[Effect]:
    old, new = _origin(pair.before.attributes), _origin(pair.after.attributes)
    before, after = (
        called_folder(one.path, place) for one, (place, _) in zip((pair.before, pair.after), (old, new), strict=True)
    )
    is_same = before is not None and after in (before, moves.get(before))
    if old[0] and new[0] and old != new and not is_same:
        said = [" ".join(filter(None, one))[:LONGEST] for one in (new, old)]
        reason = (
            f"`{pair.after.address}` now comes from {said[0]} instead of {said[1]}: "
            "what that destroys or replaces is not in this change"
        )
        yield _effect(pair.after, "terraform-module-changed", reason, "source", infra)


def _origin(attributes: Mapping[str, str]) -> tuple[str, str]:
    """Where from, and the major version, or whatever names the version; "" when nothing does."""
    source, version = attributes.get("source", "").strip('"'), attributes.get("version", "").strip('"')
    if "${" in source:
        return source, ""
    place, _, query = source.partition("?")
    version = version or query.removeprefix("ref=")
    match = _MAJOR.search(version)
    return place, match.group(1) if match else version


def _effect(declared: Declared, rule: str, reason: str, attribute: str, infra: Infra) -> Effect:
    return effect_of(
        infra,
        rule,
        declared,
        kind="terraform",
        side=Side.HEAD,
        reason=reason,
        confidence=Confidence.LOW,
        attribute=attribute,
    )
