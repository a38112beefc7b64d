"""The law: a protection that gives way is told, by whatever word, version, section or variable it was given."""

from __future__ import annotations

import pytest

from tests.core.blast.judged import effects

WEAKER = {("terraform-guard-weakened", "aws_x.y")}
OPENED = {("terraform-access-opened", "aws_x.y")}
GRANTED = {("terraform-grant-added", "aws_x.y")}
VARIABLE = 'variable "keep" {\n  default = %s\n}\n'


def resource(body: str, type_: str = "aws_x") -> str:
    return f'resource "{type_}" "y" {{\n  a = 1\n  {body}\n}}\n'


@pytest.mark.parametrize(
    ("name", "base", "head", "expected"),
    [
        ("tokens made optional", 'm {\n http_tokens = "required"\n}', 'm {\n http_tokens = "optional"\n}', WEAKER),
        ("tokens made a variable", 'm {\n http_tokens = "required"\n}', "m {\n http_tokens = var.x\n}", set()),
        ("tags that may move", 'image_tag_mutability = "IMMUTABLE"', 'image_tag_mutability = "MUTABLE"', WEAKER),
        ("in the clear", 'protocol = "HTTPS"', 'protocol = "HTTP"', WEAKER),
        (
            "a probe in the clear",
            'health_check {\n protocol = "HTTPS"\n}',
            'health_check {\n protocol = "HTTP"\n}',
            set(),
        ),
        (
            "one strong word for another",
            'viewer_protocol_policy = "https-only"',
            'viewer_protocol_policy = "redirect-to-https"',
            set(),
        ),
        ("an older TLS", 'min_tls_version = "TLS1_2"', 'min_tls_version = "TLS1_0"', WEAKER),
        ("a newer TLS", 'min_tls_version = "TLS1_2"', 'min_tls_version = "TLS1_3"', set()),
        ("a section gone", "delete_retention_policy {\n days = 30\n}", "", WEAKER),
        (
            "a section changed",
            "delete_retention_policy {\n days = 30\n}",
            "delete_retention_policy {\n days = 31\n}",
            set(),
        ),
        ("protection by a variable", "deletion_protection = true", "deletion_protection = var.keep", WEAKER),
        ("trails no longer written", "enable_logging = true", "enable_logging = false", WEAKER),
        ("let in by default", 'n {\n default_action = "Deny"\n}', 'n {\n default_action = "Allow"\n}', OPENED),
        ("asked for no name", 'authorization = "AWS_IAM"', 'authorization = "NONE"', OPENED),
        (
            "a mighty policy",
            'managed_policy_arns = ["arn:aws:iam::aws:policy/ReadOnlyAccess"]',
            'managed_policy_arns = ["arn:aws:iam::aws:policy/AdministratorAccess"]',
            GRANTED,
        ),
        ("a mighty role", 'role = "roles/viewer"', 'role = "roles/owner"', GRANTED),
        ("a tag of that name", 'tags = {\n role = "x"\n}', 'tags = {\n role = "owner"\n}', set()),
    ],
)
def test_a_change_of_an_argument(name: str, base: str, head: str, expected: set[tuple[str, str]]) -> None:
    variable = VARIABLE % "false"
    assert effects(("main.tf", variable + resource(base), variable + resource(head))) == expected, name


def test_a_variable_that_protects_keeps_protecting() -> None:
    base, head = resource("deletion_protection = true"), resource("deletion_protection = var.keep")
    assert effects(("main.tf", base, VARIABLE % "true" + head)) == set()


def test_a_section_that_became_an_object_of_its_own_still_protects() -> None:
    section = "server_side_encryption_configuration {\n rule {\n x = 1\n}\n}"
    base, head = resource(section, "aws_s3_bucket"), resource("", "aws_s3_bucket")
    apart = resource("bucket = 1", "aws_s3_bucket_server_side_encryption_configuration")
    assert effects(("main.tf", base, head)) == {("terraform-guard-weakened", "aws_s3_bucket.y")}
    assert effects(("main.tf", base, head + apart)) == set()


def template(type_: str, body: str) -> str:
    return f"AWSTemplateFormatVersion: '2010-09-09'\nResources:\n  X:\n    Type: {type_}\n{body}"


def properties(*lines: str) -> str:
    return "    Properties:\n      A: b\n" + "".join(f"      {line}\n" for line in lines)


@pytest.mark.parametrize(
    ("name", "base", "head", "rule"),
    [
        (
            "versions suspended",
            properties("VersioningConfiguration:", "  Status: Enabled"),
            properties("VersioningConfiguration:", "  Status: Suspended"),
            "guard-weakened",
        ),
        ("encryption gone", properties("BucketEncryption:", "  X: y"), properties(), "guard-weakened"),
        ("nobody asked", properties("AuthType: AWS_IAM"), properties("AuthType: NONE"), "access-opened"),
        ("in the clear", properties("Protocol: HTTPS"), properties("Protocol: HTTP"), "guard-weakened"),
        ("nothing runs", properties("DesiredCount: 3"), properties("DesiredCount: 0"), "scaled-to-zero"),
        ("only in one environment", properties(), "    Condition: IsProd\n" + properties(), "resource-removed"),
        (
            "a mighty policy",
            properties("ManagedPolicyArns: [arn:aws:iam::aws:policy/ReadOnlyAccess]"),
            properties("ManagedPolicyArns: [arn:aws:iam::aws:policy/AdministratorAccess]"),
            "grant-added",
        ),
        ("a size by a parameter", properties("DesiredCount: 3"), properties("DesiredCount: !Ref N"), ""),
    ],
)
def test_a_change_of_a_template(name: str, base: str, head: str, rule: str) -> None:
    expected = {(f"cloudformation-{rule}", "X")} if rule else set()
    assert effects(("t.yaml", template("A::B::C", base), template("A::B::C", head))) == expected, name


def test_a_parameter_is_taken_for_its_default() -> None:
    parameter = "Parameters:\n  Keep:\n    Type: String\n    Default: '%s'\n"
    base = template("A::B::C", properties("DeletionProtection: true"))
    head = template("A::B::C", properties("DeletionProtection: !Ref Keep"))
    assert effects(("t.yaml", base, head + parameter % "false")) == {("cloudformation-guard-weakened", "X")}
    assert effects(("t.yaml", base, head + parameter % "true")) == set()
