"""A client of the App on the embedded GitHub."""

from __future__ import annotations

from collections.abc import AsyncIterator

import aiohttp
import pytest

from bot.github.client import Access, Client, GitHub
from tests.shop import Shop


async def no_sleep(_: float) -> None:
    """Waiting is not what these tests are about."""


@pytest.fixture
async def client(shop: Shop) -> AsyncIterator[Client]:
    github = shop.github
    access = Access(
        app_id=github.app_id, private_key=github.private_key, api_url=github.api_url, graphql_url=github.graphql_url
    )
    async with aiohttp.ClientSession() as session:
        yield GitHub(session, access, sleep=no_sleep).installation(shop.installation.id)
