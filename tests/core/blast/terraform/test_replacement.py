"""The law: a replacement is told only when two texts are surely, or likely, two values."""

from __future__ import annotations

import pytest

from bot.core.blast.assess import assess
from bot.core.finding import Confidence, Effect
from bot.data.infra import load_infra
from tests.core.blast.files import changed

INFRA = load_infra()


def effects(base: str, head: str, type_: str = "aws_lb") -> list[Effect]:
    base, head = (f'resource "{type_}" "x" {{\n  tags = {{}}\n  {body}\n}}\n' for body in (base, head))
    return [one for one in assess((changed("main.tf", base, head),), (), INFRA).effects if "replaced" in one.rule]


@pytest.mark.parametrize(
    ("name", "base", "head", "confidence"),
    [
        ("two literals", 'name = "a"', 'name = "b"', Confidence.HIGH),
        ("two numbers", "internal = 1", "internal = 2", Confidence.HIGH),
        ("a quoted and a bare one", 'internal = "true"', "internal = true", None),
        ("set to a literal", "", 'name = "a"', Confidence.MEDIUM),
        ("no longer set", 'name = "a"', "", Confidence.MEDIUM),
        ("set to what unset means", "", "internal = false", None),
        ("set to an expression", "", "name = var.name", None),
        ("two expressions", "name = local.name", "name = var.name", None),
        ("a literal made a variable", 'name = "a"', "name = var.name", None),
        ("another text around the same", 'name = "a-${var.x}"', 'name = "b-${var.x}"', Confidence.MEDIUM),
        ("another separator", 'name = "a-${var.x}"', 'name = "a${var.separator}${var.x}"', None),
        ("an attribute that changes in place", "idle_timeout = 1", "idle_timeout = 2", None),
        (
            "a change that is ignored",
            'name = "a"',
            'name = "b"\n  lifecycle {\n    ignore_changes = [name]\n  }',
            None,
        ),
        ("all is ignored", 'name = "a"', 'name = "b"\n  lifecycle {\n    ignore_changes = all\n  }', None),
    ],
)
def test_an_argument_that_cannot_change_in_place(
    name: str, base: str, head: str, confidence: Confidence | None
) -> None:
    assert [one.confidence for one in effects(base, head)] == ([] if confidence is None else [confidence]), name


def test_what_only_another_tools_schema_says_is_likely() -> None:
    (effect,) = effects('name = "a"', 'name = "b"', "aws_athena_work_group")
    assert effect.confidence is Confidence.MEDIUM
    assert effects('name = "a"', 'name = "b"', "aws_ecs_task_definition") == []


def test_an_objects_name_and_place_are_likely_fixed_where_the_provider_names_by_them() -> None:
    (effect,) = effects('location = "eu"', 'location = "us"', "google_something_new")
    assert effect.confidence is Confidence.MEDIUM
    (effect,) = effects('metadata {\n name = "a"\n }', 'metadata {\n name = "b"\n }', "kubernetes_config_map_v1")
    assert effect.confidence is Confidence.MEDIUM
    assert effects('location = "eu"', 'location = "us"', "other_thing") == []


def test_a_nested_argument_is_found_whatever_its_place_in_a_list() -> None:
    base = (
        "vpc_config {\n    x = 1\n  }\n  access_config {\n    bootstrap_cluster_creator_admin_permissions = true\n  }"
    )
    (effect,) = effects(base, base.replace("= true", "= false"), "aws_eks_cluster")
    assert (effect.rule, effect.line) == ("terraform-stateful-replaced", 7)


def test_a_modules_argument_counts_by_its_name() -> None:
    base = 'module "vpc" {\n  source = "x"\n  region = "a"\n}\n'
    blast = assess((changed("main.tf", base, base.replace('"a"', '"b"')),), (), INFRA)
    assert [(one.rule, one.address) for one in blast.effects] == [("terraform-object-replaced", "module.vpc")]


def test_a_long_value_is_cut_in_the_reason() -> None:
    (effect,) = effects('name = "a"', f'name = "{"b" * 100}"')
    assert effect.reason.endswith("…` destroys and creates the object")


def test_an_argument_taken_out_is_said_to_be_set_anew() -> None:
    (effect,) = effects('name = "a"', "")
    assert "setting it anew" in effect.reason


def calls(base: str, head: str) -> list[Effect]:
    base, head = (f'module "db" {{\n  source = "./db"\n  {body}\n}}\n' for body in (base, head))
    return list(assess((changed("main.tf", base, head),), (), INFRA).effects)


def test_a_module_input_that_was_renamed_replaces_nothing() -> None:
    assert calls('name = "shop"', 'db_name = "shop"') == []
    assert [one.rule for one in calls('name = "shop"', 'db_name = "till"')] == ["terraform-stateful-replaced"]


def test_a_guard_that_a_module_call_first_names_is_not_sure() -> None:
    (effect,) = calls("size = 1", "size = 1\n  skip_final_snapshot = true")
    assert (effect.rule, effect.confidence) == ("terraform-guard-weakened", Confidence.MEDIUM)
