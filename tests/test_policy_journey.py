"""A pull request that changes the policy: judged by the one in force, told what it would change, shut if broken."""

from __future__ import annotations

import pytest

from bot.sandbox.objects import PullRequest
from tests.journey import POLICY, Journey

PATH = ".github/countersign.yml"
MISSPELT = POLICY.replace("seniors: 1", "senoirs: 1")


def proposing(journey: Journey, text: str | None, path: str = PATH) -> PullRequest:
    return journey.shop.change({path: text}, message="Change the policy")


async def approve_twice(journey: Journey, pull: PullRequest) -> None:
    await journey.rest()
    for senior in (journey.shop.sam, journey.shop.sue):
        senior.approve(pull)
    await journey.rest()


async def test_a_broken_proposal_stays_shut_and_is_annotated_until_it_is_mended(journey: Journey) -> None:
    pull = proposing(journey, MISSPELT)
    await approve_twice(journey, pull)
    assert journey.conclusion(pull) == "failure"
    run = journey.runs(pull)[-1]
    assert (run.title or "").startswith("The proposed policy cannot be used: rules[0].require")
    notes = [(note["path"], note["start_line"], note["start_column"], note["end_column"]) for note in run.annotations]
    assert notes == [(PATH, 7, 14, 14), (PATH, 7, 15, 15)]
    journey.shop.jay.commit(journey.shop.repository, "change", {PATH: POLICY + "labels: true\n"}, message="Mend it")
    await approve_twice(journey, pull)
    assert journey.conclusion(pull) == "success"


async def test_a_shadowed_gate_lets_no_broken_policy_through(journey: Journey) -> None:
    journey.shop.commit_to_main({PATH: POLICY + "mode: shadow\n"})
    pull = proposing(journey, MISSPELT)
    await journey.rest()
    assert journey.conclusion(pull) == "failure"


async def test_a_weaker_proposal_is_shown_and_judged_by_the_policy_in_force(journey: Journey) -> None:
    pull = proposing(journey, POLICY.replace("tier: low", "tier: high").replace("senior-engineers", "everybody"))
    await journey.rest()
    assert journey.conclusion(pull) == "action_required"
    summary = journey.runs(pull)[-1].summary or ""
    assert "| `strong or more` | `low to medium` | `1 senior` | **less:** `nothing` |" in summary
    assert "`seniors.teams`: now `acme/senior-engineers`, then `acme/everybody`" in summary
    assert "this very pull request would be asked 2 seniors" in summary


async def test_a_new_policy_voids_what_was_approved_under_the_old_one(journey: Journey) -> None:
    pull = journey.change()
    await journey.rest()
    journey.shop.sam.approve(pull)
    await journey.rest()
    assert journey.conclusion(pull) == "success"
    journey.shop.commit_to_main({PATH: POLICY.replace("seniors: 1", "seniors: 2")})
    await journey.rest()
    assert journey.conclusion(pull) == "action_required"


async def test_a_policy_that_is_taken_away_leaves_the_built_in_one(journey: Journey) -> None:
    pull = proposing(journey, None)
    await journey.rest()
    assert journey.conclusion(pull) == "action_required"
    assert "now `acme/senior-engineers`, then `nothing`" in (journey.runs(pull)[-1].summary or "")


@pytest.mark.parametrize("path", [PATH, "countersign.yml"])
async def test_the_organisations_own_policy_is_checked_before_it_holds_for_all(journey: Journey, path: str) -> None:
    shop = journey.shop
    defaults = shop.github.add_repository("acme/.github")
    shop.ops.commit(defaults, "main", {"README.md": "Defaults\n", path: POLICY}, message="Policy")
    pulls = []
    for name, text in (("broken", MISSPELT), ("weaker", POLICY.replace("tier: low", "tier: high"))):
        shop.ops.branch(defaults, name)
        shop.ops.commit(defaults, name, {path: text}, message=name)
        pulls.append(shop.ops.open(defaults, name, title=name))
    await journey.rest()
    broken, weaker = (
        next(run for run in reversed(defaults.runs) if run.head_sha == pull.head_sha and run.completed_at)
        for pull in pulls
    )
    assert broken.conclusion == "failure"
    assert {note["path"] for note in broken.annotations} == {path}
    assert weaker.conclusion == "action_required"
    assert "**less:** `nothing`" in (weaker.summary or "")


async def test_a_policy_that_lands_is_asked_of_every_open_pull_request_at_once(journey: Journey) -> None:
    pull = journey.change()
    await journey.rest()
    journey.shop.sam.comment(pull, "/approve-ai")
    await journey.rest()
    assert journey.conclusion(pull) == "success"
    journey.shop.commit_to_main({PATH: POLICY.replace("require: {seniors: 1}", "require: {seniors: 2}")})
    await journey.rest()
    assert journey.conclusion(pull) == "action_required"
