"""Rules of every level, classic protection and their events are told as GitHub tells them, to those who may know."""

from __future__ import annotations

import pytest

from bot.sandbox.actions import ruling
from bot.sandbox.objects import Protection, Refusal
from tests.sandbox.client import Client
from tests.sandbox.judge import Judge
from tests.shop import Shop

REPO = "/repos/acme/shop"
CHECKS = {
    "type": "required_status_checks",
    "parameters": {
        "strict_required_status_checks_policy": False,
        "required_status_checks": [{"context": "countersign/main"}],
    },
}
RULESET = {"name": "gate", "target": "branch", "enforcement": "active", "rules": [CHECKS, {"type": "deletion"}]}
OWNER = [{"actor_type": "OrganizationAdmin", "actor_id": 1, "bypass_mode": "exempt"}]


async def test_only_who_may_change_a_ruleset_sees_who_bypasses_it(shop: Shop, client: Client) -> None:
    token = shop.github.user_token("ops")
    wanted = {**RULESET, "conditions": {"ref_name": {"include": ["~ALL"], "exclude": []}}, "bypass_actors": OWNER}
    made = await client.ask("POST", f"{REPO}/rulesets", token, json=wanted)
    assert (made.status, made.body["bypass_actors"]) == (201, OWNER)
    seen = await client.ask("GET", f"{REPO}/rulesets/{made.body['id']}", await client.installation_token())
    assert "bypass_actors" not in seen.body
    refused = await client.ask("POST", f"{REPO}/rulesets", token, json=wanted)
    assert refused.status == 422


async def test_an_organisations_ruleset_binds_the_repositories_it_names(shop: Shop, client: Client) -> None:
    conditions = {
        "ref_name": {"include": ["refs/heads/main"], "exclude": []},
        "repository_id": {"repository_ids": [shop.repository.id]},
    }
    token, path = shop.github.user_token("ops"), "/orgs/acme/rulesets"
    made = await client.ask("POST", path, token, json={**RULESET, "conditions": conditions})
    assert made.status == 201
    one = f"{path}/{made.body['id']}"
    assert (await client.ask("PUT", one, token, json={"bypass_actors": OWNER})).body["bypass_actors"] == OWNER
    assert (await client.ask("GET", one, token)).body["source_type"] == "Organization"
    assert [it["name"] for it in (await client.ask("GET", path, token)).body] == ["gate"]
    rules = (await client.ask("GET", f"{REPO}/rules/branches/main", token)).body
    assert {(rule["type"], rule["ruleset_source"]) for rule in rules} == {
        ("required_status_checks", "acme"),
        ("deletion", "acme"),
    }
    pull = shop.change({"docs/a.md": "a\n"})
    with pytest.raises(Refusal, match="countersign/main"):
        shop.sam.merge(pull)
    assert (await client.ask("GET", path, await client.installation_token())).status == 403
    assert (await client.ask("POST", path, token, json=RULESET)).status == 422


async def test_classic_protection_is_told_and_binds_all_but_administrators(shop: Shop, client: Client) -> None:
    token = await client.installation_token()
    path = f"{REPO}/branches/main/protection"
    assert (await client.ask("GET", path, token)).body["message"] == "Branch not protected"
    reviews = {"required_approving_review_count": 1, "dismiss_stale_reviews": True}
    protection = Protection(branch="main", checks=[("countersign/main", None)], reviews=reviews)
    ruling.protect(shop.world, shop.repository, protection, actor=shop.ops.account)
    told = (await client.ask("GET", path, token)).body
    assert told["required_status_checks"]["checks"] == [{"context": "countersign/main", "app_id": None}]
    assert told["enforce_admins"]["enabled"] is False
    pull = shop.change({"docs/a.md": "a\n"})
    with pytest.raises(Refusal, match="countersign/main"):
        shop.sam.merge(pull)
    assert shop.ops.merge(pull)


async def test_a_plan_without_rules_says_so(shop: Shop, client: Client) -> None:
    shop.repository.has_rules = False
    reply = await client.ask("GET", f"{REPO}/rulesets", await client.installation_token())
    assert (reply.status, "Upgrade to GitHub" in reply.body["message"]) == (403, True)


async def test_every_change_of_the_rules_is_told(shop: Shop, judge: Judge) -> None:
    ops = shop.ops.account
    ruleset = ruling.create(shop.world, shop.repository, RULESET, actor=ops)
    changed = {"enforcement": "disabled", "rules": [CHECKS], "name": "off"}
    ruling.edit(shop.world, shop.repository, ruleset, changed, actor=ops)
    ruling.delete(shop.world, shop.repository, ruleset, actor=ops)
    ruling.protect(shop.world, shop.repository, Protection(branch="main"), actor=ops)
    ruling.protect(shop.world, shop.repository, Protection(branch="main", strict=True), actor=ops)
    ruling.unprotect(shop.world, shop.repository, "main", actor=ops)
    told = [(event, payload) for event, payload in judge.webhooks if "rule" in event]
    assert [(event, payload["action"]) for event, payload in told] == [
        ("repository_ruleset", "created"),
        ("repository_ruleset", "edited"),
        ("repository_ruleset", "deleted"),
        ("branch_protection_rule", "created"),
        ("branch_protection_rule", "edited"),
        ("branch_protection_rule", "deleted"),
    ]
    changes = told[1][1]["changes"]
    assert changes["enforcement"] == {"from": "active"}
    assert changes["rules"]["deleted"] == [{"type": "deletion"}]


async def test_where_the_events_go_is_told_without_the_secret(shop: Shop, client: Client) -> None:
    shop.github.set_webhook_url("https://gate.example/webhook")
    config = (await client.ask("GET", "/app/hook/config", client.app_jwt())).body
    assert (config["url"], config["secret"]) == ("https://gate.example/webhook", "********")
    assert (await client.ask("GET", "/app/hook/config", await client.installation_token())).status == 401
