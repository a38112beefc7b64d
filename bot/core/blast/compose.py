"""Docker Compose: services and volumes gone, data left behind, containers that gain power over the host."""

from __future__ import annotations

from collections.abc import Iterator
from collections.abc import Mapping as ReadOnly

from bot.core.blast.dockerfile import ROOT
from bot.core.blast.infra import Infra
from bot.core.blast.language import Declared, Judgement, Pair, Source, Span, Stack, compare, effect_of
from bot.core.blast.yamls import Mapping, Node, Scalar, flatten_with_lines
from bot.core.finding import Confidence, Effect, Side

# https://docs.docker.com/compose/intro/compose-application-model/#the-compose-file
DEFAULTS = frozenset({"compose.yaml", "compose.yml", "docker-compose.yaml", "docker-compose.yml"})
POWERS = frozenset({"privileged", "network_mode", "pid", "ipc", "userns_mode", "cap_add"})
_LOOPBACK = ("127.", "localhost:", "[::1]:")
_UNCONFINED = (
    "seccomp:unconfined",
    "apparmor:unconfined",
    "seccomp=unconfined",
    "apparmor=unconfined",
    "label:disable",
)


class Compose:
    name = "Compose"
    kinds = frozenset({"compose", "docker-swarm-portainer"})
    span = Span.FOLDER

    def judge(self, stack: Stack, infra: Infra) -> Judgement:
        base = tuple(one for source in stack.base for one in _declared(source))
        head = tuple(one for source in stack.head for one in _declared(source))
        found = compare(base, head)
        effects: list[Effect] = []
        for one in found.removed:
            rule = "compose-volume-removed" if one.type == "volumes" else "compose-service-removed"
            confidence = Confidence.HIGH if one.type == "volumes" else Confidence.MEDIUM
            reason = f"`{one.address}` is removed"
            effects.append(_effect(one, rule, reason, infra, side=Side.BASE, confidence=confidence))
        for pair in found.renamed:
            reason = f"`{pair.before.address}` lives on as `{pair.after.address}`"
            effects.append(_effect(pair.after, "compose-object-renamed", reason, infra))
        for pair in (*found.changed, *found.renamed):
            effects += _changed(pair, infra)
        return Judgement(effects=tuple(effects), compared=found, ended=_ended(stack), unread=_faults(stack))


def _ended(stack: Stack) -> frozenset[str]:
    """A project ends with the file that is looked for by default, when no other one changes in its stead."""
    is_gone = any(change.is_gone and change.path.rpartition("/")[2] in DEFAULTS for change in stack.changes)
    return frozenset({stack.folder}) if is_gone and all(change.is_gone for change in stack.changes) else frozenset()


def _faults(stack: Stack) -> tuple[str, ...]:
    sources = dict.fromkeys((*stack.base, *stack.head))
    faults = ((source.path, source.documents.fault) for source in sources)
    return tuple(dict.fromkeys(f"`{path}` is no YAML: {fault}" for path, fault in faults if fault))


def _declared(source: Source) -> Iterator[Declared]:
    for document in source.documents.mappings:
        for section in ("services", "volumes"):
            group = document.mapping(section)
            for name, node in group.entries.items():
                attributes, lines = flatten_with_lines(node)
                yield Declared(
                    address=f"{section}.{name}",
                    type=section,
                    path=source.path,
                    line=group.lines.get(name),
                    attributes={**attributes, **_mounts(node)},
                    lines=lines,
                )


def _mounts(node: Node) -> dict[str, str]:
    """`mount PATH` → what is mounted there, short and long syntax alike."""
    found: dict[str, str] = {}
    for item in node.items("volumes") if isinstance(node, Mapping) else ():
        if isinstance(item, Scalar):
            source, _, target = item.text.partition(":")
            found[f"mount {target.partition(':')[0] or source}"] = source if target else ""
        elif isinstance(item, Mapping):
            found[f"mount {item.text('target')}"] = item.text("source")
    return found


def _changed(pair: Pair, infra: Infra) -> Iterator[Effect]:
    before, after = pair.before.attributes, pair.after.attributes
    for path, text in after.items():
        name = path.partition(".")[0]
        is_power = (name in POWERS and text in ("true", "host")) or name == "cap_add"
        if is_power and text not in _values(before, name):
            reason = f"`{pair.after.address}` gains {name} {text}"
            yield _effect(pair.after, "compose-power-added", reason, infra, attribute=path)
        if path.startswith("mount ") and text.endswith("docker.sock") and text not in before.values():
            reason = f"`{pair.after.address}` can now command the container engine"
            yield _effect(pair.after, "compose-power-added", reason, infra)
        old = before.get(path)
        if path.startswith("mount ") and old and text != old and _is_named(old):
            reason = f"`{pair.after.address}` no longer keeps {path.removeprefix('mount ')} in the volume `{old}`"
            yield _effect(pair.after, "compose-data-left", reason, infra)
    for what in _laxer(before, after):
        yield _effect(pair.after, "compose-guard-weakened", f"`{pair.after.address}` {what}", infra)
    published = _values(after, "ports") - _values(before, "ports")
    local = {
        text.removeprefix("[::1]:").split(":", 1)[-1] for text in _values(before, "ports") if text.startswith(_LOOPBACK)
    }
    opened = sorted(text for text in published if text in local or text.removeprefix("0.0.0.0:") in local)
    if opened:
        reason = f"`{pair.after.address}` publishes {opened[0]} to everybody and no longer to this host alone"
        yield _effect(pair.after, "compose-power-added", reason, infra)
    if after.get("deploy.replicas") == "0" != before.get("deploy.replicas"):
        yield _effect(pair.after, "compose-service-removed", f"`{pair.after.address}` is scaled to 0", infra)


def _laxer(before: ReadOnly[str, str], after: ReadOnly[str, str]) -> Iterator[str]:
    lost = _values(before, "cap_drop") - _values(after, "cap_drop")
    if lost and "ALL" not in _values(after, "cap_drop"):
        yield f"no longer drops the capability {min(lost)}"
    if before.get("read_only") == "true" != after.get("read_only"):
        yield "may now write to its own image"
    old, new = (_values(side, "security_opt") for side in (before, after))
    if any("no-new-privileges" in text for text in old) and not any("no-new-privileges" in text for text in new):
        yield "may gain new privileges"
    loose = [text for text in sorted(new - old) if text in _UNCONFINED]
    if loose:
        yield f"runs with {loose[0]}"
    if before.get("user", "root") not in ROOT and after.get("user", "") in ROOT:
        yield f"runs as {after['user']} and no longer as {before['user']}"


def _values(attributes: ReadOnly[str, str], name: str) -> set[str]:
    return {text for path, text in attributes.items() if path.partition(".")[0] == name}


def _is_named(source: str) -> bool:
    return not source.startswith((".", "/", "~", "$"))


def _effect(
    declared: Declared,
    rule: str,
    reason: str,
    infra: Infra,
    *,
    side: Side = Side.HEAD,
    confidence: Confidence = Confidence.HIGH,
    attribute: str = "",
) -> Effect:
    return effect_of(
        infra,
        rule,
        declared,
        kind="compose",
        side=side,
        reason=reason,
        confidence=confidence,
        attribute=attribute,
    )
