"""The law: the finding comes with half of at least three objects, removed or renamed, and never alone."""

from __future__ import annotations

import pytest

from bot.core.blast.assess import assess
from bot.core.finding import Tier
from bot.data.infra import load_infra
from tests.core.blast.files import changed

INFRA = load_infra()


def queues(*names: str) -> str:
    return "".join(f'resource "aws_sns_topic" "{name}" {{\n  name = "q"\n}}\n' for name in names)


@pytest.mark.parametrize(
    ("name", "base", "head", "rules"),
    [
        ("all of three removed", queues("a", "b", "c"), None, ["stack-removed"]),
        ("two of four removed", queues("a", "b", "c", "d"), queues("a", "b"), ["stack-removed"]),
        ("two of three renamed", queues("a", "b", "c"), queues("a", "x", "y"), ["stack-rebuilt"]),
        ("two of two removed", queues("a", "b"), "", []),
        ("one of three removed", queues("a", "b", "c"), queues("a", "b"), []),
        ("three added", "", queues("a", "b", "c"), []),
    ],
)
def test_a_stack_of_topics(name: str, base: str, head: str | None, rules: list[str]) -> None:
    blast = assess((changed("infra/main.tf", base, head),), (), INFRA)
    found = [effect for effect in blast.effects if effect.rule.startswith("stack-")]
    assert [effect.rule for effect in found] == rules, name
    assert blast.tier >= Tier.HIGH or not rules


def test_a_few_that_go_while_others_stay_are_not_critical_by_their_share_alone() -> None:
    few = assess((changed("infra/main.tf", queues("a", "b", "c", "d"), queues("a", "b")),), (), INFRA)
    whole = assess((changed("infra/main.tf", queues("a", "b", "c"), None),), (), INFRA)
    many = assess((changed("infra/main.tf", queues(*"abcdefgh"), queues(*"abcd")),), (), INFRA)
    assert (few.tier, whole.tier, many.tier) == (Tier.HIGH, Tier.CRITICAL, Tier.CRITICAL)


def test_the_finding_counts_across_the_files_of_a_folder() -> None:
    files = (changed("infra/a.tf", queues("a"), None), changed("infra/b.tf", queues("b", "c"), queues("c")))
    (found,) = [effect for effect in assess(files, (), INFRA).effects if effect.rule == "stack-removed"]
    assert (found.address, found.reason) == (
        "infra",
        "2 of the 3 objects that the changed files declared are removed",
    )
