"""Attacks on who approved: rows 22 to 40 of the list in `rows.toml`, by every way to approve."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from bot.core.approval.eligibility import Answer, authority
from bot.core.approval.records import Act, Method
from bot.core.policy.model import Seniors
from bot.core.pull import Actor, ActorKind
from bot.core.roster import Permission
from tests.builders import JUNIOR, OTHER_SENIOR, SENIOR, commit
from tests.core.approval.people import (
    AGENT,
    MACHINE,
    OUTSIDER,
    POLICY,
    ROSTER,
    SAID_AT,
    SENIORS,
    asking,
    bind_now,
    change,
    demand,
    recorded,
    review,
    said,
    standing,
)

WAYS = pytest.mark.parametrize("method", Method)
COPILOT = Actor(login="copilot-pull-request-reviewer[bot]", id=175_728_472, kind=ActorKind.BOT)
WORKFLOW = Actor(login="github-actions[bot]", id=41_898_282, kind=ActorKind.BOT)


def is_shut(actor: Actor, method: Method, **changes: Any) -> bool:
    """Neither a binding now nor a record of before opens the gate for `actor`."""
    current = {name: changes[name] for name in ("pull", "roster", "policy") if name in changes}
    bound = bind_now(said(actor, method=method), **current)
    return (bound is None or bound.binding is None) and bool(
        standing(recorded(said(actor, method=method)), **changes).missing
    )


@WAYS
def test_022_a_workflows_token_approves_nothing(method: Method) -> None:
    team = replace(ROSTER, teams={SENIORS: frozenset({WORKFLOW})}, permissions={WORKFLOW.id or 0: Permission.ADMIN})
    assert is_shut(WORKFLOW, method, roster=team)


@WAYS
def test_023_an_apps_review_is_not_counted(method: Method) -> None:
    assert is_shut(AGENT, method)


@WAYS
def test_024_a_reviewing_ai_is_not_counted(method: Method) -> None:
    team = replace(ROSTER, teams={SENIORS: frozenset({COPILOT})}, permissions={COPILOT.id or 0: Permission.ADMIN})
    assert is_shut(COPILOT, method, roster=team)


@WAYS
def test_025_a_machine_user_in_the_senior_team_is_not_counted(method: Method) -> None:
    assert is_shut(MACHINE, method)
    assert is_shut(replace(MACHINE, login="renamed"), method)


def test_026_a_tier_that_asks_for_a_passkey_takes_nothing_less() -> None:
    needed = asking(demand(1, step_up=True))
    for method in (Method.REVIEW, Method.COMMENT, Method.BUTTON):
        assert standing(recorded(said(method=method)), requirement=needed).missing
    assert not standing(recorded(said(method=Method.STEP_UP)), requirement=needed).missing


@WAYS
def test_028_two_identities_of_one_agent_are_no_two_persons(method: Method) -> None:
    second = replace(AGENT, login="other-agent[bot]", id=99)
    team = replace(ROSTER, teams={SENIORS: frozenset({second})}, permissions={99: Permission.ADMIN})
    assert is_shut(second, method, pull=change(author=AGENT), roster=team)


@WAYS
def test_029_who_asked_the_agent_does_not_approve_it(method: Method) -> None:
    asked = change(author=AGENT, requesters=(SENIOR,))
    assert is_shut(SENIOR, method, pull=asked)
    assert not is_shut(OTHER_SENIOR, method, pull=asked)


@WAYS
def test_030_the_author_does_not_approve_and_is_told_why(method: Method) -> None:
    assert is_shut(SENIOR, method, pull=change(author=SENIOR))
    told = bind_now(said(SENIOR, method=Method.COMMENT), pull=change(author=SENIOR))
    assert told is not None
    assert told.refusal == "Not accepted: **sam** opened this pull request."


@WAYS
def test_031_the_last_pusher_and_the_suggestions_author_do_not_approve(method: Method) -> None:
    suggestion = commit("Apply it\n\nCo-authored-by: Sam <2+sam@users.noreply.github.com>")
    assert is_shut(SENIOR, method, pull=change(pushers=(SENIOR,)))
    assert is_shut(SENIOR, method, pull=change(commits=(suggestion,)))


@WAYS
def test_032_anybodys_approval_counts_for_nothing(method: Method) -> None:
    assert is_shut(OUTSIDER, method)
    assert is_shut(SENIOR, method, roster=replace(ROSTER, permissions={2: Permission.READ}))


def test_033_only_the_role_that_was_looked_up_is_a_permission() -> None:
    """The facts have no `author_association`; a member of the team without a role may not push."""
    assert "author_association" not in type(said()).__dataclass_fields__
    assert is_shut(SENIOR, Method.COMMENT, roster=replace(ROSTER, permissions={2: Permission.NONE}))


@WAYS
def test_034_a_reused_login_is_another_person(method: Method) -> None:
    impostor = replace(SENIOR, id=4_711)
    assert is_shut(impostor, method)
    by_login = replace(POLICY, seniors=Seniors(users=("sam",)))
    roster = replace(ROSTER, users={"sam": SENIOR}, permissions={4_711: Permission.ADMIN})
    assert is_shut(impostor, method, policy=by_login, roster=roster)


@WAYS
def test_034_a_login_that_meant_another_account_at_first_counts_for_nobody(method: Method) -> None:
    """Whoever takes a senior's old login over may push, did not contribute, and is no senior."""
    heir = Actor(login="sam", id=4_711, kind=ActorKind.USER)
    by_login = replace(POLICY, seniors=Seniors(users=("sam",)))
    roster = replace(ROSTER, users={"sam": heir}, permissions={2: Permission.WRITE, 4_711: Permission.WRITE})
    assert not is_shut(heir, method, policy=by_login, roster=roster)
    known = replace(roster, first_accounts={"sam": SENIOR})
    assert known.changed_hands == ("sam",)
    assert is_shut(heir, method, policy=by_login, roster=known)
    assert is_shut(SENIOR, method, policy=by_login, roster=known)
    same = replace(roster, users={"sam": SENIOR}, first_accounts={"sam": SENIOR})
    assert same.changed_hands == ()
    assert not is_shut(SENIOR, method, policy=by_login, roster=same)


@WAYS
def test_034_a_machine_stays_one_under_another_login_and_so_does_its_heir(method: Method) -> None:
    heir = Actor(login="acme-ci", id=4_711, kind=ActorKind.USER)
    team = {SENIORS: frozenset({MACHINE, heir})}
    permissions = {7: Permission.WRITE, 4_711: Permission.WRITE}
    roster = replace(
        ROSTER, teams=team, users={"acme-ci": heir}, first_accounts={"acme-ci": MACHINE}, permissions=permissions
    )
    assert is_shut(heir, method, roster=roster)
    assert is_shut(replace(MACHINE, login="renamed"), method, roster=roster)


@WAYS
def test_035_a_bot_without_its_suffix_is_still_a_bot(method: Method) -> None:
    assert is_shut(replace(AGENT, login="agent"), method)


@WAYS
def test_036_a_team_that_cannot_be_read_is_neither_yes_nor_no(method: Method) -> None:
    for teams in ({SENIORS: None}, {}):
        roster = replace(ROSTER, teams=teams)
        assert is_shut(SENIOR, method, roster=roster)
        assert bind_now(said(method=method), roster=roster) is None
        assert "team acme/seniors" in standing(roster=roster).incomplete
    assert is_shut(SENIOR, method, roster=replace(ROSTER, teams={SENIORS: frozenset()}))


def test_038_a_reviewing_machine_that_says_approve_opens_nothing() -> None:
    said_yes = tuple(review(actor) for actor in (COPILOT, AGENT, WORKFLOW))
    assert standing(*(recorded(said(each.author)) for each in said_yes), pull=change(reviews=said_yes)).missing


def test_040_a_dismissed_request_for_changes_lifts_no_block() -> None:
    block = recorded(said(SENIOR, Act.BLOCK, Method.COMMENT))
    dismissed = recorded(said(JUNIOR, Act.REVIEW_DISMISSED, reference="review:2", said_at=SAID_AT + 5))
    assert standing(block, dismissed, recorded(said(OTHER_SENIOR))).blocked_by == (block,)


def test_050_every_way_is_ruled_by_one_authority() -> None:
    """The ruling is not told the way: review, comment, button and page cannot differ."""
    assert "method" not in authority(POLICY, ROSTER, change()).rule.__annotations__
    for actor in (SENIOR, JUNIOR, OUTSIDER, MACHINE, AGENT):
        rulings = {is_shut(actor, method) for method in Method}
        ruling = authority(POLICY, ROSTER, change()).rule(Act.APPROVE, actor)
        assert rulings == {ruling.answer is not Answer.YES}


@pytest.mark.parametrize("act", [Act.APPROVE, Act.BLOCK])
def test_051_a_button_asks_who_pressed_it(act: Act) -> None:
    pressed = bind_now(said(OUTSIDER, act, Method.BUTTON))
    assert pressed is not None
    assert pressed.binding is None


def test_story_a_senior_whose_commit_came_by_a_side_branch_does_not_approve() -> None:
    side = commit(sha="e" * 40, author_account=SENIOR, parents=("f" * 40,))
    assert is_shut(SENIOR, Method.REVIEW, pull=change(commits=(commit(), side, commit(parents=("1" * 40, "e" * 40)))))
