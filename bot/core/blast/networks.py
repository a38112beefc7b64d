"""Address ranges from which half the world may come, and the ports that are open to it."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import re2

from bot.core.finding import Confidence

ANYBODY = frozenset({"*", "0.0.0.0", "any", "internet"})  # noqa: S104 - a text to look for, nothing is bound to it
# 0.0.0.0/1 and 128.0.0.0/1 are everybody too; from /8 on a range can be one owner's, and fc00::/7 is private.
_RANGE = re2.compile(r"^[0-9a-f:.]+/(\d{1,3})$")
WIDEST_V4 = 7
WIDEST_V6 = 6
_PORTS = frozenset({"fromport", "toport", "port", "ports", "portrange", "protocol", "ipprotocol"}) | {
    "destinationportrange",
    "destinationportranges",
}
# Said of a range that was open before.
AT_PORTS = " at other ports than before"
# Attributes by dotted path, and whether traffic may come from what stands at a path.
Attributes = Mapping[str, str]
LetsIn = Callable[[str], bool]


def is_open(text: str) -> bool:
    """Whether a text, quoted or not, is a range of addresses that belong to nobody in particular."""
    plain = text.strip('"').casefold()
    match = _RANGE.match(plain) if "/" in plain else None
    if match:
        return int(match.group(1)) <= (WIDEST_V6 if ":" in plain else WIDEST_V4)
    return plain in ANYBODY


def newly_open(before: Attributes, after: Attributes, lets_in: tuple[LetsIn, LetsIn]) -> tuple[str, Confidence] | None:
    """The first path at which more ports than before are open to everybody; None when none are.

    Surely, when there are more openings than before; likely, when an open rule names other ports.
    """
    was, is_ = (_openings(side, test) for side, test in zip((before, after), lets_in, strict=True))
    new = [opening for opening in is_ if opening not in was]
    if not new:
        return None
    return is_[new[0]], Confidence.HIGH if len(is_) > len(was) else Confidence.MEDIUM


def _openings(attributes: Attributes, lets_in: LetsIn) -> dict[tuple[tuple[str, str], ...], str]:
    """The ports of each open rule → the path of its range."""
    found: dict[tuple[tuple[str, str], ...], str] = {}
    for path in sorted(path for path, text in attributes.items() if is_open(text)):
        # `source_port_range = "*"` lets in from any port, not from any address.
        if lets_in(path) and "port" not in path.rpartition(".")[2] and not _says_ports(path):
            found.setdefault(_ports(path, attributes), path)
    return found


def _ports(path: str, attributes: Attributes) -> tuple[tuple[str, str], ...]:
    """Names and values of the ports and protocols beside a range, or beside the list that it is in."""
    rule = _rule_of(path)
    beside = ((name.removeprefix(rule), text) for name, text in attributes.items() if name.startswith(rule))
    return tuple(sorted((name, text.strip('"')) for name, text in beside if _says_ports(name)))


def _rule_of(path: str) -> str:
    *parents, _ = path.split(".")
    # `ingress.cidr_blocks.0` belongs to `ingress`, `ingress.0.CidrIp` to `ingress.0`.
    if path.rpartition(".")[2].isdigit():
        parents = parents[:-1]
    return "".join(f"{parent}." for parent in parents)


def _says_ports(name: str) -> bool:
    parts = name.split(".")
    leaf = parts[-2] if parts[-1].isdigit() and len(parts) > 1 else parts[-1]
    return leaf.replace("_", "").casefold() in _PORTS
