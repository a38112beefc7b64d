"""Required checks block merging exactly as GitHub documents it."""

from __future__ import annotations

import pytest

from bot.sandbox import difference, rules
from bot.sandbox.actions import checking
from bot.sandbox.objects import App, Json, PullRequest, Refusal
from tests.shop import Shop

NAME = "countersign/main"


def run(shop: Shop, sha: str, conclusion: str | None, *, app: App | None = None, name: str = NAME) -> None:
    wanted: Json = {"name": name, "head_sha": sha}
    wanted |= {"conclusion": conclusion} if conclusion else {"status": "in_progress"}
    checking.create_run(shop.world, shop.repository, app or shop.github.app, wanted)


def merges(shop: Shop, pull: PullRequest) -> str:
    """`merged`, or the status and message of the refusal."""
    try:
        shop.sam.merge(pull)
    except Refusal as refusal:
        return f"{refusal.status} {refusal.message}"
    return "merged"


@pytest.fixture
def pull(shop: Shop) -> PullRequest:
    shop.require_check()
    return shop.change({"README.md": "# Shop, open\n"})


@pytest.mark.parametrize(
    ("conclusion", "outcome"),
    [
        ("success", "merged"),
        ("neutral", "merged"),
        ("skipped", "merged"),
        ("failure", "is failing"),
        ("action_required", "is failing"),
        ("cancelled", "is failing"),
        ("timed_out", "is failing"),
        (None, "is in progress"),
    ],
)
async def test_a_conclusion_passes_or_blocks(
    shop: Shop, pull: PullRequest, conclusion: str | None, outcome: str
) -> None:
    run(shop, pull.head_sha, conclusion)
    assert outcome in merges(shop, pull)


async def test_a_missing_check_blocks_with_405(shop: Shop, pull: PullRequest) -> None:
    words = merges(shop, pull)
    assert words.startswith("405 Repository rule violations found")
    assert f'Required status check "{NAME}" is expected.' in words


async def test_another_apps_green_run_is_no_pass_when_pinned(shop: Shop, pull: PullRequest) -> None:
    run(shop, pull.head_sha, "success", app=shop.github.actions_app)
    assert "not set by the expected GitHub App" in merges(shop, pull)
    run(shop, pull.head_sha, "success")
    assert merges(shop, pull) == "merged"


async def test_a_status_of_the_same_name_is_no_pass_when_pinned(shop: Shop, pull: PullRequest) -> None:
    wanted = {"state": "success", "context": NAME}
    checking.set_status(shop.world, shop.repository, pull.head_sha, wanted, creator=shop.jay.account, app=None)
    assert "not set by the expected GitHub App" in merges(shop, pull)


async def test_without_a_pin_anybodys_green_passes(shop: Shop) -> None:
    shop.require_check(pinned=False)
    pull = shop.change({"README.md": "# Shop, open\n"})
    run(shop, pull.head_sha, "success", app=shop.github.actions_app)
    assert merges(shop, pull) == "merged"


async def test_run_and_status_of_one_name_must_both_pass(shop: Shop) -> None:
    shop.require_check(pinned=False)
    pull = shop.change({"README.md": "# Shop, open\n"})
    run(shop, pull.head_sha, "success")
    wanted = {"state": "failure", "context": NAME}
    checking.set_status(shop.world, shop.repository, pull.head_sha, wanted, creator=shop.jay.account, app=None)
    assert "is failing" in merges(shop, pull)


async def test_only_the_head_commit_counts(shop: Shop, pull: PullRequest) -> None:
    run(shop, pull.head_sha, "success")
    shop.jay.commit(shop.repository, "change", {"README.md": "# Sneaky\n"}, message="One more thing")
    assert "is expected" in merges(shop, pull)


async def test_the_newest_run_of_a_name_counts(shop: Shop, pull: PullRequest) -> None:
    run(shop, pull.head_sha, "success")
    run(shop, pull.head_sha, "action_required")
    assert "is failing" in merges(shop, pull)


async def test_a_moved_head_is_a_409(shop: Shop, pull: PullRequest) -> None:
    run(shop, pull.head_sha, "success")
    with pytest.raises(Refusal, match="Head branch was modified") as refusal:
        shop.sam.merge(pull, expected_sha="0" * 40)
    assert refusal.value.status == 409


async def test_a_conflict_is_not_mergeable(shop: Shop) -> None:
    pull = shop.change({"README.md": "# Ours\n"})
    shop.commit_to_main({"README.md": "# Theirs\n"})
    assert difference.state(shop.world, pull) == "DIRTY"
    assert merges(shop, pull) == "405 Pull Request is not mergeable"


async def test_a_draft_is_not_merged(shop: Shop) -> None:
    pull = shop.change({"README.md": "# Ours\n"})
    shop.jay.set_draft(pull, draft=True)
    assert merges(shop, pull) == "405 Pull Request is still a draft"


async def test_changes_requested_and_missing_approvals_block(shop: Shop) -> None:
    parameters = {"required_approving_review_count": 1, "dismiss_stale_reviews_on_push": True}
    rule = {"type": "pull_request", "parameters": parameters}
    rules.create(shop.world, shop.repository, {"name": "reviews", "rules": [rule]})
    pull = shop.change({"README.md": "# Ours\n"})
    assert "At least 1 approving review is required" in merges(shop, pull)
    with pytest.raises(Refusal, match="Unprocessable"):
        shop.jay.approve(pull)
    shop.sam.approve(pull)
    shop.jay.commit(shop.repository, "change", {"README.md": "# Ours, really\n"}, message="More")
    assert pull.reviews[0].state == "DISMISSED"
    shop.sam.review(pull, "REQUEST_CHANGES", "no")
    shop.sue.approve(pull)
    assert "Changes have been requested" in merges(shop, pull)
    shop.sam.approve(pull)
    assert merges(shop, pull) == "merged"


async def test_a_bypass_actor_merges_past_the_rule(shop: Shop) -> None:
    shop.require_check()
    ruleset = next(iter(shop.repository.rulesets.values()))
    ruleset.bypass_actors = [{"actor_type": "OrganizationAdmin", "actor_id": None, "bypass_mode": "always"}]
    pull = shop.change({"README.md": "# Ours\n"})
    with pytest.raises(Refusal):
        shop.sam.merge(pull)
    assert shop.ops.merge(pull)


async def test_an_evaluated_or_disabled_ruleset_binds_nobody(shop: Shop) -> None:
    shop.require_check()
    next(iter(shop.repository.rulesets.values())).enforcement = "evaluate"
    assert merges(shop, shop.change({"README.md": "# Ours\n"})) == "merged"


async def test_a_null_pin_is_refused(shop: Shop) -> None:
    check = {"context": NAME, "integration_id": None}
    rule = {"type": "required_status_checks", "parameters": {"required_status_checks": [check]}}
    with pytest.raises(Refusal) as refusal:
        rules.create(shop.world, shop.repository, {"name": "gate", "rules": [rule]})
    assert refusal.value.status == 422


@pytest.mark.parametrize(
    ("include", "exclude", "branch", "binds"),
    [
        (["~DEFAULT_BRANCH"], [], "main", True),
        (["~DEFAULT_BRANCH"], [], "next", False),
        (["~ALL"], [], "next", True),
        (["~ALL"], ["refs/heads/next"], "next", False),
        (["refs/heads/release/*"], [], "release/1", True),
        (["refs/heads/release/*"], [], "main", False),
    ],
)
async def test_conditions_name_branches(
    shop: Shop, include: list[str], exclude: list[str], branch: str, binds: bool
) -> None:
    wanted = {"name": "gate", "conditions": {"ref_name": {"include": include, "exclude": exclude}}, "rules": []}
    rules.create(shop.world, shop.repository, wanted)
    assert bool(rules.binding(shop.repository, branch)) is binds
