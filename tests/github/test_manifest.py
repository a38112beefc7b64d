"""A registration becomes the settings of an App, or nothing."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import pytest
from aiohttp import web

from bot.github.errors import GitHubError, NotFound, Refused, Unavailable, Unreadable
from bot.github.manifest import Registered, convert, environment_of
from bot.settings import read_settings
from tests.github.scripted import Script, raw, reply, serve

REGISTERED: dict[str, Any] = {
    "id": 7,
    "slug": "countersign",
    "html_url": "https://github.com/apps/countersign",
    "client_id": "Iv23",
    "client_secret": "c" * 40,
    "webhook_secret": "w" * 40,
    "pem": "a key",
    "owner": {"login": "acme"},
}


@pytest.fixture
async def script() -> AsyncIterator[Script]:
    async with serve(Script()) as script:
        yield script


async def converted(script: Script, code: str = "code") -> Registered:
    async with aiohttp.ClientSession() as session:
        return await convert(session, script.url, code)


async def test_a_code_becomes_settings_that_the_app_starts_with(script: Script, app_key: str) -> None:
    script.answers = [reply(REGISTERED | {"pem": app_key}, 201)]
    environment = environment_of(await converted(script))
    assert script.asked == [("POST", "/app-manifests/code/conversions")]
    assert "authorization" not in script.headers[0]
    assert all("\n" not in value for value in environment.values())
    settings = read_settings(environment | {"PUBLIC_URL": "https://gate.example"})
    assert (settings.app_id, settings.client_id, settings.private_key) == (7, "Iv23", app_key.strip())


async def test_a_missing_webhook_secret_is_left_out(script: Script) -> None:
    script.answers = [reply(REGISTERED | {"webhook_secret": None}, 201)]
    assert "WEBHOOK_SECRET" not in environment_of(await converted(script))


async def test_a_code_cannot_lead_to_another_address(script: Script) -> None:
    script.answers = [reply(REGISTERED, 201)]
    await converted(script, "../app?x=/")
    assert script.asked == [("POST", "/app-manifests/..%2Fapp%3Fx=%2F/conversions")]


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (reply({}, 404), NotFound),
        (reply({}, 422), Refused),
        (reply(REGISTERED, 200), Refused),
        (reply(REGISTERED, 302), Refused),
        (reply({}, 500), Unavailable),
        (reply(REGISTERED | {"pem": None}, 201), Unreadable),
        (raw(b"\xff", 201), Unreadable),
    ],
)
async def test_what_github_does_not_honour_is_no_app(
    script: Script, answer: web.Response, error: type[GitHubError]
) -> None:
    script.answers = [answer]
    with pytest.raises(error):
        await converted(script)


async def test_no_secret_shows(script: Script) -> None:
    script.answers = [reply(REGISTERED, 201)]
    assert "cccc" not in repr(await converted(script))
