"""Stories of other gates, told to this one: whoever opens one of them with it merges what no senior approved.

Every row begins with a change that waits for a senior, or that one approved, and ends with what the check then says.
What is told elsewhere is not told again: a forged check, a draft, a fork, and a group of the merge queue whose approval
was withdrawn (`test_checks.py`, `test_queue.py`); the last of thousands of files and commits (`test_listings.py`);
an approval that came while the App was down or whose delivery was lost (`tests/test_journey.py`).
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import pytest

from bot.sandbox.actions import people, talking
from bot.sandbox.objects import App, PullRequest
from tests.journey import MOVED, POLICY, RESIZED, Journey
from tests.shop import CLAUDE, TERRAFORM

pytestmark = pytest.mark.slow
Story = Callable[[Journey, PullRequest], Awaitable[None] | None]

TERRAFORM_GONE: dict[str, str | bytes | None] = {"terraform/main.tf": None}
LAX = POLICY.replace("provenance: strong, tier: low", "tier: critical")
UNKNOWN_KEY = POLICY + "approve_everything: true\n"


def says(words: str) -> Story:
    """A senior comments `words` without meaning to approve."""
    return lambda journey, pull: _let(journey.shop.sam.comment(pull, words))


def _let(_: object) -> None:
    """What a person did is what matters, not what it returned."""


def a_junior_reviews(journey: Journey, pull: PullRequest) -> None:
    journey.shop.ops.approve(pull)


def a_junior_commands(journey: Journey, pull: PullRequest) -> None:
    journey.shop.ops.comment(pull, "/approve-ai")


def a_stranger_commands(journey: Journey, pull: PullRequest) -> None:
    journey.shop.github.person("mallory").comment(pull, "/approve-ai")


def the_author_presses_the_button(journey: Journey, pull: PullRequest) -> None:
    journey.shop.jay.press(pull, journey.runs(pull)[-1], "approve")


def another_app_commands(journey: Journey, pull: PullRequest) -> None:
    world = journey.shop.world
    app: App = journey.shop.github.actions_app
    talking.comment(world, pull, author=app.bot, body="/approve-ai", app=app)


def a_senior_who_committed_reviews(journey: Journey, pull: PullRequest) -> None:
    journey.shop.sam.commit(journey.shop.repository, "change", {"terraform/main.tf": MOVED}, message="Move")
    journey.shop.sam.approve(pull)


def a_senior_who_is_the_commits_author_reviews(journey: Journey, pull: PullRequest) -> None:
    shop = journey.shop
    by = shop.world.signature(shop.sam.account)
    shop.jay.commit(shop.repository, "change", {"terraform/main.tf": MOVED}, message="Move", author=by)
    shop.sam.approve(pull)


def a_senior_who_is_the_commits_committer_reviews(journey: Journey, pull: PullRequest) -> None:
    shop = journey.shop
    by = shop.world.signature(shop.sam.account)
    shop.jay.commit(shop.repository, "change", {"terraform/main.tf": MOVED}, message="Move", committer=by)
    shop.sam.approve(pull)


def a_senior_whose_work_came_by_a_side_branch_reviews(journey: Journey, pull: PullRequest) -> None:
    shop = journey.shop
    git, by = shop.repository.git, shop.world.signature(shop.jay.account)
    shop.sam.branch(shop.repository, "side")
    theirs = shop.sam.commit(shop.repository, "side", {"terraform/side.tf": RESIZED}, message="Side")
    merged = git.write_merge(ours=pull.head_sha, theirs=theirs, message="Merge branch 'side'", author=by)
    assert merged
    shop.jay.push(shop.repository, "change", merged)
    shop.sam.approve(pull)


def a_senior_asks_for_changes_after_approving(journey: Journey, pull: PullRequest) -> None:
    journey.shop.sam.approve(pull)
    journey.shop.sam.review(pull, "REQUEST_CHANGES", "On second thought")


async def a_senior_reviews_what_an_old_page_showed(journey: Journey, pull: PullRequest) -> None:
    stale = pull.head_sha
    journey.shop.jay.commit(journey.shop.repository, "change", {"terraform/main.tf": MOVED}, message="Move")
    await journey.rest()
    journey.shop.sam.review(pull, "APPROVE", commit_sha=stale)


async def an_old_remark_is_edited_into_a_command(journey: Journey, pull: PullRequest) -> None:
    remark = journey.shop.sam.comment(pull, "Looks odd")
    await journey.rest()
    journey.shop.ops.edit_comment(pull, remark, "/approve-ai")
    await journey.rest()
    await journey.ring(pull)  # a gate that only forgets this once opens at the next event


async def a_senior_edits_an_own_remark_into_a_command(journey: Journey, pull: PullRequest) -> None:
    remark = journey.shop.sam.comment(pull, "Looks odd")
    await journey.rest()
    journey.shop.sam.edit_comment(pull, remark, "/approve-ai")
    await journey.rest()
    await journey.ring(pull)


def a_senior_reviews_without_approving(journey: Journey, pull: PullRequest) -> None:
    journey.shop.sam.review(pull, "COMMENT", "/approve-ai")


def a_senior_approves_another_pull_request(journey: Journey, _: PullRequest) -> None:
    shop = journey.shop
    other = shop.change({"terraform/other.tf": RESIZED}, message=f"Other\n\n{CLAUDE}", branch="other")
    shop.sam.approve(other)


def the_pull_request_brings_a_laxer_policy(journey: Journey, _: PullRequest) -> None:
    files = {".github/countersign.yml": LAX}
    journey.shop.jay.commit(journey.shop.repository, "change", files, message="Relax")


WAITING: tuple[Story, ...] = (
    a_junior_reviews,
    a_junior_commands,
    a_stranger_commands,
    the_author_presses_the_button,
    another_app_commands,
    a_senior_who_committed_reviews,
    a_senior_who_is_the_commits_author_reviews,
    a_senior_who_is_the_commits_committer_reviews,
    a_senior_whose_work_came_by_a_side_branch_reviews,
    a_senior_asks_for_changes_after_approving,
    a_senior_reviews_what_an_old_page_showed,
    an_old_remark_is_edited_into_a_command,
    a_senior_edits_an_own_remark_into_a_command,
    a_senior_reviews_without_approving,
    a_senior_approves_another_pull_request,
    the_pull_request_brings_a_laxer_policy,
)
WORDS = (
    "> /approve-ai\n\nReally?",
    "Please do not /approve-ai this yet",
    "```\n/approve-ai\n```",
    "/approve-ai-later",
    "<!-- /approve-ai -->",
)


async def told(journey: Journey, story: Story, pull: PullRequest) -> None:
    """The story, until the App has nothing left to do."""
    waiting = story(journey, pull)
    if waiting is not None:
        await waiting
    await journey.rest()


@pytest.mark.parametrize("story", WAITING, ids=lambda story: story.__name__)
async def test_what_waits_for_a_senior_goes_on_waiting(journey: Journey, story: Story) -> None:
    pull = journey.change()
    await journey.rest()
    await told(journey, story, pull)
    assert journey.conclusion(pull) == "action_required"


@pytest.mark.parametrize("words", WORDS)
async def test_words_that_only_hold_the_command_are_no_command(journey: Journey, words: str) -> None:
    pull = journey.change()
    await journey.rest()
    await told(journey, says(words), pull)
    assert journey.conclusion(pull) == "action_required"


def somebody_pushes(journey: Journey, _: PullRequest) -> None:
    journey.shop.jay.commit(journey.shop.repository, "change", {"terraform/main.tf": MOVED}, message="Move")


def somebody_force_pushes(journey: Journey, pull: PullRequest) -> None:
    shop = journey.shop
    shop.jay.commit(shop.repository, "change", {"terraform/main.tf": MOVED}, message="Move", onto=pull.base_sha)


def somebody_rebases(journey: Journey, pull: PullRequest) -> None:
    journey.shop.commit_to_main({"terraform/elsewhere.tf": MOVED})
    journey.shop.jay.rebase(pull)


def the_base_is_merged_into_it(journey: Journey, pull: PullRequest) -> None:
    shop = journey.shop
    git, by = shop.repository.git, shop.world.signature(shop.jay.account)
    tip = shop.commit_to_main({"terraform/elsewhere.tf": MOVED})
    merged = git.write_merge(ours=pull.head_sha, theirs=tip, message="Merge branch 'main'", author=by)
    assert merged
    shop.jay.push(shop.repository, "change", merged)


def the_comment_is_deleted(journey: Journey, pull: PullRequest) -> None:
    (comment,) = [one for one in pull.comments if one.body == "/approve-ai"]
    journey.shop.ops.delete_comment(pull, comment)


def the_comment_is_edited(journey: Journey, pull: PullRequest) -> None:
    (comment,) = [one for one in pull.comments if one.body == "/approve-ai"]
    journey.shop.sam.edit_comment(pull, comment, "never mind")


def the_senior_leaves_the_team(journey: Journey, _: PullRequest) -> None:
    shop = journey.shop
    people.leave_team(shop.world, shop.seniors, shop.sam.account, actor=shop.organization)


AFTERWARDS: tuple[Story, ...] = (
    somebody_pushes,
    somebody_force_pushes,
    somebody_rebases,
    the_base_is_merged_into_it,
    the_comment_is_deleted,
    the_comment_is_edited,
    the_senior_leaves_the_team,
)


@pytest.mark.parametrize("story", AFTERWARDS, ids=lambda story: story.__name__)
async def test_what_was_approved_is_shut_again(journey: Journey, story: Story) -> None:
    pull = journey.change()
    await journey.rest()
    journey.shop.sam.comment(pull, "/approve-ai")
    await journey.rest()
    assert journey.conclusion(pull) == "success"
    await told(journey, story, pull)
    if story is the_senior_leaves_the_team:
        await journey.ring(pull)
    assert journey.conclusion(pull) == "action_required"


async def test_a_dismissed_review_no_longer_approves(journey: Journey) -> None:
    pull = journey.change()
    await journey.rest()
    review = journey.shop.sam.approve(pull)
    await journey.rest()
    assert journey.conclusion(pull) == "success"
    journey.shop.jay.dismiss(pull, review, "again, please")
    await journey.rest()
    assert journey.conclusion(pull) == "action_required"


async def test_another_base_is_judged_under_its_own_name(journey: Journey) -> None:
    shop = journey.shop
    shop.ops.branch(shop.repository, "release")
    pull = journey.change()
    await journey.rest()
    shop.sam.comment(pull, "/approve-ai")
    await journey.rest()
    shop.jay.edit(pull, base="release")
    await journey.rest()
    (run,) = [run for run in shop.repository.runs if run.name == "countersign/release"]
    assert run.conclusion == "action_required"


@pytest.mark.parametrize(
    "files",
    [
        {"docs/main.txt": TERRAFORM, **TERRAFORM_GONE},
        TERRAFORM_GONE,
        {"Terraform/MAIN.TF": RESIZED},
        {"terraform/main.tf": RESIZED, "README.md": "# Only words\n"},
    ],
    ids=["renamed away", "deleted", "another case", "among words"],
)
async def test_no_dress_hides_infrastructure(journey: Journey, files: dict[str, str | bytes | None]) -> None:
    pull = journey.shop.change(files, message=f"Tidy up\n\n{CLAUDE}")
    await journey.rest()
    assert journey.conclusion(pull) == "action_required"


@pytest.mark.parametrize("policy", ["", "version: [", UNKNOWN_KEY], ids=["empty", "no YAML", "unknown key"])
async def test_a_policy_that_cannot_be_used_approves_nothing(journey: Journey, policy: str) -> None:
    journey.shop.commit_to_main({".github/countersign.yml": policy})
    pull = journey.change()
    await journey.rest()
    journey.shop.sam.approve(pull)
    await journey.rest()
    assert journey.conclusion(pull) == "failure"


async def test_an_approval_given_while_nobody_listened_counts_afterwards(journey: Journey) -> None:
    """The other way round: what a senior did say is not thrown away because a delivery was."""
    shop, hooks = journey.shop, journey.shop.world.hooks
    pull = journey.change()
    await journey.rest()
    hooks.drop = 1000
    shop.jay.commit(shop.repository, "change", {"terraform/main.tf": MOVED}, message="Move")
    shop.sam.approve(pull)
    hooks.drop = 0
    await journey.sweeper.redeliver()
    await journey.rest()
    assert journey.conclusion(pull) == "success"


async def test_an_approval_in_the_same_second_as_the_first_check_counts(journey: Journey) -> None:
    pull = journey.change()
    journey.shop.sam.approve(pull)
    await journey.rest()
    assert journey.conclusion(pull) == "success"
