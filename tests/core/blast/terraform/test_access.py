"""The law: access widens when somebody can reach or do more than before; new things of their own are not wider."""

from __future__ import annotations

import pytest

from bot.core.blast.assess import assess
from bot.core.finding import Confidence, EffectKind
from bot.data.infra import load_infra
from tests.core.blast.files import changed

INFRA = load_infra()
OTHER = 'resource "aws_sns_topic" "t" {\n}\n'
ROLE = 'resource "aws_iam_role" "r" {\n  name = "r"\n}\n'


def widened(base: str, head: str) -> list[tuple[str, Confidence]]:
    blast = assess((changed("main.tf", base, head),), (), INFRA)
    return [(one.address, one.confidence) for one in blast.effects if one.effect is EffectKind.WIDEN_ACCESS]


def heredoc(*actions: str, resource: str = "arn:a") -> str:
    listed = ", ".join(f'"{action}"' for action in actions)
    policy = f'{{"Version": "2012-10-17", "Statement": [{{"Action": [{listed}], "Resource": "{resource}"}}]}}'
    return f'resource "aws_iam_policy" "p" {{\n  policy = <<EOF\n{policy}\nEOF\n}}\n'


def encoded(action: str) -> str:
    statement = f'{{ Effect = "Allow", Action = "{action}", Resource = "*" }}'
    return f'resource "aws_iam_policy" "p" {{\n  policy = jsonencode({{ Statement = [{statement}] }})\n}}\n'


def principal(*identifiers: str) -> str:
    listed = ", ".join(f'"{one}"' for one in identifiers)
    return (
        'data "aws_iam_policy_document" "d" {\n  statement {\n    actions = ["sts:AssumeRole"]\n'
        f'    principals {{\n      type = "AWS"\n      identifiers = [{listed}]\n    }}\n  }}\n}}\n'
    )


def condition(text: str) -> str:
    return (
        'data "aws_iam_policy_document" "d" {\n  statement {\n    actions = ["s3:Get"]\n    resources = ["a"]\n'
        f"{text}  }}\n}}\n"
    )


TLS = '    condition {\n      test = "Bool"\n      variable = "aws:SecureTransport"\n      values = ["true"]\n    }\n'
HIGH, MEDIUM = Confidence.HIGH, Confidence.MEDIUM
D, P = "data.aws_iam_policy_document.d", "aws_iam_policy.p"


@pytest.mark.parametrize(
    ("name", "base", "head", "expected"),
    [
        ("a further action in a heredoc", heredoc("s3:Get"), heredoc("s3:Get", "s3:Put"), [(P, MEDIUM)]),
        ("every resource in a heredoc", heredoc("s3:Get"), heredoc("s3:Get", resource="*"), [(P, HIGH)]),
        ("an escalating action", encoded("s3:Get"), encoded("iam:PassRole"), [(P, HIGH)]),
        ("every action of a service", encoded("s3:Get"), encoded("s3:*"), [(P, HIGH)]),
        ("a further principal", principal("a"), principal("a", "b"), [(D, HIGH)]),
        ("every principal", principal("a"), principal("*"), [(D, HIGH)]),
        ("a principal taken out", principal("a", "b"), principal("a"), []),
        ("a condition dropped", condition(TLS), condition(""), [(D, MEDIUM)]),
        ("a condition added", condition(""), condition(TLS), []),
        ("a document under a new name", principal("a"), principal("a").replace('"d"', '"e"'), []),
        ("a new user", OTHER, OTHER + 'resource "aws_iam_user" "u" {\n}\n', [("aws_iam_user.u", MEDIUM)]),
        (
            "a further policy in a for_each",
            'resource "aws_iam_role_policy_attachment" "a" {\n  for_each = toset(["x"])\n  role = "r"\n}\n',
            'resource "aws_iam_role_policy_attachment" "a" {\n  for_each = toset(["x", "y"])\n  role = "r"\n}\n',
            [("aws_iam_role_policy_attachment.a", MEDIUM)],
        ),
        (
            "a further policy in a for expression",
            'resource "aws_iam_role_policy_attachment" "a" {\n  for_each = { for k, v in { x = "x" } : k => v }\n}\n',
            'resource "aws_iam_role_policy_attachment" "a" {\n  for_each = {for k, v in {x="x", y="y"} : k => v}\n}\n',
            [("aws_iam_role_policy_attachment.a", MEDIUM)],
        ),
        (
            "everybody as a member",
            'resource "google_storage_bucket_iam_binding" "b" {\n  members = ["user:a"]\n}\n',
            'resource "google_storage_bucket_iam_binding" "b" {\n  members = ["allUsers"]\n}\n',
            [("google_storage_bucket_iam_binding.b", HIGH)],
        ),
        (
            "a rule of its own that lets everybody in",
            OTHER,
            OTHER + 'resource "google_compute_firewall" "f" {\n  source_ranges = ["0.0.0.0/0"]\n}\n',
            [("google_compute_firewall.f", HIGH)],
        ),
        (
            "an egress rule of its own",
            OTHER,
            OTHER + 'resource "aws_security_group_rule" "f" {\n  type = "egress"\n  cidr_blocks = ["0.0.0.0/0"]\n}\n',
            [],
        ),
        (
            "a route to the internet",
            OTHER,
            OTHER
            + 'resource "aws_route" "r" {\n  gateway_id = aws_internet_gateway.g.id\n'
            + '  destination_cidr_block = "0.0.0.0/0"\n}\n',
            [("aws_route.r", MEDIUM)],
        ),
        (
            "a route to a NAT gateway",
            OTHER,
            OTHER
            + 'resource "aws_route" "r" {\n  nat_gateway_id = aws_nat_gateway.g.id\n'
            + '  destination_cidr_block = "0.0.0.0/0"\n}\n',
            [],
        ),
        (
            "a public bucket",
            'resource "aws_s3_bucket" "b" {\n  acl = "private"\n}\n',
            'resource "aws_s3_bucket" "b" {\n  acl = "public-read"\n}\n',
            [("aws_s3_bucket.b", HIGH)],
        ),
        (
            "a variable that lets everybody in",
            'variable "allowed_cidrs" {\n  default = ["10.0.0.0/8"]\n}\n',
            'variable "allowed_cidrs" {\n  default = ["0.0.0.0/0"]\n}\n',
            [("variable.allowed_cidrs", HIGH)],
        ),
        (
            "a variable that routes",
            'variable "route_destination" {\n  default = "10.0.0.0/8"\n}\n',
            'variable "route_destination" {\n  default = "0.0.0.0/0"\n}\n',
            [],
        ),
        (
            "a switch in a variable",
            'variable "publicly_accessible" {\n  default = false\n}\n',
            'variable "publicly_accessible" {\n  default = true\n}\n',
            [("variable.publicly_accessible", HIGH)],
        ),
    ],
)
def test_a_change_of_one_file(name: str, base: str, head: str, expected: list[tuple[str, Confidence]]) -> None:
    assert widened(base, head) == expected, name


def test_a_whole_new_folder_widens_nothing() -> None:
    blast = assess((changed("main.tf", None, ROLE + 'resource "aws_iam_user" "u" {\n}\n'),), (), INFRA)
    assert blast.effects == ()
