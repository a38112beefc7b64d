"""CODEOWNERS: who must review what, and what a change leaves without that."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from itertools import takewhile

from bot.core.blast.infra import Infra
from bot.core.blast.language import Declared, Judgement, Source, Span, Stack, effect_of
from bot.core.finding import Confidence, Effect, Side

EVERYTHING = frozenset({"*", "**", "/**", "/", "/*"})


class Codeowners:
    name = "CODEOWNERS"
    kinds = frozenset({"repo-governance"})
    span = Span.PULL

    def judge(self, stack: Stack, infra: Infra) -> Judgement:
        base = [source for source in stack.base if _is_owners(source)]
        head = [source for source in stack.head if _is_owners(source) and source.text.strip()]
        before = {pattern: rule for source in base for pattern, rule in _rules(source).items()}
        after = {pattern: rule for source in head for pattern, rule in _rules(source).items()}
        if not before:
            return Judgement()
        if not head:
            declared = next(iter(before.values()))
            reason = f"`{declared.path}` is removed, so nobody in particular must review"
            return Judgement(effects=(_effect(declared, reason, infra, side=Side.BASE),))
        return Judgement(effects=tuple(_weakened(before, after, infra)))


def _is_owners(source: Source) -> bool:
    return source.path.rpartition("/")[2] == "CODEOWNERS"


def _rules(source: Source) -> dict[str, Declared]:
    """Pattern → rule, in order; `attributes` are its owners."""
    rules: dict[str, Declared] = {}
    for number, line in enumerate(source.text.split("\n"), start=1):
        words = line.partition("#")[0].split()
        if words and not words[0].startswith(("[", "^[")):
            rules.pop(words[0], None)
            owners = {owner.casefold(): owner for owner in words[1:]}
            rules[words[0]] = Declared(
                address=words[0], type="owners", path=source.path, line=number, attributes=owners
            )
    return rules


def _weakened(before: dict[str, Declared], after: dict[str, Declared], infra: Infra) -> Iterator[Effect]:
    respelt: dict[str, list[Declared]] = defaultdict(list)
    for one in after.values():
        respelt[one.address.strip("/*")].append(one)
    for pattern, rule in before.items():
        now = after.get(pattern)
        if now is None:
            if rule.attributes and not _is_only_respelt(rule, respelt[rule.address.strip("/*")]):
                reason = f"`{pattern}` has no owners of its own any more"
                yield _effect(rule, reason, infra, side=Side.BASE, confidence=Confidence.MEDIUM)
        elif rule.attributes and not now.attributes:
            yield _effect(now, f"`{pattern}` is left without owners", infra)
        elif len(now.attributes) > len(rule.attributes) and now.attributes.keys() >= rule.attributes.keys():
            # Any one owner's approval is enough, but a further owner is how teams grow.
            continue
        elif len(now.attributes) < len(rule.attributes):
            gone = min(rule.attributes.keys() - now.attributes.keys(), default="an owner")
            yield _effect(now, f"`{pattern}` is no longer owned by {gone}", infra, confidence=Confidence.MEDIUM)
        elif _teams(rule) - _teams(now) and len(_teams(now)) < len(_teams(rule)):
            reason = f"`{pattern}` is no longer owned by the team {min(_teams(rule) - _teams(now))}"
            yield _effect(now, reason, infra, rule="owners-swapped", confidence=Confidence.MEDIUM)
    yield from _overridden(before, after, infra)


def _teams(rule: Declared) -> set[str]:
    return {owner for owner in rule.attributes if "/" in owner}


def _overridden(before: dict[str, Declared], after: dict[str, Declared], infra: Infra) -> Iterator[Effect]:
    for pattern, rule in after.items():
        if pattern not in EVERYTHING and not rule.attributes and pattern not in before:
            yield _effect(rule, f"`{pattern}` is left without owners", infra)
        # The last match decides: a later rule for everything takes every earlier one's owners away.
        if pattern not in EVERYTHING:
            continue
        overridden = (_before(after, pattern) & before.keys()) - _before(before, pattern) - EVERYTHING
        if overridden:
            yield _effect(rule, f"`{pattern}` now overrides `{min(overridden)}`", infra)


def _before(rules: dict[str, Declared], pattern: str) -> set[str]:
    """The patterns above this one; none when it is not there."""
    return set(takewhile(lambda other: other != pattern, rules)) if pattern in rules else set()


def _is_only_respelt(rule: Declared, alike: list[Declared]) -> bool:
    """Whether a rule for the same path, with or without slashes and stars, has all of its owners."""
    return any(one.attributes.keys() >= rule.attributes.keys() for one in alike)


def _effect(
    declared: Declared,
    reason: str,
    infra: Infra,
    *,
    rule: str = "owners-removed",
    side: Side = Side.HEAD,
    confidence: Confidence = Confidence.HIGH,
) -> Effect:
    return effect_of(
        infra,
        rule,
        declared,
        kind="repo-governance",
        side=side,
        reason=reason,
        confidence=confidence,
    )
