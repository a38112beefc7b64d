"""Types and create-only properties whose change makes CloudFormation replace a resource."""

from __future__ import annotations

from collections.abc import Iterator

import re2

from bot.core.blast.cloudformation.template import Template
from bot.core.blast.infra import Infra
from bot.core.blast.language import Comparison, Pair, effect_of
from bot.core.finding import Confidence, Effect, Side

_NUMBERS = re2.compile(r"\.\d+")
# Serverless deploys under these names; another one is another stack.
SERVICE = frozenset({"service", "name", "region", "stage", "stackName"})


def forced_replacements(comparison: Comparison, head: Template, infra: Infra) -> Iterator[Effect]:
    defaults = {
        parameter.address.removeprefix("parameter "): parameter.attributes.get("Default", "")
        for parameter in head.parameters
    }
    for pair in comparison.kept:
        if pair.before.type != pair.after.type:
            reason = f"`{pair.after.address}` becomes a {pair.after.type} where it was a {pair.before.type}"
            yield _effect(pair, "Type", reason, Confidence.HIGH, infra)
        elif pair.after.type in infra.names["cloudformation-versioned-types"]:
            continue
        elif pair.before.attributes != pair.after.attributes:
            yield from _create_only(pair, defaults, infra)


def _create_only(pair: Pair, defaults: dict[str, str], infra: Infra) -> Iterator[Effect]:
    always = infra.replacements["cloudformation"].get(pair.after.type, frozenset())
    sometimes = infra.replacements["cloudformation-conditional"].get(pair.after.type, frozenset())
    if pair.after.type == "serverless service":
        always = SERVICE
    for path in sorted({*pair.before.attributes, *pair.after.attributes}):
        plain = _NUMBERS.sub("", path).removeprefix("Properties.")
        if plain not in always and plain not in sometimes:
            continue
        old, new = pair.before.attributes.get(path), pair.after.attributes.get(path)
        confidence = _certainty(old, new, defaults)
        if confidence is not None:
            reason = f"`{plain}` of `{pair.after.address}` cannot change in place, so an update replaces it"
            if plain not in always:
                reason = f"`{plain}` of `{pair.after.address}` can in some cases not change in place"
                confidence = Confidence.LOW
            yield _effect(pair, path, reason, confidence, infra)
            return


def _certainty(old: str | None, new: str | None, defaults: dict[str, str]) -> Confidence | None:
    """How sure it is that two texts are two values; None when they are one text."""
    if old == new:
        return None
    if old is not None and new is not None:
        before, after = (defaults.get(text.removeprefix("!Ref "), text) for text in (old, new))
        if before.casefold() == after.casefold():
            return Confidence.LOW  # the parameter's default, which a deployment may override
        return Confidence.MEDIUM if before.startswith("!") or after.startswith("!") else Confidence.HIGH
    return Confidence.MEDIUM


def _effect(pair: Pair, path: str, reason: str, confidence: Confidence, infra: Infra) -> Effect:
    stateful = pair.before.type in infra.names["cloudformation-stateful-types"]
    rule = "cloudformation-stateful-replaced" if stateful else "cloudformation-resource-replaced"
    return effect_of(
        infra,
        rule,
        pair.after,
        kind="cloudformation",
        side=Side.HEAD,
        reason=reason,
        confidence=confidence,
        attribute=path,
    )
