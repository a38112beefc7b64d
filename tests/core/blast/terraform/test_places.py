"""The law: what happens in a place that the change does not show is said with low confidence, and never passed over."""

from __future__ import annotations

import pytest

from bot.core.blast.assess import assess
from bot.core.finding import Confidence, Tier
from bot.data.infra import load_infra
from tests.core.blast.files import changed

INFRA = load_infra()


def terraform(body: str) -> str:
    return f"terraform {{\n{body}\n}}\n"


def backend(key: str, more: str = "") -> str:
    return terraform(f'backend "s3" {{\n    bucket = "state"\n    key = "{key}"\n    {more}\n  }}')


def workspace(*names: str) -> str:
    listed = ", ".join(f'"{name}"' for name in names)
    return terraform(f'cloud {{\n    organization = "o"\n    workspaces {{\n      tags = [{listed}]\n    }}\n  }}')


def provider(region: str) -> str:
    return f'provider "aws" {{\n  region = {region}\n}}\n'


def module(source: str, more: str = "") -> str:
    return f'module "net" {{\n  source = "{source}"\n  {more}\n}}\n'


def instance(more: str = "") -> str:
    return f'resource "aws_instance" "a" {{\n  ami = "x"\n  {more}\n}}\n'


STATE, TARGET, MODULE = "terraform-state-moved", "terraform-target-moved", "terraform-module-changed"
REGISTRY = "terraform-aws-modules/vpc/aws"


@pytest.mark.parametrize(
    ("name", "path", "base", "head", "rule"),
    [
        ("another key", "a/main.tf", backend("one"), backend("two"), STATE),
        ("no backend any more", "a/main.tf", backend("one"), terraform('required_version = "1"'), STATE),
        ("how the state is locked", "a/main.tf", backend("one"), backend("one", "use_lockfile = true"), None),
        ("another workspace", "a/main.tf", workspace("one"), workspace("two"), STATE),
        (
            "another key of Terragrunt",
            "a/terragrunt.hcl",
            'remote_state {\n  config = {\n    key = "one"\n  }\n}\n',
            'remote_state {\n  config = {\n    key = "two"\n  }\n}\n',
            STATE,
        ),
        ("another region", "a/main.tf", provider('"eu-west-1"'), provider('"us-east-1"'), TARGET),
        ("tags of a provider", "a/main.tf", provider('"a"'), provider('"a"\n  default_tags {\n    x = 1\n  }'), None),
        ("another provider", "a/main.tf", instance(), instance("provider = aws.other"), TARGET),
        ("another folder", "a/main.tf", module("./one"), module("./two"), MODULE),
        ("the same folder", "a/main.tf", module("./one"), module("../a/one"), None),
        (
            "another ref",
            "a/main.tf",
            module("git::https://x/y.git?ref=v1.2.0"),
            module("git::https://x/y.git?ref=v2.0.0"),
            MODULE,
        ),
        (
            "a small step",
            "a/main.tf",
            module(REGISTRY, 'version = "5.1.0"'),
            module(REGISTRY, 'version = "5.2.0"'),
            None,
        ),
        (
            "a large step",
            "a/main.tf",
            module(REGISTRY, 'version = "5.1.0"'),
            module(REGISTRY, 'version = "6.0.0"'),
            MODULE,
        ),
    ],
)
def test_another_place_is_said(name: str, path: str, base: str, head: str, rule: str | None) -> None:
    blast = assess((changed(path, base, head),), (), INFRA)
    assert [one.rule for one in blast.effects] == ([rule] if rule else []), name
    assert all(one.confidence is Confidence.LOW for one in blast.effects)
    assert blast.tier >= (Tier.HIGH if rule in (STATE, TARGET) else Tier.MEDIUM)


@pytest.mark.parametrize(
    ("before", "after", "is_said"),
    [("94729229", "7e32a3f1", True), ("main", "main", False), ("v6.1", "94729229", True), ("v1.2.3", "v1.9.0", False)],
)
def test_a_ref_that_is_no_version_is_another_one_when_it_is_another_text(
    before: str, after: str, *, is_said: bool
) -> None:
    base, head = (module(f"git::https://x/y.git?ref={ref}") for ref in (before, after))
    assert bool(assess((changed("main.tf", base, head),), (), INFRA).effects) is is_said


def test_a_provider_that_changes_on_every_object_is_said_once() -> None:
    base, head = (
        "".join(instance(more).replace('"a"', f'"a{number}"') for number in range(3))
        for more in ("", "provider = aws.other")
    )
    (effect,) = assess((changed("main.tf", base, head),), (), INFRA).effects
    assert effect.reason.endswith("; 2 more like it")
    other = head.replace("aws.other", "google-beta")
    assert assess((changed("main.tf", base, other),), (), INFRA).effects == ()


def test_a_state_goes_by_its_folder_and_a_terragrunt_unit_by_its_file() -> None:
    (effect,) = assess((changed("prod/main.tf", backend("one"), backend("two")),), (), INFRA).effects
    assert (effect.address, effect.line) == ("prod (state)", 4)
    base, head = (terraform(f'source = "git::https://x/y.git?ref=v{number}.0"') for number in (1, 2))
    (effect,) = assess((changed("live/terragrunt.hcl", base, head),), (), INFRA).effects
    assert (effect.address, effect.line) == ("live/terragrunt.hcl", 2)


def test_a_module_says_its_source_as_it_is_written() -> None:
    base, head = (module(f"git::https://x/y.git?ref=v{number}.0.0") for number in (1, 2))
    (effect,) = assess((changed("main.tf", base, head),), (), INFRA).effects
    assert effect.reason.startswith(
        "`module.net` now comes from git::https://x/y.git 2 instead of git::https://x/y.git 1"
    )
