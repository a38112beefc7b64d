"""The schema that editors complete by, and the parser that the gate believes, come from one grammar."""

from __future__ import annotations

from typing import Any

import pytest
import yaml
from openapi_schema_validator import OAS31Validator

from bot.core.policy.model import PolicyError
from bot.core.policy.parse import parse_policy
from bot.core.policy.schema import policy_schema
from tests.core.policy.test_parse import SMALL, WHOLE

VALIDATOR = OAS31Validator(policy_schema())

BOTH_REFUSE = [
    ("an unknown key", f"{SMALL}rule: 1\n"),
    ("an unknown nested key", SMALL.replace("tier: low", "teir: low")),
    ("another version", SMALL.replace("version: 1", "version: 2")),
    ("no version", SMALL.replace("version: 1\n", "")),
    ("empty seniors", SMALL.replace("{teams: [acme/seniors]}", "{}")),
    ("empty teams", SMALL.replace("[acme/seniors]", "[]")),
    ("a team without its organisation", SMALL.replace("acme/seniors", "seniors")),
    ("a team twice", SMALL.replace("[acme/seniors]", "[acme/seniors, acme/seniors]")),
    ("a rule that asks for nobody", SMALL.replace("seniors: 1", "seniors: 0")),
    ("an unknown tier", SMALL.replace("tier: low", "tier: none")),
    ("a word for a flag", SMALL.replace("seniors: 1", "seniors: 1, step_up: maybe")),
    ("a duration without a unit", f"{SMALL}approvals: {{expire_after: 14}}\n"),
    ("deployments without names", f"{SMALL}deployments: {{}}\n"),
    ("break-glass for nobody", f"{SMALL}break_glass: {{valid_for: 1h}}\n"),
]


def test_it_is_a_schema() -> None:
    OAS31Validator.check_schema(policy_schema())


@pytest.mark.parametrize("text", [SMALL, WHOLE])
def test_it_accepts_what_the_parser_accepts(text: str) -> None:
    assert list(VALIDATOR.iter_errors(yaml.safe_load(text))) == []


@pytest.mark.parametrize("name, text", BOTH_REFUSE, ids=[row[0] for row in BOTH_REFUSE])
def test_it_refuses_what_the_parser_refuses(name: str, text: str) -> None:
    assert list(VALIDATOR.iter_errors(yaml.safe_load(text))), name
    assert isinstance(parse_policy(text, "here"), PolicyError)


def test_every_key_of_the_product_is_described() -> None:
    described: dict[str, Any] = policy_schema()["properties"]
    assert set(yaml.safe_load(WHOLE)) == set(described)
