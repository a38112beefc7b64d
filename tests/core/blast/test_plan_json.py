"""The law: a plan counts only for its own head, whole and well formed, and then it can only raise the estimate."""

from __future__ import annotations

import json
from typing import Any

import pytest

from bot.core.blast.assess import assess
from bot.core.blast.plan_json import Plan, PlanRefusal, raise_by_plan, read_plan
from bot.core.finding import EffectKind, Tier
from bot.data.infra import load_infra
from tests.core.blast.files import changed

INFRA = load_infra()
HEAD = "a" * 40


def change(actions: list[str], type_: str = "aws_sns_topic", **more: Any) -> dict[str, Any]:
    return {"address": f"{type_}.x", "type": type_, "mode": "managed", "change": {"actions": actions, **more}}


def plan_of(*changes: dict[str, Any], **more: Any) -> str:
    return json.dumps({"format_version": "1.2", "resource_changes": list(changes), **more})


def read(text: str, *, plan_sha: str = HEAD) -> Plan | PlanRefusal:
    return read_plan(text, source="plan of infra", plan_sha=plan_sha, head_sha=HEAD, infra=INFRA)


@pytest.mark.parametrize(
    ("name", "resource", "rules"),
    [
        ("nothing", change(["no-op"]), []),
        ("a new one", change(["create"]), []),
        ("forgotten", change(["forget"]), []),
        ("destroyed", change(["delete"]), ["plan-destroys"]),
        ("a database destroyed", change(["delete"], "aws_db_instance"), ["plan-destroys-stateful"]),
        ("replaced", change(["delete", "create"], replace_paths=[["name"]]), ["plan-replaces"]),
        ("replaced, new one first", change(["create", "delete"]), ["plan-replaces"]),
        (
            "a guard off in place",
            change(["update"], before={"deletion_protection": True}, after={}),
            ["plan-weakens-guard"],
        ),
        (
            "a block with a guard gone",
            change(["update"], before={"cfg": [{"point_in_time_recovery_enabled": True}]}, after={"cfg": []}),
            ["plan-weakens-guard"],
        ),
        (
            "opened",
            change(["update"], before={"cidr_blocks": ["10.0.0.0/8"]}, after={"cidr_blocks": ["0.0.0.0/0"]}),
            ["plan-widens-access"],
        ),
        ("an ordinary update", change(["update"], before={"size": 1}, after={"size": 2}), []),
        ("a data source", {**change(["delete"]), "mode": "data"}, []),
    ],
)
def test_what_a_plan_says_of_one_object(name: str, resource: dict[str, Any], rules: list[str]) -> None:
    plan = read(plan_of(resource))
    assert isinstance(plan, Plan), name
    assert [effect.rule for effect in plan.effects] == rules, name


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("no JSON", "Terraform will perform the following actions:"),
        ("nothing", ""),
        ("another document", "{}"),
        ("no list of changes", json.dumps({"format_version": "1.2"})),
        ("another major version", plan_of().replace("1.2", "2.0")),
        ("a failed plan", plan_of(errored=True)),
        ("a part of a plan", plan_of(complete=False)),
        ("an unknown action", plan_of(change(["obliterate"]))),
        ("a change without actions", json.dumps({"format_version": "1.2", "resource_changes": [{"address": "a"}]})),
        ("deep nesting", plan_of(change(["update"], before="@")).replace('"@"', "[" * 100_000 + "]" * 100_000)),
        ("too large", " " * (20 * 1024 * 1024 + 1)),
    ],
)
def test_what_is_no_whole_plan_is_refused(name: str, text: str) -> None:
    assert isinstance(read(text), PlanRefusal), name


@pytest.mark.parametrize("sha", ["b" * 40, "", HEAD[:12]])
def test_a_plan_of_another_commit_is_refused(sha: str) -> None:
    assert isinstance(read(plan_of(change(["delete"])), plan_sha=sha), PlanRefusal)


def test_a_plan_raises_and_never_lowers() -> None:
    base = 'resource "aws_sns_topic" "x" {\n}\n'
    estimate = assess((changed("infra/a.tf", base, ""),), (), INFRA)
    nothing, worse = read(plan_of()), read(plan_of(change(["delete"], "aws_db_instance")))
    assert isinstance(nothing, Plan)
    assert isinstance(worse, Plan)
    assert raise_by_plan(estimate, nothing, INFRA) == estimate
    raised = raise_by_plan(estimate, worse, INFRA)
    assert (raised.tier, raised.reasons[0]) == (Tier.CRITICAL, "critical: destroys `aws_db_instance.x`, plan of infra")
    assert set(estimate.effects) < set(raised.effects)
    assert raised.effects[0].effect is EffectKind.DESTROY


def test_a_plans_values_are_not_repeated() -> None:
    secret = change(["update"], before={"deletion_protection": "hunter2"}, after={"deletion_protection": False})
    plan = read(plan_of(secret))
    assert isinstance(plan, Plan)
    assert "hunter2" not in str(plan.effects)
