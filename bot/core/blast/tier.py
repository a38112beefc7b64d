"""How much a change could break: the highest of what kinds, effects, unread files and the policy's paths say."""

from __future__ import annotations

from collections.abc import Iterator

from bot.core.blast.infra import Infra
from bot.core.blast.kinds import PathSet, fold_path
from bot.core.blast.language import is_example
from bot.core.finding import Confidence, Effect, EffectKind, Tier, TouchedKind
from bot.core.policy.model import PathTier

# An edit alone, by the weight of its kind: from this weight on, at least this tier.
WEIGHT_TIERS = ((10, Tier.HIGH), (7, Tier.MEDIUM), (0, Tier.LOW))
UNREAD_TIER = Tier.HIGH
LOWERED_BY = {Confidence.HIGH: 0, Confidence.MEDIUM: 0, Confidence.LOW: 1}

VERBS = {
    EffectKind.DESTROY: "destroys",
    EffectKind.REPLACE: "replaces",
    EffectKind.WEAKEN_GUARD: "weakens a guard of",
    EffectKind.WIDEN_ACCESS: "widens access of",
}


def tier_of(
    *,
    kinds: tuple[TouchedKind, ...],
    effects: tuple[Effect, ...],
    unread: tuple[str, ...],
    paths: tuple[str, ...],
    path_tiers: tuple[PathTier, ...],
    infra: Infra,
) -> tuple[Tier, tuple[str, ...]]:
    """The tier and every reason for it, the deciding one first; of equal ones effects come before kinds."""
    found = [
        *reasons_of(effects, infra),
        *((UNREAD_TIER, sentence) for sentence in unread),
        *_from_paths(paths, path_tiers),
        *_from_kinds(kinds),
    ]
    found.sort(key=lambda reason: -reason[0])
    tier = found[0][0] if found else Tier.NONE
    return tier, tuple(f"{reason.word}: {sentence}" for reason, sentence in found)


def reasons_of(effects: tuple[Effect, ...], infra: Infra) -> Iterator[tuple[Tier, str]]:
    """What each effect is worth, by its rule's row, and the sentence that says so."""
    for effect in effects:
        lowered = max(LOWERED_BY[effect.confidence], int(is_example(effect.path)))
        tier = Tier(max(Tier.LOW, infra.rules[effect.rule].tier - lowered))
        place = effect.path if effect.line is None else f"{effect.path}:{effect.line}"
        yield tier, f"{VERBS[effect.effect]} `{effect.address}`, {place}"


def _from_paths(paths: tuple[str, ...], path_tiers: tuple[PathTier, ...]) -> Iterator[tuple[Tier, str]]:
    for row in path_tiers:
        patterns = PathSet(row.paths)
        path = next((path for path in paths if patterns.hits(fold_path(path))), None)
        if path is not None:
            yield row.tier, f"the policy's paths name `{path}`"


def edit_tier(weight: int) -> Tier:
    """What any change to a file of a kind of this weight is worth at least."""
    return next(tier for least, tier in WEIGHT_TIERS if weight >= least)


def _from_kinds(kinds: tuple[TouchedKind, ...]) -> Iterator[tuple[Tier, str]]:
    for kind in kinds:
        more = f" and {len(kind.paths) - 1} more" if len(kind.paths) > 1 else ""
        yield edit_tier(kind.weight), f"touches {kind.kind}, `{kind.paths[0]}`{more}"
