"""Webhook deliveries: signed, sent in order, kept, and sent again on demand."""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import hmac
import json
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field

import aiohttp

from bot.sandbox.objects import App, Json

TIMEOUT_SECONDS = 10
USER_AGENT = "GitHub-Hookshot/5a0dbox"


@dataclass(eq=False, slots=True, kw_only=True)
class Delivery:
    """One attempt to deliver one event to one App. A redelivery keeps the GUID and gets an id of its own.

    `status_code` is 0 until something answered; `status` is GitHub's word for the outcome.
    """

    id: int
    guid: str
    app: App
    event: str
    payload: Json
    delivered_at: int
    redelivery: bool = False
    duration: float = 0.0
    status: str = "pending"
    status_code: int = 0
    request_headers: dict[str, str] = field(default_factory=dict)
    response_headers: dict[str, str] = field(default_factory=dict)
    response_body: str = ""

    @property
    def action(self) -> str | None:
        return self.payload.get("action")

    def number(self, part: str) -> int | None:
        found: int | None = (self.payload.get(part) or {}).get("id")
        return found


class Hooks:
    """The deliveries of every App on one embedded GitHub.

    `watch` is called with each event and payload as it is sent. While `held`, deliveries wait; `drop` throws
    the coming ones away as if the network had failed, so that recovery can be tried.
    """

    def __init__(
        self, *, new_id: Callable[[], int], now: Callable[[], int], watch: Callable[[str, Json], None]
    ) -> None:
        self.url: str | None = None
        self.secret = ""
        self.content_type = "json"
        self.insecure_ssl = "0"
        self.deliveries: list[Delivery] = []
        self.drop = 0
        self._new_id = new_id
        self._now = now
        self._watch = watch
        self._queue: asyncio.Queue[Delivery] = asyncio.Queue()
        self._flowing = asyncio.Event()
        self._flowing.set()
        self._sender: asyncio.Task[None] | None = None
        self._session: aiohttp.ClientSession | None = None

    async def start(self) -> None:
        self._session = aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=TIMEOUT_SECONDS))
        self._sender = asyncio.create_task(self._send_all())

    async def stop(self) -> None:
        if self._sender is not None:
            self._sender.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._sender
        if self._session is not None:
            await self._session.close()

    def hold(self) -> None:
        self._flowing.clear()

    def release(self) -> None:
        self._flowing.set()

    async def idle(self) -> None:
        """Wait until everything queued was sent."""
        await self._queue.join()

    def send(self, app: App, event: str, payload: Json) -> Delivery:
        """Queue an event for an App; without a webhook address it is only kept."""
        self._watch(event, payload)
        frozen = json.loads(json.dumps(payload))
        return self._queue_up(
            Delivery(
                id=self._new_id(),
                guid=str(uuid.uuid4()),
                app=app,
                event=event,
                payload=frozen,
                delivered_at=self._now(),
            )
        )

    def send_again(self, delivery: Delivery) -> Delivery:
        """A new attempt of an earlier delivery, with the same GUID."""
        return self._queue_up(
            Delivery(
                id=self._new_id(),
                guid=delivery.guid,
                app=delivery.app,
                event=delivery.event,
                payload=delivery.payload,
                delivered_at=self._now(),
                redelivery=True,
            )
        )

    def _queue_up(self, delivery: Delivery) -> Delivery:
        self.deliveries.append(delivery)
        if self.url is not None and self.drop > 0:
            self.drop -= 1
            delivery.status = "failed to connect to host"
        elif self.url is not None:
            self._queue.put_nowait(delivery)
        return delivery

    async def _send_all(self) -> None:
        while True:
            delivery = await self._queue.get()
            await self._flowing.wait()
            try:
                await self._send(delivery)
            finally:
                self._queue.task_done()

    async def _send(self, delivery: Delivery) -> None:
        body = json.dumps(delivery.payload, separators=(",", ":")).encode()
        delivery.request_headers = self._headers(delivery, body)
        started = time.monotonic()
        if self._session is None or self.url is None:
            return
        try:
            async with self._session.post(self.url, data=body, headers=delivery.request_headers) as answer:
                delivery.status_code, delivery.response_headers = answer.status, dict(answer.headers)
                delivery.response_body = (await answer.read()).decode(errors="replace")
                delivery.status = "OK" if answer.ok else f"Invalid HTTP Response: {answer.status}"
        except (aiohttp.ClientError, TimeoutError):
            delivery.status = "failed to connect to host"
        delivery.duration = round(time.monotonic() - started, 3)

    def _headers(self, delivery: Delivery, body: bytes) -> dict[str, str]:
        digest = hmac.new(self.secret.encode(), body, hashlib.sha256).hexdigest()
        return {
            "Content-Type": "application/json",
            "User-Agent": USER_AGENT,
            "X-GitHub-Event": delivery.event,
            "X-GitHub-Delivery": delivery.guid,
            "X-GitHub-Hook-ID": str(delivery.app.id),
            "X-GitHub-Hook-Installation-Target-ID": str(delivery.app.id),
            "X-GitHub-Hook-Installation-Target-Type": "integration",
            "X-Hub-Signature-256": f"sha256={digest}",
        }
