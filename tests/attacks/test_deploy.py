"""Attacks 124 and 125 on the running App: nothing is deployed that did not land with a record, whoever starts it."""

from __future__ import annotations

import pytest

from bot.core.deploy import Ruling
from bot.core.memory import Kind
from bot.jobs import JudgeDeployment
from bot.sandbox.actions import deploying
from bot.sandbox.deployed import Deployment
from bot.sandbox.objects import PullRequest
from tests.journey import MOVED, POLICY, RESIZED, Journey
from tests.shop import CLAUDE

pytestmark = pytest.mark.slow

TWO_SENIORS = POLICY + "deployments: {production: {tier: low, seniors: 2}}\n"


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """The embedded GitHub's lists do not lag; what is missing there is missing for good."""
    monkeypatch.setattr("bot.worker.auditing.PATIENCE", 2)
    monkeypatch.setattr("bot.worker.deployment.PATIENCE", 2)


async def merged(journey: Journey, *, branch: str = "change", approved: bool = True) -> PullRequest:
    """A change of infrastructure by AI, merged by the junior: no rule asks for the check here."""
    file = {f"terraform/{branch}.tf": RESIZED.replace("orders", branch)}
    pull = journey.shop.change(file, message=f"Add {branch}\n\n{CLAUDE}", branch=branch)
    await journey.rest()
    if approved:
        journey.shop.sam.comment(pull, "/approve-ai")
        await journey.rest()
    journey.shop.jay.merge(pull)
    await journey.rest()
    return pull


async def deployed(journey: Journey, ref: str = "main") -> Deployment:
    one = journey.shop.jay.deploy(journey.shop.repository, "production", ref)
    await journey.rest()
    return one


async def rulings(journey: Journey, one: Deployment) -> int:
    job = JudgeDeployment(
        installation_id=journey.shop.installation.id,
        repository_id=journey.shop.repository.id,
        owner="acme",
        name="shop",
        run_id=one.run_id,
        environment=one.environment,
        head_sha=one.sha,
        ref=one.ref,
    )
    entries = await journey.app.store.entries(job.subject)
    return len([entry for entry in entries if entry.kind == Kind.DEPLOYMENT.value])


async def test_124_what_was_merged_with_a_record_goes_by_itself(journey: Journey) -> None:
    journey.shop.protect()
    await merged(journey)
    one = await deployed(journey)
    assert one.state == Ruling.APPROVED.value
    assert "the one merge since the gate came has its record" in one.reports[-1]
    assert (await journey.app.store.find_fault())[0] == ""


async def test_124_what_was_merged_past_the_gate_waits_and_goes_when_a_senior_approves_it(journey: Journey) -> None:
    journey.shop.protect()
    pull = await merged(journey, approved=False)
    one = await deployed(journey)
    assert one.state == "waiting"
    assert f"#{pull.number} was merged while the gate said pending; a senior's approval" in one.reports[-1]

    journey.shop.jay.comment(pull, f"/approve-ai {pull.head_sha}")
    await journey.rest()
    assert one.state == "waiting"
    assert len(one.reports) == 1

    journey.shop.sam.comment(pull, f"/approve-ai {pull.head_sha}")
    await journey.rest()
    assert one.state == Ruling.APPROVED.value
    assert await rulings(journey, one) == 2


async def test_124_a_tag_on_what_was_never_merged_does_not_go(journey: Journey) -> None:
    """Started by hand on a tag: the commit is in no pull request."""
    shop = journey.shop
    shop.protect()
    await merged(journey)
    shop.jay.branch(shop.repository, "sly")
    sha = shop.jay.commit(shop.repository, "sly", {"terraform/main.tf": MOVED}, message="Sly")
    shop.repository.git.set_ref("refs/tags/v1", sha)
    one = await deployed(journey, "v1")
    assert one.state == "waiting"
    assert "no commit that a gated branch ever pointed at" in one.reports[-1]


async def test_124_a_branch_made_to_be_gated_vouches_for_nothing(journey: Journey) -> None:
    """A pull request into one's own branch has the gate post a check for it, and audit it from there on."""
    shop = journey.shop
    shop.protect()
    shop.jay.branch(shop.repository, "own")
    sha = shop.jay.commit(shop.repository, "own", {"terraform/main.tf": MOVED}, message="Sly")
    shop.jay.branch(shop.repository, "more", start="own")
    shop.jay.commit(shop.repository, "more", {"README.md": "# More\n"}, message="More")
    pull = shop.jay.open(shop.repository, "more", title="Into my own branch", base="own")
    await journey.rest()
    shop.jay.merge(pull)
    await journey.rest()
    for ref in (sha, "own"):
        one = await deployed(journey, ref)
        assert one.state == "waiting", ref
        assert "is not in the records" in one.reports[-1]


async def test_124_a_release_branch_of_what_was_merged_goes(journey: Journey) -> None:
    shop = journey.shop
    shop.protect()
    await merged(journey)
    shop.ops.branch(shop.repository, "1.x")
    shop.jay.branch(shop.repository, "fix")
    shop.jay.commit(shop.repository, "fix", {"README.md": "# Fixed\n"}, message="Fix")
    pull = shop.jay.open(shop.repository, "fix", title="Fix", base="1.x")
    await journey.rest()
    shop.jay.merge(pull)
    await journey.rest()
    assert (await deployed(journey, "1.x")).state == Ruling.APPROVED.value


async def test_124_a_direct_push_goes_only_when_the_policy_accepts_it(journey: Journey) -> None:
    shop = journey.shop
    shop.protect()
    await merged(journey)
    sha = shop.ops.commit(shop.repository, "main", {"terraform/main.tf": MOVED}, message="Hot fix")
    await journey.rest()
    later = await merged(journey, branch="later")
    one = await deployed(journey)
    assert one.state == "waiting"
    assert f"`{sha[:12]}`: pushed past the pull requests; only the policy can accept that" in one.reports[-1]

    accepting = POLICY + f"deployments: {{production: {{tier: low, accepted: [{sha}]}}}}\n"
    policy = shop.change({".github/countersign.yml": accepting}, branch="policy", message="Accept the fix")
    await journey.rest()
    for senior in (shop.sam, shop.sue):
        senior.comment(policy, "/approve-ai")
    await journey.rest()
    shop.jay.merge(policy)
    await journey.rest()
    assert later.merged
    assert one.state == Ruling.APPROVED.value


async def test_124_a_roll_back_to_what_was_deployed_before_goes_in_spite_of_what_came_after(journey: Journey) -> None:
    journey.shop.protect()
    await merged(journey)
    good = await deployed(journey)
    await merged(journey, branch="bad", approved=False)
    assert (await deployed(journey)).state == "waiting"
    again = await deployed(journey, good.sha)
    assert again.state == Ruling.APPROVED.value
    assert "it was approved for this environment before" in again.reports[-1]


async def test_124_what_was_there_before_the_gate_goes(journey: Journey) -> None:
    """The first deployment ever, and one to a commit that is older still."""
    shop = journey.shop
    shop.protect()
    journey.change()
    await journey.rest()
    older = shop.repository.git.history("main")[0].sha
    for ref in ("main", older):
        assert (await deployed(journey, ref)).state == Ruling.APPROVED.value


async def test_124_a_success_that_somebody_tells_github_of_vouches_for_nothing(journey: Journey) -> None:
    shop = journey.shop
    await merged(journey, approved=False)
    forged = shop.jay.deploy(shop.repository, "production", "main")
    assert forged.state == "approved"  # no rule was switched on for it, so GitHub lists a success there
    shop.protect()
    assert (await deployed(journey)).state == "waiting"


async def test_124_a_rewritten_history_waits(journey: Journey) -> None:
    shop = journey.shop
    shop.protect()
    await merged(journey)
    shop.ops.commit(shop.repository, "main", {"terraform/main.tf": MOVED}, message="Rewrite", onto="")
    await journey.rest()
    one = await deployed(journey)
    assert one.state == "waiting"
    assert "the history of the branch was replaced" in one.reports[-1]


async def test_124_a_deployment_that_is_cancelled_is_let_go(journey: Journey) -> None:
    journey.shop.protect()
    await merged(journey, approved=False)
    one = await deployed(journey)
    assert await journey.app.store.ring_watched() == 1
    deploying.cancel(one)
    await journey.rest()
    assert await journey.app.store.ring_watched() == 0
    assert one.reports == one.reports[:1]


async def test_124_a_lost_event_of_a_deployment_is_asked_for_again(journey: Journey) -> None:
    journey.shop.protect()
    await merged(journey)
    journey.shop.world.hooks.drop = 1
    one = await deployed(journey)
    assert one.state == "waiting"
    await journey.sweeper.redeliver()
    await journey.rest()
    assert one.state == Ruling.APPROVED.value


async def test_125_a_deployment_asks_for_its_own_number_of_seniors_who_did_not_write_it(journey: Journey) -> None:
    shop = journey.shop
    shop.protect()
    shop.commit_to_main({".github/countersign.yml": TWO_SENIORS})
    await journey.rest()
    pull = await merged(journey)
    one = await deployed(journey)
    assert one.state == "waiting"
    assert "2 seniors must have approved it for this environment" in one.reports[-1]
    # Neither the author nor the same senior once more is a second one.
    for who in (shop.jay, shop.sam):
        who.comment(pull, f"/approve-ai {pull.head_sha}")
        await journey.rest()
        assert one.state == "waiting", who.account.login
    shop.sue.comment(pull, f"/approve-ai {pull.head_sha}")
    await journey.rest()
    assert one.state == Ruling.APPROVED.value


async def test_125_a_change_that_is_too_small_to_ask_about_goes(journey: Journey) -> None:
    shop = journey.shop
    shop.protect()
    shop.commit_to_main({".github/countersign.yml": TWO_SENIORS})
    await journey.rest()
    pull = shop.change({"README.md": "# Better\n"})
    await journey.rest()
    shop.jay.merge(pull)
    await journey.rest()
    assert (await deployed(journey)).state == Ruling.APPROVED.value


async def test_124_an_approval_for_one_environment_vouches_for_no_other(journey: Journey) -> None:
    shop = journey.shop
    shop.protect("staging")
    shop.protect()
    shop.commit_to_main({".github/countersign.yml": POLICY + "deployments: {staging: {tier: critical}}\n"})
    await journey.rest()
    await merged(journey, approved=False)
    staging = shop.jay.deploy(shop.repository, "staging", "main")
    await journey.rest()
    assert staging.state == Ruling.APPROVED.value
    assert (await deployed(journey)).state == "waiting"


async def test_124_what_went_in_shadow_mode_vouches_for_nothing_later(journey: Journey) -> None:
    shop = journey.shop
    shop.protect()
    pull = await merged(journey, approved=False)
    sha = pull.merge_sha or ""
    shop.commit_to_main({".github/countersign.yml": POLICY + "mode: shadow\n"})
    await journey.rest()
    shadow = await deployed(journey, sha)
    assert shadow.state == Ruling.APPROVED.value
    assert "shadow mode, it would wait" in shadow.reports[-1]
    shop.commit_to_main({".github/countersign.yml": POLICY})
    await journey.rest()
    assert (await deployed(journey, sha)).state == "waiting"


async def test_124_a_branch_from_when_the_policy_only_watched_vouches_for_nothing(journey: Journey) -> None:
    """A branch has the policy that it holds, one from an old commit an old one, and anybody can make that branch."""
    shop = journey.shop
    shop.protect()
    old = shop.commit_to_main({".github/countersign.yml": POLICY + "mode: shadow\n"})
    shop.commit_to_main({".github/countersign.yml": POLICY})
    await journey.rest()
    shop.jay.branch(shop.repository, "old", start=old)
    shop.jay.branch(shop.repository, "change", start="old")
    shop.jay.commit(shop.repository, "change", {"terraform/main.tf": RESIZED}, message=f"Resize\n\n{CLAUDE}")
    pull = shop.jay.open(shop.repository, "change", title="Resize", base="old")
    await journey.rest()
    shop.jay.merge(pull)
    await journey.rest()
    one = await deployed(journey, "old")
    assert one.state == "waiting"
    shop.sam.comment(pull, f"/approve-ai {pull.head_sha}")
    await journey.rest()
    assert one.state == Ruling.APPROVED.value


async def test_124_a_policy_that_was_merged_unapproved_is_no_small_change(journey: Journey) -> None:
    shop = journey.shop
    shop.protect()
    shop.commit_to_main({".github/countersign.yml": POLICY + "deployments: {production: {tier: critical}}\n"})
    await journey.rest()
    await merged(journey)
    pull = shop.change({".github/countersign.yml": POLICY + "mode: shadow\n"}, branch="lax", message="Relax")
    await journey.rest()
    shop.jay.branch(shop.repository, "own")
    shop.jay.edit(pull, base="own")
    await journey.rest()
    shop.jay.merge(pull)
    await journey.rest()
    one = await deployed(journey, "own")
    assert one.state == "waiting"
