"""A delivery is believed only when GitHub signed it, and answered only when it is durable; nothing of it leaks."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest
import structlog

from bot.core.memory import Kind
from bot.jobs import Evaluate, decode_job
from bot.web.webhook import LARGEST_BODY
from tests.web.conftest import PUSHED, SECRET, Sender

SUBJECT = "pull:1:2"


async def assert_untouched(sender: Sender) -> None:
    assert (await sender.store.backlog()).due == 0
    assert await sender.store.entries(SUBJECT) == ()


async def test_a_push_makes_its_pull_request_due_and_remembers_the_old_head(sender: Sender) -> None:
    response = await sender.send(PUSHED)
    assert (response.status, await response.text()) == (202, "accepted")
    lease = await sender.store.lease()
    assert lease is not None
    job = Evaluate(installation_id=3, repository_id=1, owner="acme", name="shop", number=2)
    assert (lease.subject, decode_job(lease.work)) == (SUBJECT, job)
    keys = [entry.key for entry in await sender.store.entries(SUBJECT) if entry.kind == Kind.SIGHTING.value]
    assert keys == ["a" * 40 + ":"]


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"X-Hub-Signature-256": None}, 401),
        ({"X-Hub-Signature-256": ""}, 401),
        ({"X-Hub-Signature-256": "sha256="}, 401),
        ({"X-Hub-Signature-256": "sha256=" + "0" * 64}, 401),
        ({"X-Hub-Signature-256": "sha256=" + "é" * 64}, 401),
        ({"X-Hub-Signature-256": None, "X-Hub-Signature": "sha1=" + "0" * 40}, 401),
        ({"Content-Type": "application/x-www-form-urlencoded"}, 415),
        ({"Content-Encoding": "identity"}, 415),
        ({"X-GitHub-Event": None}, 400),
        ({"X-GitHub-Event": "Pull Request"}, 400),
        ({"X-GitHub-Delivery": None}, 400),
        ({"X-GitHub-Delivery": "d 1"}, 400),
        ({"X-GitHub-Delivery": "d" * 101}, 400),
        ({"X-GitHub-Hook-Installation-Target-ID": "8"}, 400),
        ({"X-GitHub-Hook-Installation-Target-ID": ""}, 400),
    ],
)
async def test_an_odd_delivery_is_refused_and_touches_nothing(
    sender: Sender, headers: dict[str, str | None], status: int
) -> None:
    response = await sender.send(PUSHED, headers=headers)
    assert response.status == status
    await assert_untouched(sender)


async def test_a_signature_by_another_secret_is_refused(sender: Sender) -> None:
    assert (await sender.send(PUSHED, secret="f" * 32)).status == 401
    await assert_untouched(sender)


@pytest.mark.parametrize("body", [b"", b"{", b"null", b"[]", b'{"action":1}', b"\xff", b"[" * 100_000, b'{"a":NaN}'])
async def test_a_signed_body_of_another_shape_is_refused(sender: Sender, body: bytes) -> None:
    assert (await sender.send(body)).status == 400
    await assert_untouched(sender)


async def test_an_oversized_body_is_refused(sender: Sender) -> None:
    response = await sender.send(b"", headers={"Content-Length": str(LARGEST_BODY + 1), "Expect": "100-continue"})
    assert response.status == 413
    await assert_untouched(sender)


async def test_an_oversized_body_that_hides_its_size_is_refused(sender: Sender) -> None:
    async def chunks() -> AsyncIterator[bytes]:
        for _ in range(27):
            yield b" " * (1 << 20)

    headers = {"Content-Type": "application/json", "X-Hub-Signature-256": "sha256=" + "0" * 64}
    response = await sender.client.post("/webhook", data=chunks(), headers=headers)
    assert response.status == 413


async def test_only_post_is_heard(sender: Sender) -> None:
    assert (await sender.client.get("/webhook")).status == 405


async def test_an_unknown_event_is_taken_and_ignored(sender: Sender) -> None:
    response = await sender.send({"action": "sung"}, event="serenade")
    assert (response.status, await response.text()) == (202, "ignored")
    await assert_untouched(sender)


async def test_the_apps_own_target_id_is_welcome(sender: Sender) -> None:
    assert (await sender.send(PUSHED, headers={"X-GitHub-Hook-Installation-Target-ID": "7"})).status == 202


async def test_a_redelivery_is_dropped_only_when_done(sender: Sender) -> None:
    await sender.send(PUSHED)
    assert await (await sender.send(PUSHED)).text() == "accepted"
    lease = await sender.store.lease()
    assert lease is not None
    await sender.store.finish(lease)
    assert await (await sender.send(PUSHED)).text() == "done before"
    assert (await sender.store.backlog()).due == 0


async def test_what_cannot_be_written_is_not_promised(sender: Sender) -> None:
    await sender.store.close()
    assert (await sender.send(PUSHED)).status == 500


async def test_nothing_of_a_delivery_or_the_secret_is_logged(sender: Sender) -> None:
    secret_title = "ghs_S3cretTokenInATitle"
    pushed = {**PUSHED, "pull_request": {**PUSHED["pull_request"], "title": secret_title}}
    with structlog.testing.capture_logs() as logs:
        await sender.send(pushed)
        await sender.send(pushed, secret="f" * 32)
        await sender.send(b'{"title":"' + secret_title.encode() + b'"', delivery="d-2")
    assert len(logs) == 3
    assert secret_title not in str(logs)
    assert SECRET not in str(logs)
    assert "sha256=" not in str(logs)


async def test_many_at_once_are_all_kept(sender: Sender) -> None:
    def numbered(number: int) -> dict[str, Any]:
        return {**PUSHED, "pull_request": {**PUSHED["pull_request"], "number": number}}

    answers = await asyncio.gather(*(sender.send(numbered(n), delivery=f"d-{n}") for n in range(1, 51)))
    assert {answer.status for answer in answers} == {202}
    assert (await sender.store.backlog()).due == 50
