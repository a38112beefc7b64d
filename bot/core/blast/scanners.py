"""Scanners and hooks: their configuration gone, more rules skipped, hooks taken away."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

import re2

from bot.core.blast.infra import Infra
from bot.core.blast.language import Change, Declared, Judgement, Source, Span, Stack, effect_of
from bot.core.blast.template import Text, read_text, unread_texts
from bot.core.blast.yamls import Mapping as YamlMapping
from bot.core.blast.yamls import leaves
from bot.core.finding import Confidence, Effect, Side

# Keys under which a scanner's configuration lists what it is to leave out.
_SKIPS = re2.compile(
    r"(?i)(^|\.)(skip[\w-]*|exclude[\w-]*|ignore[\w-]*|ignored[\w-]*|disable[d]?[\w-]*|allowlists?|allowed[\w-]*|suppress\w*)(\.|$)"
)
_SOFT = re2.compile(r"(?i)(^|\.)(soft-fail|soft_fail|no-fail|allow_failure)$")
# Other policy languages are compared by nobody: only that a file of theirs goes is told.
_READ = frozenset({"iac-scanner-config", "pre-commit"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """What a file lists → its line: hooks that run, or what a scanner leaves out."""

    lines: Mapping[str, int] = field(default_factory=dict)
    fault: str = ""


class Scanners:
    name = "scanners"
    kinds = frozenset({"iac-scanner-config", "pre-commit", "cfn-stack-policy", "sentinel-policy", "rego", "cedar"})
    span = Span.PULL

    def judge(self, stack: Stack, infra: Infra) -> Judgement:
        effects: list[Effect] = []
        unread: list[str] = []
        names = {change.head.path.rpartition("/")[2] for change in stack.changes if change.head and not change.is_gone}
        for change in stack.changes:
            read = _listed if change.kinds & _READ else _nothing
            before, after = read(change.base), read(change.head)
            unread += [one.fault for one in (before, after) if one.fault]
            if change.is_gone and change.base is not None:
                effects += _gone(change.base, names, infra)
            elif not change.is_new:
                effects += _loosened(change, before, after, infra)
        return Judgement(effects=tuple(effects), unread=tuple(dict.fromkeys(unread)))


def _gone(base: Source, names: set[str], infra: Infra) -> Iterator[Effect]:
    name = base.path.rpartition("/")[2]
    if base.text.strip() and "ignore" not in name and name not in names:
        yield _effect(base, 1, f"`{base.path}` is removed, and with it what it checks", infra, Side.BASE)


def _loosened(change: Change, before: Listed, after: Listed, infra: Infra) -> Iterator[Effect]:
    if change.base is None or change.head is None:
        return
    gone, more = before.lines.keys() - after.lines.keys(), after.lines.keys() - before.lines.keys()
    if _is_hooks(change.head.path):
        if gone and len(after.lines) < len(before.lines):
            name = min(gone)
            yield _effect(change.base, before.lines[name], f"hook `{name}` is taken away", infra, Side.BASE)
    elif more and len(after.lines) > len(before.lines):
        name = min(more)
        yield _effect(change.head, after.lines[name], f"`{name}` is now left out", infra)


def _is_hooks(path: str) -> bool:
    return ".husky/" in path or path.rpartition("/")[2].startswith((".pre-commit", "lefthook"))


def _nothing(source: Source | None) -> Listed:  # noqa: ARG001 - the other reader's signature
    return Listed()


def _listed(source: Source | None) -> Listed:
    if source is None:
        return Listed()
    name = source.path.rpartition("/")[2]
    if "ignore" in name or ".husky/" in source.path:
        lines = ((line.strip(), number) for number, line in enumerate(source.text.split("\n"), start=1))
        return Listed(lines={line: number for line, number in lines if line and not line.startswith("#")})
    if name.endswith(".toml"):
        return _of_toml(source)
    text = read_text(source)
    fault = next(unread_texts((text,)), "")
    return Listed(lines=dict(_hooks(text) if _is_hooks(source.path) else _skipped(text)), fault=fault)


def _of_toml(source: Source) -> Listed:
    try:
        values = dict(_values(tomllib.loads(source.text)))
    except tomllib.TOMLDecodeError as error:
        return Listed(fault=f"`{source.path}` is no TOML: {error}")
    left_out = [text for path, text in values.items() if _SKIPS.search(path)]
    lines = source.text.split("\n")
    return Listed(lines={text: next((n for n, line in enumerate(lines, 1) if text in line), 1) for text in left_out})


def _values(table: Mapping[str, object]) -> Iterator[tuple[str, str]]:
    """Dotted path and text of every value."""
    waiting: list[tuple[str, object]] = list(table.items())
    while waiting:
        path, value = waiting.pop()
        if isinstance(value, dict | list):
            items = value.items() if isinstance(value, dict) else enumerate(value)
            waiting += [(f"{path}.{key}", inner) for key, inner in items]
        else:
            yield path, str(value)


def _hooks(text: Text) -> Iterator[tuple[str, int]]:
    """pre-commit's `repos` → `hooks`, and Lefthook's `commands`, `jobs` or `scripts` of each git hook."""
    for root in text.mappings:
        for repo in root.items("repos"):
            for hook in repo.items("hooks") if isinstance(repo, YamlMapping) else ():
                if isinstance(hook, YamlMapping):
                    yield hook.text("id"), hook.line
        for stage in root.entries if "repos" not in root.entries else ():
            for group in ("commands", "scripts"):
                commands = root.mapping(stage, group)
                yield from ((f"{stage} {name}", line) for name, line in commands.lines.items())
            jobs = (job for job in root.mapping(stage).items("jobs") if isinstance(job, YamlMapping))
            yield from ((f"{stage} {job.text('name') or job.text('run')}", job.line) for job in jobs)


def _skipped(text: Text) -> Iterator[tuple[str, int]]:
    """Entries under a key that says they are left out."""
    for document in text.documents:
        for path, scalar in leaves(document):
            is_soft = bool(_SOFT.search(path)) and scalar.text == "true"
            if is_soft or (_SKIPS.search(path) and not _SOFT.search(path)):
                yield path if is_soft else scalar.text, scalar.line


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
