"""Every change that lets something past the gate is an incident; what is not told is taken for one."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest

from bot.core.protection.drift import (
    Done,
    ProtectionChange,
    RulesetChange,
    Sources,
    weaknesses_of_protection,
    weaknesses_of_ruleset,
)

APP_ID = 7
OURS = Sources(checks=(("countersign/main", APP_ID), ("ci", None)))
RULESET = RulesetChange(name="gate", done=Done.EDITED, enforcement="active", required=OURS)
CLASSIC = ProtectionChange(name="main", done=Done.EDITED, contexts=("countersign/main",))

WEAKENED: dict[str, tuple[dict[str, Any], str]] = {
    "deleted": ({"done": Done.DELETED}, "was deleted"),
    "disabled": ({"enforcement": "disabled", "enforcement_before": "active"}, "from active to disabled"),
    "only watching": ({"enforcement": "evaluate", "enforcement_before": "active"}, "from active to evaluate"),
    "without its checks": ({"required": Sources(), "deleted": ("required_status_checks",)}, "no check is required"),
    "without ours": ({"required": Sources(), "updated": ("required_status_checks",)}, "not required any more"),
    "from anybody": (
        {"required": Sources(checks=(("countersign/main", None),)), "updated": ("required_status_checks",)},
        "another source",
    ),
    "from another App": (
        {"required": Sources(checks=(("countersign/main", 15368),)), "updated": ("required_status_checks",)},
        "another source",
    ),
    "without pull requests": ({"deleted": ("pull_request",)}, "no pull request"),
    "with forced pushes": ({"deleted": ("non_fast_forward",)}, "forced pushes"),
    "with deletions": ({"deleted": ("deletion",)}, "deleting the branch"),
    "with other reviews": ({"updated": ("pull_request",)}, "asked of a pull request"),
    "for other branches": ({"conditions": True}, "which branches"),
    "of which nothing is told": ({}, "who bypasses"),
    "of which the rules are not told": (
        {"required": Sources(), "tells_rules": False, "enforcement": "disabled", "enforcement_before": "active"},
        "from active to disabled",
    ),
    "ours by its name": ({"name": "countersign/main", "required": Sources(), "done": Done.DELETED}, "was deleted"),
}


@pytest.mark.parametrize(("changes", "words"), WEAKENED.values(), ids=WEAKENED)
def test_a_weakened_ruleset_is_an_incident(changes: dict[str, Any], words: str) -> None:
    assert any(words in why for why in weaknesses_of_ruleset(dataclasses.replace(RULESET, **changes), APP_ID))


HARMLESS: dict[str, dict[str, Any]] = {
    "new": {"done": Done.CREATED},
    "renamed": {"renamed": True, "name": "the gate"},
    "switched on": {"enforcement_before": "evaluate"},
    "with its own check touched and kept": {"updated": ("required_status_checks",)},
    "another one, deleted": {"done": Done.DELETED, "required": Sources(checks=(("ci", None),))},
    "another one, of which nothing is told": {"required": Sources()},
}


@pytest.mark.parametrize("changes", HARMLESS.values(), ids=HARMLESS)
def test_what_opens_nothing_of_the_gate_is_none(changes: dict[str, Any]) -> None:
    assert weaknesses_of_ruleset(dataclasses.replace(RULESET, **changes), APP_ID) == ()


PROTECTIONS: dict[str, tuple[dict[str, Any], tuple[str, ...]]] = {
    "deleted": ({"done": Done.DELETED}, ("the protection of `main` was deleted",)),
    "without ours": (
        {"contexts": ("ci",), "contexts_before": ("ci", "countersign/main")},
        ("`countersign/main` is not required any more",),
    ),
    "for all but administrators": (
        {
            "admin_enforced": False,
            "admin_enforced_before": True,
            "checks_level": "non_admins",
            "checks_level_before": "everyone",
        },
        ("checks are not enforced for administrators", "administrators are spared"),
    ),
    "without checks": ({"checks_level": "off", "checks_level_before": "everyone"}, ("checks are not enforced",)),
    "without pull requests": (
        {"reviews_level": "off", "reviews_level_before": "everyone"},
        ("no pull request is needed",),
    ),
    "with forced pushes": ({"allows_force_push": True}, ("forced pushes are allowed",)),
    "with deletions": ({"allows_deletion": True}, ("deleting the branch is allowed",)),
    "kept": ({}, ()),
    "as weak as before": ({"checks_level": "non_admins", "reviews_level": "off", "admin_enforced": False}, ()),
    "new": ({"done": Done.CREATED, "checks_level": "off"}, ()),
    "another's": ({"done": Done.DELETED, "contexts": ("ci",)}, ()),
}


@pytest.mark.parametrize(("changes", "why"), PROTECTIONS.values(), ids=PROTECTIONS)
def test_weakened_classic_protection_is_an_incident(changes: dict[str, Any], why: tuple[str, ...]) -> None:
    assert weaknesses_of_protection(dataclasses.replace(CLASSIC, **changes)) == why
