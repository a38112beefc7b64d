"""Who changed a rule that makes the gate bind, and what of it got weaker by that."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from bot.core.pull import Actor
from bot.core.render import check_name

# The rules without which something gets past the check.
BINDING = {
    "deletion": "deleting the branch is allowed",
    "non_fast_forward": "forced pushes are allowed",
    "pull_request": "no pull request is needed",
    "required_status_checks": "no check is required",
}


class Done(StrEnum):
    """What was done to a rule, in GitHub's words."""

    CREATED = "created"
    EDITED = "edited"
    DELETED = "deleted"
    DISABLED = "disabled"
    ENABLED = "enabled"


@dataclass(frozen=True, slots=True, kw_only=True)
class Sources:
    """Which checks a rule asks for, and the App each must come from (None: anybody)."""

    checks: tuple[tuple[str, int | None], ...] = ()

    @property
    def ours(self) -> tuple[tuple[str, int | None], ...]:
        return tuple(check for check in self.checks if check[0].casefold().startswith(check_name("")))


@dataclass(frozen=True, slots=True, kw_only=True)
class RulesetChange:
    """A ruleset as it is after the change, and what GitHub says was changed.

    `deleted` and `updated` are the types of the rules that were; `enforcement_before` is "" when it stayed.
    `tells_rules` is false when GitHub left the rules out.
    """

    name: str
    done: Done
    enforcement: str
    enforcement_before: str = ""
    required: Sources = Sources()
    deleted: tuple[str, ...] = ()
    updated: tuple[str, ...] = ()
    conditions: bool = False
    renamed: bool = False
    tells_rules: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class ProtectionChange:
    """A classic rule as it is after the change; the `_before` are None where they stayed."""

    name: str
    done: Done
    contexts: tuple[str, ...] = ()
    contexts_before: tuple[str, ...] | None = None
    checks_level: str = "everyone"
    checks_level_before: str | None = None
    reviews_level: str = "everyone"
    reviews_level_before: str | None = None
    admin_enforced: bool = True
    admin_enforced_before: bool | None = None
    allows_force_push: bool = False
    allows_deletion: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Weakened:
    """An incident: `actor` made a rule of the gate weaker, or may have. `at` is Unix seconds.

    `where` is a repository ("acme/shop") or an organisation ("acme") when the change was made; `subject` the same for
    good. `rule` names what was changed, `delivery` is the event that told of it.
    """

    subject: str
    delivery: str
    where: str
    rule: str
    done: Done
    actor: Actor
    at: int
    why: tuple[str, ...]


def weaknesses_of_ruleset(change: RulesetChange, app_id: int) -> tuple[str, ...]:
    """In sentences what the change opened; empty when it opened nothing of the gate's.

    Who bypasses is never told: an edit of which nothing is told may be that, and is taken for it.
    """
    if change.done is Done.CREATED or not _concerns(change):
        return ()
    if change.done is Done.DELETED:
        return (f"the ruleset `{change.name}` was deleted",)
    found = [*_of_enforcement(change), *_of_rules(change, app_id)]
    if change.conditions:
        found.append("which branches it binds was changed")
    told = change.enforcement_before or change.deleted or change.updated or change.conditions or change.renamed
    if not told:
        found.append("what was changed is not told, which may be who bypasses it")
    return tuple(found)


def _concerns(change: RulesetChange) -> bool:
    """Ours by its name or its check; a ruleset that lost its checks, or does not tell them, may have been."""
    lost = "required_status_checks" in (*change.deleted, *change.updated)
    return (
        change.name.casefold().startswith(check_name(""))
        or bool(change.required.ours)
        or lost
        or not change.tells_rules
    )


def _of_enforcement(change: RulesetChange) -> Iterator[str]:
    if change.enforcement_before == "active" and change.enforcement != "active":
        yield f"the ruleset `{change.name}` was set from active to {change.enforcement}"


def _of_rules(change: RulesetChange, app_id: int) -> Iterator[str]:
    yield from (BINDING[kind] for kind in change.deleted if kind in BINDING)
    if "required_status_checks" in change.updated:
        if not change.required.ours:
            yield "the check of this App is not required any more"
        yield from (f"`{name}` may come from another source" for name, app in change.required.ours if app != app_id)
    if "pull_request" in change.updated:
        yield "what is asked of a pull request was changed"


def weaknesses_of_protection(change: ProtectionChange) -> tuple[str, ...]:
    """The same of a branch's classic protection."""
    before = change.contexts if change.contexts_before is None else change.contexts_before
    if not _ours(before) and not _ours(change.contexts):
        return ()
    if change.done is Done.DELETED:
        return (f"the protection of `{change.name}` was deleted",)
    return tuple(_of_protection(change, before)) if change.done is Done.EDITED else ()


def _ours(contexts: tuple[str, ...]) -> frozenset[str]:
    return frozenset(one for one in contexts if one.casefold().startswith(check_name("")))


def _of_protection(change: ProtectionChange, before: tuple[str, ...]) -> Iterator[str]:
    yield from (f"`{name}` is not required any more" for name in sorted(_ours(before) - _ours(change.contexts)))
    if change.checks_level_before is not None and change.checks_level != "everyone":
        yield "checks are not enforced" + ("" if change.checks_level == "off" else " for administrators")
    if change.reviews_level_before is not None and change.reviews_level == "off":
        yield BINDING["pull_request"]
    if change.admin_enforced_before and not change.admin_enforced:
        yield "administrators are spared"
    if change.allows_force_push:
        yield BINDING["non_fast_forward"]
    if change.allows_deletion:
        yield BINDING["deletion"]
