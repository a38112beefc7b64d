"""An App is registered once, by whoever can read the log, and its credentials are shown once."""

from __future__ import annotations

import html
import json
import re
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from aiohttp.test_utils import TestClient, TestServer

from bot.github.errors import NotFound
from bot.settings import SetupSettings
from bot.web.setup import Credentials, make_setup_application

TOKEN = "t" * 43
PUBLIC = "https://gate.example"
MANIFEST = {
    "name": "countersign",
    "public": False,
    "default_permissions": {"checks": "write"},
    "default_events": ["push"],
}


@dataclass
class Registrar:
    """GitHub's side: a code that is good once."""

    codes: list[str] = field(default_factory=lambda: ["good"])
    asked: list[str] = field(default_factory=list)

    async def convert(self, code: str) -> Credentials:
        self.asked.append(code)
        if code not in self.codes:
            raise NotFound(404, "registration")
        self.codes.remove(code)
        environment = {"APP_ID": "7", "CLIENT_SECRET": "<secret>", "WEBHOOK_SECRET": "w" * 40}
        return Credentials(environment=environment, install_url="https://github.com/apps/countersign/installations/new")


@pytest.fixture
def registrar() -> Registrar:
    return Registrar()


@pytest.fixture
async def client(registrar: Registrar) -> AsyncIterator[TestClient[Any, Any]]:
    settings = SetupSettings(public_url=PUBLIC)
    application = make_setup_application(settings, MANIFEST, TOKEN, registrar.convert)
    async with TestClient(TestServer(application)) as client:
        yield client


async def state_of(client: TestClient[Any, Any]) -> str:
    text = await (await client.get(f"/setup?token={TOKEN}")).text()
    (state,) = re.findall(r"settings/apps/new\?state=([\w-]+)", text)
    return str(state)


async def test_the_form_sends_the_manifest_to_github(client: TestClient[Any, Any]) -> None:
    response = await client.get(f"/setup?token={TOKEN}&organisation=acme")
    text = await response.text()
    assert 'action="https://github.com/organizations/acme/settings/apps/new?state=' in text
    assert "form-action 'self' https://github.com;" in response.headers["Content-Security-Policy"]
    assert response.headers["Cache-Control"] == "no-store"
    (manifest,) = re.findall(r'name="manifest" value="([^"]*)"', text)
    assert json.loads(html.unescape(manifest)) == MANIFEST | {
        "url": PUBLIC,
        "hook_attributes": {"url": f"{PUBLIC}/webhook", "active": True},
        "redirect_url": f"{PUBLIC}/setup/callback",
        "callback_urls": [f"{PUBLIC}/login/callback"],
    }


@pytest.mark.parametrize("query", ["", "?token=", "?token=t", f"?token={TOKEN}x", "?token=%C3%A9"])
async def test_without_the_token_there_is_no_form(client: TestClient[Any, Any], query: str) -> None:
    response = await client.get(f"/setup{query}")
    assert response.status == 404
    assert TOKEN not in await response.text()


@pytest.mark.parametrize("organisation", ["a/b", "..", '"><script>', "a" * 101, "acme?x"])
async def test_an_odd_organisation_is_refused(client: TestClient[Any, Any], organisation: str) -> None:
    response = await client.get("/setup", params={"token": TOKEN, "organisation": organisation})
    assert response.status == 400


@pytest.mark.parametrize("state", ["", "x", TOKEN])
async def test_a_callback_with_another_state_registers_nothing(
    client: TestClient[Any, Any], registrar: Registrar, state: str
) -> None:
    assert (await client.get("/setup/callback", params={"code": "good", "state": state})).status == 404
    assert registrar.asked == []


async def test_the_credentials_are_shown_once_and_then_all_is_shut(
    client: TestClient[Any, Any], registrar: Registrar
) -> None:
    state = await state_of(client)
    wrong = await client.get("/setup/callback", params={"code": "wrong", "state": state})
    assert wrong.status == 502
    response = await client.get("/setup/callback", params={"code": "good", "state": state})
    text = await response.text()
    assert response.status == 200
    assert "APP_ID=7" in text
    assert "CLIENT_SECRET=&lt;secret&gt;" in text
    registrar.codes.append("good")
    for path in (f"/setup?token={TOKEN}", f"/setup/callback?code=good&state={state}"):
        assert (await client.get(path)).status == 404
    assert registrar.asked == ["wrong", "good"]


@pytest.mark.parametrize("code", ["", "x" * 501])
async def test_a_code_of_another_form_is_not_sent_on(
    client: TestClient[Any, Any], registrar: Registrar, code: str
) -> None:
    state = await state_of(client)
    assert (await client.get("/setup/callback", params={"code": code, "state": state})).status == 400
    assert registrar.asked == []


async def test_all_else_waits_for_the_app(client: TestClient[Any, Any]) -> None:
    assert (await client.get("/healthz")).status == 200
    for method, path in (("POST", "/webhook"), ("GET", "/readyz"), ("GET", "/"), ("GET", "/acme/shop/pull/1")):
        assert (await client.request(method, path)).status == 503
