"""Attacks 89 to 92 on the running App: a merge queue merges only what was judged afresh, each for itself."""

from __future__ import annotations

import pytest

from bot.sandbox.objects import CheckRun, PullRequest, QueueEntry
from tests.journey import RESIZED, Journey
from tests.shop import CLAUDE

pytestmark = pytest.mark.slow


async def approved(journey: Journey, name: str) -> PullRequest:
    """A change of its own file that a senior approved; its check is green and required."""
    file = {f"terraform/{name}.tf": RESIZED.replace("orders", name)}
    pull = journey.shop.change(file, message=f"Add {name}\n\n{CLAUDE}", branch=name)
    await journey.rest()
    journey.shop.sam.comment(pull, "/approve-ai")
    await journey.rest()
    assert journey.conclusion(pull) == "success"
    return pull


def posted_on(journey: Journey, entry: QueueEntry) -> list[CheckRun]:
    return [run for run in journey.shop.repository.runs if run.head_sha == entry.head_sha]


async def test_089_a_group_of_approved_changes_is_judged_and_merges(journey: Journey) -> None:
    journey.shop.require_check()
    first, second = await approved(journey, "orders"), await approved(journey, "users")
    entries = [journey.shop.jay.enqueue(pull) for pull in (first, second)]
    await journey.rest()
    assert [run.conclusion for entry in entries for run in posted_on(journey, entry)] == ["success", "success"]
    assert first.merged
    assert second.merged
    assert not journey.shop.repository.queue


async def test_090_an_approval_withdrawn_in_the_queue_does_not_merge(journey: Journey) -> None:
    journey.shop.require_check()
    pull = await approved(journey, "orders")
    hooks = journey.shop.world.hooks
    hooks.hold()
    journey.shop.sam.comment(pull, "/revoke-ai")
    entry = journey.shop.jay.enqueue(pull)  # still green there: nobody has heard of the withdrawal
    hooks.release()
    await journey.rest()
    assert not pull.merged
    assert [run.conclusion for run in posted_on(journey, entry)] == ["action_required"]
    assert not journey.shop.repository.queue


async def test_091_one_approval_lets_nobody_else_of_the_group_through(journey: Journey) -> None:
    """Both were green when they entered the queue; only one still is when their group is judged."""
    journey.shop.require_check()
    good, bad = await approved(journey, "orders"), await approved(journey, "users")
    hooks = journey.shop.world.hooks
    hooks.hold()
    journey.shop.sue.comment(bad, "/block-ai not today")
    entries = [journey.shop.jay.enqueue(pull) for pull in (bad, good)]
    hooks.release()
    await journey.rest()
    # The group of `good` held `bad` too and could not pass; built anew without it, it merges.
    assert [run.conclusion for run in posted_on(journey, entries[0])] == ["failure"]
    assert "success" not in [run.conclusion for run in posted_on(journey, entries[1])]
    assert not bad.merged
    assert good.merged
    assert "users" not in {path.path for path in journey.shop.repository.git.tree("main", recursive=True) or ()}


async def test_091_a_group_that_is_not_told_whole_does_not_merge(
    journey: Journey, monkeypatch: pytest.MonkeyPatch
) -> None:
    journey.shop.require_check()
    pull = await approved(journey, "orders")
    monkeypatch.setattr("bot.worker.group.PATIENCE", 1)
    entry = journey.shop.jay.enqueue(pull)
    journey.shop.repository.queue.clear()
    await journey.rest()
    (run,) = posted_on(journey, entry)
    assert run.conclusion == "failure"
    assert "does not tell which pull requests" in (run.title or "")


async def test_092_a_lost_group_event_is_asked_for_again(journey: Journey) -> None:
    journey.shop.require_check()
    pull = await approved(journey, "orders")
    journey.shop.world.hooks.drop = 1000
    entry = journey.shop.jay.enqueue(pull)
    await journey.rest()
    assert posted_on(journey, entry) == []
    assert not pull.merged
    journey.shop.world.hooks.drop = 0
    await journey.sweeper.redeliver()
    await journey.rest()
    assert pull.merged
