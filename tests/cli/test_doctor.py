"""The doctor suite: a sound installation has no finding, and every way to undo it is named."""

from __future__ import annotations

import asyncio
import dataclasses
import json
from collections.abc import Callable
from typing import Any

import pytest
from click.testing import CliRunner

from bot.cli import main
from bot.cli.doctor import diagnose
from bot.cli.operator import wanted_grants
from bot.core.protection.gap import Gap, Severity
from bot.sandbox import rules
from bot.sandbox.actions import people, ruling
from bot.sandbox.objects import Protection, Ruleset
from bot.settings import OperatorSettings
from tests.journey import POLICY
from tests.shop import Shop

WEBHOOK = "https://gate.example/webhook"
OWNERS = {"actor_type": "OrganizationAdmin", "actor_id": 1, "bypass_mode": "always"}


def settings_of(shop: Shop, *, key: bool = True, token: str = "ops") -> OperatorSettings:
    return OperatorSettings(
        app_id=shop.github.app_id,
        private_key=shop.github.private_key if key else "",
        token=shop.github.user_token(token) if token else "",
        api_url=shop.github.api_url,
        graphql_url=shop.github.graphql_url,
        public_url="https://gate.example",
    )


async def examined(shop: Shop, **how: Any) -> dict[str, Gap]:
    found, looked = await diagnose(settings_of(shop, **how), ("acme/shop",))
    assert looked == ("acme/shop",)
    return {gap.id: gap for gap in found}


@pytest.fixture
def sound(shop: Shop) -> Shop:
    """A shop whose gate binds."""
    shop.commit_to_main({".github/countersign.yml": POLICY})
    check = {"context": "countersign/main", "integration_id": shop.github.app_id}
    asked = {"strict_required_status_checks_policy": True, "required_status_checks": [check]}
    reviews = {
        "required_approving_review_count": 0,
        "dismiss_stale_reviews_on_push": True,
        "require_code_owner_review": False,
        "require_last_push_approval": False,
        "required_review_thread_resolution": False,
    }
    wanted = {
        "name": "gate",
        "enforcement": "active",
        "conditions": {"ref_name": {"include": ["refs/heads/main"], "exclude": []}},
        "bypass_actors": [],
        "rules": [
            {"type": "required_status_checks", "parameters": asked},
            {"type": "pull_request", "parameters": reviews},
            {"type": "non_fast_forward"},
            {"type": "deletion"},
        ],
    }
    rules.create(shop.world, shop.repository, wanted)
    shop.github.set_webhook_url(WEBHOOK)
    shop.world.hooks.hold()
    return shop


def gate(shop: Shop) -> Ruleset:
    return next(one for one in shop.repository.rulesets.values() if one.name == "gate")


def parameters(shop: Shop, kind: str) -> Any:
    return next(rule["parameters"] for rule in gate(shop).rules if rule["type"] == kind)


def drop(shop: Shop, kind: str) -> None:
    gate(shop).rules = [rule for rule in gate(shop).rules if rule["type"] != kind]


def check(shop: Shop, **changes: Any) -> None:
    asked = parameters(shop, "required_status_checks")["required_status_checks"][0]
    asked.update(changes)
    for name in [name for name, value in changes.items() if value is None]:
        del asked[name]


def bypass(shop: Shop, **actor: Any) -> None:
    gate(shop).bypass_actors = [OWNERS | actor]


def classic(shop: Shop, **protection: Any) -> None:
    """Instead of the ruleset."""
    shop.repository.rulesets.clear()
    checks = [("countersign/main", shop.github.app_id)]
    whole: dict[str, Any] = {
        "checks": checks,
        "reviews": {"dismiss_stale_reviews": True},
        "strict": True,
        "enforce_admins": True,
    }
    it = Protection(branch="main", **(whole | protection))
    ruling.protect(shop.world, shop.repository, it, actor=shop.ops.account)


def policy(shop: Shop, text: str) -> None:
    gate(shop).enforcement = "disabled"
    shop.commit_to_main({".github/countersign.yml": text})
    gate(shop).enforcement = "active"


def release(shop: Shop) -> None:
    shop.ops.branch(shop.repository, "release/1.x")


def expel(shop: Shop) -> None:
    shop.seniors.members.clear()


def revoke_access(shop: Shop) -> None:
    shop.seniors.repositories.clear()


def revoke(shop: Shop, name: str) -> None:
    shop.github.app.permissions.pop(name)


SUITE: dict[str, tuple[Callable[[Shop], object], str]] = {
    "the ruleset is disabled": (lambda shop: setattr(gate(shop), "enforcement", "disabled"), "check-idle"),
    "the ruleset only evaluates": (lambda shop: setattr(gate(shop), "enforcement", "evaluate"), "check-idle"),
    "the ruleset is gone": (lambda shop: shop.repository.rulesets.clear(), "check-not-required"),
    "the ruleset is for another branch": (
        lambda shop: gate(shop).conditions["ref_name"].update(include=["refs/heads/master"]),
        "check-not-required",
    ),
    "the check is not required": (lambda shop: drop(shop, "required_status_checks"), "check-not-required"),
    "the check has another branch's name": (lambda shop: check(shop, context="countersign/master"), "check-misnamed"),
    "the check is misspelt": (lambda shop: check(shop, context="contersign/main"), "check-not-required"),
    "the check may come from anybody": (lambda shop: check(shop, integration_id=None), "check-unpinned"),
    "the check must come from another App": (lambda shop: check(shop, integration_id=15368), "check-foreign"),
    "owners bypass": (bypass, "bypass-actor"),
    "owners are exempt": (lambda shop: bypass(shop, bypass_mode="exempt"), "bypass-actor"),
    "deploy keys bypass": (lambda shop: bypass(shop, actor_type="DeployKey", actor_id=None), "bypass-actor"),
    "writers bypass": (lambda shop: bypass(shop, actor_type="RepositoryRole", actor_id=4), "bypass-actor"),
    "Actions bypasses": (lambda shop: bypass(shop, actor_type="Integration", actor_id=15368), "bypass-actor"),
    "a team bypasses": (
        lambda shop: bypass(shop, actor_type="Team", actor_id=shop.seniors.id, bypass_mode="pull_request"),
        "bypass-actor",
    ),
    "no pull request is needed": (lambda shop: drop(shop, "pull_request"), "pull-request-not-required"),
    "forced pushes": (lambda shop: drop(shop, "non_fast_forward"), "force-push-allowed"),
    "deletions": (lambda shop: drop(shop, "deletion"), "deletion-allowed"),
    "stale reviews": (
        lambda shop: parameters(shop, "pull_request").update(dismiss_stale_reviews_on_push=False),
        "stale-reviews-kept",
    ),
    "a release branch without rules": (release, "check-not-required"),
    "classic protection that spares administrators": (
        lambda shop: classic(shop, enforce_admins=False),
        "admins-exempt",
    ),
    "classic protection without a source": (
        lambda shop: classic(shop, checks=[("countersign/main", None)]),
        "check-unpinned",
    ),
    "classic protection with a bypass": (
        lambda shop: classic(
            shop,
            reviews={
                "dismiss_stale_reviews": True,
                "bypass_pull_request_allowances": {"users": [], "teams": [], "apps": []},
            },
            allow_force_pushes=True,
        ),
        "force-push-allowed",
    ),
    "a plan without rules": (lambda shop: setattr(shop.repository, "has_rules", False), "no-rules-in-plan"),
    "Actions may approve": (
        lambda shop: shop.repository.workflow_permissions.update(can_approve_pull_request_reviews=True),
        "actions-may-approve",
    ),
    "Actions may write": (
        lambda shop: shop.repository.workflow_permissions.update(default_workflow_permissions="write"),
        "actions-may-write",
    ),
    "the policy is broken": (lambda shop: policy(shop, "version: 1\nrulez: []\n"), "policy-broken"),
    "the policy only shadows": (lambda shop: policy(shop, POLICY + "mode: shadow\n"), "policy-shadow"),
    "a pattern matches nothing": (
        lambda shop: policy(shop, POLICY + "tiers: [{paths: ['terrafrom/**'], tier: critical}]\n"),
        "dead-pattern",
    ),
    "GitHub itself asks nobody": (
        lambda shop: policy(
            shop, POLICY + "  - {name: always, when: {paths: ['terraform/**']}, require: {seniors: 1}}\n"
        ),
        "reviewers-not-required",
    ),
    "the senior team is missing": (
        lambda shop: policy(shop, POLICY.replace("acme/senior-engineers", "acme/seniors")),
        "team-unreadable",
    ),
    "the senior team is empty": (expel, "team-empty"),
    "the senior team cannot push": (revoke_access, "team-without-write"),
    "the senior team is secret": (lambda shop: setattr(shop.seniors, "privacy", "secret"), "team-secret"),
    "more seniors are asked than there are": (
        lambda shop: policy(shop, POLICY.replace("seniors: 1", "seniors: 3")),
        "too-few-seniors",
    ),
    "a permission is missing": (lambda shop: revoke(shop, "merge_queues"), "permission-missing"),
    "a permission is not accepted": (
        lambda shop: setattr(shop.installation, "accepted", {"metadata": "read"}),
        "permission-missing",
    ),
    "an event is missing": (lambda shop: shop.github.app.events.remove("push"), "event-missing"),
    "the installation is suspended": (
        lambda shop: people.suspend(shop.world, shop.installation, actor=shop.organization),
        "installation-suspended",
    ),
    "no webhook": (lambda shop: setattr(shop.world.hooks, "url", None), "webhook-missing"),
    "a webhook elsewhere": (
        lambda shop: shop.github.set_webhook_url("https://old.example/webhook"),
        "webhook-elsewhere",
    ),
    "a webhook without a secret": (lambda shop: setattr(shop.world.hooks, "secret", ""), "webhook-unsigned"),
    "a webhook of forms": (lambda shop: setattr(shop.world.hooks, "content_type", "form"), "webhook-form"),
    "a webhook without verification": (
        lambda shop: setattr(shop.world.hooks, "insecure_ssl", "1"),
        "webhook-unverified",
    ),
}


async def test_a_sound_installation_has_no_finding(sound: Shop) -> None:
    assert await examined(sound) == {}


@pytest.mark.parametrize(("undo", "id_"), SUITE.values(), ids=SUITE)
async def test_every_wrong_configuration_is_named(sound: Shop, undo: Callable[[Shop], object], id_: str) -> None:
    undo(sound)
    found = await examined(sound)
    assert id_ in found
    assert found[id_].remedy


async def test_deliveries_that_did_not_arrive_are_counted(sound: Shop) -> None:
    sound.world.hooks.drop = 1
    sound.jay.branch(sound.repository, "x")
    assert (await examined(sound))["deliveries-failing"].severity is Severity.BREAKS


async def test_classic_protection_alone_can_bind(sound: Shop) -> None:
    classic(sound)
    assert await examined(sound) == {}


async def test_an_organisations_ruleset_binds_like_the_repositorys_own(sound: Shop) -> None:
    mine = gate(sound)
    wanted = {
        "name": mine.name,
        "rules": mine.rules,
        "enforcement": "active",
        "conditions": mine.conditions | {"repository_name": {"include": ["~ALL"], "exclude": []}},
    }
    rules.create_for_organization(sound.world, sound.organization, wanted)
    sound.repository.rulesets.clear()
    assert await examined(sound) == {}


async def test_the_apps_own_key_cannot_see_who_bypasses_and_says_so(sound: Shop) -> None:
    found = await examined(sound, token="")
    assert {id_: gap.severity for id_, gap in found.items()} == {"bypass-unknown": Severity.UNKNOWN}


async def test_without_administration_the_app_says_what_it_cannot_read(sound: Shop) -> None:
    revoke(sound, "administration")
    drop(sound, "deletion")
    found = await examined(sound, token="")
    assert {"repository-unknown", "branch-unknown", "bypass-unknown"} <= found.keys()
    assert "deletion-allowed" not in found
    assert "administration: read" in found["branch-unknown"].wrong


async def test_a_reader_without_rights_is_told_that_nothing_is_known(sound: Shop) -> None:
    found = await examined(sound, key=False, token="jay")
    assert {id_ for id_, gap in found.items() if gap.severity is Severity.UNKNOWN} >= {"app-unknown", "bypass-unknown"}


async def test_a_key_that_github_refuses_is_said(sound: Shop) -> None:
    sound.github.app.public_key = ""
    assert (await examined(sound))["app-unknown"].severity is Severity.UNKNOWN


async def test_every_installation_is_looked_at(sound: Shop) -> None:
    sound.github.add_repository("acme/old").archived = True
    found, looked = await diagnose(dataclasses.replace(settings_of(sound), token=""), ())
    assert looked == ("acme/shop",)
    assert {gap.id for gap in found} == {"bypass-unknown"}


async def said(shop: Shop, *arguments: str, **settings: str) -> tuple[int, str, str]:
    """The command's exit status, output and complaint; in a thread, beside the GitHub it asks."""
    environment = {
        "APP_ID": str(shop.github.app_id),
        "PRIVATE_KEY": shop.github.private_key,
        "GITHUB_API_URL": shop.github.api_url,
        "GITHUB_TOKEN": shop.github.user_token("ops"),
    } | settings
    result = await asyncio.to_thread(CliRunner(env=environment).invoke, main, ["doctor", *arguments])
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result.exit_code, result.stdout, result.stderr


async def test_the_command_tells_what_is_wrong_and_what_to_do(sound: Shop) -> None:
    status, out, _ = await said(sound, "--repo", "acme/shop")
    assert (status, out) == (0, "✔ the gate binds in 1 repository\n")
    check(sound, integration_id=None)
    status, out, _ = await said(sound, "--repo", "acme/shop")
    assert status == 1
    assert "anybody with write can post it" in out
    assert "app.py rulesets apply --repo acme/shop" in out
    status, out, _ = await said(sound, "--json")
    told = json.loads(out)
    assert (status, told["binds"], told["findings"][0]["id"]) == (1, False, "check-unpinned")


async def test_what_cannot_be_asked_ends_with_two(sound: Shop) -> None:
    assert await said(sound, "--repo", "shop") == (2, "", "doctor: --repo: expected owner/name, not 'shop'\n")
    status, _, err = await said(sound, PRIVATE_KEY="", GITHUB_TOKEN="")
    assert (status, "GITHUB_TOKEN" in err) == (2, True)
    status, _, err = await said(sound, PRIVATE_KEY="")
    assert (status, "--repo" in err) == (2, True)
    status, _, err = await said(sound, "--repo", "acme/none")
    assert status == 2


def test_the_sandbox_grants_what_the_app_asks_for(shop: Shop) -> None:
    wanted = wanted_grants()
    assert set(wanted.permissions) <= set(shop.github.app.permissions)
    assert wanted.events <= set(shop.github.app.events)
