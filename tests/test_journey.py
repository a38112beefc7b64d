"""A webhook's whole journey: the real App against the embedded GitHub, judged by what GitHub then shows."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from bot.core.memory import Kind
from bot.jobs import Sweep, encode_job
from bot.sandbox.actions import people
from bot.sandbox.embedded import EmbeddedGitHub
from bot.store.entries import Due
from bot.wiring import Role, running_app
from tests.journey import FIRST_RETRY_SECONDS, MOVED, POLICY, RESIZED, Journey, settings_for
from tests.shop import CLAUDE, TERRAFORM, Shop


async def test_a_senior_opens_the_gate_a_junior_does_not_and_a_push_shuts_it(journey: Journey) -> None:
    shop = journey.shop
    pull = journey.change()
    await journey.rest()
    assert journey.conclusion(pull) == "action_required"

    asked = shop.jay.comment(pull, "/approve-ai")
    await journey.rest()
    assert journey.conclusion(pull) == "action_required"
    assert [reaction.content for reaction in asked.reactions] == ["-1"]
    (refusal,) = [one.body for one in pull.comments if one.author.login == "countersign[bot]"]
    assert "Not accepted: **jay** opened this pull request" in refusal

    asked = shop.sam.comment(pull, "/approve-ai")
    await journey.rest()
    assert journey.conclusion(pull) == "success"
    assert [reaction.content for reaction in asked.reactions] == ["+1"]

    shop.jay.commit(shop.repository, "change", {"terraform/main.tf": MOVED}, message="Move the port")
    await journey.rest()
    assert journey.conclusion(pull) == "action_required"


async def test_a_seniors_review_and_the_button_open_the_gate_too(journey: Journey) -> None:
    pull = journey.change()
    await journey.rest()
    review = journey.shop.sue.approve(pull)
    await journey.rest()
    assert journey.conclusion(pull) == "success"
    journey.shop.ops.dismiss(pull, review, "not yet")
    await journey.rest()
    assert journey.conclusion(pull) == "action_required"
    journey.shop.sam.press(pull, journey.runs(pull)[-1], "approve")
    await journey.rest()
    assert journey.conclusion(pull) == "success"


async def test_a_change_without_infrastructure_passes_at_once(journey: Journey) -> None:
    pull = journey.shop.change({"README.md": "# Better\n"}, message=f"Say more\n\n{CLAUDE}")
    await journey.rest()
    assert journey.conclusion(pull) == "success"


async def test_looking_again_writes_nothing(journey: Journey) -> None:
    pull = journey.change()
    await journey.rest()
    journey.shop.sam.comment(pull, "/approve-ai")
    await journey.rest()
    before = await journey.entries(pull)
    stands = [(run.id, run.external_id) for run in journey.runs(pull)]
    await journey.ring(pull)
    assert await journey.entries(pull) == before
    assert [(run.id, run.external_id) for run in journey.runs(pull)] == stands


async def test_every_delivery_twice_and_in_another_order_ends_in_the_same_place(journey: Journey) -> None:
    pull = journey.change()
    await journey.rest()
    journey.shop.sam.comment(pull, "/approve-ai")
    await journey.rest()
    before = await journey.entries(pull)
    hooks = journey.shop.world.hooks
    for delivery in reversed(list(hooks.deliveries)):
        hooks.send_again(delivery)
    await journey.rest()
    assert await journey.entries(pull) == before
    assert journey.conclusion(pull) == "success"


async def test_a_delivery_that_was_lost_is_asked_for_again(journey: Journey) -> None:
    journey.shop.world.hooks.drop = 1000
    pull = journey.change()
    await journey.rest()
    assert journey.runs(pull) == []
    journey.shop.world.hooks.drop = 0
    await journey.sweeper.redeliver()
    await journey.rest()
    assert journey.conclusion(pull) == "action_required"


async def test_a_sweep_finds_what_no_delivery_told(journey: Journey) -> None:
    journey.shop.world.hooks.drop = 1000
    pull = journey.change()
    journey.shop.world.hooks.deliveries.clear()
    journey.shop.world.hooks.drop = 0
    await journey.sweeper.ring_installations()
    await journey.rest()
    assert journey.conclusion(pull) == "action_required"


async def test_a_broken_policy_shuts_the_gate_and_says_where(journey: Journey) -> None:
    journey.shop.commit_to_main({".github/countersign.yml": "version: 1\nsenoirs: {}\n"})
    pull = journey.change()
    await journey.rest()
    assert journey.conclusion(pull) == "failure"
    assert "countersign.yml" in (journey.runs(pull)[-1].summary or "")
    assert "line " in (journey.runs(pull)[-1].summary or "")


async def test_the_approval_stands_in_the_ledger_bound_to_the_change(journey: Journey) -> None:
    pull = journey.change()
    await journey.rest()
    journey.shop.sam.comment(pull, "/approve-ai")
    await journey.rest()
    (record,) = [json.loads(one.body) for one in await journey.entries(pull) if one.kind == Kind.RECORD.value]
    assert record["binding"]["head_sha"] == pull.head_sha
    assert record["binding"]["diff_digest"].startswith("sha256:")
    assert record["refusal"] == ""
    fault, lines, _ = await journey.app.store.find_fault()
    assert fault == ""
    assert lines > 5


async def test_the_same_commit_in_two_pull_requests_is_judged_by_the_stricter(journey: Journey) -> None:
    first = journey.change()
    await journey.rest()
    shop = journey.shop
    shop.jay.branch(shop.repository, "twin", start="change")
    second = shop.jay.open(shop.repository, "twin", title="The same again")
    await journey.rest()
    assert second.head_sha == first.head_sha
    shop.sam.comment(first, "/approve-ai")
    await journey.rest()
    assert journey.conclusion(first) == "action_required"


async def test_a_trailer_that_was_stripped_in_a_new_pull_request_is_remembered(journey: Journey) -> None:
    """The same tree on the same parent by another commit, opened after the first pull request was closed."""
    shop, first = journey.shop, journey.change()
    await journey.rest()
    shop.jay.close(first)
    again = shop.change({"terraform/main.tf": RESIZED}, message="Resize", branch="again")
    await journey.rest()
    assert again.head_sha != first.head_sha
    assert journey.conclusion(again) == "action_required"
    assert f"found in #{first.number}, commit {first.head_sha[:8]}" in (journey.runs(again)[-1].summary or "")


async def test_a_stripped_trailer_is_remembered_over_a_rebase_and_a_further_commit(journey: Journey) -> None:
    shop = journey.shop
    by = shop.world.signature(shop.jay.account)
    first = shop.change({"terraform/main.tf": RESIZED}, message=f"Resize\n\n{CLAUDE}", by=by)
    await journey.rest()
    shop.jay.close(first)
    shop.commit_to_main({"docs/other.md": "Meanwhile.\n"})
    again = shop.change({"terraform/main.tf": RESIZED}, message="Resize", branch="again", by=by)
    shop.jay.commit(shop.repository, "again", {"README.md": "# More\n"}, message="Say more")
    await journey.rest()
    assert journey.conclusion(again) == "action_required"


async def test_a_dispute_clears_what_was_seen_and_not_what_is_seen_later_on_the_same_head(journey: Journey) -> None:
    shop, pull = journey.shop, journey.change()
    await journey.rest()
    shop.sam.comment(pull, "/dispute-ai typed by hand, the trailer came from a template")
    await journey.rest()
    assert journey.conclusion(pull) == "success"
    shop.jay.edit(pull, body="Generated with [Claude Code](https://claude.com/claude-code)")
    await journey.rest()
    assert journey.conclusion(pull) == "action_required"


async def test_a_broken_glass_tells_whom_it_passed_over_and_owes_a_review(journey: Journey) -> None:
    shop = journey.shop
    shop.commit_to_main({".github/countersign.yml": POLICY + "break_glass: {users: [ops]}\n"})
    pull = journey.change()
    await journey.rest()
    shop.ops.comment(pull, "/break-glass checkout is down")
    await journey.rest()
    assert journey.conclusion(pull) == "success"
    (told,) = [one.body for one in pull.comments if one.author.login == "countersign[bot]"]
    assert "Passed over: @sam, @sue" in told
    shop.ops.merge(pull)
    other = shop.change({"terraform/main.tf": MOVED}, message=f"Move\n\n{CLAUDE}", branch="other")
    await journey.rest()
    assert [one.number for one in await journey.app.store.owing(5)] == [pull.number]

    shop.ops.comment(other, "/break-glass it is still down")
    await journey.rest()
    assert journey.conclusion(other) == "action_required"
    assert f"acme/shop#{pull.number} is still owed" in other.comments[-1].body

    paid = shop.sam.comment(pull, f"/approve-ai {pull.head_sha[:12]}")
    await journey.rest()
    assert [reaction.content for reaction in paid.reactions] == ["+1"]
    assert await journey.app.store.owing(5) == ()
    shop.ops.comment(other, "/break-glass it is still down")
    await journey.rest()
    assert journey.conclusion(other) == "success"


async def test_a_restart_goes_on_where_the_last_life_ended(github: EmbeddedGitHub, shop: Shop, tmp_path: Path) -> None:
    shop.commit_to_main({".github/countersign.yml": POLICY})
    settings = settings_for(github, tmp_path)
    async with running_app(settings, frozenset({Role.WEB})) as app:
        github.set_webhook_url(f"{app.url}/webhook")
        pull = shop.change({"terraform/main.tf": RESIZED}, message=f"Resize\n\n{CLAUDE}")
        await github.delivered()
    async with running_app(settings, sweeps=False, first_retry_seconds=FIRST_RETRY_SECONDS) as app:
        github.set_webhook_url(f"{app.url}/webhook")
        journey = Journey(shop, app, github, session=None)
        await journey.rest()
        assert journey.conclusion(pull) == "action_required"


async def test_what_belongs_to_a_removed_installation_is_let_go(journey: Journey) -> None:
    pull = journey.change()
    await journey.rest()
    people.uninstall(journey.shop.world, journey.shop.installation, actor=journey.shop.organization)
    sweep = Sweep(installation_id=journey.shop.installation.id)
    await journey.app.store.ring([Due(subject=sweep.subject, work=encode_job(sweep))])
    await journey.ring(pull)
    assert (await journey.app.store.backlog()).due == 0
    assert await journey.app.store.waiting(10) == ()
    assert (await journey.app.store.find_fault())[0] == ""


async def test_a_suspended_installation_is_let_go_and_taken_up_again(journey: Journey) -> None:
    world, shop = journey.shop.world, journey.shop
    pull = journey.change()
    await journey.rest()
    people.suspend(world, shop.installation, actor=shop.organization)
    await journey.ring(pull)
    assert await journey.app.store.waiting(10) == ()
    people.unsuspend(world, shop.installation, actor=shop.organization)
    await journey.rest()
    (waiting,) = await journey.app.store.waiting(10)
    assert waiting.number == pull.number


async def test_many_heads_that_nobody_saw_are_read_some_at_a_time(
    journey: Journey, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.github.read.past.MOST_PAST_HEADS", 3)
    shop, world = journey.shop, journey.shop.world
    pull = shop.change({"README.md": "# 0\n"}, message="Say 0")
    await journey.rest()
    world.hooks.drop = 1000
    for number in range(1, 10):
        trailer = f"\n\n{CLAUDE}" if number == 5 else ""
        files = {"terraform/main.tf": f"{TERRAFORM}# {number}\n"}
        shop.jay.commit(shop.repository, "change", files, message=f"Say {number}{trailer}", onto=pull.base_sha)
    world.hooks.drop = 0
    await journey.ring(pull)
    assert journey.conclusion(pull) == "action_required"
    assert "explicit: Claude Code" in (journey.runs(pull)[-1].summary or "")
    read = [entry for entry in await journey.entries(pull) if entry.kind == Kind.PAST_HEAD.value]
    assert len(read) == 8
    before = await journey.entries(pull)
    await journey.ring(pull)
    assert await journey.entries(pull) == before
    shop.sam.comment(pull, f"/approve-ai {pull.head_sha}")
    await journey.rest()
    assert journey.conclusion(pull) == "success"


async def test_what_is_merged_past_the_gate_is_an_incident_and_deploys_once_a_senior_has_approved_it(
    journey: Journey,
) -> None:
    shop, pull = journey.shop, journey.change()
    shop.protect()
    await journey.rest()
    shop.jay.merge(pull)
    await journey.rest()
    (incident,) = await journey.app.store.open_incidents(5)
    assert f"#{pull.number} was merged while the gate said pending" in incident.body
    deployment = shop.jay.deploy(shop.repository, "production", "main")
    await journey.rest()
    assert deployment.state == "waiting"

    shop.sam.comment(pull, f"/approve-ai {pull.head_sha}")
    await journey.rest()
    assert deployment.state == "approved"
    assert await journey.app.store.open_incidents(5) == ()


async def test_a_head_that_was_pushed_away_under_a_broken_policy_is_read_again_under_a_good_one(
    journey: Journey,
) -> None:
    """Only a policy that can be read knows its own markers."""
    shop, world = journey.shop, journey.shop.world
    shop.commit_to_main({".github/countersign.yml": "version: 2\n"})
    pull = shop.change({"README.md": "# 0\n"}, message="Say 0")
    await journey.rest()
    world.hooks.drop = 1000
    for message in ("Say it by robot", "Say more"):
        shop.jay.commit(shop.repository, "change", {"terraform/main.tf": RESIZED}, message=message, onto=pull.base_sha)
    world.hooks.drop = 0
    await journey.ring(pull)
    marker = "{id: own, agent: robot, surface: subject, pattern: 'by robot', strength: explicit}"
    shop.commit_to_main({".github/countersign.yml": f"{POLICY}provenance: {{markers: [{marker}]}}\n"})
    await journey.ring(pull)
    assert journey.conclusion(pull) == "action_required"
    assert "explicit: Robot" in (journey.runs(pull)[-1].summary or "")
