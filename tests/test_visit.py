"""From the check to its record: people sign in with GitHub, and read what they can read there."""

from __future__ import annotations

import socket
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

from bot.sandbox.actions import people
from bot.sandbox.embedded import EmbeddedGitHub
from bot.sandbox.objects import PullRequest
from bot.wiring import App, running_app
from tests.journey import FIRST_RETRY_SECONDS, Journey, settings_for
from tests.shop import Shop
from tests.visitor import Visitor


def free_port() -> int:
    """The App's own links must name its port before it listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@dataclass
class Clock:
    time: float = field(default_factory=time.time)

    def __call__(self) -> float:
        return self.time


@dataclass
class Visited:
    """An App whose pages are open, and one pull request that it has judged."""

    app: App
    shop: Shop
    clock: Clock
    pull: PullRequest
    url: str


@pytest.fixture
async def visited(github: EmbeddedGitHub, shop: Shop, tmp_path: Path) -> AsyncIterator[Visited]:
    port, clock = free_port(), Clock()
    settings = replace(
        settings_for(github, tmp_path),
        port=port,
        public_url=f"http://127.0.0.1:{port}",
        client_id=github.app.client_id,
        client_secret=github.app.client_secret,
    )
    github.person("noor")
    async with running_app(settings, sweeps=False, clock=clock, first_retry_seconds=FIRST_RETRY_SECONDS) as app:
        github.set_webhook_url(f"{app.url}/webhook")
        github.set_callback_url(f"{app.url}/login/callback")
        journey = Journey(shop, app, github, session=None)
        pull = journey.change()
        await journey.rest()
        yield Visited(app=app, shop=shop, clock=clock, pull=pull, url=journey.runs(pull)[-1].details_url)


async def test_the_checks_link_leads_a_reader_through_one_button_to_the_record(visited: Visited) -> None:
    async with Visitor() as jay:
        page = await jay.sign_in(visited.url, "jay")
        assert (page.url, page.status) == (visited.url, 200)
        assert "Change the shop" in page.text
        assert "Sign out" in page.text
        queue = await jay.get(visited.app.url)
        assert "acme/shop#1" in queue.text


async def test_a_stranger_signs_in_and_reads_nothing(visited: Visited) -> None:
    async with Visitor() as noor:
        page = await noor.sign_in(visited.url, "noor")
        assert (page.url, page.status) == (visited.url, 404)
        assert "Nothing waits" in (await noor.get(visited.app.url)).text


async def test_who_was_removed_reads_nothing_a_minute_later(visited: Visited) -> None:
    async with Visitor() as jay:
        await jay.sign_in(visited.url, "jay")
        shop = visited.shop
        people.stop_collaborating(shop.world, shop.repository, shop.jay.account, actor=shop.organization)
        del shop.world.organization_roles["acme", "jay"]
        visited.clock.time += 61
        assert (await jay.get(visited.url)).status == 404


async def test_once_the_app_is_removed_nobody_reads_its_records(visited: Visited) -> None:
    async with Visitor() as jay:
        await jay.sign_in(visited.url, "jay")
        people.suspend(visited.shop.world, visited.shop.installation, actor=visited.shop.organization)
        visited.clock.time += 61
        assert (await jay.get(visited.url)).status == 404


async def test_a_sign_in_begun_elsewhere_is_refused(visited: Visited) -> None:
    async with Visitor() as attacker, Visitor() as victim:
        asked = await attacker.get(f"{visited.app.url}/login")
        callback = await attacker.callback(asked, "noor")
        assert callback.startswith(f"{visited.app.url}/login/callback?code=")
        assert (await victim.get(callback)).status == 403
        assert "/login/oauth/authorize?" in (await victim.get(visited.app.url)).url
