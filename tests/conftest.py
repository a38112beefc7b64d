"""What every suite may use: an embedded GitHub whose traffic is judged by GitHub's published schemas."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import aiohttp
import pytest
from hypothesis import settings

from bot.sandbox.embedded import EmbeddedGitHub, new_private_key
from bot.wiring import running_app
from tests.journey import FIRST_RETRY_SECONDS, POLICY, Journey, settings_for
from tests.sandbox import judge as judging
from tests.shop import Shop

# The everyday run tries few examples of every law, `make slow` many (--hypothesis-profile=thorough).
settings.register_profile("everyday", max_examples=25, deadline=None)
settings.register_profile("thorough", max_examples=500, deadline=None)
settings.load_profile("everyday")


@pytest.fixture(scope="session")
def app_key() -> str:
    """The App's private key; one for all tests, because making one takes a tenth of a second."""
    return new_private_key()


@pytest.fixture
def judge() -> judging.Judge:
    """Everything the embedded GitHub was asked and has said, and what of it GitHub would not say."""
    if not judging.PUBLISHED.is_dir():
        pytest.fail("GitHub's published schemas are not installed: run `make setup-dev`")
    return judging.Judge()


@pytest.fixture
async def github(app_key: str, judge: judging.Judge) -> AsyncIterator[EmbeddedGitHub]:
    """A running embedded GitHub; the test fails when a request, answer or webhook is not GitHub's."""
    embedded = EmbeddedGitHub(schema=judging.graphql_schema(), watchers=judge, private_key=app_key)
    await embedded.start()
    try:
        yield embedded
    finally:
        await embedded.stop()
    assert not judge.violations, "\n".join(judge.violations)


@pytest.fixture
def shop(github: EmbeddedGitHub) -> Shop:
    """A small company on the embedded GitHub, with the App installed."""
    return Shop(github)


@pytest.fixture
async def journey(github: EmbeddedGitHub, shop: Shop, tmp_path: Path) -> AsyncIterator[Journey]:
    """The App at work on the shop, whose default branch asks one senior for AI-assisted infrastructure."""
    shop.commit_to_main({".github/countersign.yml": POLICY})
    settings = settings_for(github, tmp_path)
    async with (
        running_app(settings, sweeps=False, first_retry_seconds=FIRST_RETRY_SECONDS) as app,
        aiohttp.ClientSession() as session,
    ):
        github.set_webhook_url(f"{app.url}/webhook")
        travelled = Journey(shop, app, github, session)
        await travelled.rest()
        yield travelled
        await travelled.rest()
