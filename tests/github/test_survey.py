"""The survey leaves no open pull request and no lost delivery out."""

from __future__ import annotations

from bot.github.client import Client, GitHub
from bot.github.survey import list_installations, open_pulls
from bot.jobs import Evaluate
from bot.sandbox.actions import people
from tests.shop import Shop


async def test_every_open_pull_request_is_found(client: Client, shop: Shop) -> None:
    opened = [shop.change({"a": str(number)}, branch=f"branch-{number}") for number in range(3)]
    shop.jay.close(opened[1])
    found = [job async for job in open_pulls(client, shop.installation.id)]
    wanted = [
        Evaluate(
            installation_id=shop.installation.id,
            repository_id=shop.repository.id,
            owner="acme",
            name="shop",
            number=pull.number,
        )
        for pull in (opened[0], opened[2])
    ]
    assert sorted(found, key=lambda job: job.number) == wanted


async def test_an_archived_repository_is_left_alone(client: Client, shop: Shop) -> None:
    shop.change({"a": "1"})
    shop.repository.archived = True
    assert [job async for job in open_pulls(client, shop.installation.id)] == []


async def test_a_suspended_installation_is_left_alone(app: GitHub, shop: Shop) -> None:
    assert await list_installations(app.app) == (shop.installation.id,)
    people.suspend(shop.world, shop.installation, actor=shop.organization)
    assert await list_installations(app.app) == ()
