"""A client for the embedded GitHub."""

from __future__ import annotations

from collections.abc import AsyncIterator

import aiohttp
import pytest

from bot.sandbox.embedded import EmbeddedGitHub
from tests.sandbox.client import Client


@pytest.fixture
async def client(github: EmbeddedGitHub) -> AsyncIterator[Client]:
    async with aiohttp.ClientSession() as session:
        yield Client(github, session)
