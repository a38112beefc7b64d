"""The law: a plan is read whole and strictly, or it says why not and where; its values are never repeated."""

from __future__ import annotations

import json
from typing import Any

import pytest

from bot.core.blast.plan_json import MAX_BYTES, MOST_OF_A_RULE, PlanReading, read_plan
from bot.data.infra import load_infra
from tests.core.blast.plans import change, plan_of

INFRA = load_infra()


def read(raw: bytes) -> PlanReading:
    return read_plan(raw, stack="infra", infra=INFRA)


SWITCHED_OFF: dict[str, Any] = {"before": {"deletion_protection": True}, "after": {"deletion_protection": False}}
VERSIONED: dict[str, Any] = {"versioning_configuration": [{"status": "Enabled"}]}


@pytest.mark.parametrize(
    ("name", "resource", "rules"),
    [
        ("nothing", change(["no-op"]), []),
        ("a new one", change(["create"]), []),
        ("read", change(["read"]), []),
        ("destroyed", change(["delete"]), ["plan-destroys"]),
        ("a database destroyed", change(["delete"], "aws_db_instance"), ["plan-destroys-stateful"]),
        ("replaced", change(["delete", "create"], replace_paths=[["name"]]), ["plan-replaces"]),
        ("replaced, new one first", change(["create", "delete"]), ["plan-replaces"]),
        ("a database replaced", change(["create", "delete"], "aws_db_instance"), ["plan-replaces-stateful"]),
        ("forgotten", change(["forget"]), []),
        ("replaced, old one forgotten", change(["create", "forget"]), []),
        ("what an earlier replacement left", {**change(["delete"]), "deposed": "ab12cd34"}, ["plan-destroys"]),
        ("moved", {**change(["no-op"]), "previous_address": "aws_sns_topic.y"}, []),
        ("moved and replaced", {**change(["delete", "create"]), "previous_address": "a.y"}, ["plan-replaces"]),
        ("imported", change(["no-op"], importing={"id": "i-1"}), []),
        ("imported and replaced", change(["delete", "create"], importing={"id": "i-1"}), ["plan-replaces"]),
        ("a guard off in place", change(["update"], **SWITCHED_OFF), ["plan-weakens-guard"]),
        ("a guard off while created", change(["create"], after={"deletion_protection": False}), []),
        ("a guard on", change(["update"], before=SWITCHED_OFF["after"], after=SWITCHED_OFF["before"]), []),
        (
            "a block with a guard gone",
            change(["update"], before={"cfg": [{"point_in_time_recovery_enabled": True}]}, after={"cfg": []}),
            ["plan-weakens-guard"],
        ),
        (
            "versions no longer kept",
            change(["update"], before=VERSIONED, after={"versioning_configuration": [{"status": "Suspended"}]}),
            ["plan-weakens-guard"],
        ),
        (
            "opened",
            change(["update"], before={"cidr_blocks": ["10.0.0.0/8"]}, after={"cidr_blocks": ["0.0.0.0/0"]}),
            ["plan-widens-access"],
        ),
        ("an ordinary update", change(["update"], before={"size": 1}, after={"size": 2}), []),
        ("a data source", {**change(["delete"]), "mode": "data"}, []),
        ("an unknown field", change(["update"], before={}, after={}, later={"x": 1}), []),
    ],
)
def test_what_a_plan_says_of_one_object(name: str, resource: dict[str, Any], rules: list[str]) -> None:
    reading = read(plan_of(resource))
    assert ([effect.rule for effect in reading.effects], reading.fault) == (rules, ""), name


def test_a_guard_whose_value_is_known_only_later_counts_as_taken_away() -> None:
    later: dict[str, Any] = {
        "before": {"deletion_protection": True},
        "after": {},
        "after_unknown": {"deletion_protection": True},
    }
    (effect,) = read(plan_of(change(["update"], **later))).effects
    assert effect.reason.endswith("from true to a value known only after it ran")


def test_objects_deep_in_modules_keep_their_address() -> None:
    address = 'module.eu["west"].module.data[0].aws_db_instance.main'
    (effect,) = read(plan_of({**change(["delete"], "aws_db_instance"), "address": address})).effects
    assert (effect.address, effect.path, effect.line, effect.plan) == (address, "plan infra", None, "infra")


def test_what_happened_outside_is_no_deed_of_the_plan() -> None:
    assert read(plan_of(resource_drift=[change(["delete"], "aws_db_instance")])) == PlanReading()


@pytest.mark.parametrize(
    "raw",
    [
        plan_of(),
        plan_of(format_version="0.2"),
        plan_of(format_version="1.9"),
        json.dumps({"format_version": "1.2", "planned_values": {}, "configuration": {}, "errored": False}).encode(),
        plan_of().decode().encode("utf-16"),
        b"\xef\xbb\xbf" + plan_of(),
    ],
    ids=[
        "1.2",
        "0.2",
        "a later minor version",
        "without resources",
        "as PowerShell writes it",
        "with a byte order mark",
    ],
)
def test_every_plan_that_terraform_writes_is_read(raw: bytes) -> None:
    assert read(raw) == PlanReading()


@pytest.mark.parametrize(
    ("name", "raw", "said"),
    [
        ("no JSON", b"Terraform will perform the following actions:", "line 1, column 1"),
        ("the machine-readable log", b'{"type":"version"}\n{"type":"planned_change"}', "line 2, column 1"),
        ("nothing", b"", "line 1, column 1"),
        ("a binary plan", b"PK\x03\x04\xff\xfe" + b"\x9c" * 60, "is no JSON"),
        ("a list", b"[]", "`$`"),
        ("another document", b"{}", "`$`"),
        ("a state", json.dumps({"format_version": "1.0", "values": {}}).encode(), "as a state has none"),
        ("another major version", plan_of(format_version="2.0"), "later format"),
        ("no version", plan_of(format_version="latest"), "later format"),
        ("an unknown action", plan_of(change(["no-op"]), change(["obliterate"])), "[1].change.actions[0]"),
        ("a change without actions", plan_of({"address": "a", "type": "b", "change": {}}), "[0].change"),
        ("a number for an address", plan_of({**change(["delete"]), "address": 7}), "[0].address"),
        (
            "deep nesting",
            plan_of(change(["update"], before="@")).replace(b'"@"', b"[" * 100_000 + b"]" * 100_000),
            "deep",
        ),
        ("very deep nesting", b"[" * 2_000_000, "more than 1500000 values"),
        ("too many values", b"[" + b"1," * 1_500_000 + b"1]", "more than 1500000 values"),
        ("NaN", plan_of(change(["update"], before="@")).replace(b'"@"', b"NaN"), "NaN"),
        ("an endless number", plan_of(change(["update"], before="@")).replace(b'"@"', b"9" * 5000), "no JSON"),
        (
            "two verdicts",
            plan_of(change(["delete"])).replace(b'"actions"', b'"actions": ["no-op"], "actions"'),
            "twice",
        ),
        ("too large", b" " * (MAX_BYTES + 1), "larger than 16 MiB"),
    ],
)
def test_what_is_no_plan_is_refused_with_its_place(name: str, raw: bytes, said: str) -> None:
    reading = read(raw)
    assert said in reading.fault, (name, reading.fault)
    assert reading.effects == (), name


@pytest.mark.parametrize(
    ("more", "said"), [({"errored": True}, "failed"), ({"complete": False}, "incomplete: plan without `-target`")]
)
def test_half_a_plan_counts_for_what_it_says_and_is_not_whole(more: dict[str, bool], said: str) -> None:
    reading = read(plan_of(change(["delete"]), **more))
    assert said in reading.fault
    assert [effect.rule for effect in reading.effects] == ["plan-destroys"]


def test_what_is_put_off_counts_too() -> None:
    later = [{"reason": "unknown", "resource_change": change(["delete"])}, {"reason": "unknown"}]
    assert [effect.rule for effect in read(plan_of(deferred_changes=later)).effects] == ["plan-destroys"]


def test_many_effects_are_kept_in_part_and_none_of_the_kinds_is_lost() -> None:
    destroyed = [{**change(["delete"]), "address": f"aws_sns_topic.x[{index}]"} for index in range(500)]
    reading = read(plan_of(*destroyed, change(["update"], **SWITCHED_OFF)))
    assert (reading.objects, reading.unlisted) == (501, 500 - MOST_OF_A_RULE)
    assert [effect.rule for effect in reading.effects] == ["plan-destroys"] * MOST_OF_A_RULE + ["plan-weakens-guard"]


def test_a_plans_values_are_not_repeated() -> None:
    secret = {"deletion_protection": "hunter2", "cidr_blocks": ["hunter2"]}
    opened = {"deletion_protection": False, "cidr_blocks": ["0.0.0.0/0"]}
    reading = read(
        plan_of(change(["update"], before=secret, after=opened), variables={"password": {"value": "hunter2"}})
    )
    assert len(reading.effects) == 2
    assert "hunter2" not in str(reading)


@pytest.mark.parametrize("place", ["format_version", "resource_changes"])
def test_a_refusal_does_not_repeat_values_either(place: str) -> None:
    assert "hunter2" not in read(plan_of(**{place: "hunter2"})).fault


def test_a_name_that_cannot_be_written_down_is_replaced() -> None:
    (effect,) = read(plan_of({**change(["delete"]), "address": "a.\ud800\x00" + "x" * 999})).effects
    assert effect.address.encode().startswith(b"a.?\x00")
    assert len(effect.address) == 300
