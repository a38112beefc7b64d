"""Resources that live on only where a condition holds, or of which nothing is left to run."""

from __future__ import annotations

from collections.abc import Iterator

from bot.core.blast.infra import Infra
from bot.core.blast.language import Comparison, Declared, Pair, effect_of
from bot.core.blast.protections import squash
from bot.core.finding import Confidence, Effect, Side


def fewer_instances(comparison: Comparison, infra: Infra) -> Iterator[Effect]:
    sizes = frozenset(squash(name) for name in infra.names["terraform-sizes"])
    for pair in comparison.changed:
        yield from _limited(pair, infra)
        yield from _scaled_to_zero(pair, sizes, infra)


def _limited(pair: Pair, infra: Infra) -> Iterator[Effect]:
    condition = pair.after.attributes.get("Condition")
    if not condition or "Condition" in pair.before.attributes:
        return
    yield effect_of(
        infra,
        "cloudformation-stateful-removed" if is_stateful(pair.before, infra) else "cloudformation-resource-removed",
        pair.after,
        kind="cloudformation",
        side=Side.HEAD,
        reason=f"`{pair.after.address}` is now declared only where `{condition}` holds: an update deletes it elsewhere",
        confidence=Confidence.MEDIUM,
        attribute="Condition",
    )


def _scaled_to_zero(pair: Pair, sizes: frozenset[str], infra: Infra) -> Iterator[Effect]:
    for path, text in pair.after.attributes.items():
        was = pair.before.attributes.get(path)
        if text == "0" and was not in (None, "0") and squash(path.rpartition(".")[2]) in sizes:
            yield effect_of(
                infra,
                "cloudformation-scaled-to-zero",
                pair.after,
                kind="cloudformation",
                side=Side.HEAD,
                reason=f"`{pair.after.address}` is scaled from {was} to 0 by {path.removeprefix('Properties.')}",
                attribute=path,
            )


def is_stateful(declared: Declared, infra: Infra) -> bool:
    """Whether losing the resource loses data, by its type."""
    return declared.type in infra.names["cloudformation-stateful-types"]
