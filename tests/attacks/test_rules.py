"""Whoever weakens the rule that makes the check bind is written down, with what was done."""

from __future__ import annotations

from bot.core.memory import weakened_of
from bot.sandbox.actions import ruling
from bot.sandbox.objects import Protection
from tests.journey import Journey


async def incidents(journey: Journey) -> list[tuple[str, str, tuple[str, ...]]]:
    """Who, which rule, and what got weaker, as the ledger keeps it."""
    await journey.rest()
    entries = await journey.app.store.entries(f"rules:{journey.shop.repository.id}")
    found = weakened_of(entry.body for entry in entries if entry.kind == "rules-weakened")
    return [(one.actor.login, one.rule, one.why) for one in found]


async def test_120_switching_the_rule_off_is_an_incident_with_who_and_what(journey: Journey) -> None:
    shop = journey.shop
    shop.require_check()
    (gate,) = shop.repository.rulesets.values()
    ruling.edit(shop.world, shop.repository, gate, {"enforcement": "disabled"}, actor=shop.ops.account)
    ruling.edit(shop.world, shop.repository, gate, {"enforcement": "active"}, actor=shop.ops.account)
    bypass = [{"actor_type": "OrganizationAdmin", "actor_id": 1, "bypass_mode": "exempt"}]
    ruling.edit(shop.world, shop.repository, gate, {"bypass_actors": bypass}, actor=shop.sam.account)
    ruling.delete(shop.world, shop.repository, gate, actor=shop.ops.account)
    assert await incidents(journey) == [
        ("ops", "gate", ("the ruleset `gate` was set from active to disabled",)),
        ("sam", "gate", ("what was changed is not told, which may be who bypasses it",)),
        ("ops", "gate", ("the ruleset `gate` was deleted",)),
    ]


async def test_120_taking_classic_protection_away_is_an_incident(journey: Journey) -> None:
    shop = journey.shop
    protection = Protection(branch="main", checks=[("countersign/main", shop.github.app_id)])
    ruling.protect(shop.world, shop.repository, protection, actor=shop.ops.account)
    ruling.unprotect(shop.world, shop.repository, "main", actor=shop.ops.account)
    assert await incidents(journey) == [("ops", "main", ("the protection of `main` was deleted",))]


async def test_120_what_the_gate_does_not_need_is_no_incident(journey: Journey) -> None:
    shop = journey.shop
    shop.require_check("ci", pinned=False)
    (other,) = shop.repository.rulesets.values()
    ruling.delete(shop.world, shop.repository, other, actor=shop.ops.account)
    assert await incidents(journey) == []
