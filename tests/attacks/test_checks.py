"""Attacks 80 to 96 on the running App: what a check stands for, and what happens to one that stands for nothing."""

from __future__ import annotations

import pytest

from bot.sandbox.actions import checking, people
from bot.sandbox.git import Signature
from bot.sandbox.objects import CheckRun, PullRequest, Refusal, Repository
from bot.sandbox.person import Person
from tests.journey import MOVED, POLICY, RESIZED, Journey
from tests.shop import CLAUDE, TERRAFORM

pytestmark = pytest.mark.slow
# An address that no account has.
AGENT = Signature(name="Agent", email="agent@tools.example", time=1_700_000_000)


async def approved(journey: Journey) -> PullRequest:
    pull = journey.change()
    await journey.rest()
    journey.shop.sam.comment(pull, "/approve-ai")
    await journey.rest()
    assert journey.conclusion(pull) == "success"
    return pull


async def test_031_who_wrote_what_was_squashed_away_does_not_approve(journey: Journey) -> None:
    """`sam` wrote the change; `jay` pushed it, then squashed it into a commit of his own."""
    shop = journey.shop
    by_sam = shop.world.signature(shop.sam.account)
    pull = shop.change({"terraform/main.tf": RESIZED}, message=f"Resize\n\n{CLAUDE}", by=by_sam)
    await journey.rest()
    base = shop.repository.git.resolve("main")
    shop.jay.commit(shop.repository, "change", {"terraform/main.tf": RESIZED}, message="Resize", onto=base)
    await journey.rest()
    shop.sam.approve(pull)
    await journey.rest()
    assert journey.conclusion(pull) == "action_required"
    shop.sue.approve(pull)
    await journey.rest()
    assert journey.conclusion(pull) == "success"


async def test_080_green_earned_for_one_base_is_nothing_on_another(journey: Journey) -> None:
    shop = journey.shop
    shop.ops.branch(shop.repository, "release")
    pull = await approved(journey)
    twin = shop.jay.open(shop.repository, "change", title="The same to release", base="release")
    names = {run.name for run in shop.repository.runs if run.head_sha == pull.head_sha and run.conclusion == "success"}
    assert names == {"countersign/main"}
    await journey.rest()
    on_release = [run for run in shop.repository.runs if run.name == "countersign/release"]
    assert [run.conclusion for run in on_release] == ["action_required"]
    assert twin.head_sha == pull.head_sha


async def test_080_a_base_spelt_in_another_case_is_no_laxer_base(journey: Journey) -> None:
    """Its own policy lets all pass; a name that GitHub may take for `main`'s must not be green."""
    shop = journey.shop
    shop.jay.branch(shop.repository, "MAIN")
    lax = {".github/countersign.yml": "version: 1\nmode: shadow\nseniors: {users: [sam]}\n"}
    shop.jay.commit(shop.repository, "MAIN", lax, message="Relax")
    pull = journey.change()
    await journey.rest()
    shop.jay.open(shop.repository, "change", title="The same to MAIN", base="MAIN")
    await journey.rest()
    on_head = [run for run in shop.repository.runs if run.head_sha == pull.head_sha]
    assert "countersign/MAIN" in {run.name for run in on_head}
    assert "success" not in {run.conclusion for run in on_head}


async def test_081_a_closed_pull_request_leaves_no_green_to_inherit(journey: Journey) -> None:
    """Its approval may be withdrawn unheard while it is closed; whoever opens the same commit again starts shut."""
    shop = journey.shop
    pull = await approved(journey)
    shop.jay.close(pull)
    await journey.rest()
    assert journey.conclusion(pull) == "failure"
    shop.jay.branch(shop.repository, "twin", start="change")
    twin = shop.jay.open(shop.repository, "twin", title="The same again")
    assert journey.conclusion(twin) == "failure"
    await journey.rest()
    assert journey.conclusion(twin) == "action_required"


async def test_081_what_one_of_two_closes_the_other_keeps(journey: Journey) -> None:
    shop = journey.shop
    pull = await approved(journey)
    shop.jay.branch(shop.repository, "twin", start="change")
    twin = shop.jay.open(shop.repository, "twin", title="The same again")
    await journey.rest()
    assert journey.conclusion(pull) == "action_required"
    shop.sue.comment(twin, "/approve-ai")
    await journey.rest()
    assert journey.conclusion(pull) == "success"
    shop.jay.close(twin)
    await journey.rest()
    assert journey.conclusion(pull) == "success"


async def test_082_a_forged_check_and_status_of_our_name_merge_nothing(journey: Journey) -> None:
    shop = journey.shop
    shop.require_check()
    pull = journey.change()
    await journey.rest()
    wanted = {"context": "countersign/main", "state": "success"}
    checking.set_status(
        shop.world, shop.repository, pull.head_sha, wanted, creator=shop.jay.account, app=shop.github.actions_app
    )
    await journey.rest()
    assert journey.conclusion(pull) == "action_required"
    with pytest.raises(Refusal):
        shop.jay.merge(pull)


@pytest.mark.parametrize("forger", ["github-actions", "another-app"])
async def test_082_a_forged_run_of_our_name_merges_nothing_and_is_told(journey: Journey, forger: str) -> None:
    """By a workflow's token, or by any App with `checks: write`: before our run and after it."""
    shop = journey.shop
    shop.require_check()
    app = shop.github.actions_app if forger == "github-actions" else shop.github.add_app(forger)
    pull = journey.change()
    wanted = {
        "name": "countersign/main",
        "head_sha": pull.head_sha,
        "status": "completed",
        "conclusion": "success",
        "external_id": f"{pull.number}:forged",
    }
    for _ in range(2):
        checking.create_run(shop.world, shop.repository, app, dict(wanted))
        await journey.rest()
        assert journey.conclusion(pull) == "action_required"
        with pytest.raises(Refusal):
            shop.jay.merge(pull)
    assert f"`check run by the App {forger}` bears this check's name" in (journey.runs(pull)[-1].summary or "")


@pytest.mark.parametrize("carry_over", ["never", "identical-diff"])
async def test_017_an_approval_of_what_was_merged_and_reverted_is_of_no_other_pull_request(
    journey: Journey, carry_over: str
) -> None:
    """The very same commit with the very same diff, proposed again after the revert."""
    shop = journey.shop
    shop.commit_to_main({".github/countersign.yml": f"{POLICY}approvals: {{carry_over: {carry_over}}}\n"})
    pull = await approved(journey)
    shop.ops.merge(pull, method="squash")
    shop.commit_to_main({"terraform/main.tf": TERRAFORM})
    await journey.rest()
    again = shop.jay.open(shop.repository, "change", title="Once more")
    assert again.head_sha == pull.head_sha
    await journey.rest()
    assert journey.conclusion(again) == "action_required"
    shop.sam.comment(again, "/approve-ai")
    await journey.rest()
    assert journey.conclusion(again) == "success"


@pytest.mark.parametrize("ready_before", [False, True])
async def test_087_a_draft_is_judged_like_any_other(journey: Journey, ready_before: bool) -> None:
    shop = journey.shop
    shop.require_check()
    shop.jay.branch(shop.repository, "change")
    shop.jay.commit(shop.repository, "change", {"terraform/main.tf": RESIZED}, message=f"Resize\n\n{CLAUDE}")
    pull = shop.jay.open(shop.repository, "change", title="Resize", draft=True)
    if not ready_before:
        await journey.rest()
        assert journey.conclusion(pull) == "action_required"
    shop.jay.set_draft(pull, draft=False)
    with pytest.raises(Refusal):
        shop.jay.merge(pull)
    await journey.rest()
    assert journey.conclusion(pull) == "action_required"


async def test_096_a_rerun_judges_again_and_resets_nothing(journey: Journey) -> None:
    shop = journey.shop
    pull = journey.change()
    await journey.rest()
    runs: list[CheckRun] = journey.runs(pull)
    shop.jay.rerequest(pull, runs[-1])
    checking.rerequest_suite(shop.world, shop.repository, runs[-1].suite, actor=shop.jay.account)
    shop.jay.press(pull, runs[-1], "recheck")
    await journey.rest()
    assert {run.conclusion for run in journey.runs(pull)} == {"action_required"}


async def test_016_auto_merge_takes_no_later_commit_along(journey: Journey) -> None:
    """An armed auto-merge presses the button whenever it can: after a push it cannot."""
    shop = journey.shop
    shop.require_check()
    pull = await approved(journey)
    shop.jay.commit(shop.repository, "change", {"terraform/more.tf": RESIZED}, message="More")
    with pytest.raises(Refusal):
        shop.jay.merge(pull)
    await journey.rest()
    with pytest.raises(Refusal):
        shop.jay.merge(pull)


def fork_of(journey: Journey, *maintainers: Person) -> Repository:
    """Jay's fork, with a branch `change` that an agent's tool committed to, and who else may push there."""
    shop = journey.shop
    fork = shop.world.add_repository(shop.jay.account, "shop", parent=shop.repository)
    fork.git.fetch(shop.repository.git, "main")
    fork.git.set_ref("refs/heads/main", shop.repository.git.resolve("main") or "")
    shop.jay.branch(fork, "change")
    shop.jay.commit(fork, "change", {"terraform/main.tf": RESIZED}, message=f"Resize\n\n{CLAUDE}", author=AGENT)
    for one in maintainers:
        people.collaborate(shop.world, fork, one.account, "write", actor=shop.jay.account)
    return fork


async def test_088_a_forks_change_is_judged_and_waits(journey: Journey) -> None:
    shop = journey.shop
    shop.require_check()
    pull = shop.jay.open(shop.repository, "change", title="Resize", head_repository=fork_of(journey))
    await journey.rest()
    assert journey.conclusion(pull) == "action_required"
    with pytest.raises(Refusal):
        shop.jay.merge(pull)


async def test_031_who_pushed_an_agents_commit_does_not_approve_it(journey: Journey) -> None:
    """The commit names nobody; only the push tells whose work it is."""
    shop = journey.shop
    pull = journey.change()
    shop.sam.commit(shop.repository, "change", {"terraform/main.tf": MOVED}, message="Move", author=AGENT)
    await journey.rest()
    shop.sam.approve(pull)
    await journey.rest()
    assert journey.conclusion(pull) == "action_required"
    shop.sue.approve(pull)
    await journey.rest()
    assert journey.conclusion(pull) == "success"


async def test_031_who_pushed_to_a_fork_is_told_by_the_push_itself(journey: Journey) -> None:
    shop = journey.shop
    fork = fork_of(journey, shop.sam)
    pull = shop.jay.open(shop.repository, "change", title="Resize", head_repository=fork)
    await journey.rest()
    shop.sam.commit(fork, "change", {"terraform/main.tf": MOVED}, message="Move", author=AGENT)
    await journey.rest()
    shop.sam.approve(pull)
    await journey.rest()
    assert journey.conclusion(pull) == "action_required"
    shop.sue.approve(pull)
    await journey.rest()
    assert journey.conclusion(pull) == "success"


async def test_031_nobody_approves_a_forks_change_while_a_push_is_unheard(journey: Journey) -> None:
    shop = journey.shop
    fork = fork_of(journey, shop.sam)
    pull = shop.jay.open(shop.repository, "change", title="Resize", head_repository=fork)
    await journey.rest()
    shop.world.hooks.drop = 1000
    shop.sam.commit(fork, "change", {"terraform/main.tf": MOVED}, message="Move", author=AGENT)
    await journey.rest()
    shop.world.hooks.drop = 0
    await journey.ring(pull)
    for senior in (shop.sam, shop.sue):
        senior.approve(pull)
    await journey.rest()
    assert journey.conclusion(pull) == "action_required"
    assert "open a new pull request from the fork" in (journey.runs(pull)[-1].summary or "")
    await journey.sweeper.redeliver()
    await journey.rest()
    assert journey.conclusion(pull) == "success"
    assert "- counts: **sue** by review" in (journey.runs(pull)[-1].summary or "")


async def test_034_whoever_takes_a_seniors_old_login_is_no_senior(journey: Journey) -> None:
    shop, world = journey.shop, journey.shop.world
    shop.commit_to_main({".github/countersign.yml": POLICY.replace("teams: [acme/senior-engineers]", "users: [sam]")})
    pull = journey.change()
    await journey.rest()
    mallory = shop.github.person("mallory")
    people.collaborate(world, shop.repository, mallory.account, "write", actor=shop.organization)
    people.rename(world, shop.sam.account, "samuel")
    people.rename(world, mallory.account, "sam")
    for person in (mallory, shop.sam):
        person.approve(pull)
    await journey.rest()
    assert journey.conclusion(pull) == "action_required"
    assert "`sam` of the policy is another account" in (journey.runs(pull)[-1].summary or "")
    shop.commit_to_main(
        {".github/countersign.yml": POLICY.replace("teams: [acme/senior-engineers]", "users: [samuel]")}
    )
    await journey.rest()
    shop.sam.comment(pull, f"/approve-ai {pull.head_sha}")
    await journey.rest()
    assert journey.conclusion(pull) == "success"
