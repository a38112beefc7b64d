"""The web application over an embedded database, and a sender that signs as GitHub does."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from aiohttp import ClientResponse
from aiohttp.test_utils import TestClient, TestServer

from bot.settings import Settings
from bot.store.embedded import Embedded
from bot.store.queue import Store
from bot.web.application import make_application

SECRET = "0123456789abcdef" * 2
APP_ID = 7
PUSHED: dict[str, Any] = {
    "action": "synchronize",
    "installation": {"id": 3},
    "repository": {"id": 1, "name": "shop", "full_name": "acme/shop", "owner": {"login": "acme", "id": 2}},
    "pull_request": {"number": 2, "base": {"ref": "main"}},
    "before": "a" * 40,
    "sender": {"login": "jay", "id": 5, "type": "User"},
}


class Sender:
    """Sends deliveries as GitHub does, or not quite."""

    def __init__(self, client: TestClient[Any, Any], store: Store) -> None:
        self.client = client
        self.store = store

    async def send(
        self,
        body: bytes | dict[str, Any],
        *,
        event: str = "pull_request",
        delivery: str = "d-1",
        secret: str = SECRET,
        headers: dict[str, str | None] | None = None,
    ) -> ClientResponse:
        raw = body if isinstance(body, bytes) else json.dumps(body).encode()
        given: dict[str, str | None] = {
            "Content-Type": "application/json",
            "X-GitHub-Event": event,
            "X-GitHub-Delivery": delivery,
            "X-Hub-Signature-256": "sha256=" + hmac.new(secret.encode(), raw, hashlib.sha256).hexdigest(),
            **(headers or {}),
        }
        sent = {name: value for name, value in given.items() if value is not None}
        return await self.client.post("/webhook", data=raw, headers=sent)


@pytest.fixture
async def sender(tmp_path: Path, app_key: str) -> AsyncIterator[Sender]:
    settings = Settings(app_id=APP_ID, private_key=app_key, webhook_secret=SECRET)
    store = Store(Embedded(tmp_path / "countersign.db"))

    async def ask_github() -> None:
        return None

    application = make_application(settings, store, ask_github, clock=lambda: 1_000_000.0)
    async with TestClient(TestServer(application)) as client:
        yield Sender(client, store)
    await store.close()
