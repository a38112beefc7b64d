"""Actions that a change pins to a commit, and what a pin is worth that no branch or tag of its repository holds.

Forks share their commits with the repository they come from: `owner/action@SHA` runs whatever commit of the whole
network has that name. https://www.chainguard.dev/unchained/what-the-fork-imposter-commits-in-github-actions-and-ci-cd
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import re2

from bot.core.blast.assess import worst_first
from bot.core.blast.infra import Infra
from bot.core.blast.tier import reasons_of
from bot.core.blast.yamls import leaves, read_documents
from bot.core.finding import Blast, Confidence, Effect, Side, Tier
from bot.core.pull import Blob, ChangedFile, Pin

RULE = "workflow-pin-unreachable"
_FILES = re2.compile(r"(?i)(^|/)\.github/workflows/[^/]+\.ya?ml$|(^|/)action\.ya?ml$")
_PIN = re2.compile(r"([\w.-]+/[\w.-]+)(/[^@\s]*)?@([0-9a-fA-F]{40})")


def new_pins(files: tuple[ChangedFile, ...]) -> tuple[Pin, ...]:
    """Every repository and commit that the change pins and that no changed file pinned before, each once, in order."""
    before = {pin.name for file in files for pin in _pins(file.old_path, file.base)}
    found: dict[tuple[str, str], Pin] = {}
    for file in files:
        for pin in _pins(file.path, file.head):
            if pin.name not in before:
                found.setdefault(pin.name, pin)
    return tuple(found.values())


def _pins(path: str, blob: Blob | None) -> Iterator[Pin]:
    if blob is None or blob.text is None or _FILES.search(path) is None:
        return
    for line, text in _texts(blob.text):
        match = _PIN.fullmatch(text.strip())
        if match is not None:
            yield Pin(repository=match[1].lower(), sha=match[3].lower(), path=path, line=line)


def _texts(text: str) -> Iterator[tuple[int, str]]:
    """The scalars as YAML reads them, with their lines; of a text that is no YAML whatever looks like a pin."""
    documents = read_documents(text)
    for document in documents.documents:
        yield from ((scalar.line, scalar.text) for _, scalar in leaves(document))
    if documents.fault:
        for number, line in enumerate(text.splitlines(), 1):
            yield from ((number, match[0]) for match in _PIN.finditer(line))


def raise_by_pins(blast: Blast, pins: tuple[Pin, ...], infra: Infra) -> Blast:
    """The estimate with every pin that is not known to belong added; tier and reasons can only grow."""
    effects = tuple(_effect(pin, infra) for pin in pins)
    if not effects:
        return blast
    found = tuple(reasons_of(effects, infra))
    reasons = [(Tier[reason.partition(":")[0].upper()], reason) for reason in blast.reasons]
    reasons += [(worth, f"{worth.word}: {sentence}") for worth, sentence in found]
    reasons.sort(key=lambda reason: -reason[0])
    return replace(
        blast,
        tier=max(blast.tier, *(tier for tier, _ in found)),
        effects=tuple(sorted({*blast.effects, *effects}, key=worst_first)),
        reasons=tuple(dict.fromkeys(reason for _, reason in reasons)),
    )


def _effect(pin: Pin, infra: Infra) -> Effect:
    commit, where = f"commit {pin.sha[:12]}", f"on a branch or in a tag of {pin.repository}"
    reason = f"{commit} was not found {where}, a fork may hold it"
    return Effect(
        effect=infra.rules[RULE].effect,
        kind="github-actions",
        address=f"{pin.repository}@{pin.sha[:12]}",
        path=pin.path,
        line=pin.line,
        side=Side.HEAD,
        reason=reason if pin.strange else f"whether {commit} is {where} could not be read",
        confidence=Confidence.HIGH if pin.strange else Confidence.LOW,
        rule=RULE,
    )
