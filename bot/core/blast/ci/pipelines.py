"""Other CI systems: the pipeline gone, jobs that may fail or no longer wait for a person, commands that destroy."""

from __future__ import annotations

from collections.abc import Iterator

from bot.core.blast.commands import Command, commands_in, new_commands
from bot.core.blast.infra import Infra
from bot.core.blast.language import Change, Declared, Judgement, Source, Span, Stack, effect_of
from bot.core.blast.yamls import Mapping, Node, Scalar, Sequence
from bot.core.finding import Confidence, Effect, Side

YAML = (".yml", ".yaml")


class Pipelines:
    name = "CI"
    kinds = frozenset({"ci-other", "gitlab-ci", "cloud-build", "prow"})
    span = Span.PULL

    def judge(self, stack: Stack, infra: Infra) -> Judgement:
        effects: list[Effect] = []
        changes = tuple(change for change in stack.changes if not change.kinds & {"kubernetes", "cloudformation"})
        is_replaced = any(change.is_new for change in changes)
        for change in changes:
            effects += _gone(change, infra, is_replaced=is_replaced)
            effects += _weakened(change, infra)
        base, base_faults = _commands(tuple(change.base for change in changes))
        head, head_faults = _commands(tuple(change.head for change in changes))
        effects += new_commands(base, head, infra, kind="ci-other", confidence=Confidence.MEDIUM)
        return Judgement(effects=tuple(effects), unread=tuple(dict.fromkeys((*base_faults, *head_faults))))


def _gone(change: Change, infra: Infra, *, is_replaced: bool) -> Iterator[Effect]:
    if change.is_gone and not change.is_new and "prow" not in change.kinds:
        confidence = Confidence.LOW if is_replaced else Confidence.MEDIUM
        reason = f"the pipeline `{change.path}` is removed, and with it its checks"
        declared = Declared(address=change.path, type="pipeline", path=change.path, line=1)
        yield effect_of(
            infra,
            "pipeline-removed",
            declared,
            kind="ci-other",
            side=Side.BASE,
            reason=reason,
            confidence=confidence,
        )


def _weakened(change: Change, infra: Infra) -> Iterator[Effect]:
    """GitLab and its likes: jobs by their keys at the top of the file."""
    if change.base is None or change.head is None or not change.path.endswith(YAML):
        return
    base, head = _root(change.base), _root(change.head)
    for name in base.entries:
        before, after = base.mapping(name), head.mapping(name)
        tolerant = after.text("allow_failure") == "true" and before.text("allow_failure") != "true"
        at_once = bool(after.entries) and after.text("when") in ("", "always", "on_success")
        unasked = before.text("when") == "manual" and at_once
        unbound = before.get("environment") is not None and after.entries and after.get("environment") is None
        for holds, what in (
            (tolerant, "may now fail without failing the run"),
            (unasked and after.get("rules") is None, "no longer waits for a person"),
            (unbound and after.get("extends") is None, "leaves its environment and the protection of it"),
        ):
            if holds:
                declared = Declared(address=name, type="job", path=change.path, line=head.lines.get(name))
                reason = f"job `{name}` {what}"
                yield effect_of(
                    infra,
                    "pipeline-gate-weakened",
                    declared,
                    kind="ci-other",
                    side=Side.HEAD,
                    reason=reason,
                    confidence=Confidence.MEDIUM,
                )


def _root(source: Source) -> Mapping:
    empty = Mapping(entries={}, lines={}, tag="", line=1)
    return next(iter(source.documents.mappings), empty)


def _commands(sources: tuple[Source | None, ...]) -> tuple[tuple[Command, ...], list[str]]:
    """Commands of every text in a YAML pipeline, or of the whole text of another one."""
    found: list[Command] = []
    faults = []
    for source in sources:
        if source is None:
            continue
        if not source.path.endswith(YAML):
            found += commands_in(source.text, source.path)
            continue
        documents = source.documents
        if documents.fault:
            faults.append(f"`{source.path}` is no YAML: {documents.fault}")
        for document in documents.documents:
            for text, line in _texts(document):
                found += commands_in(text, source.path, line)
    return tuple(found), faults


def _texts(root: Node) -> Iterator[tuple[str, int]]:
    """Every text with its line; a list of words reads as one command, as `args: [destroy, --yes]` does."""
    waiting: list[Node] = [root]
    while waiting:
        node = waiting.pop()
        if isinstance(node, Scalar):
            yield node.text, node.line + ("\n" in node.text)
        elif isinstance(node, Sequence):
            words = [item.text for item in node.items if isinstance(item, Scalar)]
            if len(words) == len(node.items) > 1 and not any("\n" in word or " " in word for word in words):
                yield " ".join(words), node.line
            else:
                waiting.extend(reversed(node.items))
        else:
            waiting.extend(reversed(tuple(node.entries.values())))
