"""The law: a Terraform plan of this very head, however it comes, raises what is asked and never lowers it."""

from __future__ import annotations

import io
import json
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from bot.core.blast.plan_json import MAX_BYTES
from bot.core.blast.plans import MOST_PLANS
from bot.core.memory import Kind
from bot.sandbox.embedded import EmbeddedGitHub
from bot.sandbox.objects import PullRequest, WorkflowRun
from bot.wiring import running_app
from tests.core.blast.plans import change, plan_of
from tests.journey import FIRST_RETRY_SECONDS, RESIZED, Journey, settings_for
from tests.shop import TERRAFORM, Shop

POLICY = """
version: 1
seniors: {teams: [acme/senior-engineers]}
rules:
  - name: destroys or replaces
    when: {effect: [destroy, replace]}
    require: {seniors: 1}
"""
REPLACED = plan_of(change(["delete", "create"], "aws_db_instance", replace_paths=[["port"]]))
HARMLESS = plan_of(change(["update"], "aws_db_instance", before={"port": 1}, after={"port": 2}))
GONE = TERRAFORM.replace("aws_db_instance", "aws_sns_topic")


def resize(journey: Journey) -> PullRequest:
    """Low by the text, whoever wrote it."""
    journey.shop.commit_to_main({".github/countersign.yml": POLICY})
    return journey.shop.change({"terraform/main.tf": RESIZED}, message="Resize")


def summary(journey: Journey, pull: PullRequest) -> str:
    return journey.runs(pull)[-1].summary or ""


async def test_an_artifact_shuts_what_the_text_left_open(journey: Journey) -> None:
    pull = resize(journey)
    await journey.rest()
    assert journey.conclusion(pull) == "success"
    journey.shop.jay.run_workflow(pull, artifacts={"countersign-plan-prod": {"plan.json": REPLACED}})
    await journey.rest()
    assert journey.conclusion(pull) == "action_required"
    assert "`plan countersign-plan-prod`: the plan destroys and creates" in summary(journey, pull)
    journey.shop.sam.approve(pull)
    await journey.rest()
    assert journey.conclusion(pull) == "success"


async def test_an_artifact_never_opens_and_voids_what_was_approved_without_it(journey: Journey) -> None:
    journey.shop.commit_to_main({".github/countersign.yml": POLICY})
    pull = journey.shop.change({"terraform/main.tf": GONE}, message="Resize")
    await journey.rest()
    journey.shop.jay.run_workflow(pull, artifacts={"countersign-plan": {"plan.json": HARMLESS}})
    await journey.rest()
    assert journey.conclusion(pull) == "action_required"
    journey.shop.sam.approve(pull)
    await journey.rest()
    assert journey.conclusion(pull) == "success"
    journey.shop.jay.run_workflow(pull, artifacts={"countersign-plan": {"plan.json": REPLACED}})
    await journey.rest()
    assert journey.conclusion(pull) == "action_required"
    assert "gave it before a Terraform plan said what the change does" in summary(journey, pull)


@pytest.mark.parametrize(
    ("name", "event", "artifact"),
    [
        ("another artifact", "pull_request", "coverage"),
        ("a run on the base", "pull_request_target", "countersign-plan"),
    ],
)
async def test_what_is_no_plan_of_this_head_changes_nothing(
    journey: Journey, name: str, event: str, artifact: str
) -> None:
    pull = resize(journey)
    journey.shop.jay.run_workflow(pull, event=event, artifacts={artifact: {"plan.json": REPLACED}})
    await journey.rest()
    assert journey.conclusion(pull) == "success", name


async def test_a_plan_of_an_earlier_head_says_nothing_of_this_one_and_that_is_said(journey: Journey) -> None:
    pull = resize(journey)
    await journey.rest()
    journey.shop.jay.run_workflow(pull, artifacts={"countersign-plan": {"plan.json": REPLACED}})
    await journey.rest()
    planned = pull.head_sha
    journey.shop.jay.commit(journey.shop.repository, "change", {"README.md": "# More\n"}, message="Say more")
    await journey.rest()
    assert journey.conclusion(pull) == "success"
    assert f"a Terraform plan came for commit {planned[:8]}, an earlier head" in summary(journey, pull)


@pytest.mark.parametrize(
    ("name", "files", "said"),
    [
        ("no plan", {"plan.json": b"Plan: 1 to add"}, "`plan.json`: line 1, column 1 is no JSON"),
        ("one of two", {"a.json": HARMLESS, "b.json": b"{}"}, "`b.json`: `$` is not as in a plan"),
        ("nothing", {"plan.out": b"PK"}, "expected 1 to 20 .json files"),
    ],
)
async def test_a_plan_that_cannot_be_read_asks_a_senior_and_names_the_place(
    journey: Journey, name: str, files: dict[str, bytes], said: str
) -> None:
    pull = resize(journey)
    journey.shop.jay.run_workflow(pull, artifacts={"countersign-plan": files})
    await journey.rest()
    assert journey.conclusion(pull) == "action_required", name
    assert said in summary(journey, pull)
    journey.shop.jay.run_workflow(pull, artifacts={"countersign-plan": {"plan.json": HARMLESS}})
    await journey.rest()
    assert journey.conclusion(pull) == "success"


async def test_an_artifact_of_an_odd_name_says_nothing_but_letters(journey: Journey) -> None:
    pull = resize(journey)
    name = "countersign-plan` ![x](http://evil.example/)\n# Approved"
    journey.shop.jay.run_workflow(pull, artifacts={name: {"plan.json": HARMLESS}})
    await journey.rest()
    assert "> Terraform plan `countersign-plan----x--http---evil.example-----Approved` of this head" in summary(
        journey, pull
    )


async def test_the_same_run_told_again_adds_nothing_and_no_value_is_kept(journey: Journey) -> None:
    pull = resize(journey)
    secret = plan_of(change(["delete"], "aws_db_instance", before={"password": "hunter2"}))
    journey.shop.jay.run_workflow(pull, artifacts={"countersign-plan": {"plan.json": secret}})
    await journey.rest()
    store, subject = journey.app.store, f"plan:{pull.repository.id}:{pull.head_sha}"
    before = await store.entries(subject)
    hooks = journey.shop.world.hooks
    for delivery in [one for one in hooks.deliveries if one.event == "workflow_run"]:
        hooks.send_again(delivery)
    await journey.rest()
    assert await store.entries(subject) == before
    (entry,) = before
    assert entry.kind == Kind.PLAN.value
    assert json.loads(entry.body)["origin"].startswith("run ")
    assert "hunter2" not in entry.body


async def test_more_plans_than_are_kept_shut_the_gate(journey: Journey) -> None:
    pull = resize(journey)
    await journey.rest()
    for number in range(0, MOST_PLANS + 5, 15):
        stacks = {f"countersign-plan-{number + more}": {"plan.json": HARMLESS} for more in range(15)}
        journey.shop.jay.run_workflow(pull, artifacts=stacks)
    await journey.rest()
    assert journey.conclusion(pull) == "action_required"
    assert f"more than {MOST_PLANS} plans came for this head" in summary(journey, pull)


GATE = "https://gate.example"


@pytest.fixture
async def taking(github: EmbeddedGitHub, shop: Shop, tmp_path: Path) -> AsyncIterator[Journey]:
    """The App at an address of its own, so that plans can be handed in."""
    settings = replace(settings_for(github, tmp_path), public_url=GATE)
    async with (
        running_app(settings, sweeps=False, first_retry_seconds=FIRST_RETRY_SECONDS) as app,
        aiohttp.ClientSession() as session,
    ):
        github.set_webhook_url(f"{app.url}/webhook")
        yield Journey(shop, app, github, session)


async def upload(
    journey: Journey, pull: PullRequest, raw: bytes | io.BytesIO, *, run: WorkflowRun | None = None, **claims: str
) -> tuple[int, dict[str, Any]]:
    run = run or journey.shop.jay.run_workflow(pull)
    token = journey.shop.github.issuer.id_token(pull.repository, run, GATE, **claims)
    address = f"{journey.app.url}/plans/acme/shop/{pull.head_sha}/prod"
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
    async with aiohttp.ClientSession() as session, session.put(address, data=raw, headers=headers) as answer:
        told = answer.status, await answer.json()
    await journey.rest()
    return told


async def test_an_upload_shuts_what_the_text_left_open_and_is_idempotent(taking: Journey) -> None:
    pull = resize(taking)
    await taking.rest()
    assert taking.conclusion(pull) == "success"
    status, told = await upload(taking, pull, REPLACED)
    assert (status, told["effects"]) == (201, ["replace aws_db_instance.x"])
    assert taking.conclusion(pull) == "action_required"
    stands, entries = taking.runs(pull), await taking.entries(pull)
    assert (await upload(taking, pull, REPLACED))[0] == 200
    assert (taking.runs(pull), await taking.entries(pull)) == (stands, entries)
    assert (await upload(taking, pull, HARMLESS))[0] == 201
    assert taking.conclusion(pull) == "action_required"


async def test_an_upload_that_cannot_be_read_is_refused_said_and_mended(taking: Journey) -> None:
    pull = resize(taking)
    status, told = await upload(taking, pull, HARMLESS[:-5])
    assert (status, "is no JSON" in told["message"]) == (422, True)
    assert taking.conclusion(pull) == "action_required"
    assert "the Terraform plan of `prod` is not known whole: line 1" in summary(taking, pull)
    for raw, expected in ((HARMLESS, "success"), (HARMLESS[:-4], "action_required"), (HARMLESS, "success")):
        await upload(taking, pull, raw)
        assert taking.conclusion(pull) == expected


async def test_an_upload_of_a_run_before_the_last_push_is_refused_and_keeps_nothing(taking: Journey) -> None:
    pull = resize(taking)
    run = taking.shop.jay.run_workflow(pull)
    taking.shop.jay.commit(taking.shop.repository, "change", {"README.md": "# More\n"}, message="Say more")
    status, told = await upload(taking, pull, REPLACED, run=run)
    assert (status, "upload under the head that was planned" in told["message"]) == (409, True)
    assert taking.conclusion(pull) == "success"


async def test_an_upload_made_before_the_base_moved_says_so(taking: Journey) -> None:
    pull = resize(taking)
    run = taking.shop.jay.run_workflow(pull)
    taking.shop.commit_to_main({"docs/other.md": "Meanwhile.\n"})
    assert (await upload(taking, pull, HARMLESS, run=run))[0] == 201
    assert "of the base branch, which has moved since" in summary(taking, pull)


async def test_a_broken_policy_does_not_lose_the_plan(taking: Journey) -> None:
    taking.shop.commit_to_main({".github/countersign.yml": "version: 1\n"})
    pull = taking.shop.change({"terraform/main.tf": RESIZED}, message="Resize")
    await upload(taking, pull, REPLACED)
    assert taking.conclusion(pull) == "failure"
    assert "the plan destroys and creates" in summary(taking, pull)


async def test_where_a_plan_is_asked_only_that_of_a_trusted_workflow_is_enough(taking: Journey) -> None:
    trusted = "acme/ci/.github/workflows/plan.yml@refs/heads/main"
    asks = f"plans: {{required_for: low, workflows: [{trusted}]}}\n"
    taking.shop.commit_to_main({".github/countersign.yml": POLICY + asks})
    pull = taking.shop.change({"terraform/main.tf": RESIZED}, message="Resize")
    assert (await upload(taking, pull, HARMLESS))[0] == 201
    assert taking.conclusion(pull) == "action_required"
    assert "Waiting for a Terraform plan of this head" in (taking.runs(pull)[-1].title or "")
    assert (await upload(taking, pull, HARMLESS, job_workflow_ref=trusted))[0] == 201
    assert taking.conclusion(pull) == "success"


async def test_no_other_workflow_mends_what_the_trusted_one_could_not_hand_in_whole(taking: Journey) -> None:
    trusted = "acme/ci/.github/workflows/plan.yml@refs/heads/main"
    asks = f"plans: {{required_for: high, workflows: [{trusted}]}}\n"
    taking.shop.commit_to_main({".github/countersign.yml": POLICY + asks})
    pull = taking.shop.change({"terraform/main.tf": RESIZED}, message="Resize")
    assert (await upload(taking, pull, REPLACED[:-1], job_workflow_ref=trusted))[0] == 422
    assert taking.conclusion(pull) == "action_required"
    assert (await upload(taking, pull, HARMLESS))[0] == 201
    assert taking.conclusion(pull) == "action_required"
    assert (await upload(taking, pull, HARMLESS, job_workflow_ref=trusted))[0] == 201
    assert taking.conclusion(pull) == "success"


async def test_a_plan_that_is_too_large_is_one_that_nobody_looked_at(taking: Journey) -> None:
    pull = resize(taking)
    status, told = await upload(taking, pull, io.BytesIO(REPLACED + b" " * MAX_BYTES))
    assert (status, "larger than 16 MiB" in told["message"]) == (422, True)
    assert taking.conclusion(pull) == "action_required"
    assert "the Terraform plan of `prod` is not known whole: it is larger than 16 MiB" in summary(taking, pull)
