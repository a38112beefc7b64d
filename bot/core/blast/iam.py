"""IAM policy documents in JSON or YAML: grants that are new, denials that are gone."""

from __future__ import annotations

from collections.abc import Iterator

from bot.core.blast.infra import Infra
from bot.core.blast.language import Change, Declared, Judgement, Source, Span, Stack, effect_of
from bot.core.blast.statements import Statement, growth, lost_denials, statements_of
from bot.core.blast.yamls import Mapping, Node, Sequence, read_documents
from bot.core.finding import Confidence, Effect, Side

# Languages that compare the policies inside their objects themselves.
OTHERS = frozenset({"cloudformation", "kubernetes", "terraform"})


class Policies:
    name = "IAM policies"
    kinds = frozenset({"iam-policy-json"})
    span = Span.PULL

    def judge(self, stack: Stack, infra: Infra) -> Judgement:
        effects: list[Effect] = []
        faults: list[str] = []
        for change in stack.changes:
            if change.base is None or change.head is None or change.kinds & OTHERS:
                continue
            for source in (change.base, change.head):
                fault = read_documents(source.text).fault
                if fault and "${" not in source.text and "{{" not in source.text:
                    faults.append(f"`{source.path}` is no policy document: {fault}")
            effects += _compared(change, _statements(change.base), _statements(change.head), infra)
        return Judgement(effects=tuple(effects), unread=tuple(dict.fromkeys(faults)))


def _statements(source: Source) -> tuple[Statement, ...]:
    """Those of every policy in the text, however deep it is embedded."""
    found: list[Statement] = []
    waiting: list[Node] = list(read_documents(source.text).documents)
    while waiting:
        node = waiting.pop()
        found += statements_of(node)
        if isinstance(node, Mapping):
            waiting.extend(child for key, child in node.entries.items() if key != "Statement")
        elif isinstance(node, Sequence):
            waiting.extend(node.items)
    return tuple(found)


def _compared(
    change: Change, base: tuple[Statement, ...], head: tuple[Statement, ...], infra: Infra
) -> Iterator[Effect]:
    grown = growth(base, head)
    if grown and base:
        worst = max(grown, key=lambda one: one.sure)
        confidence = Confidence.HIGH if worst.sure else Confidence.MEDIUM
        declared = Declared(address=change.path, type="policy", path=change.path, line=worst.line)
        yield effect_of(
            infra,
            "policy-grant-added",
            declared,
            kind="iam-policy-json",
            side=Side.HEAD,
            reason=f"the policy {worst.what}",
            confidence=confidence,
        )
    for statement in lost_denials(base, head):
        declared = Declared(address=change.path, type="policy", path=change.path, line=statement.line)
        actions = statement.actions[0] if statement.actions else "what it did"
        reason = f"the policy no longer denies `{actions}`"
        yield effect_of(infra, "policy-denial-removed", declared, kind="iam-policy-json", side=Side.BASE, reason=reason)
