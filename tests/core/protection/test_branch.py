"""Whoever could get a change onto a branch past the gate is named; what is not known is never called fine."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest

from bot.core.policy.default import BUILT_IN
from bot.core.protection.examine import Examined, examine
from bot.core.protection.facts import (
    App,
    Branch,
    Bypass,
    Enforcement,
    Grants,
    Guard,
    Idle,
    PullRule,
    Repository,
    RequiredCheck,
    Webhook,
)
from bot.core.protection.gap import Gap, Severity, is_sound

APP_ID = 7
OURS = RequiredCheck(context="countersign/main", app_id=APP_ID)
ADMINS = Bypass(kind="Administrator")
RULESET = Guard(
    id=1,
    name="countersign/main",
    source="acme/shop",
    checks=(OURS,),
    is_strict=True,
    pull=PullRule(dismisses_stale=True),
    forbids_force_push=True,
    forbids_deletion=True,
)
CLASSIC = dataclasses.replace(RULESET, id=0, name="classic protection", is_classic=True)
EMPTY = Guard(id=2, name="other", source="acme/shop")
WANTED = Grants(permissions={"checks": "write"}, events=frozenset({"push"}))
APP = App(slug="countersign", grants=WANTED, installed=())


def gaps_of(*guards: Guard, app: App | str = "not asked", **facts: Any) -> tuple[Gap, ...]:
    """Of a repository whose default branch has these guards."""
    of_branch = {name: facts.pop(name) for name in ("unknown",) if name in facts}
    branch = Branch(name=facts.pop("branch", "main"), guards=guards, is_default=True, **of_branch)
    people = frozenset({"sam", "sue", "mira"})
    repository = Repository(name="acme/shop", branches=(branch,), pushers=people, maintainers=people, **facts)
    found = examine(APP_ID, app, WANTED, "", [Examined(repository=repository, policy=BUILT_IN)])
    return tuple(gap for gap in found if gap.where.startswith("acme/shop"))


def changed(guard: Guard, **changes: Any) -> Guard:
    return dataclasses.replace(guard, **changes)


def pinned_to(app_id: int | None, context: str = "countersign/main") -> Guard:
    return changed(RULESET, checks=(RequiredCheck(context=context, app_id=app_id),))


def bypassed(kind: str, mode: str = "always", id_: int | None = None) -> Guard:
    return changed(RULESET, bypass=(Bypass(kind=kind, mode=mode, id=id_),))


@pytest.mark.parametrize("guards", [(RULESET,), (CLASSIC,), (EMPTY, RULESET), (bypassed("User", "exempt", 3), CLASSIC)])
def test_a_branch_that_binds_has_no_gap(guards: tuple[Guard, ...]) -> None:
    assert gaps_of(*guards) == ()


CASES: list[tuple[str, tuple[Guard, ...], set[str]]] = [
    (
        "nothing at all",
        (),
        {"check-not-required", "pull-request-not-required", "force-push-allowed", "deletion-allowed"},
    ),
    ("any source", (pinned_to(None),), {"check-unpinned"}),
    ("any App, in the words of classic protection", (pinned_to(-1),), {"check-unpinned"}),
    ("another App", (pinned_to(15368),), {"check-foreign"}),
    ("another branch's check", (pinned_to(APP_ID, "countersign/master"),), {"check-misnamed"}),
    ("another check", (pinned_to(APP_ID, "ci"),), {"check-not-required"}),
    ("no pull request", (changed(RULESET, pull=None),), {"pull-request-not-required"}),
    ("a forced push", (changed(RULESET, forbids_force_push=False),), {"force-push-allowed"}),
    ("a deletion", (changed(RULESET, forbids_deletion=False),), {"deletion-allowed"}),
    ("an owner", (bypassed("OrganizationAdmin"),), {"bypass-actor"}),
    ("an exempt deploy key", (bypassed("DeployKey", "exempt"),), {"bypass-actor"}),
    ("a role, for pull requests", (bypassed("RepositoryRole", "pull_request", 4),), {"bypass-actor"}),
    ("an App", (bypassed("Integration", "always", 15368),), {"bypass-actor"}),
    ("administrators", (changed(CLASSIC, bypass=(ADMINS,)),), {"admins-exempt"}),
    (
        "somebody who needs no pull request",
        (changed(CLASSIC, pull=PullRule(dismisses_stale=True, bypass=(Bypass(kind="User", id=3, name="jay"),))),),
        {"bypass-actor"},
    ),
    ("not told who bypasses", (changed(RULESET, bypass=None),), {"bypass-unknown"}),
    ("two rulesets, each with a hole", (bypassed("Team", id_=3), bypassed("User", id_=4)), {"bypass-actor"}),
    ("reviews that stay", (changed(RULESET, pull=PullRule()),), {"stale-reviews-kept"}),
    (
        "the last pusher's approval",
        (changed(RULESET, pull=PullRule(approvals=1, dismisses_stale=True)),),
        {"last-push-unapproved"},
    ),
    ("not strict", (changed(RULESET, is_strict=False),), {"check-not-strict"}),
    ("a queue nobody can be asked about", (changed(RULESET, has_merge_queue=True),), {"queue-unknown"}),
]


@pytest.mark.parametrize(("guards", "ids"), [case[1:] for case in CASES], ids=[case[0] for case in CASES])
def test_every_hole_is_named(guards: tuple[Guard, ...], ids: set[str]) -> None:
    found = gaps_of(*guards)
    assert {gap.id for gap in found} == ids
    assert all(gap.wrong and gap.remedy for gap in found)


def test_each_branch_has_a_check_of_its_own_name() -> None:
    assert {gap.id for gap in gaps_of(RULESET, branch="release/1.x")} == {"check-misnamed"}
    assert gaps_of(pinned_to(APP_ID, "countersign/release/1.x"), branch="release/1.x") == ()


def test_an_idle_ruleset_is_told_from_none() -> None:
    idle = Idle(name="countersign/main", enforcement=Enforcement.EVALUATE, contexts=("countersign/main",))
    found = gaps_of(changed(RULESET, checks=()), idle=(idle,))
    assert [gap.id for gap in found] == ["check-idle"]
    assert "evaluate" in found[0].wrong


def test_what_was_not_told_is_unknown_where_something_is_missing_and_silent_where_nothing_is() -> None:
    told = gaps_of(changed(RULESET, forbids_deletion=False), unknown=("the classic protection could not be read",))
    assert [(gap.id, gap.severity) for gap in told] == [("branch-unknown", Severity.UNKNOWN)]
    assert gaps_of(RULESET, unknown=("the classic protection could not be read",)) == ()


def test_a_queue_needs_an_app_that_hears_of_it() -> None:
    queue = changed(RULESET, has_merge_queue=True, is_strict=False)
    assert [gap.id for gap in gaps_of(queue, app=APP)] == ["queue-not-heard"]
    hears = dataclasses.replace(APP, grants=Grants(events=frozenset({"merge_group"})))
    assert gaps_of(queue, app=hears) == ()


def test_only_advice_is_sound() -> None:
    for severity in Severity:
        gap = Gap(id="x", severity=severity, where="acme/shop", wrong="w", remedy="r")
        assert is_sound((gap,)) is (severity is Severity.ADVICE)


def test_an_app_that_could_not_be_asked_is_unknown() -> None:
    (gap,) = examine(APP_ID, "the App could not be asked: 401", WANTED, "", [])
    assert (gap.id, gap.severity, gap.wrong) == ("app-unknown", Severity.UNKNOWN, "the App could not be asked: 401")


WEBHOOK = Webhook(url="https://gate.example/webhook", has_secret=True, is_json=True, checks_certificate=True)
WEBHOOKS: list[tuple[dict[str, Any], str]] = [
    ({"url": ""}, "webhook-missing"),
    ({"url": "https://old.example/webhook"}, "webhook-elsewhere"),
    ({"has_secret": False}, "webhook-unsigned"),
    ({"is_json": False}, "webhook-form"),
    ({"checks_certificate": False}, "webhook-unverified"),
    ({"delivered": 3, "failed": 1}, "deliveries-failing"),
]


@pytest.mark.parametrize(("changes", "id_"), WEBHOOKS, ids=[id_ for _, id_ in WEBHOOKS])
def test_a_webhook_that_does_not_reach_the_app_is_named(changes: dict[str, Any], id_: str) -> None:
    app = dataclasses.replace(APP, webhook=dataclasses.replace(WEBHOOK, **changes))
    found = examine(APP_ID, app, WANTED, "https://gate.example/webhook", [])
    assert {gap.id for gap in found} == {id_, "not-installed"}


def test_deliveries_that_all_fail_break_the_gate() -> None:
    app = dataclasses.replace(APP, webhook=dataclasses.replace(WEBHOOK, failed=4))
    severities = {gap.id: gap.severity for gap in examine(APP_ID, app, WANTED, "", [])}
    assert severities["deliveries-failing"] is Severity.BREAKS
