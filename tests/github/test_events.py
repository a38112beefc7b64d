"""An event says where to look and what was said; it never lets anything through by itself."""

from __future__ import annotations

import contextlib
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.approval.records import Act, Method, Push, Statement
from bot.core.memory import Kind, weakened_of
from bot.core.protection.drift import Done, Weakened
from bot.core.pull import Actor, ActorKind
from bot.github.errors import MalformedEvent
from bot.github.events import EVENTS, UNASKED, jobs_for
from bot.jobs import AuditBranch, Evaluate, Intake, JudgeDeployment, JudgeGroup, ReadRun, Sweep
from tests.github import payloads as p

RECEIVED_AT = 1_800_000_000
SAID_AT = 1_793_534_400
EVALUATE = Evaluate(installation_id=5, repository_id=100, owner="acme", name="shop", number=12)
SWEEP = Sweep(installation_id=5)
GROUP = {"head_sha": p.HEAD, "head_ref": "refs/heads/gh-readonly-queue/main/pr-12-x", "base_ref": "refs/heads/main"}
JUDGE_GROUP = JudgeGroup(
    installation_id=5, repository_id=100, owner="acme", name="shop", base_ref="main", head_sha=p.HEAD
)
WAITING: dict[str, Any] = {
    "environment": "production",
    "deployment_callback_url": "https://evil.example/repos/x/y/actions/runs/99/deployment_protection_rule",
    "deployment": {"sha": p.HEAD, "ref": "main", "id": 1},
}
DEPLOYMENT = JudgeDeployment(
    installation_id=5,
    repository_id=100,
    owner="acme",
    name="shop",
    run_id=99,
    environment="production",
    head_sha=p.HEAD,
    ref="main",
)
SENIOR = Actor(login="senior", id=7, kind=ActorKind.USER)


def intake(event: str, payload: bytes, delivery: str = "d-1") -> Intake:
    return jobs_for(event, delivery, payload, RECEIVED_AT, app_id=p.APP_ID)


PULL_ACTIONS = (
    "opened reopened synchronize edited closed ready_for_review converted_to_draft labeled unlabeled assigned "
    "review_requested auto_merge_enabled enqueued an_action_of_the_future"
)


@pytest.mark.parametrize("action", PULL_ACTIONS.split())
def test_every_action_on_a_pull_request_makes_the_gate_look(action: str) -> None:
    assert intake("pull_request", p.event(action, pull_request=p.pull())).jobs == (EVALUATE,)


def test_a_push_to_a_pull_request_tells_the_head_it_replaced() -> None:
    told = intake("pull_request", p.event("synchronize", pull_request=p.pull(), before=p.BEFORE, after=p.HEAD))
    assert told.push == Push(before=p.BEFORE, after=p.HEAD, by=SENIOR)
    kinds = [memory.kind for _, memory in told.memories(RECEIVED_AT)]
    assert kinds == [Kind.PUSH, Kind.SIGHTING]


def test_opening_tells_the_first_head_and_nothing_else_does() -> None:
    opened = intake("pull_request", p.event("opened", pull_request=p.pull()))
    assert opened.push == Push(before="", after=p.HEAD, by=SENIOR)
    assert [memory.kind for _, memory in opened.memories(RECEIVED_AT)] == [Kind.PUSH]
    for action in ("reopened", "edited", "synchronize"):
        assert intake("pull_request", p.event(action, pull_request=p.pull())).push is None


def test_an_approving_review_is_bound_to_the_commit_it_was_given_on() -> None:
    told = intake("pull_request_review", p.event("submitted", pull_request=p.pull(), review=p.review()))
    assert told == Intake(
        jobs=(EVALUATE,),
        statements=(
            Statement(
                id="review:77",
                act=Act.APPROVE,
                actor=SENIOR,
                method=Method.REVIEW,
                repository_id=100,
                number=12,
                head_sha=p.HEAD,
                base_ref="main",
                said_at=SAID_AT,
                received_at=RECEIVED_AT,
                reference="review:77",
            ),
        ),
    )


@pytest.mark.parametrize(
    ("action", "changes", "acts"),
    [
        ("submitted", {"state": "changes_requested"}, [Act.CHANGES_REQUESTED]),
        ("submitted", {"state": "commented"}, []),
        ("submitted", {"user": None}, []),
        ("submitted", {"user": p.AUTHOR}, []),
        ("submitted", {"commit_id": None}, []),
        ("edited", {}, []),
        ("dismissed", {"state": "dismissed", "user": p.AUTHOR}, [Act.REVIEW_DISMISSED]),
        ("dismissed", {"state": "dismissed", "user": None, "commit_id": None}, [Act.REVIEW_DISMISSED]),
    ],
)
def test_what_a_review_event_says(action: str, changes: dict[str, Any], acts: list[Act]) -> None:
    told = intake("pull_request_review", p.event(action, pull_request=p.pull(), review=p.review(**changes)))
    assert told.jobs == (EVALUATE,)
    assert [statement.act for statement in told.statements] == acts


def test_a_dismissal_names_the_review_and_has_an_id_of_its_own() -> None:
    (said,) = intake(
        "pull_request_review", p.event("dismissed", pull_request=p.pull(), review=p.review(state="dismissed"))
    ).statements
    assert (said.id, said.reference) == ("review:77:dismissed", "review:77")


COMMENTS: list[tuple[str, str, dict[str, Any], dict[str, Any], list[Act]]] = [
    ("a command", "created", {}, {}, [Act.APPROVE]),
    ("no command", "created", {"body": "looks good"}, {}, []),
    ("no body", "created", {"body": None}, {}, []),
    ("quoted", "created", {"body": "> /approve-ai"}, {}, []),
    ("a near-miss", "created", {"body": "/aprove-ai"}, {}, [Act.MALFORMED]),
    ("an edit into a command", "edited", {}, {}, [Act.COMMENT_EDITED]),
    ("an edit by somebody else", "edited", {"user": p.AUTHOR}, {}, [Act.COMMENT_EDITED]),
    ("a deletion", "deleted", {}, {}, [Act.COMMENT_DELETED]),
    ("a deletion of a ghost's", "deleted", {"user": None}, {}, [Act.COMMENT_DELETED]),
    ("sent by another than its author", "created", {"user": p.AUTHOR}, {}, []),
    ("a ghost's", "created", {"user": None}, {}, []),
    ("a bot's", "created", {"user": p.BOT}, {"sender": p.BOT}, []),
    ("a bot's edit", "edited", {"user": p.BOT}, {"sender": p.BOT}, []),
    ("through an app in the person's name", "created", {"performed_via_github_app": {"id": 3}}, {}, []),
    ("an action of the future", "pinned", {}, {}, []),
]


@pytest.mark.parametrize(
    ("action", "comment", "parts", "acts"), [row[1:] for row in COMMENTS], ids=[row[0] for row in COMMENTS]
)
def test_what_a_comment_event_says(
    action: str, comment: dict[str, Any], parts: dict[str, Any], acts: list[Act]
) -> None:
    told = intake("issue_comment", p.event(action, issue=p.issue(), comment={**p.comment(), **comment}, **parts))
    assert [statement.act for statement in told.statements] == acts
    assert told.jobs == ((EVALUATE,) if acts else ())


def test_a_bare_command_names_no_commit_and_one_with_a_sha_names_it() -> None:
    sha = "c0ffee" * 4
    bodies = ["/approve-ai", f"/approve-ai {sha}", f"/block-ai {sha}"]
    said = [
        intake("issue_comment", p.event("created", issue=p.issue(), comment=p.comment(body))).statements[0]
        for body in bodies
    ]
    assert [statement.head_sha for statement in said] == ["", sha, ""]
    assert {(statement.id, statement.said_at) for statement in said} == {("comment:981", SAID_AT)}


def test_a_comment_on_an_issue_is_none_of_ours() -> None:
    assert intake("issue_comment", p.event("created", issue={"number": 12}, comment=p.comment())) == Intake()


def click(identifier: str = "approve", delivery: str = "d-1", **changes: Any) -> Intake:
    payload = p.event(
        "requested_action",
        check_run=p.check_run(**changes),
        requested_action={"identifier": identifier},
    )
    return intake("check_run", payload, delivery)


def test_a_button_names_the_head_and_base_that_it_was_shown_on() -> None:
    told = click()
    (said,) = told.statements
    assert told.jobs == (EVALUATE,)
    assert (said.act, said.method, said.head_sha, said.base_ref) == (Act.APPROVE, Method.BUTTON, p.HEAD, "release/1.x")
    assert said.actor == SENIOR


def test_two_clicks_are_two_statements_and_one_redelivered_click_is_one() -> None:
    first, again, second = (click(delivery=delivery).statements[0].id for delivery in ("d-1", "d-1", "d-2"))
    assert first == again != second


@pytest.mark.parametrize(
    ("name", "told", "jobs", "acts"),
    [
        ("block", click("block"), (EVALUATE,), [Act.BLOCK]),
        ("re-check", click("recheck"), (EVALUATE,), [Act.RECHECK]),
        ("unknown button", click("merge"), (EVALUATE,), []),
        ("another app's run", click(app={"id": 43}, pull_requests=[{"number": 12}]), (EVALUATE,), []),
        ("no app", click(app=None), (SWEEP,), []),
        ("no number", click(external_id=""), (SWEEP,), []),
        ("number from GitHub", click(external_id=None, pull_requests=[{"number": 12}]), (EVALUATE,), [Act.APPROVE]),
        ("two numbers", click(external_id=None, pull_requests=[{"number": 1}, {"number": 2}]), (SWEEP,), []),
    ],
)
def test_what_a_click_says(name: str, told: Intake, jobs: tuple[object, ...], acts: list[Act]) -> None:
    assert told.jobs == jobs, name
    assert [statement.act for statement in told.statements] == acts


def test_a_bot_presses_no_button() -> None:
    payload = p.event(
        "requested_action", check_run=p.check_run(), requested_action={"identifier": "approve"}, sender=p.BOT
    )
    assert intake("check_run", payload).statements == ()


def suite(action: str, numbers: list[int]) -> bytes:
    return p.event(action, check_suite={"id": 1, "pull_requests": [{"number": number} for number in numbers]})


def push(ref: str = "refs/heads/main", *, forced: bool = False, paths: tuple[str, ...] = ()) -> bytes:
    return p.event(ref=ref, forced=forced, commits=[{"id": "c", "added": [], "modified": list(paths), "removed": []}])


def ran(action: str = "completed", **changes: Any) -> bytes:
    return p.event(action, workflow_run=p.workflow_run(**changes))


READ_RUN = ReadRun(
    installation_id=5, repository_id=100, owner="acme", name="shop", run_id=5001, head_sha=p.HEAD, numbers=(12,)
)


def audit(branch: str) -> AuditBranch:
    """Only the default branch is audited unseen."""
    return AuditBranch(
        installation_id=5, repository_id=100, owner="acme", name="shop", branch=branch, is_gated=branch == "main"
    )


SUBJECTS: list[tuple[str, str, bytes, tuple[object, ...]]] = [
    ("our own run", "check_run", p.event("completed", check_run=p.check_run()), ()),
    ("a re-run of ours", "check_run", p.event("rerequested", check_run=p.check_run()), (EVALUATE,)),
    ("a run under our name", "check_run", p.event("completed", check_run=p.check_run(app={"id": 15368})), (SWEEP,)),
    ("somebody's run", "check_run", p.event("completed", check_run=p.check_run(app={"id": 1}, name="ci")), ()),
    ("a suite asked again", "check_suite", suite("rerequested", [12, 12]), (EVALUATE,)),
    ("a fork's suite asked again", "check_suite", suite("rerequested", []), (SWEEP,)),
    ("a completed suite", "check_suite", suite("completed", [12]), ()),
    ("a run for a head", "workflow_run", ran(), (READ_RUN,)),
    ("a run that was pushed for", "workflow_run", ran(event="push"), (READ_RUN,)),
    ("a run that began", "workflow_run", ran("requested"), ()),
    ("a run in a fork", "workflow_run", ran(head_repository={"id": 101}), ()),
    ("a run of a fork that is gone", "workflow_run", ran(head_repository=None), ()),
    ("a run on the base", "workflow_run", ran(event="pull_request_target"), ()),
    ("a run on a comment", "workflow_run", ran(event="issue_comment"), ()),
    ("a run for no pull request", "workflow_run", ran(pull_requests=[]), ()),
    ("a run for a lost one", "workflow_run", ran(pull_requests=[None]), ()),
    ("a run for an old head", "workflow_run", ran(pull_requests=[p.pull_of_run(head={"sha": p.BEFORE})]), ()),
    ("a run for another's", "workflow_run", ran(pull_requests=[p.pull_of_run(base={"repo": {"id": 9}})]), ()),
    ("a status under our name", "status", p.event(context="Countersign/main", sha=p.HEAD), (SWEEP,)),
    ("a status", "status", p.event(context="ci/build", sha=p.HEAD), ()),
    ("a changed policy", "push", push(paths=(".github/countersign.yml",)), (SWEEP, audit("main"))),
    (
        "a changed policy on a release branch",
        "push",
        push("refs/heads/1.x", paths=("countersign.yml",)),
        (SWEEP, audit("1.x")),
    ),
    ("a rewritten default branch", "push", push(forced=True), (SWEEP, audit("main"))),
    ("a rebased feature", "push", push("refs/heads/feature", forced=True), (audit("feature"),)),
    ("a push", "push", push(paths=("main.tf",)), (audit("main"),)),
    ("a tag", "push", push("refs/tags/v1", forced=True), ()),
    ("an installation", "installation", p.event("created", repository=...), (SWEEP,)),
    ("a removal", "installation", p.event("deleted", repository=...), ()),
    ("a suspension", "installation", p.event("suspend", repository=...), ()),
    ("more repositories", "installation_repositories", p.event("added", repository=...), (SWEEP,)),
    ("a renamed organisation", "installation_target", p.event("renamed", repository=...), (SWEEP,)),
    ("a team changed", "team", p.event("edited", team={}), (SWEEP,)),
    ("a member left a team", "membership", p.event("removed", repository=..., team={}), (SWEEP,)),
    ("a collaborator", "member", p.event("added"), (SWEEP,)),
    ("an organisation", "organization", p.event("member_removed", repository=...), (SWEEP,)),
    ("a renamed repository", "repository", p.event("renamed"), (SWEEP,)),
    ("a merge group", "merge_group", p.event("checks_requested", merge_group=GROUP), (JUDGE_GROUP,)),
    ("a dissolved merge group", "merge_group", p.event("destroyed", merge_group=GROUP), ()),
    ("a deployment", "deployment_protection_rule", p.event("requested", **WAITING), (DEPLOYMENT,)),
    ("a deployment of a future kind", "deployment_protection_rule", p.event("expired", **WAITING), ()),
    ("a ping", "ping", b'{"zen": "Keep it logically awesome."}', ()),
    ("a revoked sign-in", "github_app_authorization", b'{"action": "revoked"}', ()),
]


@pytest.mark.parametrize(("event", "payload", "jobs"), [row[1:] for row in SUBJECTS], ids=[row[0] for row in SUBJECTS])
def test_where_an_event_makes_the_gate_look(event: str, payload: bytes, jobs: tuple[object, ...]) -> None:
    assert intake(event, payload) == Intake(jobs=jobs)  # type: ignore[arg-type]  # the table mixes both kinds of job


def test_every_handled_event_has_a_row() -> None:
    of_rules = {"branch_protection_configuration", "branch_protection_rule", "repository_ruleset"}
    rows = {row[1] for row in SUBJECTS} | {"pull_request", "pull_request_review", "issue_comment"} | of_rules
    assert rows == set(EVENTS)


MALFORMED: list[tuple[str, str, bytes]] = [
    ("an unknown event", "watch", p.event("started")),
    ("a merge group without a commit", "merge_group", p.event("checks_requested", merge_group={})),
    ("no JSON", "push", b"not json"),
    ("nothing", "push", b""),
    ("a list", "push", b"[]"),
    ("undecodable bytes", "push", b'{"ref": "\xff"}'),
    ("endless nesting", "push", b'{"ref":' + b"[" * 100_000),
    (
        "a deployment of no run",
        "deployment_protection_rule",
        p.event("requested", **{**WAITING, "deployment_callback_url": "https://x"}),
    ),
    (
        "a deployment of no commit",
        "deployment_protection_rule",
        p.event("requested", **{**WAITING, "deployment": {"ref": "main", "sha": "main"}}),
    ),
    ("no installation", "push", p.event(installation=..., ref="refs/heads/main")),
    ("a number that is none", "pull_request", p.event("opened", pull_request={"number": "12"})),
    ("no review", "pull_request_review", p.event("submitted", pull_request=p.pull())),
    ("a null sender", "check_run", p.event("requested_action", check_run=p.check_run(), sender=None)),
    ("no time", "issue_comment", p.event("created", issue=p.issue(), comment=p.comment(created_at=""))),
]


@pytest.mark.parametrize(("event", "payload"), [row[1:] for row in MALFORMED], ids=[row[0] for row in MALFORMED])
def test_what_github_does_not_send_is_refused(event: str, payload: bytes) -> None:
    with pytest.raises(MalformedEvent):
        intake(event, payload)


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)


@given(event=st.sampled_from(sorted(EVENTS)), parts=st.dictionaries(st.text(max_size=8), _JSON, max_size=4))
def test_no_payload_ever_raises_anything_else(event: str, parts: dict[str, Any]) -> None:
    with contextlib.suppress(MalformedEvent):
        intake(event, json.dumps({"installation": {"id": 5}, "sender": p.SENDER, **parts}).encode())


def test_events_that_come_unasked_are_handled_too() -> None:
    assert set(EVENTS) >= UNASKED


RULESET = {
    "id": 3,
    "name": "gate",
    "source": "acme/shop",
    "enforcement": "disabled",
    "rules": [
        {
            "type": "required_status_checks",
            "parameters": {"required_status_checks": [{"context": "countersign/main", "integration_id": p.APP_ID}]},
        }
    ],
}
SWITCHED_OFF = {"enforcement": {"from": "active"}}


def test_a_rule_that_got_weaker_is_an_incident_with_who_and_what() -> None:
    told = intake("repository_ruleset", p.event("edited", repository_ruleset=RULESET, changes=SWITCHED_OFF))
    assert told.jobs == ()
    (incident,) = told.weakened
    assert incident == Weakened(
        subject="rules:100",
        delivery="d-1",
        where="acme/shop",
        rule="gate",
        done=Done.EDITED,
        actor=SENIOR,
        at=RECEIVED_AT,
        why=("the ruleset `gate` was set from active to disabled",),
    )
    ((subject, memory),) = told.memories(RECEIVED_AT)
    assert (subject, memory.kind, memory.key) == ("rules:100", Kind.RULES_WEAKENED, "d-1")
    assert weakened_of([memory.body]) == (incident,)


def test_an_organisations_ruleset_is_told_of_no_repository() -> None:
    payload = p.event("deleted", repository_ruleset=RULESET, repository=..., organization={"login": "acme"})
    (incident,) = intake("repository_ruleset", payload).weakened
    assert (incident.subject, incident.where) == ("rules:acme", "acme")


PROTECTION = {"id": 1, "name": "main", "required_status_checks": ["countersign/main"], "admin_enforced": False}


@pytest.mark.parametrize(
    ("event", "action", "parts", "weaker"),
    [
        ("repository_ruleset", "created", {"repository_ruleset": RULESET}, False),
        ("repository_ruleset", "deleted", {"repository_ruleset": RULESET}, True),
        ("repository_ruleset", "an_action_of_the_future", {"repository_ruleset": RULESET}, True),
        ("repository_ruleset", "deleted", {"repository_ruleset": RULESET | {"rules": []}}, False),
        ("branch_protection_rule", "created", {"rule": PROTECTION}, False),
        ("branch_protection_rule", "deleted", {"rule": PROTECTION}, True),
        ("branch_protection_rule", "edited", {"rule": PROTECTION, "changes": {"admin_enforced": {"from": True}}}, True),
        ("branch_protection_rule", "edited", {"rule": PROTECTION, "changes": {}}, False),
        ("branch_protection_configuration", "disabled", {}, True),
        ("branch_protection_configuration", "enabled", {}, False),
    ],
)
def test_only_what_got_weaker_is_an_incident(event: str, action: str, parts: dict[str, Any], *, weaker: bool) -> None:
    assert bool(intake(event, p.event(action, **parts)).weakened) is weaker


def test_a_rule_of_another_shape_than_documented_is_refused() -> None:
    broken = RULESET | {"rules": [{"type": "required_status_checks", "parameters": {"required_status_checks": 3}}]}
    with pytest.raises(MalformedEvent):
        intake("repository_ruleset", p.event("deleted", repository_ruleset=broken))
