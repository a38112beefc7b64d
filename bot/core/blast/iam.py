"""IAM policy documents in JSON or YAML: grants that are new, denials that are gone."""

from __future__ import annotations

from collections.abc import Iterator

from bot.core.blast.infra import Infra
from bot.core.blast.language import Declared, Judgement, Span, Stack, effect_of
from bot.core.blast.statements import Statement, growth, lost_denials, statements_of
from bot.core.blast.template import BEST_EFFORT, Text, read_text, unread_holes, unread_texts
from bot.core.blast.yamls import Mapping, Node, Sequence
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
            if change.kinds & OTHERS:
                continue
            before, after = read_text(change.base), read_text(change.head)
            faults += [*unread_texts((before, after), "policy document"), *unread_holes(before, after)]
            if change.base is not None and change.head is not None:
                effects += _compared(before, after, infra)
        return Judgement(effects=tuple(effects), unread=tuple(dict.fromkeys(faults)))


def _statements(text: Text) -> tuple[Statement, ...]:
    """Those of every policy in the text, however deep it is embedded."""
    found: list[Statement] = []
    waiting: list[Node] = list(text.documents)
    while waiting:
        node = waiting.pop()
        found += statements_of(node)
        if isinstance(node, Mapping):
            waiting.extend(child for key, child in node.entries.items() if key != "Statement")
        elif isinstance(node, Sequence):
            waiting.extend(node.items)
    return tuple(found)


def _compared(before: Text, after: Text, infra: Infra) -> Iterator[Effect]:
    base, head = _statements(before), _statements(after)
    grown = growth(base, head)
    if grown and base:
        worst = max(grown, key=lambda one: one.sure)
        yield _effect(after, worst.line, "policy-grant-added", f"the policy {worst.what}", infra, sure=worst.sure)
    for statement in lost_denials(base, head):
        actions = statement.actions[0] if statement.actions else "what it did"
        reason = f"the policy no longer denies `{actions}`"
        yield _effect(before, statement.line, "policy-denial-removed", reason, infra, sure=True)


def _effect(text: Text, line: int | None, rule: str, reason: str, infra: Infra, *, sure: bool) -> Effect:
    declared = Declared(address=text.path, type="policy", path=text.path, line=line)
    side = Side.HEAD if rule == "policy-grant-added" else Side.BASE
    confidence = Confidence.HIGH if sure else Confidence.MEDIUM
    if text.holes:
        confidence, reason = Confidence.LOW, f"{reason}, {BEST_EFFORT}"
    return effect_of(infra, rule, declared, kind="iam-policy-json", side=side, reason=reason, confidence=confidence)
