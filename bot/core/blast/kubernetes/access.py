"""What a change lets pods, users and the network do beyond before."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from itertools import islice, product

from bot.core.blast.actions import TOKEN
from bot.core.blast.infra import Infra
from bot.core.blast.kubernetes.identity import Living
from bot.core.blast.kubernetes.objects import Object
from bot.core.blast.language import effect_of
from bot.core.blast.yamls import Mapping as YamlMapping
from bot.core.blast.yamls import Node, Scalar
from bot.core.finding import Confidence, Effect, Side

SWITCHES = (
    "privileged",
    "hostNetwork",
    "hostPID",
    "hostIPC",
    "hostPath.path",
    "allowPrivilegedContainer",
    "hostProcess",
)
# Path → its value that gives power; any other gives none.
VALUES = {"runAsUser": "0", "procMount": "Unmasked"}
OPEN = frozenset({"0.0.0.0/0", "::/0"})
# Where a Service, an Ingress and a NetworkPolicy name the addresses that may come in.
LETS_IN = ("spec.loadBalancerSourceRanges", "source-range", "spec.ingress.")
LISTS = ("capabilities.add.", "spec.allowedCapabilities.", "spec.volumes.")
# Harmless host paths and capabilities; everything else is new power.
HARMLESS = frozenset({"/etc/localtime", "/etc/timezone", "NET_BIND_SERVICE", "IPC_LOCK", "CHOWN", "SETUID", "SETGID"})
# A role with more grants than this on one side is compared by its first ones, and wildcards are grants of their own.
MOST_GRANTS = 20_000


def widened_access(living: Living, infra: Infra) -> Iterator[Effect]:
    for before, after in (*living.kept, *living.renamed):
        yield from _powers(before, after, infra)
        yield from _grants(before, after, infra)
        yield from _exposed(before, after, infra)
    for one in living.added:
        yield from _newcomer(one, infra)


def _powers_of(one: Object, other: Object | None = None) -> Counter[str]:
    """What it may do; what it shares with another is left out."""
    found: Counter[str] = Counter()
    known = other.declared.attributes.items() if other else frozenset[tuple[str, str]]()
    for path, text in one.declared.attributes.items() - known:
        name = next((name for name in SWITCHES if path == f"spec.{name}" or path.endswith(f".{name}")), "")
        if name and text not in ("false", TOKEN, *HARMLESS):
            found[name if text == "true" else f"{name} {text}"] += 1
        elif VALUES.get(path.rpartition(".")[2]) == text:
            found[f"{path.rpartition('.')[2]} {text}"] += 1
        elif any(part in path for part in LISTS) and text not in HARMLESS and _is_power(one, path, text):
            found[f"{'volumes' if 'volumes' in path else 'capability'} {text}"] += 1
    return found


def _is_power(one: Object, path: str, text: str) -> bool:
    return "spec.volumes." not in path or (one.kind == "PodSecurityPolicy" and text in ("*", "hostPath"))


def _powers(before: Object, after: Object, infra: Infra) -> Iterator[Effect]:
    more, less = _powers_of(after, before), _powers_of(before, after)
    new = more - less
    # Whoever was privileged had every capability.
    if "privileged" in less - more:
        new = Counter({name: count for name, count in new.items() if not name.startswith("capability")})
    if new:
        names = ", ".join(sorted(new)[:3])
        reason = f"`{after.declared.address}` gains {names}"
        where = _line_path(after, before, min(new).rpartition(" ")[2])
        yield _effect(after, "kubernetes-power-added", reason, infra, attribute=where)


def _grants(before: Object, after: Object, infra: Infra) -> Iterator[Effect]:
    old, new = _rules_of(before), _rules_of(after)
    more = [grant for grant in new - old if not _covered(grant, old)]
    if more:
        group, resource, verb = min(more)
        what = f"may `{verb}` `{resource}`" + (f" of `{group}`" if group else "")
        reason = f"`{after.declared.address}` {what} as well"
        yield _effect(after, "kubernetes-grant-added", reason, infra, attribute=_rule_path(after, min(more)))
    added = _subjects(after) - _subjects(before)
    if added and len(_subjects(after)) > len(_subjects(before)):
        reason = f"`{after.declared.address}` now also binds `{min(added)}`"
        yield _effect(after, "kubernetes-grant-added", reason, infra)


def _rules_of(one: Object) -> set[tuple[str, str, str]]:
    """(group, resource or URL, verb) of every rule of a role."""
    grants: set[tuple[str, str, str]] = set()
    if one.kind not in ("Role", "ClusterRole"):
        return grants
    for rule in one.node.items("rules"):
        grants |= set(islice(_grants_of(rule), MOST_GRANTS))
    return grants


def _grants_of(rule: Node) -> Iterator[tuple[str, str, str]]:
    if not isinstance(rule, YamlMapping):
        return iter(())
    groups = _texts(rule.items("apiGroups")) or ("",)
    resources = (*_texts(rule.items("resources")), *_texts(rule.items("nonResourceURLs")))
    names = _texts(rule.items("resourceNames"))
    named = tuple(f"{resource}/{name}" for resource in resources for name in names) if names else resources
    return product(groups, named, _texts(rule.items("verbs")))


def _rule_path(one: Object, grant: tuple[str, str, str]) -> str:
    """The path of the rule that grants it, so that its line can be shown."""
    rules = enumerate(one.node.items("rules"))
    number = next((n for n, rule in rules if grant in islice(_grants_of(rule), MOST_GRANTS)), 0)
    return next((path for path in one.declared.lines if path.startswith(f"rules.{number}.")), "")


def _line_path(after: Object, before: Object, text: str) -> str:
    """The path of the first new leaf that says the text, or is new at all, so that its line can be shown."""
    new = sorted(after.declared.attributes.items() - before.declared.attributes.items())
    return next((path for path, said in new if said == text), new[0][0] if new else "")


def _texts(nodes: tuple[Node, ...]) -> tuple[str, ...]:
    return tuple(node.text for node in nodes if isinstance(node, Scalar))


def _covered(grant: tuple[str, str, str], old: set[tuple[str, str, str]]) -> bool:
    """Whether a wildcard, or the same without a name, already granted it."""
    group, resource, verb = grant
    plain = resource.partition("/")[0]
    resources = {resource, plain, "*"} if "*" not in resource else {"*"}
    return any(one in old for one in product({group, "*"}, resources, {verb, "*"}))


def _subjects(one: Object) -> set[str]:
    if not one.kind.endswith("RoleBinding"):
        return set()
    return {
        "/".join(part for part in (item.text("kind"), item.text("namespace"), item.text("name")) if part)
        for item in one.node.items("subjects")
        if isinstance(item, YamlMapping)
    }


def _exposed(before: Object, after: Object, infra: Infra) -> Iterator[Effect]:
    old, new = before.node.text("spec", "type"), after.node.text("spec", "type")
    if after.kind == "Service" and new in ("LoadBalancer", "NodePort") and old in ("", "ClusterIP"):
        reason = f"`{after.declared.address}` can now be reached from outside the cluster ({new})"
        yield _effect(after, "kubernetes-service-exposed", reason, infra)
        return
    ranges, known = _ranges(after), _ranges(before)
    opened = sorted((text, path) for path, text in ranges.items() if text in OPEN - set(known.values()))
    if opened:
        reason = f"`{after.declared.address}` now lets in {opened[0][0]}"
        yield _effect(after, "kubernetes-service-exposed", reason, infra, attribute=opened[0][1])
    elif known and not ranges and after.kind in ("Service", "Ingress"):
        reason = f"`{after.declared.address}` no longer says which addresses may come in"
        yield _effect(after, "kubernetes-service-exposed", reason, infra)
    elif after.kind == "NetworkPolicy" and _unlimited(after) > _unlimited(before):
        reason = f"a rule of `{after.declared.address}` lets in everybody"
        yield _effect(after, "kubernetes-service-exposed", reason, infra)


def _ranges(one: Object) -> dict[str, str]:
    if one.kind not in ("Service", "Ingress", "NetworkPolicy"):
        return {}
    return {path: text for path, text in one.declared.attributes.items() if any(name in path for name in LETS_IN)}


def _unlimited(one: Object) -> int:
    """Ingress rules that name nobody, which is everybody."""
    rules = one.node.items("spec", "ingress")
    return sum(isinstance(rule, YamlMapping) and not rule.items("from") for rule in rules)


def _newcomer(one: Object, infra: Infra) -> Iterator[Effect]:
    powers = [power for power in _powers_of(one) if power.startswith(("privileged", "hostPID", "hostIPC"))]
    attributes: Mapping[str, str] = one.declared.attributes
    if powers and one.kind != "PodSecurityPolicy":
        reason = f"the new `{one.declared.address}` runs with {', '.join(sorted(powers))}"
        yield _effect(one, "kubernetes-power-added", reason, infra, Confidence.MEDIUM)
    elif one.kind == "ClusterRoleBinding" and attributes.get("roleRef.name") == "cluster-admin":
        reason = f"the new `{one.declared.address}` makes its subjects cluster-admin"
        yield _effect(one, "kubernetes-grant-added", reason, infra, Confidence.MEDIUM)
    elif ("*", "*", "*") in _rules_of(one):
        reason = f"the new `{one.declared.address}` may do everything"
        yield _effect(one, "kubernetes-grant-added", reason, infra, Confidence.MEDIUM)


def _effect(
    one: Object,
    rule: str,
    reason: str,
    infra: Infra,
    confidence: Confidence = Confidence.HIGH,
    *,
    attribute: str = "",
) -> Effect:
    return effect_of(
        infra,
        rule,
        one.declared,
        kind="kubernetes",
        side=Side.HEAD,
        reason=reason,
        confidence=min(confidence, Confidence.MEDIUM) if one.is_template else confidence,
        attribute=attribute,
    )
