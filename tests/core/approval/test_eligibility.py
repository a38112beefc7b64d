"""One authorisation for every way: a human senior who can push and had no hand in the change."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from bot.core.approval.eligibility import Answer, authority
from bot.core.approval.records import Act
from bot.core.policy.default import BUILT_IN
from bot.core.policy.model import Require, Rule, Seniors, When
from bot.core.pull import Actor, ActorKind, Signatory
from bot.core.roster import Permission
from tests.builders import HEAD, JUNIOR, OTHER_SENIOR, SENIOR, commit
from tests.core.approval.people import (
    AGENT,
    COMMANDER,
    LEAD,
    LEADS,
    MACHINE,
    OUTSIDER,
    POLICY,
    ROSTER,
    SENIORS,
    change,
)

YES, NO, UNKNOWN = Answer.YES, Answer.NO, Answer.UNKNOWN
GHOST = Actor(login="ghost", id=None, kind=ActorKind.GHOST)
NAMESAKE = Actor(login="SAM", id=99, kind=ActorKind.USER)
UNTOLD = Actor(login="sam", id=None, kind=ActorKind.USER)
NOBODY = Signatory(name="x", email="x@example.org")


def ruling(act: Act, actor: Actor, *, policy: Any = POLICY, roster: Any = ROSTER, sets: Any = None, **pull: Any) -> Any:
    return authority(policy, roster, change(**pull)).rule(act, actor, sets)


def permit(actor: Actor, permission: Permission) -> Any:
    return replace(ROSTER, permissions={**ROSTER.permissions, actor.id or 0: permission})


WHO = [
    ("a senior", Act.APPROVE, SENIOR, YES, ""),
    ("a junior who is the author", Act.APPROVE, JUNIOR, NO, "opened this pull request"),
    ("an outsider", Act.APPROVE, OUTSIDER, NO, "not one of acme/seniors"),
    ("a bot in the team", Act.APPROVE, AGENT, NO, "not a person's account"),
    ("a machine user in the team", Act.APPROVE, MACHINE, NO, "machine users"),
    ("a deleted account", Act.APPROVE, GHOST, NO, "not a person's account"),
    ("a namesake with another id", Act.APPROVE, NAMESAKE, NO, "not one of"),
    ("an account without an id", Act.APPROVE, UNTOLD, UNKNOWN, "did not identify"),
    ("an organisation", Act.APPROVE, replace(SENIOR, kind=ActorKind.ORGANIZATION), NO, "not a person's"),
    ("a mannequin", Act.APPROVE, replace(SENIOR, kind=ActorKind.MANNEQUIN), NO, "not a person's"),
    ("a lead whom no rule names", Act.APPROVE, LEAD, NO, "not one of"),
    ("a senior disputes", Act.DISPUTE, SENIOR, YES, ""),
    ("the author disputes", Act.DISPUTE, JUNIOR, NO, "opened"),
    ("a senior blocks", Act.BLOCK, SENIOR, YES, ""),
    ("an outsider blocks", Act.BLOCK, OUTSIDER, NO, "not one of"),
    ("a senior unblocks", Act.UNBLOCK, SENIOR, YES, ""),
    ("a machine unblocks", Act.UNBLOCK, MACHINE, NO, "machine"),
    ("a commander breaks the glass", Act.BREAK_GLASS, COMMANDER, YES, ""),
    ("a senior breaks the glass", Act.BREAK_GLASS, SENIOR, NO, "not one of acme/commanders"),
    ("a bot breaks the glass", Act.BREAK_GLASS, AGENT, NO, "not a person's"),
    ("the author declares human", Act.DECLARE_HUMAN, JUNIOR, YES, ""),
    ("a senior declares human", Act.DECLARE_HUMAN, SENIOR, NO, "did not open"),
    ("the author declares AI", Act.DECLARE_AI, JUNIOR, YES, ""),
    ("a writer declares AI", Act.DECLARE_AI, LEAD, YES, ""),
    ("an outsider declares AI", Act.DECLARE_AI, OUTSIDER, NO, "may not push"),
    ("a writer rechecks", Act.RECHECK, LEAD, YES, ""),
    ("an outsider rechecks", Act.RECHECK, OUTSIDER, NO, "may not push"),
    ("an outsider asks", Act.STATUS, OUTSIDER, YES, ""),
    ("a bot asks", Act.STATUS, AGENT, NO, "not a person's"),
    ("an outsider revokes", Act.REVOKE, OUTSIDER, YES, ""),
    ("a near-miss", Act.MALFORMED, OUTSIDER, YES, ""),
    ("anybody's event", Act.COMMENT_EDITED, AGENT, YES, ""),
]


@pytest.mark.parametrize("name, act, actor, answer, why", WHO, ids=[row[0] for row in WHO])
def test_who_may_do_what(name: str, act: Act, actor: Actor, answer: Answer, why: str) -> None:
    found = ruling(act, actor)
    assert found.answer is answer, name
    assert why in found.why
    assert bool(found.why) == (answer is not YES)


HANDS = [
    ("author", {"author": SENIOR}, "opened"),
    ("pusher", {"pushers": (SENIOR,)}, "pushed"),
    ("requester of the agent", {"author": AGENT, "requesters": (SENIOR,)}, "asked an agent"),
    ("requester whom the agent names", {"author": AGENT, "body": "Requested by: @Sam"}, "asked an agent"),
    ("commit author", {"commits": (commit(author_account=SENIOR),)}, "wrote commit aaaaaaaa"),
    ("committer", {"commits": (commit(committer_account=SENIOR),)}, "committed aaaaaaaa"),
    ("author of a later commit", {"commits": (commit(), commit(sha="d" * 40, author_account=SENIOR))}, "dddddddd"),
    ("author of a commit pushed away", {"past_commits": (commit(author_account=SENIOR),)}, "wrote commit"),
    ("author by address", {"commits": (commit(author=Signatory(name="x", email="Sam@Example.org")),)}, "wrote"),
    (
        "committer by address",
        {"commits": (commit(committer=Signatory(name="x", email="sam@example.org")),)},
        "committed",
    ),
    ("co-author by address", {"commits": (commit("a\n\nCo-authored-by: S <sam@example.org>"),)}, "co-wrote"),
    ("co-author in capitals", {"commits": (commit("a\n\nCO-AUTHORED-BY:S<SAM@EXAMPLE.ORG>\r\n"),)}, "co-wrote"),
    (
        "co-author inside the text",
        {"commits": (commit("a\n\nCo-authored-by: S <sam@example.org>\n\nmore"),)},
        "co-wrote",
    ),
    ("co-developer", {"commits": (commit("a\n\nCo-developed-by: S <sam@example.org>"),)}, "co-wrote"),
    (
        "co-author of a commit pushed away",
        {"past_commits": (commit("a\n\nCo-authored-by: S <sam@example.org>"),)},
        "co-wrote",
    ),
    (
        "no-reply with id",
        {"commits": (commit("a\n\nCo-authored-by: S <2+old-name@users.noreply.github.com>"),)},
        "co-wrote",
    ),
    (
        "no-reply without id",
        {"commits": (commit("a\n\nCo-authored-by: S <Sam@users.noreply.github.com>"),)},
        "co-wrote",
    ),
    (
        "no-reply of a server",
        {"commits": (commit("a\n\nCo-authored-by: S <sam@users.noreply.git.acme.example>"),)},
        "co-wrote",
    ),
    ("an account that lost its id", {"pushers": (replace(SENIOR, id=None, login="Sam"),)}, "pushed"),
    (
        "an address of an account without an id",
        {"commits": (commit("a\n\nCo-authored-by: S <old@example.org>"),)},
        "co-wrote",
    ),
]
BY_EMAIL = {"sam@example.org": SENIOR, "old@example.org": replace(SENIOR, id=None)}


@pytest.mark.parametrize("name, pull, part", HANDS, ids=[row[0] for row in HANDS])
@pytest.mark.parametrize("act", [Act.APPROVE, Act.DISPUTE])
def test_nobody_who_had_a_hand_in_it_approves(name: str, pull: dict[str, Any], part: str, act: Act) -> None:
    found = ruling(act, SENIOR, roster=replace(ROSTER, by_email=BY_EMAIL), **pull)
    assert (found.answer, part in found.why) == (NO, True), (name, found)
    assert ruling(Act.BLOCK, SENIOR, **pull).answer is YES


NO_HAND = [
    ("an address that nobody knows", {"commits": (commit("a\n\nCo-authored-by: S <sam@elsewhere.example>"),)}),
    (
        "another's no-reply address",
        {"commits": (commit("a\n\nCo-authored-by: sam <1+june@users.noreply.github.com>"),)},
    ),
    ("a name alone", {"commits": (commit("a\n\nCo-authored-by: sam"),)}),
    ("prose", {"commits": (commit("this was co-authored-by: sam <sam@example.org>"),)}),
]


@pytest.mark.parametrize("name, pull", NO_HAND, ids=[row[0] for row in NO_HAND])
def test_what_names_somebody_else_is_no_hand_in_it(name: str, pull: dict[str, Any]) -> None:
    assert ruling(Act.APPROVE, SENIOR, roster=replace(ROSTER, by_email=BY_EMAIL), **pull).answer is YES, name


ROSTERS = [
    ("a team that could not be read", replace(ROSTER, teams={SENIORS: None}), UNKNOWN, "team acme/seniors"),
    ("a team that was not asked for", replace(ROSTER, teams={}), UNKNOWN, "team acme/seniors"),
    ("an empty team", replace(ROSTER, teams={SENIORS: frozenset()}), NO, "not one of"),
    ("a role that could not be read", permit(SENIOR, Permission.UNKNOWN), UNKNOWN, "could not be read"),
    ("a role that was not asked for", replace(ROSTER, permissions={}), UNKNOWN, "could not be read"),
    ("no role", permit(SENIOR, Permission.NONE), NO, "may not push"),
    ("triage", permit(SENIOR, Permission.TRIAGE), NO, "may not push"),
    ("write", permit(SENIOR, Permission.WRITE), YES, ""),
    ("admin", permit(SENIOR, Permission.ADMIN), YES, ""),
    ("suspended", replace(ROSTER, suspended=frozenset({2})), NO, "suspended"),
    ("suspended in an unreadable team", replace(ROSTER, suspended=frozenset({2}), teams={}), NO, "suspended"),
]


@pytest.mark.parametrize("name, roster, answer, why", ROSTERS, ids=[row[0] for row in ROSTERS])
@pytest.mark.parametrize("act", [Act.APPROVE, Act.DISPUTE, Act.BLOCK, Act.UNBLOCK])
def test_what_is_not_known_of_people_is_never_yes(name: str, roster: Any, answer: Answer, why: str, act: Act) -> None:
    found = ruling(act, SENIOR, roster=roster)
    assert (found.answer, why in found.why) == (answer, True), (name, found)


def test_users_are_known_by_id_not_by_login() -> None:
    policy = replace(POLICY, seniors=Seniors(users=("sam",)))
    assert ruling(Act.APPROVE, SENIOR, policy=policy).answer is UNKNOWN
    for account, answer in ((SENIOR, YES), (NAMESAKE, NO), (None, NO)):
        roster = replace(ROSTER, users={"sam": account})
        assert ruling(Act.APPROVE, SENIOR, policy=policy, roster=roster).answer is answer


def test_a_renamed_machine_user_is_known_by_id() -> None:
    renamed = replace(MACHINE, login="sofia-2")
    assert "machine" in ruling(Act.APPROVE, renamed).why
    assert "machine" in ruling(Act.APPROVE, MACHINE, roster=replace(ROSTER, users={})).why


def test_without_a_policy_the_maintainers_are_the_seniors() -> None:
    known = replace(ROSTER, maintainers=frozenset({SENIOR}), permissions={})
    assert ruling(Act.APPROVE, SENIOR, policy=BUILT_IN, roster=known).answer is YES
    assert "neither maintainer" in ruling(Act.APPROVE, OTHER_SENIOR, policy=BUILT_IN, roster=known).why
    assert ruling(Act.APPROVE, SENIOR, policy=BUILT_IN).answer is UNKNOWN
    assert ruling(Act.BREAK_GLASS, SENIOR, policy=BUILT_IN, roster=known).answer is NO


def test_a_rules_own_set_counts_for_that_rule_and_no_other() -> None:
    rule = Rule(name="leads", when=When(), require=Require(seniors=1, from_sets=(LEADS,)))
    policy = replace(POLICY, rules=(*POLICY.rules, rule))
    assert ruling(Act.APPROVE, LEAD, policy=policy).answer is YES
    assert ruling(Act.APPROVE, LEAD, policy=policy, sets=(LEADS,)).answer is YES
    assert ruling(Act.APPROVE, SENIOR, policy=policy, sets=(LEADS,)).answer is NO
    assert ruling(Act.APPROVE, LEAD, policy=policy, sets=(SENIORS,)).answer is NO
    assert ruling(Act.APPROVE, LEAD, policy=policy, sets=()).answer is NO


def test_long_lists_of_sets_are_cut_short_for_the_reader() -> None:
    sets = tuple(f"acme/team-{number}" for number in range(7))
    roster = replace(ROSTER, teams=dict.fromkeys(sets, frozenset()))
    assert ruling(Act.APPROVE, SENIOR, roster=roster, sets=sets).why.endswith("acme/team-4 and others")


def test_every_way_asks_the_same_authority() -> None:
    """A ruling knows nothing of the method, so none can be weaker than another."""
    assert HEAD not in ruling(Act.APPROVE, OUTSIDER).why
