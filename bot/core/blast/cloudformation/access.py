"""Who can reach or do more through a template: statements, managed policies, open networks, public switches."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from bot.core.blast.cloudformation.template import Template
from bot.core.blast.infra import Infra
from bot.core.blast.language import Comparison, Declared, Pair, compare, effect_of
from bot.core.blast.networks import AT_PORTS, is_open, newly_open
from bot.core.blast.protections import opens_by_word
from bot.core.blast.statements import growth, is_mighty
from bot.core.finding import Confidence, Effect, Side


def widened_access(comparison: Comparison, base: Template, head: Template, infra: Infra) -> Iterator[Effect]:
    everywhere = {replace(one, line=None) for statements in base.policies.values() for one in statements}
    for pair in comparison.changed:
        after = head.policies.get(pair.after.address, ())
        new = tuple(one for one in after if replace(one, line=None) not in everywhere)
        for grown in growth(base.policies.get(pair.before.address, ()), new)[:1]:
            confidence = Confidence.HIGH if grown.sure else Confidence.MEDIUM
            yield _effect(pair.after, "cloudformation-grant-added", grown.what, confidence, infra)
        yield from _managed_policies(pair, infra)
        yield from _opened(pair, infra)
    for pair in compare(base.parameters, head.parameters).changed:
        yield from _opened(pair, infra)
    if base.resources:
        for added in comparison.added:
            yield from _newcomer(added, infra)


def _managed_policies(pair: Pair, infra: Infra) -> Iterator[Effect]:
    old, new = (
        _under(one, ("Properties.ManagedPolicyArns", "Properties.Policies")) for one in (pair.before, pair.after)
    )
    further = sorted(new - old)
    mighty = [one for one in further if is_mighty(one, infra)]
    if mighty or (further and len(new) > len(old)):
        what = f"attaches `{(mighty or further)[0]}`"
        confidence = Confidence.HIGH if mighty else Confidence.MEDIUM
        yield _effect(pair.after, "cloudformation-grant-added", what, confidence, infra)


def _under(declared: Declared, sections: tuple[str, ...]) -> set[str]:
    """The texts that are items of a list of policies themselves, not parts of one."""
    return {
        text
        for path, text in declared.attributes.items()
        for section in sections
        if path == section or (path.startswith(f"{section}.") and path[len(section) + 1 :].isdigit())
    }


def _opened(pair: Pair, infra: Infra) -> Iterator[Effect]:
    before, after = pair.before.attributes, pair.after.attributes
    opened = newly_open(
        before,
        after,
        (lambda path: _lets_in(path, pair.before, infra), lambda path: _lets_in(path, pair.after, infra)),
    )
    if opened is not None:
        path, confidence = opened
        what = f"lets in {after[path]}{AT_PORTS if before.get(path) == after[path] else ''}"
        yield _effect(pair.after, "cloudformation-access-opened", what, confidence, infra, attribute=path)
        return
    for path, text in sorted(after.items()):
        name, old = path.rpartition(".")[2], before.get(path)
        opens = name in infra.names["cloudformation-access-on"] and text.casefold() == "true"
        closes = name in infra.names["cloudformation-access-off"] and text.casefold() == "false"
        public = name == "AccessControl" and text in ("PublicRead", "PublicReadWrite", "AuthenticatedRead")
        words = opens_by_word(path, old, text, infra)
        if old != text and (opens or closes or public or words):
            what = f"sets {name} to {text}"
            yield _effect(pair.after, "cloudformation-access-opened", what, Confidence.HIGH, infra, attribute=path)
            return


def _lets_in(path: str, declared: Declared, infra: Infra) -> bool:
    folded = f"{declared.address}.{declared.type}.{path}".casefold()
    if "egress" in folded or "destination" in folded:
        return False
    return "ingress" in folded or any(word in folded for word in infra.names["ingress-words"])


def _newcomer(added: Declared, infra: Infra) -> Iterator[Effect]:
    if added.type in infra.names["cloudformation-principal-types"]:
        what = "is a new identity that can hold long-lived credentials"
        yield _effect(added, "cloudformation-grant-added", what, Confidence.MEDIUM, infra)
    elif added.type == "AWS::EC2::SecurityGroupIngress" and any(map(is_open, added.attributes.values())):
        yield _effect(added, "cloudformation-access-opened", "lets in any address", Confidence.HIGH, infra)


def _effect(
    declared: Declared, rule: str, what: str, confidence: Confidence, infra: Infra, *, attribute: str = ""
) -> Effect:
    return effect_of(
        infra,
        rule,
        declared,
        kind="cloudformation",
        side=Side.HEAD,
        reason=f"`{declared.address}` {what}",
        confidence=confidence,
        attribute=attribute,
    )
