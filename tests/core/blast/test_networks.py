"""The law: what opens more ports to everybody is told, however the range is written and whatever was open before."""

from __future__ import annotations

import pytest

from bot.core.blast.networks import is_open, newly_open
from bot.core.finding import Confidence
from tests.core.blast.judged import effects

OPENED = ("terraform-network-opened", "aws_security_group.g")
STACK = (
    '{{"Resources": {{"G": {{"Type": "AWS::EC2::SecurityGroup", "Properties": {{"SecurityGroupIngress": [{}]}}}}}}}}'
)


def group(*rules: tuple[str, int]) -> str:
    inner = "".join(
        f'  ingress {{\n    cidr_blocks = ["{cidr}"]\n    from_port = {port}\n  }}\n' for cidr, port in rules
    )
    return f'resource "aws_security_group" "g" {{\n{inner}}}\n'


def stack(*rules: tuple[str, int]) -> str:
    return STACK.format(", ".join(f'{{"CidrIp": "{cidr}", "FromPort": {port}}}' for cidr, port in rules))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("0.0.0.0/0", True),
        ('"0.0.0.0/0"', True),
        ("128.0.0.0/1", True),
        ("::/0", True),
        ("2000::/3", True),
        ("Internet", True),
        ("*", True),
        ("10.0.0.0/8", False),
        ("fc00::/7", False),
        ("203.0.113.7/32", False),
        ("var.everybody", False),
        ("", False),
    ],
)
def test_a_range_that_belongs_to_nobody_in_particular_is_open(text: str, *, expected: bool) -> None:
    assert is_open(text) is expected


@pytest.mark.parametrize(
    ("name", "before", "after", "is_found"),
    [
        ("a range opened", [("10.0.0.0/8", 443)], [("0.0.0.0/0", 443)], True),
        ("half the world", [("10.0.0.0/8", 443)], [("10.0.0.0/8", 443), ("128.0.0.0/1", 443)], True),
        ("a further open port", [("0.0.0.0/0", 443)], [("0.0.0.0/0", 443), ("0.0.0.0/0", 22)], True),
        ("a further open port before the first", [("0.0.0.0/0", 443)], [("0.0.0.0/0", 22), ("0.0.0.0/0", 443)], True),
        ("an open port made another", [("0.0.0.0/0", 443)], [("0.0.0.0/0", 22)], True),
        ("the same port for the newer protocol", [("0.0.0.0/0", 443)], [("0.0.0.0/0", 443), ("::/0", 443)], False),
        ("rules in another order", [("0.0.0.0/0", 1), ("0.0.0.0/0", 2)], [("0.0.0.0/0", 2), ("0.0.0.0/0", 1)], False),
        ("fewer", [("0.0.0.0/0", 1), ("0.0.0.0/0", 2)], [("0.0.0.0/0", 2)], False),
        ("a closed one", [("0.0.0.0/0", 1)], [("0.0.0.0/0", 1), ("10.0.0.0/8", 22)], False),
    ],
)
def test_an_open_rule_is_told_in_every_language(
    name: str, before: list[tuple[str, int]], after: list[tuple[str, int]], *, is_found: bool
) -> None:
    assert effects(("main.tf", group(*before), group(*after))) == ({OPENED} if is_found else set()), name
    found = {("cloudformation-access-opened", "G")} if is_found else set()
    assert effects(("t.json", stack(*before), stack(*after))) == found, name


def test_any_port_is_not_any_address() -> None:
    rule = 'resource "azurerm_network_security_rule" "r" {\n  source_port_range = "%s"\n  direction = "Inbound"\n}\n'
    assert effects(("main.tf", rule % "80", rule % "*")) == set()


@pytest.mark.parametrize(
    ("type_", "body"),
    [
        ("aws_network_acl_rule", 'rule_action = "deny"\n  protocol = -1\n  cidr_block = "0.0.0.0/0"'),
        ("azurerm_network_security_rule", 'access = "Deny"\n  source_address_prefix = "*"'),
        ("google_compute_firewall", 'source_ranges = ["0.0.0.0/0"]\n  deny {\n    protocol = "all"\n  }'),
    ],
)
def test_a_rule_that_denies_lets_nobody_in(type_: str, body: str) -> None:
    other = 'resource "aws_vpc" "v" {\n  a = 1\n}\n'
    assert effects(("main.tf", other, f'{other}resource "{type_}" "r" {{\n  {body}\n}}\n')) == set()


def test_more_openings_are_sure_and_another_port_is_likely() -> None:
    before = {"ingress.cidr": "0.0.0.0/0", "ingress.port": "443"}
    after = {**before, "ingress#1.cidr": "0.0.0.0/0", "ingress#1.port": "22"}
    tests = (lambda _: True, lambda _: True)
    assert newly_open(before, after, tests) == ("ingress#1.cidr", Confidence.HIGH)
    assert newly_open(before, {**before, "ingress.port": "22"}, tests) == ("ingress.cidr", Confidence.MEDIUM)
    assert newly_open(before, before, tests) is None
