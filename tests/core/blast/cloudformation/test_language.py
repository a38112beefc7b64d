"""The law: a resource is its logical id and type; what cannot change in place is a replacement."""

from __future__ import annotations

import pytest

from bot.core.blast.assess import assess
from bot.core.finding import Confidence, Tier
from bot.data.infra import load_infra
from tests.core.blast.files import changed

INFRA = load_infra()

TOPIC = "  Alarms:\n    Type: AWS::SNS::Topic\n    Properties:\n      TopicName: alarms\n"
TABLE = (
    "  Orders:\n    Type: AWS::DynamoDB::Table\n"
    "    Properties:\n      TableName: orders\n      BillingMode: PROVISIONED\n"
)
KEPT = TABLE.replace("    Properties", "    DeletionPolicy: Retain\n    Properties")
GROUP = """  Web:
    Type: AWS::EC2::SecurityGroup
    Properties:
      SecurityGroupIngress:
        - CidrIp: {cidr}
          FromPort: 443
"""
ROLE = """  Role:
    Type: AWS::IAM::Role
    Properties:
      Policies:
        - PolicyName: p
          PolicyDocument:
            Statement:
              - Effect: {effect}
                Action: [{actions}]
                Resource: {resource}
"""


def template(*resources: str) -> str:
    return "AWSTemplateFormatVersion: 2010-09-09\nResources:\n" + "".join(resources)


def role(actions: str = "s3:GetObject", *, resource: str = "!GetAtt Bucket.Arn", effect: str = "Allow") -> str:
    return template(ROLE.format(actions=actions, resource=resource, effect=effect))


def found(base: str | None, head: str | None, path: str = "stack.yaml") -> list[tuple[str, str]]:
    blast = assess((changed(path, base, head),), (), INFRA)
    return [(effect.rule, effect.address) for effect in blast.effects if not effect.rule.startswith("stack-")]


@pytest.mark.parametrize(
    ("name", "base", "head", "expected"),
    [
        ("gone", template(TOPIC, TABLE), template(TABLE), [("cloudformation-resource-removed", "Alarms")]),
        ("a table gone", template(TOPIC, TABLE), template(TOPIC), [("cloudformation-stateful-removed", "Orders")]),
        ("a template gone", template(TABLE), None, [("cloudformation-stateful-removed", "Orders")]),
        ("gone but retained", template(TOPIC, KEPT), template(TOPIC), []),
        (
            "renamed",
            template(TABLE),
            template(TABLE.replace("Orders:", "Sales:")),
            [("cloudformation-stateful-renamed", "Orders")],
        ),
        (
            "of another type",
            template(TOPIC),
            template(TOPIC.replace("SNS::Topic", "SQS::Queue")),
            [("cloudformation-resource-replaced", "Alarms")],
        ),
        (
            "a create-only property",
            template(TABLE),
            template(TABLE.replace("TableName: orders", "TableName: sales")),
            [("cloudformation-stateful-replaced", "Orders")],
        ),
        ("a mutable property", template(TABLE), template(TABLE.replace("PROVISIONED", "PAY_PER_REQUEST")), []),
        ("retention dropped", template(KEPT), template(TABLE), [("cloudformation-guard-weakened", "Orders")]),
        (
            "deletion protection off",
            template(TABLE + "      DeletionProtectionEnabled: true\n"),
            template(TABLE + "      DeletionProtectionEnabled: false\n"),
            [("cloudformation-guard-weakened", "Orders")],
        ),
        ("another layout", template(TOPIC, TABLE), template(TABLE, "\n", TOPIC.replace("alarms", '"alarms"')), []),
        ("opened", template(GROUP.format(cidr="10.0.0.0/8")), template(GROUP.format(cidr="0.0.0.0/0")), [
            ("cloudformation-access-opened", "Web")
        ]),
        (
            "a further managed policy",
            template(TOPIC.replace("TopicName: alarms", "ManagedPolicyArns: [a]")),
            template(TOPIC.replace("TopicName: alarms", "ManagedPolicyArns: [a, b]")),
            [("cloudformation-grant-added", "Alarms")],
        ),
        (
            "a switch that opens",
            template(TOPIC),
            template(TOPIC + "      PubliclyAccessible: true\n"),
            [("cloudformation-access-opened", "Alarms")],
        ),
        (
            "a new user",
            template(TOPIC),
            template(TOPIC, "  Bot:\n    Type: AWS::IAM::User\n"),
            [("cloudformation-grant-added", "Bot")],
        ),
        (
            "a rule of its own that lets everybody in",
            template(TOPIC),
            template(
                TOPIC, "  In:\n    Type: AWS::EC2::SecurityGroupIngress\n    Properties:\n      CidrIp: 0.0.0.0/0\n"
            ),
            [("cloudformation-access-opened", "In")],
        ),
        (
            "a parameter that lets everybody in",
            "Parameters:\n  AllowedCidr:\n    Default: 10.0.0.0/8\n" + template(TOPIC),
            "Parameters:\n  AllowedCidr:\n    Default: 0.0.0.0/0\n" + template(TOPIC),
            [("cloudformation-access-opened", "parameter AllowedCidr")],
        ),
        (
            "fewer days of backups",
            template(TOPIC + "      BackupRetentionPeriod: 7\n"),
            template(TOPIC + "      BackupRetentionPeriod: 1\n"),
            [("cloudformation-guard-weakened", "Alarms")],
        ),
        ("a further action", role(), role("s3:GetObject, s3:PutObject"), [("cloudformation-grant-added", "Role")]),
        ("every resource", role(), role(resource="'*'"), [("cloudformation-grant-added", "Role")]),
        ("a reference spelt out", role(), role(resource="{'Fn::GetAtt': [Bucket, Arn]}"), []),
        ("a denial widened", role(effect="Deny"), role("'*'", effect="Deny"), []),
        (
            "a denial narrowed",
            role("s3:*", effect="Deny"),
            role(effect="Deny"),
            [("cloudformation-guard-weakened", "Role")],
        ),
    ],
)  # fmt: skip
def test_a_change_of_one_template(name: str, base: str, head: str | None, expected: list[tuple[str, str]]) -> None:
    assert found(base, head) == expected, name


def test_short_tags_and_long_functions_are_one_spelling() -> None:
    short = TABLE.replace("orders", "!Sub '${Stage}-orders'")
    long = TABLE.replace("orders", "{'Fn::Sub': '${Stage}-orders'}")
    assert found(template(short), template(long)) == []


def test_a_parameter_with_the_old_value_as_default_is_told_without_being_sure() -> None:
    parameters = "Parameters:\n  Name:\n    Type: String\n    Default: orders\n"
    base, head = template(TABLE), template(TABLE.replace("TableName: orders", "TableName: !Ref Name")) + parameters
    (effect,) = assess((changed("stack.yaml", base, head),), (), INFRA).effects
    assert (effect.rule, effect.confidence) == ("cloudformation-stateful-replaced", Confidence.LOW)


def test_json_with_tabs_is_read() -> None:
    base = '{\n\t"Resources": {\n\t\t"Q": {\n\t\t\t"Type": "AWS::SQS::Queue"\n\t\t}\n\t}\n}\n'
    assert found(base, '{\n\t"Resources": {}, "Transform": "AWS::Serverless"\n}\n', "a.template") == [
        ("cloudformation-stateful-removed", "Q")
    ]


def test_a_serverless_file_declares_functions_resources_and_its_own_name() -> None:
    base = (
        "service: shop\nprovider: {name: aws, region: eu-west-1}\nfunctions:\n  pay: {handler: a.b}\n"
        "resources:\n  Resources:\n" + TABLE.replace("  ", "    ")
    )
    assert found(base, base.replace("eu-west-1", "eu-west-2"), "serverless.yml") == [
        ("cloudformation-resource-replaced", "service")
    ]
    assert found(base, base.replace("  pay: {handler: a.b}\n", ""), "serverless.yml") == [
        ("cloudformation-resource-removed", "functions.pay")
    ]
    assert found(base, base[: base.index("resources")], "serverless.yml") == [
        ("cloudformation-stateful-removed", "Orders")
    ]


def test_a_template_that_is_no_yaml_is_high_and_said() -> None:
    blast = assess((changed("stack.yaml", template(TABLE), template(TABLE) + "  {{ jinja }}: [\n"),), (), INFRA)
    assert blast.tier >= Tier.HIGH
    assert "could not be read whole as a template" in blast.incomplete[0]


def test_an_alarm_that_goes_is_no_database_that_goes() -> None:
    alarm = TOPIC.replace("AWS::SNS::Topic", "AWS::CloudWatch::Alarm")
    blast = assess((changed("stack.yaml", template(alarm, TABLE), template(TABLE)),), (), INFRA)
    assert [effect.rule for effect in blast.effects] == ["cloudformation-observer-removed"]
    assert blast.tier is Tier.MEDIUM


def test_a_new_version_of_what_has_versions_replaces_nothing() -> None:
    task = "Resources:\n  T:\n    Type: AWS::ECS::TaskDefinition\n    Properties:\n      Cpu: %s\n"
    assert assess((changed("t.yaml", task % 1, task % 2),), (), INFRA).effects == ()


TOPIC = "Resources:\n  T:\n    Type: AWS::SNS::Topic\n"
LOOP = "  Fn::ForEach::Topics:\n    - Name\n    - [a, b]\n    - 'T${Name}':\n        Type: AWS::SNS::Topic\n"


@pytest.mark.parametrize(
    ("name", "base", "head", "is_said"),
    [
        ("a loop comes", TOPIC, TOPIC + LOOP, True),
        ("a loop changes", TOPIC + LOOP, TOPIC + LOOP.replace("[a, b]", "[a]"), True),
        ("a loop stays", TOPIC + LOOP, TOPIC.replace("  T:", "  U:") + LOOP, False),
        ("a macro comes", TOPIC, f"Transform: Ours\n{TOPIC}", True),
        ("a syntax comes", TOPIC, f"Transform: AWS::LanguageExtensions\n{TOPIC}", False),
        ("a macro stays", f"Transform: Ours\n{TOPIC}", f"Transform: Ours\n{TOPIC}# x\n", False),
        ("all is included", TOPIC, "AWSTemplateFormatVersion: '2010-09-09'\nResources: !Include x\n", True),
    ],
)
def test_what_is_made_of_a_template_is_not_seen_and_said(name: str, base: str, head: str, *, is_said: bool) -> None:
    blast = assess((changed("t.yaml", base, head),), (), INFRA)
    assert bool(blast.incomplete) is is_said, name
    assert blast.tier >= (Tier.HIGH if is_said else Tier.MEDIUM)
