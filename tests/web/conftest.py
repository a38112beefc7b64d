"""The web application over an embedded database, and a sender that signs as GitHub does."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from aiohttp import ClientResponse, DummyCookieJar
from aiohttp.test_utils import TestClient, TestServer
from yarl import URL

from bot.github.errors import Unauthorised, Unavailable, UploadRefused
from bot.jobs import Placed
from bot.settings import Settings
from bot.store.embedded import Embedded
from bot.store.queue import Store
from bot.web.application import make_application
from bot.web.ports import KeptPlan, PlanUpload, Ports, Visitor

SECRET = "0123456789abcdef" * 2
APP_ID = 7
PUBLIC = "https://gate.example"
PUSHED: dict[str, Any] = {
    "action": "synchronize",
    "installation": {"id": 3},
    "repository": {"id": 1, "name": "shop", "full_name": "acme/shop", "owner": {"login": "acme", "id": 2}},
    "pull_request": {"number": 2, "base": {"ref": "main"}, "head": {"sha": "b" * 40}},
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


class Doors:
    """GitHub as the web asks it: who redeems which code, and who can read which repository."""

    def __init__(self) -> None:
        self.codes = {"jays": Visitor(id=5, login="jay"), "eves": Visitor(id=6, login="eve")}
        self.readers = {(5, 3, 1)}
        self.verifiers: list[str] = []
        self.asked: list[int] = []
        self.plans: list[bytes] = []
        self.is_down = False

    async def ask_github(self) -> None:
        return None

    async def identify(self, code: str, verifier: str) -> Visitor:
        self._check()
        self.verifiers.append(verifier)
        if code not in self.codes:
            raise Unauthorised(401, "bad_verification_code")
        return self.codes.pop(code)

    async def may_read(self, visitor: Visitor, place: Placed) -> bool:
        self._check()
        self.asked.append(place.repository_id)
        return (visitor.id, place.installation_id, place.repository_id) in self.readers

    async def receive_plan(self, upload: PlanUpload) -> KeptPlan:
        self._check()
        if upload.token != "good":
            raise UploadRefused(401, "the token is not good")
        self.plans.append(await upload.read())
        fault = "line 1 is no JSON" if self.plans[-1] == b"{" else ""
        return KeptPlan(numbers=(2,), objects=1, effects=("destroy a.b",), fault=fault, is_new=len(self.plans) == 1)

    def _check(self) -> None:
        if self.is_down:
            raise Unavailable("503")

    def ports(self) -> Ports:
        return Ports(
            ask_github=self.ask_github,
            identify=self.identify,
            may_read=self.may_read,
            receive_plan=self.receive_plan,
        )


class Browser:
    """Keeps cookies as a browser does for one https site, and follows nothing by itself."""

    def __init__(self, client: TestClient[Any, Any]) -> None:
        self.client = client
        self.cookies: dict[str, str] = {}

    async def get(self, path: str) -> ClientResponse:
        return await self._ask("GET", path)

    async def post(self, path: str, *, origin: str | None = PUBLIC, **form: str) -> ClientResponse:
        return await self._ask("POST", path, headers={"Origin": origin} if origin is not None else {}, data=form)

    async def _ask(
        self, method: str, path: str, *, headers: dict[str, str] | None = None, **options: Any
    ) -> ClientResponse:
        cookies = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        sent = {**(headers or {}), **({"Cookie": cookies} if cookies else {})}
        response = await self.client.request(method, path, headers=sent, allow_redirects=False, **options)
        for name, morsel in response.cookies.items():
            self.cookies[name] = morsel.value
        return response

    async def begin(self, target: str = "/") -> dict[str, str]:
        """Set out for GitHub; what the App asks there."""
        response = await self.get(str(URL("/login").with_query(next=target)))
        assert response.status == 303
        return dict(URL(response.headers["Location"]).query)

    async def form_token(self, path: str = "/") -> str:
        """The token in the forms of a page."""
        text = await (await self.get(path)).text()
        return text.partition('name="token" value="')[2].partition('"')[0]

    async def sign_in(self, code: str, target: str = "/") -> ClientResponse:
        state = (await self.begin(target))["state"]
        return await self.get(str(URL("/login/callback").with_query(code=code, state=state)))


@dataclass
class Clock:
    """Unix seconds, moved by hand."""

    time: float = 1_000_000.0

    def __call__(self) -> float:
        return self.time


@dataclass
class Gate:
    """The web application over a store, what it believes of GitHub, and its clock."""

    client: TestClient[Any, Any]
    store: Store
    doors: Doors
    clock: Clock

    def browser(self) -> Browser:
        return Browser(self.client)


def settings(key: str, **more: Any) -> Settings:
    return Settings(app_id=APP_ID, private_key=key, webhook_secret=SECRET, **more)


@asynccontextmanager
async def opened(settings: Settings, directory: Path) -> AsyncIterator[Gate]:
    store, doors, clock = Store(Embedded(directory / "countersign.db")), Doors(), Clock()
    application = make_application(settings, store, doors.ports(), clock=clock)
    server = TestServer(application)
    async with TestClient(server, cookie_jar=DummyCookieJar()) as client:
        yield Gate(client, store, doors, clock)
    await store.close()


@pytest.fixture
async def gate(tmp_path: Path, app_key: str) -> AsyncIterator[Gate]:
    """With sign-in, behind https."""
    given = settings(app_key, public_url=PUBLIC, client_id="Iv23", client_secret="c" * 40, metrics_token="m" * 32)
    async with opened(given, tmp_path / "gate") as gate:
        yield gate


@pytest.fixture
async def shut(tmp_path: Path, app_key: str) -> AsyncIterator[Gate]:
    """As it is before anybody set up more than it needs."""
    async with opened(settings(app_key), tmp_path / "shut") as gate:
        yield gate


@pytest.fixture
def sender(shut: Gate) -> Sender:
    return Sender(shut.client, shut.store)
