"""Events that tell of a changed rule, and what of it got weaker.

https://docs.github.com/en/webhooks/webhook-events-and-payloads#repository_ruleset
"""

from __future__ import annotations

from typing import Any, Generic, TypeVar

import msgspec

from bot.core.protection.drift import (
    Done,
    ProtectionChange,
    RulesetChange,
    Sources,
    Weakened,
    weaknesses_of_protection,
    weaknesses_of_ruleset,
)
from bot.github import payload as told
from bot.github.errors import MalformedEvent

T = TypeVar("T")


class _From(msgspec.Struct, Generic[T], frozen=True):
    """What something was before."""

    from_: T | None = msgspec.field(name="from", default=None)


class _Check(msgspec.Struct, frozen=True):
    context: str
    integration_id: int | None = None


class _Parameters(msgspec.Struct, frozen=True):
    required_status_checks: tuple[_Check, ...] = ()


class _Rule(msgspec.Struct, frozen=True):
    type: str
    parameters: dict[str, Any] | None = None


class _Ruleset(msgspec.Struct, frozen=True):
    name: str
    enforcement: str
    rules: tuple[_Rule, ...] | None = None


class _Updated(msgspec.Struct, frozen=True):
    rule: _Rule


class _Rules(msgspec.Struct, frozen=True):
    deleted: tuple[_Rule, ...] = ()
    updated: tuple[_Updated, ...] = ()


class _RulesetChanges(msgspec.Struct, frozen=True):
    name: _From[str] | None = None
    enforcement: _From[str] | None = None
    conditions: dict[str, Any] | None = None
    rules: _Rules | None = None


class Place(msgspec.Struct, frozen=True):
    """An event of an organisation's ruleset names no repository."""

    sender: told.User
    repository: told.Repository | None = None
    organization: told.Owner | None = None

    def weakened(self, delivery: str, at: int, rule: str, done: Done, why: tuple[str, ...]) -> tuple[Weakened, ...]:
        """One incident, or none when nothing got weaker."""
        if not why:
            return ()
        one = self.repository
        where = f"{one.owner.login}/{one.name}" if one else self.organization.login if self.organization else ""
        return (
            Weakened(
                subject=f"rules:{one.id}" if one else f"rules:{where}",
                delivery=delivery,
                where=where,
                rule=rule,
                done=done,
                actor=self.sender.actor(),
                at=at,
                why=why,
            ),
        )


class RulesetEvent(Place, frozen=True, kw_only=True):
    action: str
    repository_ruleset: _Ruleset
    changes: _RulesetChanges = _RulesetChanges()

    def read(self) -> RulesetChange:
        ruleset, changes = self.repository_ruleset, self.changes
        rules = changes.rules or _Rules()
        return RulesetChange(
            name=ruleset.name,
            done=_done(self.action),
            enforcement=ruleset.enforcement,
            enforcement_before=(changes.enforcement.from_ or "") if changes.enforcement else "",
            required=Sources(checks=_checks(ruleset.rules or ())),
            deleted=tuple(rule.type for rule in rules.deleted),
            updated=tuple(one.rule.type for one in rules.updated),
            conditions=bool(changes.conditions),
            renamed=changes.name is not None,
            tells_rules=ruleset.rules is not None,
        )


def _checks(rules: tuple[_Rule, ...]) -> tuple[tuple[str, int | None], ...]:
    """MalformedEvent when they are of another shape than documented."""
    asked = [rule.parameters or {} for rule in rules if rule.type == "required_status_checks"]
    try:
        told_ = msgspec.convert(asked, tuple[_Parameters, ...])
    except msgspec.ValidationError as error:
        raise MalformedEvent(str(error)) from error
    return tuple((check.context, check.integration_id) for one in told_ for check in one.required_status_checks)


def _done(action: str) -> Done:
    """An action that GitHub adds later is taken for an edit."""
    return Done(action) if action in Done._value2member_map_ else Done.EDITED


class _Protection(msgspec.Struct, frozen=True):
    name: str
    required_status_checks: tuple[str, ...] = ()
    required_status_checks_enforcement_level: str = "off"
    pull_request_reviews_enforcement_level: str = "off"
    allow_force_pushes_enforcement_level: str = "off"
    allow_deletions_enforcement_level: str = "off"
    admin_enforced: bool = False


class _ProtectionChanges(msgspec.Struct, frozen=True):
    admin_enforced: _From[bool] | None = None
    required_status_checks: _From[tuple[str, ...]] | None = None
    required_status_checks_enforcement_level: _From[str] | None = None
    pull_request_reviews_enforcement_level: _From[str] | None = None


class ProtectionEvent(Place, frozen=True, kw_only=True):
    action: str
    rule: _Protection
    changes: _ProtectionChanges = _ProtectionChanges()

    def read(self) -> ProtectionChange:
        rule, changes = self.rule, self.changes
        return ProtectionChange(
            name=rule.name,
            done=_done(self.action),
            contexts=rule.required_status_checks,
            contexts_before=_before(changes.required_status_checks),
            checks_level=rule.required_status_checks_enforcement_level,
            checks_level_before=_before(changes.required_status_checks_enforcement_level),
            reviews_level=rule.pull_request_reviews_enforcement_level,
            reviews_level_before=_before(changes.pull_request_reviews_enforcement_level),
            admin_enforced=rule.admin_enforced,
            admin_enforced_before=_before(changes.admin_enforced),
            allows_force_push=rule.allow_force_pushes_enforcement_level != "off",
            allows_deletion=rule.allow_deletions_enforcement_level != "off",
        )


def _before(change: _From[T] | None) -> T | None:
    return None if change is None else change.from_


class ConfigurationEvent(Place, frozen=True, kw_only=True):
    action: str


def by_ruleset(event: RulesetEvent, delivery: str, at: int, app_id: int) -> tuple[Weakened, ...]:
    change = event.read()
    return event.weakened(delivery, at, change.name, change.done, weaknesses_of_ruleset(change, app_id))


def by_protection(event: ProtectionEvent, delivery: str, at: int) -> tuple[Weakened, ...]:
    change = event.read()
    return event.weakened(delivery, at, change.name, change.done, weaknesses_of_protection(change))


def by_configuration(event: ConfigurationEvent, delivery: str, at: int) -> tuple[Weakened, ...]:
    """Every classic rule of the repository at once, switched off or on."""
    why = ("all branch protections of the repository were disabled",) if event.action != "enabled" else ()
    return event.weakened(delivery, at, "every branch protection", _done(event.action), why)
