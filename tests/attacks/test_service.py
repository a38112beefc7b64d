"""Attacks on the running App: another installation's events, and what its logs and pages tell."""

from __future__ import annotations

import hashlib
import hmac
import io
import json
from collections.abc import Iterator
from typing import Any

import aiohttp
import pytest
import structlog

from bot.cli.logs import configure_logs
from bot.core.memory import Kind
from tests.journey import Journey
from tests.shop import CLAUDE, TERRAFORM

MARK = "s3cretW0rd"


@pytest.fixture
def logs() -> Iterator[io.StringIO]:
    """All that the App and its libraries log."""
    stream = io.StringIO()
    configure_logs("debug", stream)
    yield stream
    structlog.reset_defaults()


async def send(journey: Journey, event: str, payload: dict[str, Any]) -> int:
    """A delivery signed as only GitHub can, with whatever it holds."""
    raw = json.dumps(payload).encode()
    secret = journey.shop.github.webhook_secret.encode()
    headers = {
        "Content-Type": "application/json",
        "X-GitHub-Event": event,
        "X-GitHub-Delivery": hashlib.sha256(raw).hexdigest(),
        "X-Hub-Signature-256": "sha256=" + hmac.new(secret, raw, hashlib.sha256).hexdigest(),
    }
    async with aiohttp.ClientSession() as session:
        response = await session.post(f"{journey.app.url}/webhook", data=raw, headers=headers)
        return response.status


@pytest.mark.slow
async def test_141_another_installations_event_judges_and_approves_nothing(journey: Journey) -> None:
    """Installation B, of a company where everybody is a senior, names a pull request of A, private or public."""
    shop = journey.shop
    pull = journey.change()
    await journey.rest()
    shop.github.add_repository("evil/shop")
    other = shop.github.install("evil")
    claimed: dict[str, Any] = {
        "action": "created",
        "installation": {"id": other.id},
        "repository": {"id": shop.repository.id, "name": "shop", "owner": {"login": "acme"}},
        "issue": {"number": pull.number, "pull_request": {}},
        "comment": {
            "id": 99,
            "created_at": "2026-01-01T00:00:00Z",
            "body": "/approve-ai",
            "user": {"login": "mallory", "id": 666, "type": "User"},
        },
        "sender": {"login": "mallory", "id": 666, "type": "User"},
    }
    for private in (True, False):
        shop.repository.private = private
        claimed["comment"]["id"] += 1
        assert await send(journey, "issue_comment", claimed) == 202
        await let_it_look(journey)
        assert journey.conclusion(pull) == "action_required"
        assert {run.app.id for run in shop.repository.runs} == {shop.github.app_id}
    await journey.ring(pull)
    assert journey.conclusion(pull) == "action_required"
    records = [one for one in await journey.entries(pull) if one.kind == Kind.RECORD.value]
    assert all(json.loads(one.body)["refusal"] for one in records)


async def let_it_look(journey: Journey) -> None:
    """Until the subject is done, or was tried and failed."""
    while True:
        backlog = await journey.app.store.backlog()
        if backlog.due == backlog.failing:
            return
        await journey.app.store.wait(0.05)


async def test_145_no_log_holds_a_secret_or_a_word_of_the_change(logs: io.StringIO, journey: Journey) -> None:
    shop = journey.shop
    pull = shop.change(
        {"terraform/main.tf": TERRAFORM.replace("small", MARK)},
        message=f"{MARK}\n\n{CLAUDE}",
        title=MARK,
        body=MARK,
        branch=MARK,
    )
    shop.sam.comment(pull, f"/block-ai {MARK}")
    shop.jay.comment(pull, f"/approve-ai {MARK}")
    await journey.rest()
    assert journey.conclusion(pull) == "failure"
    shop.commit_to_main({".github/countersign.yml": f"version: 1\n{MARK}: 1\n"})
    await journey.rest()
    assert journey.conclusion(pull) == "failure"
    await send(journey, "pull_request", {"action": MARK, "installation": {"id": 1}})
    async with aiohttp.ClientSession() as session:
        for address in ("", "/acme/shop/pull/1", "/healthz", "/readyz", f"/{MARK}", f"/{MARK}/x/pull/1"):
            (await session.get(journey.app.url + address)).close()
    told = logs.getvalue()
    assert '"judged"' in told
    assert MARK not in told
    assert shop.github.webhook_secret not in told
    assert shop.github.private_key[40:80] not in told
    assert "ghs_" not in told
    assert "eyJ" not in told
