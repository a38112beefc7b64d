"""The law: objects are compared by identity across a folder; layout, comments and moves are no change."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.blast.assess import assess
from bot.core.finding import Confidence, Tier
from bot.data.infra import load_infra
from tests.core.blast.files import changed

INFRA = load_infra()

DB = 'resource "aws_db_instance" "main" {\n  engine = "postgres"\n  size = 10\n}\n'
QUEUE = 'resource "aws_sns_topic" "orders" {\n  name = "orders"\n}\n'
PROTECTED = 'resource "aws_iam_role" "r" {\n  name = "r"\n  lifecycle {\n    prevent_destroy = true\n  }\n}\n'
POLICY = """data "aws_iam_policy_document" "d" {{
  statement {{
    {effect}
    actions = [{actions}]
    resources = [{on}]
  }}
}}
"""
DENY = 'effect = "Deny"'
GRANT = ("terraform-grant-added", "data.aws_iam_policy_document.d")
MOVED = "moved {\n  from = aws_db_instance.main\n  to = aws_db_instance.primary\n}\n"
KEYED = 'resource "aws_instance" "a" {\n  for_each = local.all\n  x = 1\n}\n'


def module(entries: str) -> str:
    return f'module "m" {{\n  dbs = {{\n    a = {{\n      size = 1\n    {entries}}}\n  }}\n}}\n'


def found(base: str | None, head: str | None, path: str = "infra/main.tf") -> list[tuple[str, str]]:
    blast = assess((changed(path, base, head),), (), INFRA)
    return [(effect.rule, effect.address) for effect in blast.effects if not effect.rule.startswith("stack-")]


def policy(actions: str, *, on: str = '"arn:a"', effect: str = "") -> str:
    return POLICY.format(actions=actions, on=on, effect=effect)


@pytest.mark.parametrize(
    ("name", "base", "head", "expected"),
    [
        ("a block is gone", QUEUE + DB, DB, [("terraform-object-removed", "aws_sns_topic.orders")]),
        ("a database is gone", QUEUE + DB, QUEUE, [("terraform-stateful-removed", "aws_db_instance.main")]),
        ("the file is gone", DB, None, [("terraform-stateful-removed", "aws_db_instance.main")]),
        ("its prevent_destroy went with it", PROTECTED, "", [("terraform-protected-removed", "aws_iam_role.r")]),
        ("commented out", QUEUE, "/*\n" + QUEUE + "*/\n", [("terraform-object-removed", "aws_sns_topic.orders")]),
        ("renamed", DB, DB.replace("main", "primary"), [("terraform-stateful-renamed", "aws_db_instance.main")]),
        (
            "renamed, and a moved block says so",
            DB,
            DB.replace("main", "primary") + MOVED,
            [],
        ),
        (
            "let go of, not destroyed",
            DB,
            "removed {\n  from = aws_db_instance.main\n  lifecycle {\n    destroy = false\n  }\n}\n",
            [],
        ),
        (
            "let go of and destroyed",
            DB,
            "removed {\n  from = aws_db_instance.main\n  lifecycle {\n    destroy = true\n  }\n}\n",
            [("terraform-stateful-removed", "aws_db_instance.main")],
        ),
        (
            "of a new type under the old name",
            'resource "kubernetes_role" "a" {\n  x = 1\n}\n',
            'resource "kubernetes_role_v1" "a" {\n  x = 2\n}\n',
            [("terraform-object-renamed", "kubernetes_role.a")],
        ),
        ("layout and comments", DB, "# a note\n" + DB.replace("\n  ", "\n\n      "), []),
        ("a new block", DB, DB + QUEUE, []),
        ("a data source is gone", 'data "aws_ami" "a" {}\n' + DB, DB, []),
        (
            "one instance becomes none",
            'resource "aws_instance" "a" {\n  count = 3\n}\n',
            'resource "aws_instance" "a" {\n  count = 0\n}\n',
            [("terraform-instances-lost", "aws_instance.a")],
        ),
        (
            "only in one environment",
            'resource "aws_instance" "a" {\n  ami = "x"\n}\n',
            'resource "aws_instance" "a" {\n  ami = "x"\n  count = var.env == "test" ? 1 : 0\n}\n',
            [("terraform-instances-lost", "aws_instance.a")],
        ),
        (
            "a switch whose default is not told",
            'resource "aws_instance" "a" {\n  ami = "x"\n}\n',
            'resource "aws_instance" "a" {\n  ami = "x"\n  count = var.create ? 1 : 0\n}\n',
            [],
        ),
        (
            "count becomes for_each",
            'resource "aws_instance" "a" {\n  count = 2\n}\n',
            'resource "aws_instance" "a" {\n  for_each = toset(["a", "b"])\n}\n',
            [("terraform-instances-rekeyed", "aws_instance.a")],
        ),
        (
            "a for_each item is gone",
            'resource "aws_instance" "a" {\n  for_each = toset(["a", "b"])\n}\n',
            'resource "aws_instance" "a" {\n  for_each = toset(["b"])\n}\n',
            [("terraform-instances-lost", "aws_instance.a")],
        ),
        (
            "a key of the local that for_each reads is gone",
            "locals {\n  all = {\n    a = {}\n    b = {}\n  }\n}\n" + KEYED,
            "locals {\n  all = {\n    b = {}\n  }\n}\n" + KEYED,
            [("terraform-instances-lost", "aws_instance.a")],
        ),
        (
            "scaled to zero",
            'resource "aws_autoscaling_group" "a" {\n  desired_capacity = 3\n}\n',
            'resource "aws_autoscaling_group" "a" {\n  desired_capacity = 0\n}\n',
            [("terraform-scaled-to-zero", "aws_autoscaling_group.a")],
        ),
        (
            "deletion protection off",
            DB.replace("size", "deletion_protection = true\n  size"),
            DB.replace("size", "deletion_protection = false\n  size"),
            [("terraform-guard-weakened", "aws_db_instance.main")],
        ),
        (
            "deletion protection off in a map of values",
            module(""),
            module("deletion_protection = false\n"),
            [("terraform-guard-weakened", "module.m")],
        ),
        (
            "a new entry without deletion protection",
            module(""),
            module("}\n    b = {\n      deletion_protection = false\n"),
            [],
        ),
        (
            "prevent_destroy taken out",
            PROTECTED,
            'resource "aws_iam_role" "r" {\n  name = "r"\n}\n',
            [("terraform-guard-weakened", "aws_iam_role.r")],
        ),
        (
            "backups off",
            DB.replace("size", "backup_retention_period = 7\n  size"),
            DB.replace("size", "backup_retention_period = 0\n  size"),
            [("terraform-guard-weakened", "aws_db_instance.main")],
        ),
        (
            "a variable's default",
            'variable "force_destroy" {\n  default = false\n}\n',
            'variable "force_destroy" {\n  default = true\n}\n',
            [("terraform-guard-weakened", "variable.force_destroy")],
        ),
        (
            "every for_each key is gone",
            'resource "aws_instance" "a" {\n  for_each = toset(["a"])\n}\n',
            'resource "aws_instance" "a" {\n  for_each = toset([])\n}\n',
            [("terraform-instances-lost", "aws_instance.a")],
        ),
        (
            "made for none any more",
            'resource "aws_instance" "a" {\n  for_each = var.all\n}\n',
            'resource "aws_instance" "a" {\n  for_each = {}\n}\n',
            [("terraform-instances-lost", "aws_instance.a")],
        ),
        (
            "a module told to make nothing",
            'module "m" {\n  source = "./m"\n  create = true\n}\n',
            'module "m" {\n  source = "./m"\n  create = false\n}\n',
            [("terraform-instances-lost", "module.m")],
        ),
        (
            "told to be destroyed",
            "locals {}\n",
            "removed {\n  from = aws_db_instance.main\n  lifecycle {\n    destroy = true\n  }\n}\n",
            [("terraform-stateful-removed", "aws_db_instance.main")],
        ),
        (
            "a stack's component",
            'component "c" {\n  source = "./c"\n}\n',
            "",
            [("terraform-object-removed", "component.c")],
        ),
        (
            "a variable's size",
            'variable "replicas" {\n  default = 3\n}\n',
            'variable "replicas" {\n  default = 0\n}\n',
            [("terraform-scaled-to-zero", "variable.replicas")],
        ),
        (
            "versions no longer kept",
            'resource "aws_s3_bucket" "b" {\n  versioning {\n    enabled = true\n  }\n}\n',
            'resource "aws_s3_bucket" "b" {\n}\n',
            [("terraform-guard-weakened", "aws_s3_bucket.b")],
        ),
        (
            "everybody may call it",
            QUEUE,
            QUEUE + 'resource "google_cloud_run_v2_service_iam_member" "a" {\n  member = "allUsers"\n}\n',
            [("terraform-grant-added", "google_cloud_run_v2_service_iam_member.a")],
        ),
        (
            "every protocol may come in",
            'module "m" {\n  x = 1\n}\n',
            'module "m" {\n  x = 1\n  node_security_group_rules = {\n    a = {\n      protocol = "-1"\n    }\n  }\n}\n',
            [("terraform-network-opened", "module.m")],
        ),
        ("a further action", policy('"s3:Get"'), policy('"s3:Get", "s3:Put"'), [GRANT]),
        ("a further resource", policy('"s3:Get"'), policy('"s3:Get"', on='"arn:a", "arn:b"'), [GRANT]),
        ("every resource", policy('"s3:Get"'), policy('"s3:Get"', on='"*"'), [GRANT]),
        ("a resource reworded", policy('"s3:Get"'), policy('"s3:Get"', on='"arn:b"'), []),
        ("every action narrowed", policy('"*"'), policy('"s3:*"'), []),
        (
            "a denial of everything",
            policy('"s3:Get"'),
            policy('"s3:Get"') + policy('"*"', effect=DENY).replace('"d"', '"e"'),
            [],
        ),
        (
            "a denial taken out",
            policy('"s3:*"', effect=DENY),
            policy('"s3:Get"', effect=DENY),
            [("terraform-denial-removed", "data.aws_iam_policy_document.d")],
        ),
        (
            "an open ingress rule",
            'resource "aws_security_group" "g" {\n  ingress {\n    cidr_blocks = ["10.0.0.0/8"]\n  }\n}\n',
            'resource "aws_security_group" "g" {\n  ingress {\n    cidr_blocks = ["0.0.0.0/0"]\n  }\n}\n',
            [("terraform-network-opened", "aws_security_group.g")],
        ),
        (
            "an open egress rule",
            'resource "aws_security_group" "g" {\n  egress {\n    cidr_blocks = ["10.0.0.0/8"]\n  }\n}\n',
            'resource "aws_security_group" "g" {\n  egress {\n    cidr_blocks = ["0.0.0.0/0"]\n  }\n}\n',
            [],
        ),
        (
            "publicly accessible",
            DB,
            DB.replace("size", "publicly_accessible = true\n  size"),
            [("terraform-access-opened", "aws_db_instance.main")],
        ),
        (
            "a policy attached to a role that was there",
            QUEUE,
            QUEUE + 'resource "aws_iam_role_policy_attachment" "a" {\n  role = local.role\n  policy_arn = "x"\n}\n',
            [("terraform-grant-added", "aws_iam_role_policy_attachment.a")],
        ),
        (
            "a policy attached to a role that comes with it",
            QUEUE,
            QUEUE
            + 'resource "aws_iam_role" "n" {}\n'
            + 'resource "aws_iam_role_policy_attachment" "a" {\n  role = aws_iam_role.n.name\n  policy_arn = "x"\n}\n',
            [],
        ),
    ],
)  # fmt: skip
def test_a_change_of_one_file(name: str, base: str | None, head: str | None, expected: list[tuple[str, str]]) -> None:
    assert found(base, head) == expected, name


def test_a_block_in_a_sibling_file_has_moved() -> None:
    files = (changed("infra/a.tf", DB + QUEUE, QUEUE), changed("infra/b.tf", None, DB))
    assert assess(files, (), INFRA).effects == ()


def test_a_block_in_another_folder_has_not() -> None:
    files = (changed("one/a.tf", DB + QUEUE, QUEUE), changed("two/b.tf", None, DB))
    assert [effect.rule for effect in assess(files, (), INFRA).effects] == ["terraform-stateful-removed"]


def test_the_json_syntax_says_the_same() -> None:
    base = '{"resource": {"aws_db_instance": {"main": {"engine": "x", "deletion_protection": true}}}}'
    assert found(base, "{}", "infra/main.tf.json") == [("terraform-stateful-removed", "aws_db_instance.main")]
    off = base.replace("true", "false")
    assert found(base, off, "infra/main.tf.json") == [("terraform-guard-weakened", "aws_db_instance.main")]


def test_what_a_broken_text_no_longer_declares_is_likely_lost() -> None:
    blast = assess((changed("infra/main.tf", DB, "@@ %%\n"),), (), INFRA)
    (effect,) = blast.effects
    assert (effect.confidence, blast.tier) == (Confidence.MEDIUM, Tier.CRITICAL)
    assert effect.reason.endswith(", as far as the new text can be read")
    template = "AWSTemplateFormatVersion: '2010-09-09'\nResources:\n  T:\n    Type: AWS::SNS::Topic\n"
    blast = assess((changed("t.yaml", template, f"{template[:-30]}[\n"),), (), INFRA)
    assert [one.confidence for one in blast.effects] == [Confidence.MEDIUM] * len(blast.effects)
    assert blast.tier >= Tier.HIGH


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("main.tf", 'resource "aws_vpc" {}\n'),
        ("main.tf", 'module "a" "b" {}\n'),
        ("main.tf.json", '{"resource": {}, "resource": {}}'),
        ("main.tf.json", '{"resource": {"aws_vpc": {"a": {}, "a": {}}}}'),
        ("main.tf.json", "resource: {}"),
        ("main.tf", QUEUE + "}\n"),
        ("main.tf", QUEUE[:-3]),
        ("main.tf", "<<<<<<< HEAD\n" + QUEUE),
        ("main.tf", "{% if x %}\n" + QUEUE + "{% endif %}\n"),
    ],
)
def test_what_terraform_would_not_take_is_said(path: str, text: str) -> None:
    blast = assess((changed(path, "", text),), (), INFRA)
    assert blast.tier >= Tier.HIGH
    assert blast.incomplete


def test_values_and_terragrunt_inputs_are_looked_at() -> None:
    base, head = "db = {\n  deletion_protection = true\n}\n", "db = {\n  deletion_protection = false\n}\n"
    assert found(base, head, "prod.tfvars") == [("terraform-guard-weakened", "inputs")]
    assert found(f"inputs = {{\n{base}}}\n", f"inputs = {{\n{head}}}\n", "live/terragrunt.hcl") == [
        ("terraform-guard-weakened", "inputs")
    ]


def test_a_terragrunt_folder_that_deploys_no_longer_is_a_lost_stack() -> None:
    unit = 'terraform {\n  source = "../modules/db"\n}\n'
    assert found(unit, None, "live/db/terragrunt.hcl") == [("terraform-stack-removed", "live/db/terragrunt.hcl")]


def test_an_effect_points_at_its_line_and_explains_the_tier() -> None:
    blast = assess((changed("infra/db.tf", QUEUE + DB, QUEUE),), (), INFRA)
    (effect,) = blast.effects
    assert (effect.path, effect.line, effect.confidence) == ("infra/db.tf", 4, Confidence.HIGH)
    assert (blast.tier, blast.reasons[0]) == (
        Tier.CRITICAL,
        "critical: destroys `aws_db_instance.main`, infra/db.tf:4",
    )


def test_a_text_that_is_no_hcl_is_high_and_said() -> None:
    blast = assess((changed("main.tf", DB, DB + "resource {{{\n"),), (), INFRA)
    assert blast.tier >= Tier.HIGH
    assert "`main.tf` could not be read whole as Terraform" in blast.incomplete[0]


names = st.sampled_from(["main", "b", "c"])
blocks = st.builds(lambda name, size: DB.replace("main", name).replace("10", str(size)), names, st.integers(0, 3))


@given(st.lists(blocks, max_size=4, unique_by=lambda block: block.split('"')[3]), st.randoms())
def test_the_order_of_blocks_means_nothing(sides: list[str], random: object) -> None:
    shuffled = list(sides)
    random.shuffle(shuffled)  # type: ignore[attr-defined]  # hypothesis gives a random.Random
    assert found("".join(sides), "".join(shuffled)) == []


@pytest.mark.parametrize(
    ("path", "type_", "tier"),
    [
        ("infra/main.tf", "aws_db_instance", Tier.CRITICAL),
        ("modules/x/examples/complete/main.tf", "aws_db_instance", Tier.HIGH),
        ("infra/main.tf", "random_pet", Tier.MEDIUM),
        ("infra/main.tf", "random_password", Tier.HIGH),
        ("infra/main.tf", "aws_cloudwatch_metric_alarm", Tier.MEDIUM),
        ("infra/main.tf", "aws_cloudwatch_query_definition", Tier.MEDIUM),
    ],
)
def test_what_a_removal_takes_along_decides_its_tier(path: str, type_: str, tier: Tier) -> None:
    blast = assess((changed(path, f'resource "{type_}" "x" {{\n  a = 1\n}}\n', "# none\n"),), (), INFRA)
    assert (blast.tier, len(blast.effects)) == (tier, 1)


def test_an_observer_under_another_name_is_worth_no_more_than_one_that_is_gone() -> None:
    alarm = 'resource "aws_cloudwatch_metric_alarm" "a" {\n  a = 1\n}\n'
    blast = assess((changed("main.tf", alarm, alarm.replace('"a"', '"b"')),), (), INFRA)
    assert ([one.rule for one in blast.effects], blast.tier) == (["terraform-observer-renamed"], Tier.MEDIUM)


@pytest.mark.parametrize(
    ("source", "rule"),
    [("modules/s3", "terraform-stateful-removed"), ("modules/iam_user_s3", "terraform-object-removed")],
)
def test_a_module_that_grants_access_to_data_holds_none(source: str, rule: str) -> None:
    assert found(f'module "m" {{\n  source = "../{source}"\n}}\n', "locals {}\n") == [(rule, "module.m")]


def test_a_condition_with_one_value_is_one_with_a_list_of_one() -> None:
    block = 'condition {\n    test = "x"\n    variable = "y"\n    values = %s\n  }'
    base, head = (policy('"s3:Get"', effect=block % values) for values in ('"z"', '["z"]'))
    assert found(base, head) == []
