"""The sandbox opens with pull requests that each tell a story."""

from __future__ import annotations

import pytest

from bot.core.policy.model import Policy
from bot.core.policy.parse import parse_policy
from bot.sandbox import difference, rules
from bot.sandbox.embedded import EmbeddedGitHub
from bot.sandbox.objects import Refusal
from bot.sandbox.person import Person
from tests.sandbox.judge import Judge


async def test_every_pull_request_is_open_and_blocked_until_its_check_passes(github: EmbeddedGitHub) -> None:
    repository = github.seed()
    assert len(repository.pulls) >= 6
    for pull in repository.pulls.values():
        assert difference.state(github.world, pull) == "BLOCKED"
        with pytest.raises(Refusal, match='"countersign/main" is expected') as refusal:
            github.person("sam").merge(pull)
        assert refusal.value.status == 405


async def test_the_policy_on_the_base_branch_is_valid(github: EmbeddedGitHub) -> None:
    git = github.seed().git
    entry = git.entry(git.resolve("main") or "", ".github/countersign.yml")
    assert entry is not None
    text = (git.blob(entry.sha) or b"").decode()
    assert isinstance(parse_policy(text, "acme/storefront"), Policy)


async def test_the_trailer_pushed_away_is_only_in_the_past(github: EmbeddedGitHub) -> None:
    repository = github.seed()
    pull = next(one for one in repository.pulls.values() if one.head_ref == "office-access")
    assert not any("Claude" in commit.message for commit in difference.commits(pull))
    before = next(event.facts["beforeCommit"] for event in pull.timeline if event.kind == "HeadRefForcePushedEvent")
    assert "Co-Authored-By: Claude" in repository.git.commit(before).message


async def test_seniors_come_from_nested_teams_and_the_junior_is_none(github: EmbeddedGitHub) -> None:
    repository = github.seed()
    world = github.world
    assert set(world.members(world.team("acme", "senior-engineers"))) == {"sam", "mira"}
    assert set(world.members(world.team("acme", "engineering"))) == {"jay", "sam", "mira", "noor"}
    assert world.role(repository, world.account("jay")) == "write"
    assert world.role(repository, world.account("noor")) == "maintain"


async def test_the_app_hears_the_stories_in_order(github: EmbeddedGitHub, judge: Judge) -> None:
    github.seed()
    heard = [(event, payload["action"]) for event, payload in judge.webhooks if event.startswith("pull_request")]
    assert heard[:1] == [("pull_request", "opened")]
    assert ("pull_request", "synchronize") in heard
    assert ("pull_request_review", "submitted") in heard
    assert judge.webhooks[0][0] == "installation"


async def test_the_main_branch_refuses_pushes(github: EmbeddedGitHub) -> None:
    repository = github.seed()
    jay: Person = github.person("jay")
    with pytest.raises(Refusal, match="pull request"):
        jay.commit(repository, "main", {"README.md": "mine\n"}, message="Sneak in")
    assert list(rules.rules(repository, "main", "required_status_checks"))
