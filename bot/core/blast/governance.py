"""A repository's own protections kept as files: branch protection settings and rulesets."""

from __future__ import annotations

from collections.abc import Iterator

from bot.core.blast.infra import Infra
from bot.core.blast.language import Declared, Judgement, Span, Stack, effect_of
from bot.core.blast.template import Text, read_text, unread_texts
from bot.core.blast.yamls import Mapping, Node, Scalar, Sequence
from bot.core.finding import Confidence, Effect, Side

# Keys whose value true protects, and keys that let somebody pass: https://docs.github.com/en/rest/branches/branch-protection
# and https://docs.github.com/en/rest/repos/rules.
ON = frozenset(
    {"dismiss_stale_reviews", "dismiss_stale_reviews_on_push", "enforce_admins", "require_code_owner_review"}
    | {"require_code_owner_reviews", "require_last_push_approval", "required_conversation_resolution"}
    | {"required_linear_history", "required_review_thread_resolution", "required_signatures", "strict"}
    | {"strict_required_status_checks_policy", "enable_vulnerability_alerts"}
)
OFF = frozenset({"allow_deletions", "allow_force_pushes", "bypass_pull_request_allowances"})
COUNTS = frozenset({"required_approving_review_count"})
LISTS = frozenset({"bypass_actors", "contexts", "checks", "required_status_checks", "rules", "branches", "include"})
LETS_PASS = frozenset({"bypass_actors"})
ENFORCED = ("active", "evaluate", "disabled")


class Governance:
    name = "repository settings"
    kinds = frozenset({"repo-governance"})
    span = Span.PULL

    def judge(self, stack: Stack, infra: Infra) -> Judgement:
        effects: list[Effect] = []
        unread: list[str] = []
        for change in stack.changes:
            if not change.path.endswith((".yml", ".yaml", ".json")):
                continue
            before, after = read_text(change.base), read_text(change.head)
            unread += unread_texts((before, after))
            if change.is_gone and not change.is_new:
                effects.append(_effect(before, 1, f"`{before.path}` is removed", infra, side=Side.BASE))
            elif not change.is_new:
                found = dict(_weakened(before.root, after.root))
                effects += [_effect(after, line, what, infra) for line, what in found.items()]
        return Judgement(effects=tuple(effects), unread=tuple(dict.fromkeys(unread)))


def _weakened(base: Node, head: Node) -> Iterator[tuple[int, str]]:
    """Line on the head side and what is weaker, walking both trees side by side; items of lists pair by their names."""
    waiting: list[tuple[Node, Node]] = [(base, head)]
    while waiting:
        before, after = waiting.pop()
        if isinstance(before, Sequence) and isinstance(after, Sequence):
            named = {_name(item): item for item in after.items}
            waiting += [(item, named[_name(item)]) for item in before.items if _name(item) in named]
        elif isinstance(before, Mapping) and isinstance(after, Mapping):
            for key in dict.fromkeys((*before.entries, *after.entries)):
                old, new = before.entries.get(key), after.entries.get(key)
                what = _what(key, old, new)
                if what:
                    yield after.lines.get(key, after.line), what
                elif old is not None and new is not None:
                    waiting.append((old, new))


def _what(key: str, old: Node | None, new: Node | None) -> str:
    was, now = _text(old), _text(new)
    if (key in ON and was == "true" and now != "true") or (key in OFF and now == "true" and was != "true"):
        return f"`{key}` goes from {was or 'unset'} to {now or 'unset'}"
    if key in COUNTS and was.isdigit() and (not now.isdigit() or int(now) < int(was)):
        return f"`{key}` goes from {was} to {now or 'unset'}"
    if key == "enforcement" and was in ENFORCED and now in ENFORCED and ENFORCED.index(now) > ENFORCED.index(was):
        return f"`{key}` goes from {was} to {now}"
    if key in ("protection", "required_pull_request_reviews", "required_status_checks") and _holds(old, new):
        return f"`{key}` is taken away"
    if key in LISTS and isinstance(old, Sequence | None) and isinstance(new, Sequence | None):
        return _of_lists(key, _names(old), _names(new))
    return ""


def _holds(old: Node | None, new: Node | None) -> bool:
    return isinstance(old, Mapping | Sequence) and not isinstance(new, Mapping | Sequence)


def _of_lists(key: str, before: set[str], after: set[str]) -> str:
    gone, more = before - after, after - before
    if key in LETS_PASS:
        return f"`{key}` now also names {min(more)}" if more else ""
    return f"`{key}` no longer names {min(gone)}" if gone and len(after) < len(before) else ""


def _names(node: Node | None) -> set[str]:
    return {_name(item) for item in node.items} if isinstance(node, Sequence) else set()


def _name(node: Node) -> str:
    if isinstance(node, Scalar):
        return node.text
    keys = ("name", "context", "type", "actor_id")
    return " ".join(node.text(key) for key in keys if node.text(key)) if isinstance(node, Mapping) else ""


def _text(node: Node | None) -> str:
    if isinstance(node, Mapping):
        return node.text("enabled")
    return node.text if isinstance(node, Scalar) else ""


def _effect(text: Text, line: int, reason: str, infra: Infra, *, side: Side = Side.HEAD) -> Effect:
    declared = Declared(address=text.path, type="settings", path=text.path, line=line)
    return effect_of(
        infra,
        "protection-weakened",
        declared,
        kind="repo-governance",
        side=side,
        reason=reason,
        confidence=Confidence.MEDIUM,
    )
