"""The law: the finding comes with half of at least three objects, or with a whole stack, and never alone."""

from __future__ import annotations

import pytest

from bot.core.blast.assess import assess
from bot.core.finding import Confidence, Tier
from bot.data.infra import load_infra
from tests.core.blast.files import changed

INFRA = load_infra()
Files = tuple[tuple[str, str | None, str | None], ...]

PROVIDER = 'provider "aws" {\n  region = "x"\n}\n'


def topics(*names: str) -> str:
    return "".join(f'resource "aws_sns_topic" "{name}" {{\n  name = "q"\n}}\n' for name in names)


def records(*names: str) -> str:
    return "".join(f'resource "aws_route53_record" "{name}" {{\n  name = "{name}"\n}}\n' for name in names)


def zones(*names: str, size: str = "a") -> str:
    return "".join(f'resource "aws_instance" "{name}" {{\n  availability_zone = "{size}"\n}}\n' for name in names)


def template(*names: str, policy: str = "Delete") -> str:
    parts = (f"  {name}:\n    Type: AWS::SNS::Topic\n    DeletionPolicy: {policy}\n" for name in names)
    return "AWSTemplateFormatVersion: '2010-09-09'\nResources:\n" + "".join(parts)


def maps(*names: str) -> str:
    return "---\n".join(
        f"apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: {name}\ndata:\n  {name}: x\n" for name in names
    )


def services(*names: str) -> str:
    return "services:\n" + "".join(f"  {name}:\n    image: {name}\n" for name in names)


def stacks(files: Files) -> list[tuple[str, str]]:
    blast = assess(tuple(changed(*file) for file in files), (), INFRA)
    found = [one for one in blast.effects if one.rule.startswith("stack-")]
    assert blast.tier is Tier.CRITICAL or not found
    assert all(one.confidence >= Confidence.MEDIUM for one in found)
    return [(one.rule, one.address) for one in found]


REMOVED = [("stack-removed", "infra")]
REBUILT = [("stack-rebuilt", "infra")]


@pytest.mark.parametrize(
    ("name", "files", "expected"),
    [
        ("all of three removed", (("infra/main.tf", topics(*"abc"), None),), REMOVED),
        ("two of three removed", (("infra/main.tf", topics(*"abc"), topics("a")),), REMOVED),
        ("two of four removed", (("infra/main.tf", topics(*"abcd"), topics(*"ab")),), REMOVED),
        ("two of five removed", (("infra/main.tf", topics(*"abcde"), topics(*"abc")),), []),
        ("two of three renamed", (("infra/main.tf", topics(*"abc"), topics(*"axy")),), REBUILT),
        ("two of three made anew", (("infra/main.tf", zones(*"abc"), zones("a") + zones(*"bc", size="b")),), REBUILT),
        ("two of two removed", (("infra/main.tf", topics(*"ab"), ""),), []),
        ("one of three removed", (("infra/main.tf", topics(*"abc"), topics(*"ab")),), []),
        ("three added", (("infra/main.tf", "", topics(*"abc")),), []),
        ("three DNS records", (("infra/dns.tf", records(*"abc"), None),), []),
        ("ten DNS records", (("infra/dns.tf", records(*"abcdefghij"), None),), REMOVED),
        ("a topic among DNS records", (("infra/dns.tf", records(*"ab") + topics("c"), None),), REMOVED),
        (
            "across the files of a folder",
            (("infra/a.tf", topics("a"), None), ("infra/b.tf", topics(*"bc"), topics("c"))),
            REMOVED,
        ),
        (
            "folders apart",
            (("infra/a.tf", topics("a"), None), ("other/b.tf", topics(*"bc"), topics("c"))),
            [],
        ),
        (
            "a root module is gone",
            (("infra/a.tf", topics("a"), None), ("infra/b.tf", PROVIDER, None)),
            REMOVED,
        ),
        (
            "a root module that keeps its provider",
            (("infra/a.tf", topics("a"), None), ("infra/b.tf", PROVIDER, PROVIDER + "# kept\n")),
            [],
        ),
        ("a template is gone", (("t.yaml", template("A"), None),), [("stack-removed", "t.yaml")]),
        ("a template that retains is gone", (("t.yaml", template(*"ABC", policy="Retain"), None),), []),
        ("half a template", (("t.yaml", template(*"ABCD"), template(*"AB")),), [("stack-removed", "t.yaml")]),
        (
            "a folder of manifests, others untouched",
            (
                ("prod/a.yaml", maps("a", "b", "c"), None),
                ("dev/a.yaml", maps(*"defghijk"), maps(*"defghijk") + "---\n"),
            ),
            [("stack-removed", "prod")],
        ),
        (
            "a kustomization is gone",
            (("prod/a.yaml", maps("a"), None), ("prod/kustomization.yaml", "resources:\n  - a.yaml\n", None)),
            [("stack-removed", "prod")],
        ),
        ("one manifest of a folder", (("prod/a.yaml", maps("a"), None),), []),
        ("a project is gone", (("web/compose.yaml", services("a"), None),), [("stack-removed", "web")]),
        ("an override is gone", (("web/compose.override.yaml", services("a"), None),), []),
    ],
)
def test_a_stack_is_lost(name: str, files: Files, expected: list[tuple[str, str]]) -> None:
    assert stacks(files) == expected, name


def test_the_finding_says_how_many_of_how_many() -> None:
    files = (changed("infra/a.tf", topics("a"), None), changed("infra/b.tf", topics(*"bc"), topics("c")))
    (found,) = [effect for effect in assess(files, (), INFRA).effects if effect.rule == "stack-removed"]
    assert found.reason == "2 of the 3 objects that the changed files declared are removed"


def test_an_example_is_no_stack_that_anybody_would_miss() -> None:
    blast = assess((changed("examples/x/main.tf", topics(*"abc"), None),), (), INFRA)
    (found,) = [effect for effect in blast.effects if effect.rule == "stack-removed"]
    assert (found.confidence, blast.tier) == (Confidence.LOW, Tier.HIGH)
