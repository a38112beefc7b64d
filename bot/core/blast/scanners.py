"""Scanners and hooks: their configuration gone, more rules skipped, hooks taken away."""

from __future__ import annotations

from collections.abc import Iterator

import re2

from bot.core.blast.infra import Infra
from bot.core.blast.language import Change, Declared, Judgement, Source, Span, Stack, effect_of
from bot.core.blast.yamls import Mapping, leaves, read_documents
from bot.core.finding import Confidence, Effect, Side

# Keys under which a scanner's configuration lists what it is to leave out.
_SKIPS = re2.compile(
    r"(?i)(^|\.)(skip[\w-]*|exclude[\w-]*|ignore[\w-]*|ignored[\w-]*|disable[d]?[\w-]*|allowlist|allowed[\w-]*|suppress\w*)(\.|$)"
)
_SOFT = re2.compile(r"(?i)(^|\.)(soft-fail|soft_fail|no-fail|allow_failure)$")


class Scanners:
    name = "scanners"
    kinds = frozenset({"iac-scanner-config", "pre-commit", "cfn-stack-policy", "sentinel-policy", "rego", "cedar"})
    span = Span.PULL

    def judge(self, stack: Stack, infra: Infra) -> Judgement:
        effects: list[Effect] = []
        names = {change.head.path.rpartition("/")[2] for change in stack.changes if change.head and not change.is_gone}
        for change in stack.changes:
            if change.base is None or change.is_new:
                continue
            if change.is_gone:
                is_list = "ignore" in change.path.rpartition("/")[2]
                if not is_list and change.base.path.rpartition("/")[2] not in names:
                    reason = f"`{change.base.path}` is removed, and with it what it checks"
                    effects.append(_effect(change.base, 1, reason, infra, Side.BASE))
            elif change.head is not None:
                effects += _loosened(change, change.base, change.head, infra)
        return Judgement(effects=tuple(effects))


def _loosened(change: Change, base: Source, head: Source, infra: Infra) -> Iterator[Effect]:
    if "pre-commit" in change.kinds:
        gone = _hooks(base).keys() - _hooks(head).keys()
        if gone and len(_hooks(head)) < len(_hooks(base)):
            name = min(gone)
            yield _effect(base, _hooks(base)[name], f"hook `{name}` is taken away", infra, Side.BASE)
    elif "iac-scanner-config" in change.kinds:
        before, after = _skipped(base), _skipped(head)
        more = after.keys() - before.keys()
        if len(after) > len(before) and more:
            name = min(more)
            yield _effect(head, after[name], f"`{name}` is now left out", infra)


def _hooks(source: Source) -> dict[str, int]:
    found: dict[str, int] = {}
    for document in read_documents(source.text).mappings:
        for repo in document.items("repos"):
            for hook in repo.items("hooks") if isinstance(repo, Mapping) else ():
                if isinstance(hook, Mapping):
                    found[hook.text("id")] = hook.line
    return found


def _skipped(source: Source) -> dict[str, int]:
    """What is left out → its line: every line of an ignore file, entries under a key that says so elsewhere."""
    if "ignore" in source.path.rpartition("/")[2]:
        lines = enumerate(source.text.split("\n"), start=1)
        return {line.strip(): number for number, line in lines if line.strip() and not line.strip().startswith("#")}
    found: dict[str, int] = {}
    for document in read_documents(source.text).documents if source.path.endswith((".yml", ".yaml", ".json")) else ():
        for path, scalar in leaves(document):
            if _SKIPS.search(path) or (_SOFT.search(path) and scalar.text == "true"):
                found[scalar.text if not _SOFT.search(path) else path] = scalar.line
    return found


def _effect(source: Source, line: int, reason: str, infra: Infra, side: Side = Side.HEAD) -> Effect:
    declared = Declared(address=source.path, type="scanner", path=source.path, line=line)
    return effect_of(
        infra,
        "scanner-loosened",
        declared,
        kind="iac-scanner-config",
        side=side,
        reason=reason,
        confidence=Confidence.MEDIUM,
    )
