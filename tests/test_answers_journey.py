"""What people are answered: the second who is missing, what undid nothing, and what was mistyped."""

from __future__ import annotations

import time

from bot.sandbox.actions import people
from bot.sandbox.objects import Comment, PullRequest
from bot.sandbox.person import Person
from tests.journey import Journey


async def asked(journey: Journey, pull: PullRequest, who: Person, body: str) -> tuple[list[str], str]:
    """The reactions to a comment of a later second, and the App's latest word."""
    world = journey.shop.world
    ahead = world.now() + 1 - int(time.time())
    world.clock = lambda: time.time() + ahead
    comment: Comment = who.comment(pull, body)
    await journey.rest()
    said = [one.body for one in pull.comments if one.author.login == "countersign[bot]"]
    return [reaction.content for reaction in comment.reactions], said[-1] if said else ""


async def test_the_first_of_two_who_lift_a_block_learns_that_one_is_missing(journey: Journey) -> None:
    shop = journey.shop
    third = shop.github.person("tess")
    people.join_team(shop.world, shop.seniors, third.account, actor=shop.organization)
    pull = journey.change()
    await journey.rest()
    await asked(journey, pull, shop.sam, "/block-ai not on a Friday")
    reactions, answer = await asked(journey, pull, shop.sue, "/unblock-ai")
    assert reactions == ["+1"]
    assert "**sam** still stands: one more senior" in answer
    assert journey.conclusion(pull) == "failure"
    reactions, again = await asked(journey, pull, third, "/unblock-ai")
    assert (reactions, again) == (["+1"], answer)
    assert journey.conclusion(pull) == "action_required"
    reactions, answer = await asked(journey, pull, shop.sue, "/unblock-ai")
    assert reactions == []
    assert "nothing to lift" in answer


async def test_a_withdrawal_of_nothing_is_answered_and_not_applauded(journey: Journey) -> None:
    pull = journey.change()
    await journey.rest()
    reactions, answer = await asked(journey, pull, journey.shop.sam, "/revoke-ai")
    assert reactions == []
    assert "nothing to withdraw" in answer
    before = len(pull.comments)
    await journey.ring(pull)
    assert len(pull.comments) == before


async def test_a_mistyped_approval_approves_nothing_and_is_answered(journey: Journey) -> None:
    pull = journey.change()
    await journey.rest()
    reactions, answer = await asked(journey, pull, journey.shop.sam, "/approve-ia")
    assert reactions == ["-1"]
    assert "did you mean `/approve-ai`?" in answer
    assert journey.conclusion(pull) == "action_required"
