"""Attacks 97, 119, 120, 122 and 128 on the running App: whatever lands past the gate is an incident in the ledger."""

from __future__ import annotations

import pytest

from bot.core.landing import Incident, Landing, Outcome
from bot.core.memory import Kind, landings_of
from bot.jobs import AuditBranch
from bot.sandbox import rules
from bot.sandbox.objects import Ruleset
from tests.journey import MOVED, POLICY, Journey
from tests.shop import CLAUDE

pytestmark = pytest.mark.slow


def audit(journey: Journey, branch: str = "main") -> AuditBranch:
    shop = journey.shop
    return AuditBranch(
        installation_id=shop.installation.id,
        repository_id=shop.repository.id,
        owner="acme",
        name="shop",
        branch=branch,
        is_gated=True,
    )


async def landings(journey: Journey, branch: str = "main", kind: Kind = Kind.LANDING) -> list[Landing]:
    entries = await journey.app.store.entries(audit(journey, branch).subject)
    return list(landings_of(entry.body for entry in entries if entry.kind == kind.value))


async def incidents(journey: Journey, branch: str = "main") -> list[Incident]:
    return [landing.incident for landing in await landings(journey, branch, Kind.INCIDENT)]


def _only_ruleset(journey: Journey) -> Ruleset:
    (ruleset,) = journey.shop.repository.rulesets.values()
    return ruleset


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """The embedded GitHub's lists do not lag; what is missing there is missing for good."""
    monkeypatch.setattr("bot.worker.auditing.PATIENCE", 2)


async def test_097_a_merge_that_was_never_green_is_an_incident(journey: Journey) -> None:
    """No rule asks for the check, and nobody looked at it."""
    pull = journey.change()
    await journey.rest()
    journey.shop.jay.merge(pull)
    await journey.rest()
    (found,) = await landings(journey, kind=Kind.INCIDENT)
    assert found.incident is Incident.UNAPPROVED_MERGE
    assert found.why == f"#{pull.number} was merged while the gate said pending"
    assert found.move.actor == "jay"
    assert (await journey.app.store.find_fault())[0] == ""


async def test_097_an_approved_merge_has_its_record_however_it_is_merged(journey: Journey) -> None:
    shop = journey.shop
    shop.require_check()
    for number, method in enumerate(("merge", "squash", "rebase")):
        files = {f"terraform/{method}.tf": f'resource "aws_sqs_queue" "q{number}" {{}}\n'}
        pull = shop.change(files, message=f"Add a queue\n\n{CLAUDE}", branch=method)
        await journey.rest()
        shop.sam.comment(pull, "/approve-ai")
        await journey.rest()
        shop.jay.merge(pull, method=method)
        await journey.rest()
    found = await landings(journey)
    assert [landing.outcome for landing in found] == [Outcome.BASELINE, *[Outcome.RECORD] * 3]
    assert all("approved by sam" in landing.why for landing in found[1:])
    assert await incidents(journey) == []


async def test_097_what_was_there_before_the_gate_came_is_no_incident(journey: Journey) -> None:
    journey.shop.commit_to_main({"terraform/main.tf": MOVED})
    await journey.rest()
    assert [landing.outcome for landing in await landings(journey)] == [Outcome.BASELINE]


async def test_119_an_administrators_merge_is_an_incident_until_a_senior_has_reviewed_it(journey: Journey) -> None:
    shop = journey.shop
    shop.require_check()
    _only_ruleset(journey).bypass_actors.append({"actor_type": "OrganizationAdmin", "bypass_mode": "always"})
    pull = journey.change()
    await journey.rest()
    shop.ops.merge(pull)
    await journey.rest()
    assert await incidents(journey) == [Incident.UNAPPROVED_MERGE]

    refused = shop.jay.comment(pull, f"/approve-ai {pull.head_sha}")
    await journey.rest()
    assert [reaction.content for reaction in refused.reactions] == ["-1"]
    assert await landings(journey, kind=Kind.INCIDENT_REVIEWED) == []

    accepted = shop.sam.comment(pull, f"/approve-ai {pull.head_sha}")
    await journey.rest()
    assert [reaction.content for reaction in accepted.reactions] == ["+1"]
    (reviewed,) = await landings(journey, kind=Kind.INCIDENT_REVIEWED)
    assert [one.number for one in reviewed.pulls] == [pull.number]
    assert await incidents(journey) == [Incident.UNAPPROVED_MERGE]


async def test_120_what_slips_through_while_the_rule_is_off_is_named(journey: Journey) -> None:
    shop = journey.shop
    shop.require_check()
    held, meant = journey.change(), shop.change({"README.md": "# Fixed\n"}, branch="meant")
    await journey.rest()
    ruleset = _only_ruleset(journey)
    ruleset.enforcement = "disabled"
    shop.ops.merge(meant)
    shop.jay.merge(held)
    ruleset.enforcement = "active"
    await journey.rest()
    found = {one.pulls[0].number: one.outcome for one in await landings(journey) if one.pulls}
    assert found == {meant.number: Outcome.RECORD, held.number: Outcome.INCIDENT}


async def test_122_a_push_past_the_pull_request_is_an_incident(journey: Journey) -> None:
    journey.change()
    await journey.rest()
    journey.shop.ops.commit(journey.shop.repository, "main", {"terraform/main.tf": MOVED}, message="Hot fix")
    await journey.rest()
    (found,) = await landings(journey, kind=Kind.INCIDENT)
    assert (found.incident, found.move.actor) == (Incident.DIRECT_PUSH, "ops")


async def test_122_a_merge_made_by_hand_does_not_pass_for_the_approved_pull_request(journey: Journey) -> None:
    """The pull request is approved; what is pushed claims to merge it and holds more."""
    shop, pull = journey.shop, journey.change()
    await journey.rest()
    shop.sam.comment(pull, "/approve-ai")
    await journey.rest()
    git, by = shop.repository.git, shop.world.signature(shop.ops.account)
    shop.ops.branch(shop.repository, "evil", start="change")
    evil = shop.ops.commit(shop.repository, "evil", {"terraform/more.tf": MOVED}, message="More")
    message = f"Merge pull request #{pull.number} from acme/change"
    merged = git.write_merge(ours=git.resolve("main") or "", theirs=evil, message=message, author=by)
    assert merged
    shop.ops.push(shop.repository, "main", merged)
    await journey.rest()
    assert await incidents(journey) == [Incident.DIRECT_PUSH]


async def test_122_a_forced_push_is_an_incident_though_it_was_taken_back(journey: Journey) -> None:
    shop = journey.shop
    pull = shop.change({"README.md": "# Better\n"})
    await journey.rest()
    tip = shop.jay.merge(pull)
    await journey.rest()
    shop.world.hooks.hold()
    shop.ops.commit(shop.repository, "main", {"terraform/main.tf": MOVED}, message="Rewrite", onto="")
    shop.ops.push(shop.repository, "main", tip)
    shop.world.hooks.release()
    await journey.rest()
    assert await incidents(journey) == [Incident.REWRITTEN_HISTORY, Incident.REWRITTEN_HISTORY]


async def test_122_a_release_branch_is_audited_from_its_first_check_on(journey: Journey) -> None:
    shop = journey.shop
    shop.ops.branch(shop.repository, "1.x")
    shop.ops.branch(shop.repository, "scratch")
    shop.jay.branch(shop.repository, "change")
    shop.jay.commit(shop.repository, "change", {"README.md": "# Better\n"}, message="Say more")
    shop.jay.open(shop.repository, "change", title="Backport", base="1.x")
    await journey.rest()
    for branch in ("1.x", "scratch"):
        shop.ops.commit(shop.repository, branch, {"terraform/main.tf": MOVED}, message="Hot fix")
    await journey.rest()
    assert await incidents(journey, "1.x") == [Incident.DIRECT_PUSH]
    assert await landings(journey, "scratch") == []


async def test_122_a_push_of_which_nobody_was_told_is_found_by_the_sweep(journey: Journey) -> None:
    journey.change()
    await journey.rest()
    journey.shop.world.hooks.drop = 1000
    journey.shop.ops.commit(journey.shop.repository, "main", {"terraform/main.tf": MOVED}, message="Hot fix")
    journey.shop.world.hooks.drop = 0
    await journey.sweeper.ring_installations()
    await journey.rest()
    assert await incidents(journey) == [Incident.DIRECT_PUSH]


async def test_128_a_merge_that_github_itself_let_through_is_an_incident(
    journey: Journey, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The rule stands, binds everybody and is not applied."""
    journey.shop.require_check()
    pull = journey.change()
    await journey.rest()
    monkeypatch.setattr(rules, "missing", lambda *_, **__: [])
    journey.shop.jay.merge(pull)
    await journey.rest()
    assert await incidents(journey) == [Incident.UNAPPROVED_MERGE]


async def test_128_a_queue_that_merges_what_it_was_told_not_to_is_an_incident(
    journey: Journey, monkeypatch: pytest.MonkeyPatch
) -> None:
    journey.shop.require_check()
    pull = journey.change()
    await journey.rest()
    monkeypatch.setattr(rules, "missing", lambda *_, **__: [])
    monkeypatch.setattr(rules, "check_state", lambda *_, **__: "passing")
    journey.shop.jay.enqueue(pull)
    await journey.rest()
    assert pull.merged
    assert await incidents(journey) == [Incident.UNAPPROVED_MERGE]


async def test_097_a_broken_glass_is_an_exception_and_no_incident(journey: Journey) -> None:
    shop = journey.shop
    shop.commit_to_main({".github/countersign.yml": POLICY + "break_glass: {users: [ops]}\n"})
    pull = journey.change()
    await journey.rest()
    shop.ops.comment(pull, "/break-glass checkout is down")
    await journey.rest()
    shop.ops.merge(pull)
    await journey.rest()
    assert [landing.outcome for landing in await landings(journey)] == [Outcome.BASELINE, Outcome.EXCEPTION]
    assert await incidents(journey) == []


async def test_097_what_github_does_not_tell_is_an_incident_in_the_end(journey: Journey) -> None:
    journey.change()
    await journey.rest()
    journey.shop.ops.commit(journey.shop.repository, "main", {"terraform/main.tf": MOVED}, message="Hot fix")
    journey.shop.repository.activities.clear()
    await journey.rest()
    assert await incidents(journey) == [Incident.UNKNOWN]
    (*_, last) = await landings(journey)
    assert last.move.after == journey.shop.repository.git.resolve("main")
