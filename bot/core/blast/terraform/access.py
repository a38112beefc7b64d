"""Who can reach or do more than before: open networks, grants, public switches."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import re2

from bot.core.blast.infra import Infra
from bot.core.blast.language import Comparison, Declared, Pair, compare, effect_of
from bot.core.blast.networks import AT_PORTS, newly_open
from bot.core.blast.protections import opens_by_word
from bot.core.blast.statements import Statement, growth, is_mighty
from bot.core.blast.terraform.module import Module, name_at
from bot.core.blast.terraform.policies import policies_in
from bot.core.finding import Confidence, Effect, Side

# A reference to an identity is short; a longer text is an expression.
LONGEST_REFERENCE = 300
# `role`, `roles.0`, `role_definition_name`, `managed_policy_arns.0`, and no tag of that name.
_NAMES_ROLES = re2.compile(r"^(?:.*\.)?(?:role|roles|\w*role_\w*name|\w*policy_arns?)(?:\.\d+)?$")
# Whoever asks, by the names of Google Cloud's IAM.
EVERYBODY = frozenset({'"allUsers"', '"allAuthenticatedUsers"'})
# What a rule calls its direction and what it does, and the words by which nobody gets in.
DIRECTIONS = ("type", "direction", "rule_action", "access", "action")
OUTWARD = frozenset({"egress", "outbound", "deny", "block"})
EVERY_PROTOCOL = frozenset({'"-1"', '"all"'})
OPEN = frozenset({'"0.0.0.0/0"', '"::/0"', '"::0/0"', '"*"', '"Internet"', '"0.0.0.0"', '"Any"'})


def widened_access(comparison: Comparison, base: Module, head: Module, infra: Infra) -> Iterator[Effect]:
    data = compare(base.data, head.data)
    settings = compare(base.settings, head.settings)
    known = tuple(statement for declared in (*base.objects, *base.data) for statement in policies_in(declared))
    for pair in (*comparison.changed, *data.changed):
        yield from _new_grants(pair, known, infra)
    for pair in (*comparison.changed, *settings.changed):
        yield from _opened_networks(pair, infra)
        yield from _opened_switches(pair, infra)
    if base.objects:
        newcomers = frozenset(added.address for added in comparison.added)
        for added in comparison.added:
            yield from _newcomer(added, newcomers, infra)


def _new_grants(pair: Pair, known: tuple[Statement, ...], infra: Infra) -> Iterator[Effect]:
    """`known` are all statements of the base side: one that only moved to another document grants nothing new."""
    elsewhere = {replace(statement, line=None) for statement in known}
    head = tuple(one for one in policies_in(pair.after) if replace(one, line=None) not in elsewhere)
    grown = growth(policies_in(pair.before), head)
    if grown:
        worst = max(grown, key=lambda one: one.sure)
        confidence = Confidence.HIGH if worst.sure else Confidence.MEDIUM
        yield _effect(pair.after, "terraform-grant-added", f"`{pair.after.address}` {worst.what}", confidence, infra)
    elif EVERYBODY & set(pair.after.attributes.values()) - set(pair.before.attributes.values()):
        reason = f"`{pair.after.address}` now grants everybody"
        yield _effect(pair.after, "terraform-grant-added", reason, Confidence.HIGH, infra)
    elif mighty := _mighty(pair, infra):
        reason = f"`{pair.after.address}` grants {mighty}"
        yield _effect(pair.after, "terraform-grant-added", reason, Confidence.HIGH, infra)
    elif _grants(pair.after.type, infra):
        new = sorted(set(pair.after.attributes.values()) - set(pair.before.attributes.values()))
        new = [text for text in new if text.startswith('"')]
        more = len(pair.after.attributes) > len(pair.before.attributes)
        if new and more:
            reason = f"`{pair.after.address}` grants {new[0]} as well"
            yield _effect(pair.after, "terraform-grant-added", reason, Confidence.MEDIUM, infra)


def _mighty(pair: Pair, infra: Infra) -> str:
    """A role that the object names now, by which one can do nearly everything; "" for none."""
    known = set(pair.before.attributes.values())
    roles = (text for path, text in pair.after.attributes.items() if _names_role(path) and text not in known)
    return next((text for text in roles if is_mighty(text, infra)), "")


def _names_role(path: str) -> bool:
    return not path.startswith(("tags", "labels")) and bool(_NAMES_ROLES.match(path))


def _opened_networks(pair: Pair, infra: Infra) -> Iterator[Effect]:
    before, after = pair.before, pair.after
    opened = newly_open(
        before.attributes,
        after.attributes,
        (lambda path: _lets_in(path, before, infra), lambda path: _lets_in(path, after, infra)),
    )
    if opened is not None:
        path, confidence = opened
        was_open = before.attributes.get(path) == after.attributes[path]
        reason = f"`{path}` of `{after.address}` now lets in {after.attributes[path]}{AT_PORTS if was_open else ''}"
        yield _effect(after, "terraform-network-opened", reason, confidence, infra, attribute=path)
        return
    for path, text in after.attributes.items():
        unlimited = text in EVERY_PROTOCOL and path.endswith("protocol") and path not in before.attributes
        if unlimited and _lets_in(path, after, infra):
            reason = f"`{path}` of `{after.address}` now lets in every protocol"
            yield _effect(after, "terraform-network-opened", reason, Confidence.HIGH, infra, attribute=path)
            return


def _lets_in(path: str, declared: Declared, infra: Infra) -> bool:
    """Whether an address range at this path is one that traffic may come from."""
    folded = f"{declared.address}.{path}".casefold()
    if "egress" in folded or "destination" in folded or _keeps_out(path, declared):
        return False
    if declared.type in infra.names["terraform-ingress-types"]:
        return True
    return any(word in folded for word in infra.names["ingress-words"])


def _keeps_out(path: str, declared: Declared) -> bool:
    """Whether the rule that a path is part of is about traffic that goes out, or denies what comes in."""
    parent = path.rpartition(".")[0]
    while parent and parent.rpartition(".")[2].isdigit():
        parent = parent.rpartition(".")[0]
    prefixes = [parent.rpartition(".")[0], parent, ""]
    says = {declared.attributes.get(f"{prefix}.{name}".lstrip("."), "") for prefix in prefixes for name in DIRECTIONS}
    denies = any(name.startswith("deny.") for name in declared.attributes)
    return denies or any(text.strip('"').casefold() in OUTWARD for text in says)


def _opened_switches(pair: Pair, infra: Infra) -> Iterator[Effect]:
    for path, text in pair.after.attributes.items():
        name = name_at(path, pair.after)
        old = pair.before.attributes.get(path)
        if text == "true" and old in (None, "false") and name in infra.names["access-on"]:
            reason = f"`{name}` of `{pair.after.address}` goes from {old or 'unset'} to true"
            yield _effect(pair.after, "terraform-access-opened", reason, Confidence.HIGH, infra, attribute=path)
        elif opens_by_word(path, old, text, infra):
            reason = f"`{name}` of `{pair.after.address}` goes from {old} to {text}"
            yield _effect(pair.after, "terraform-access-opened", reason, Confidence.HIGH, infra, attribute=path)
        elif text.strip('"') in infra.names["public-acls"] and name == "acl" and old != text:
            reason = f"`{pair.after.address}` becomes {text}"
            yield _effect(pair.after, "terraform-access-opened", reason, Confidence.HIGH, infra, attribute=path)


def _newcomer(added: Declared, newcomers: frozenset[str], infra: Infra) -> Iterator[Effect]:
    """A new object that widens what an existing one allows."""
    names = infra.names
    if added.type in names["terraform-principal-types"]:
        reason = f"`{added.address}` is a new identity that can hold long-lived credentials"
        yield _effect(added, "terraform-grant-added", reason, Confidence.MEDIUM, infra)
    elif EVERYBODY & set(added.attributes.values()):
        yield _effect(added, "terraform-grant-added", f"`{added.address}` grants everybody", Confidence.HIGH, infra)
    elif _grants(added.type, infra) and not _belongs_to_newcomer(added, newcomers):
        reason = f"`{added.address}` grants an existing identity more"
        yield _effect(added, "terraform-grant-added", reason, Confidence.MEDIUM, infra)
    elif added.type in names["terraform-rule-types"]:
        yield from _opened_networks(Pair(before=_nothing(added), after=added), infra)
    elif _routes_to_the_internet(added):
        reason = f"`{added.address}` routes a network to the internet gateway"
        yield _effect(added, "terraform-network-opened", reason, Confidence.MEDIUM, infra)


def _routes_to_the_internet(added: Declared) -> bool:
    gateway = added.attributes.get("gateway_id", "")
    is_route = added.type == "aws_route" and "aws_internet_gateway" in gateway
    return is_route and bool(OPEN & set(added.attributes.values()))


def _grants(type_: str, infra: Infra) -> bool:
    return type_ in infra.names["terraform-grant-types"] or type_.endswith(("_iam_member", "_iam_binding"))


def _nothing(declared: Declared) -> Declared:
    return Declared(address=declared.address, type=declared.type, path=declared.path, line=declared.line)


def _belongs_to_newcomer(grant: Declared, newcomers: frozenset[str]) -> bool:
    """Whether the identity that is granted something comes with this very change."""
    who = [grant.attributes.get(name, "") for name in ("role", "user", "group", "member", "principal_id")]
    named = {address for text in who for address in _named_at_start(text)}
    return bool(named & newcomers - {grant.address})


def _named_at_start(text: str) -> Iterator[str]:
    """The addresses that a reference may begin with: `module.a["x"].id` → `module`, `module.a`, `module.a["x"]`."""
    plain = text.strip('"${} ')[:LONGEST_REFERENCE]
    return (plain[:place] for place, letter in enumerate(plain) if letter in ".[")


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
