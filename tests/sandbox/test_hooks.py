"""Webhooks are signed, kept, sent in order, and sent again on demand."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import AsyncIterator, Mapping

import pytest
from aiohttp import web

from tests.sandbox.client import Client
from tests.shop import Shop


class Listener:
    """An App's webhook that remembers what it got, and answers `status`."""

    def __init__(self) -> None:
        self.status = 202
        self.got: list[tuple[Mapping[str, str], bytes]] = []
        self.url = ""

    async def receive(self, request: web.Request) -> web.Response:
        self.got.append((request.headers.copy(), await request.read()))
        return web.Response(status=self.status)


@pytest.fixture
async def listener(shop: Shop) -> AsyncIterator[Listener]:
    one = Listener()
    application = web.Application(client_max_size=26 << 20)
    application.router.add_post("/webhook", one.receive)
    runner = web.AppRunner(application)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    one.url = f"http://127.0.0.1:{runner.addresses[0][1]}/webhook"
    shop.github.set_webhook_url(one.url)
    yield one
    await runner.cleanup()


async def test_a_delivery_is_signed_and_names_its_app(shop: Shop, listener: Listener) -> None:
    shop.change({"README.md": "# Ours\n"})
    await shop.github.delivered()
    headers, body = next(one for one in listener.got if one[0]["X-GitHub-Event"] == "pull_request")
    digest = hmac.new(shop.github.webhook_secret.encode(), body, hashlib.sha256).hexdigest()
    assert headers["X-Hub-Signature-256"] == f"sha256={digest}"
    assert headers["X-GitHub-Hook-Installation-Target-ID"] == str(shop.github.app_id)
    assert json.loads(body)["installation"]["id"] == shop.installation.id


async def test_a_push_tells_before_and_after(shop: Shop, listener: Listener) -> None:
    pull = shop.change({"README.md": "# Ours\n"})
    before = pull.head_sha
    shop.jay.commit(shop.repository, "change", {"README.md": "# Mine\n"}, message="More")
    await shop.github.delivered()
    bodies = [json.loads(body) for headers, body in listener.got if headers["X-GitHub-Event"] == "pull_request"]
    assert (bodies[-1]["action"], bodies[-1]["before"], bodies[-1]["after"]) == ("synchronize", before, pull.head_sha)


async def test_a_failed_delivery_is_listed_and_sent_again_with_its_guid(
    shop: Shop, listener: Listener, client: Client
) -> None:
    shop.github.world.hooks.drop = 4  # a new branch, a commit, the pull request, the comment
    pull = shop.change({"README.md": "# Ours\n"})
    shop.jay.comment(pull, "hello")
    await shop.github.delivered()
    failed = (await client.ask("GET", "/app/hook/deliveries?status=failure", client.app_jwt())).body
    lost = next(one for one in failed if one["event"] == "pull_request")
    path = f"/app/hook/deliveries/{lost['id']}"
    assert (await client.ask("GET", path, client.app_jwt())).body["request"]["payload"]["action"] == "opened"
    assert (await client.ask("POST", f"{path}/attempts", client.app_jwt())).status == 202
    await shop.github.delivered()
    assert listener.got[-1][0]["X-GitHub-Delivery"] == lost["guid"]


async def test_an_answer_that_is_no_success_is_a_failure(shop: Shop, listener: Listener, client: Client) -> None:
    listener.status = 500
    shop.change({"README.md": "# Ours\n"})
    await shop.github.delivered()
    failed = (await client.ask("GET", "/app/hook/deliveries?status=failure&per_page=1", client.app_jwt())).body
    assert failed[0]["status_code"] == 500


async def test_deliveries_wait_while_held(shop: Shop, listener: Listener) -> None:
    shop.github.world.hooks.hold()
    shop.change({"README.md": "# Ours\n"})
    assert not listener.got
    shop.github.world.hooks.release()
    await shop.github.delivered()
    assert listener.got
