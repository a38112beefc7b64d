"""The JSON document has the keys that scripts rely on, and holds plain values only."""

from __future__ import annotations

import json

import pytest

from bot.core.decision import Verdict
from bot.core.document import document
from bot.core.finding import Tier
from bot.core.policy.model import Fault
from tests.builders import effect, evidence
from tests.core.decisions import demand, judged


def test_the_promised_keys_are_there() -> None:
    found = document(
        judged(found=(evidence(),), effects=(effect(),), tier=Tier.HIGH, demands=(demand(seniors=2),)),
    )
    assert json.loads(json.dumps(found)) == found
    assert found["verdict"] == "pending"
    assert found["conclusion"] == "action_required"
    assert found["title"] == "Waiting for 2 seniors: replaces aws_db_instance.main, AI-assisted (Claude Code)"
    provenance, blast, requirement = found["provenance"], found["blast"], found["requirement"]
    assert isinstance(provenance, dict)
    assert provenance["level"] == "explicit"
    assert provenance["evidence"][0] == {
        "rule": "claude-code-coauthor",
        "agent": "claude-code",
        "strength": "explicit",
        "involvement": "authored",
        "where": "commit aaaaaaaa",
        "text": "Co-Authored-By: Claude <noreply@anthropic.com>",
        "past": False,
    }
    assert isinstance(blast, dict)
    assert (blast["tier"], blast["kinds"]) == ("high", ["terraform"])
    assert blast["effects"][0] == {
        "effect": "replace",
        "kind": "terraform",
        "address": "aws_db_instance.main",
        "path": "infra/db.tf",
        "line": 14,
        "side": "head",
        "reason": "changing identifier forces a new database",
        "confidence": "high",
        "rule": "terraform-force-new",
        "source": "estimate",
    }
    assert isinstance(requirement, dict)
    assert requirement["seniors"] == 2
    assert requirement["from"] == []
    assert requirement["step_up"] is False
    assert requirement["rules"] == ["AI-assisted infrastructure"]
    assert found["approvals"] == {
        "counted": [],
        "void": [],
        "missing": ["2 seniors"],
        "eligible": [],
        "incomplete": [],
        "blocked_by": [],
        "broke_glass": "",
    }
    assert found["incomplete"] == []


@pytest.mark.parametrize(
    ("verdict", "conclusion"),
    [
        (Verdict.CLEAR, "success"),
        (Verdict.APPROVED, "success"),
        (Verdict.PENDING, "action_required"),
        (Verdict.BLOCKED, "failure"),
        (Verdict.BROKEN, "failure"),
    ],
)
def test_the_conclusion_follows_the_verdict(verdict: Verdict, conclusion: str) -> None:
    found = document(judged(verdict, incomplete=("a blob",), faults=(Fault(line=1, column=2, message="no"),)))
    assert (found["verdict"], found["conclusion"]) == (verdict.value, conclusion)
    assert found["incomplete"] == ["a blob"]
    assert found["policy"] == {"source": "built-in", "faults": [{"line": 1, "column": 2, "message": "no"}]}
