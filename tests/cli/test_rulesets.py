"""What is planned is made, nothing that stands is loosened, and planning after applying finds nothing."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest
from click.testing import CliRunner, Result

from bot.cli import main
from bot.cli.doctor import diagnose
from bot.cli.operator import OperatorError
from bot.cli.rulesets import Choice, Plan, apply_changes, planned_changes, shortened
from bot.core.protection.gap import Severity
from bot.sandbox import rules
from bot.sandbox.actions import ruling
from bot.sandbox.objects import Protection, Ruleset
from bot.settings import OperatorSettings
from tests.journey import POLICY
from tests.sandbox.judge import Judge, openapi, pointer
from tests.shop import Shop

ALWAYS = (
    POLICY
    + """
  - name: critical whoever wrote it
    when: {tier: critical}
    require: {seniors: 1}
tiers: [{paths: ["terraform/**"], tier: critical}]
"""
)
REPOSITORY = Choice(names=("acme/shop",))
ORGANISATION = Choice(organisation="acme")


def settings_of(shop: Shop, token: str = "ops") -> OperatorSettings:
    return OperatorSettings(
        app_id=shop.github.app_id,
        private_key=shop.github.private_key,
        token=shop.github.user_token(token) if token else "",
        api_url=shop.github.api_url,
        graphql_url=shop.github.graphql_url,
    )


async def applied(shop: Shop, choice: Choice = REPOSITORY) -> Plan:
    """Plan and apply; what is left afterwards."""
    settings = settings_of(shop)
    return await apply_changes(settings, choice, await planned_changes(settings, choice))


def standing(shop: Shop, name: str = "countersign/main") -> Ruleset:
    return next(one for one in shop.repository.rulesets.values() if one.name == name)


def rule(ruleset: Ruleset, kind: str) -> Any:
    return next(rule.get("parameters", {}) for rule in ruleset.rules if rule["type"] == kind)


async def test_what_is_applied_binds_and_is_planned_no_more(shop: Shop) -> None:
    shop.commit_to_main({".github/countersign.yml": ALWAYS})
    assert (await applied(shop)).changes == []
    made = standing(shop)
    (check,) = rule(made, "required_status_checks")["required_status_checks"]
    assert check == {"context": "countersign/main", "integration_id": shop.github.app_id}
    assert {one["type"] for one in made.rules} >= {"deletion", "non_fast_forward", "pull_request"}
    assert (made.enforcement, made.bypass_actors) == ("active", [])
    (reviewer,) = rule(made, "pull_request")["required_reviewers"]
    assert reviewer == {
        "file_patterns": [".github/countersign.yml", "terraform/**"],
        "minimum_approvals": 1,
        "reviewer": {"id": shop.seniors.id, "type": "Team"},
    }
    found, _ = await diagnose(settings_of(shop), ("acme/shop",))
    branch = [gap for gap in found if gap.where == "acme/shop main"]
    assert {gap.severity for gap in branch} <= {Severity.ADVICE}


async def test_what_is_sent_is_what_github_describes(shop: Shop, judge: Judge) -> None:
    shop.commit_to_main({".github/countersign.yml": ALWAYS})
    await applied(shop)
    standing(shop).enforcement = "disabled"
    await applied(shop)
    await applied(shop, ORGANISATION)
    sent = [one for one in judge.exchanges if one.method in ("POST", "PUT") and "rulesets" in one.route]
    assert [(one.method, one.status) for one in sent] == [("POST", 201), ("PUT", 200), ("POST", 201)]
    for one in sent:
        steps = ("paths", one.route, one.method.lower(), "requestBody", "content", "application/json", "schema")
        assert not list(openapi().problems(pointer(*steps), one.request_body))


async def test_each_gated_branch_gets_a_ruleset_of_its_own_check(shop: Shop) -> None:
    shop.ops.branch(shop.repository, "release/1.x")
    shop.jay.branch(shop.repository, "wip")
    assert (await applied(shop)).changes == []
    named = {one.name: one.conditions["ref_name"]["include"] for one in shop.repository.rulesets.values()}
    assert named == {
        "countersign/main": ["refs/heads/main"],
        "countersign/release/1.x": ["refs/heads/release/1.x"],
    }


WEAKENED: dict[str, tuple[dict[str, Any], str]] = {
    "disabled": ({"enforcement": "disabled"}, "+ is active"),
    "bypassed": (
        {"bypass_actors": [{"actor_type": "OrganizationAdmin", "actor_id": 1, "bypass_mode": "exempt"}]},
        "- an organisation owner bypasses it (exempt)",
    ),
    "left out": (
        {"conditions": {"ref_name": {"include": ["~ALL"], "exclude": ["refs/heads/main"]}}},
        "- leaves out refs/heads/main",
    ),
    "without rules": ({"rules": []}, "+ forbids forced pushes"),
    "from anybody": (
        {
            "rules": [
                {
                    "type": "required_status_checks",
                    "parameters": {
                        "strict_required_status_checks_policy": False,
                        "do_not_enforce_on_create": True,
                        "required_status_checks": [{"context": "countersign/main"}],
                    },
                }
            ]
        },
        "- requires `countersign/main` from anybody",
    ),
}


@pytest.mark.parametrize(("change", "line"), WEAKENED.values(), ids=WEAKENED)
async def test_a_weakened_ruleset_is_made_whole(shop: Shop, change: dict[str, Any], line: str) -> None:
    await applied(shop)
    rules.change(shop.world, standing(shop), change)
    (planned,) = (await planned_changes(settings_of(shop), REPOSITORY)).changes
    assert line in planned.lines
    assert (await applied(shop)).changes == []
    found, _ = await diagnose(settings_of(shop), ("acme/shop",))
    assert not [gap for gap in found if gap.where == "acme/shop main" and gap.severity is not Severity.ADVICE]


async def test_what_stands_and_is_stricter_stays(shop: Shop) -> None:
    await applied(shop)
    it = standing(shop)
    rule(it, "pull_request").update(required_approving_review_count=2, require_last_push_approval=True)
    asked = rule(it, "required_status_checks")
    asked["strict_required_status_checks_policy"] = True
    asked["required_status_checks"].append({"context": "ci"})
    it.rules.append({"type": "required_linear_history"})
    assert (await planned_changes(settings_of(shop), REPOSITORY)).changes == []
    it.enforcement = "disabled"
    assert (await applied(shop)).changes == []
    assert rule(it, "pull_request")["required_approving_review_count"] == 2
    assert rule(it, "pull_request")["require_last_push_approval"] is True
    asked = rule(it, "required_status_checks")
    assert asked["strict_required_status_checks_policy"] is True
    assert {check["context"] for check in asked["required_status_checks"]} == {"ci", "countersign/main"}
    assert {"type": "required_linear_history"} in it.rules


async def test_a_pattern_that_takes_another_back_is_removed(shop: Shop) -> None:
    shop.commit_to_main({".github/countersign.yml": ALWAYS})
    await applied(shop)
    (reviewer,) = rule(standing(shop), "pull_request")["required_reviewers"]
    reviewer["file_patterns"].append("!terraform/**")
    (planned,) = (await planned_changes(settings_of(shop), REPOSITORY)).changes
    assert planned.lines == ("- asks 1 of acme/senior-engineers for changes to !terraform/**",)


async def test_watching_never_replaces_binding(shop: Shop) -> None:
    await applied(shop, Choice(names=("acme/shop",), evaluate=True))
    assert standing(shop).enforcement == "evaluate"
    await applied(shop)
    assert standing(shop).enforcement == "active"
    assert (await planned_changes(settings_of(shop), Choice(names=("acme/shop",), evaluate=True))).changes == []


async def test_an_organisations_rulesets_bind_every_repository_that_has_the_branch(shop: Shop) -> None:
    other = shop.github.add_repository("acme/site")
    shop.ops.commit(other, "main", {"README.md": "# Site\n"}, message="Lay the ground")
    shop.ops.branch(other, "release/2.x")
    assert (await applied(shop, ORGANISATION)).changes == []
    ids = {one.name: one.conditions["repository_id"]["repository_ids"] for one in shop.organization.rulesets.values()}
    assert ids == {
        "countersign/main": sorted([shop.repository.id, other.id]),
        "countersign/release/2.x": [other.id],
    }
    found, _ = await diagnose(settings_of(shop), ())
    assert not [gap for gap in found if gap.id.startswith(("check", "bypass")) and gap.severity is Severity.OPENS]


async def test_classic_protection_and_a_rule_without_one_team_are_explained(shop: Shop) -> None:
    users = ALWAYS.replace("{teams: [acme/senior-engineers]}", "{teams: [acme/senior-engineers], users: [ops]}")
    shop.commit_to_main({".github/countersign.yml": users})
    protection = Protection(branch="main", checks=[("countersign/main", None)])
    ruling.protect(shop.world, shop.repository, protection, actor=shop.ops.account)
    planned = await planned_changes(settings_of(shop), REPOSITORY)
    told = "\n".join(planned.notes)
    assert "classic protection stays" in told
    assert "names no single team" in told
    (change,) = planned.changes
    assert "required_reviewers" not in json.dumps(change.body)


async def test_who_may_not_administer_is_told_which_permission_is_missing(shop: Shop) -> None:
    planned = await planned_changes(settings_of(shop), REPOSITORY)
    with pytest.raises(OperatorError, match="Administration: write"):
        await apply_changes(settings_of(shop, "jay"), REPOSITORY, planned)
    with pytest.raises(OperatorError, match="owner"):
        await planned_changes(settings_of(shop, "jay"), ORGANISATION)


async def said(shop: Shop, *arguments: str, answer: str = "", **settings: str) -> Result:
    environment = {
        "APP_ID": str(shop.github.app_id),
        "PRIVATE_KEY": shop.github.private_key,
        "GITHUB_API_URL": shop.github.api_url,
        "GITHUB_TOKEN": shop.github.user_token("ops"),
    } | settings
    runner = CliRunner(env=environment)
    result = await asyncio.to_thread(runner.invoke, main, ["rulesets", *arguments], input=answer)
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result


async def test_the_command_shows_asks_and_then_changes(shop: Shop) -> None:
    planned = await said(shop, "plan", "--repo", "acme/shop")
    assert planned.exit_code == 1
    assert "acme/shop: make the ruleset countersign/main\n" in planned.stdout
    assert f"+ requires `countersign/main` from the App {shop.github.app_id} only\n" in planned.stdout
    refused = await said(shop, "apply", "--repo", "acme/shop", answer="n\n")
    assert (refused.exit_code, shop.repository.rulesets) == (1, {})
    applied_ = await said(shop, "apply", "--repo", "acme/shop", answer="y\n")
    assert (applied_.exit_code, applied_.stdout.splitlines()[-1]) == (
        0,
        "Done; planning again finds nothing to change.",
    )
    again = await said(shop, "apply", "--yes")
    assert (again.exit_code, again.stdout.splitlines()[-1]) == (0, "Nothing to change.")
    document = json.loads((await said(shop, "plan", "--json")).stdout)
    assert document["changes"] == []


async def test_without_a_token_nothing_is_changed(shop: Shop) -> None:
    result = await said(shop, "apply", "--yes", GITHUB_TOKEN="")
    assert (result.exit_code, shop.repository.rulesets) == (2, {})
    assert "GITHUB_TOKEN" in result.stderr
    assert (await said(shop, "plan", "--org", "a/b")).exit_code == 2


def test_a_long_list_of_patterns_is_cut_with_its_number() -> None:
    lines = ("+ is active", *(f"+ asks 1 of acme/sre for changes to {number}" for number in range(9)))
    assert list(shortened(lines))[-1] == "+ asks 1 of acme/sre for changes to 4 more patterns"
    assert len(list(shortened(lines))) == 7
