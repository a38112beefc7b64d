"""Receives webhooks: proves who sent them, and answers 202 only once all they ask is durable."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import re
import time
from collections.abc import Callable
from contextlib import nullcontext
from http import HTTPStatus

import structlog
from aiohttp import hdrs, web

from bot.github.errors import MalformedEvent
from bot.github.events import EVENTS, jobs_for
from bot.jobs import Intake, encode_job
from bot.settings import Settings
from bot.store.entries import Arrival, Due, Entry
from bot.store.queue import Store
from bot.web.numbers import Numbers

# GitHub sends at most 25 MB and drops what is larger.
# https://docs.github.com/en/webhooks/webhook-events-and-payloads#payload-cap
LARGEST_BODY = 26 << 20
# GitHub gives up after 10 seconds, GitHub Enterprise Server after 30.
# https://docs.github.com/en/webhooks/using-webhooks/handling-webhook-deliveries
BODY_SECONDS = 30.0
# So many bodies of more than a megabyte are held at a time, since nobody has proved anything yet; others wait.
MOST_LARGE_BODIES = 4
_LARGE_BODY = 1 << 20
_SIGNATURE = re.compile(r"sha256=[0-9a-f]{64}", re.ASCII)
_DELIVERY = re.compile(r"[A-Za-z0-9-]{1,100}", re.ASCII)
_EVENT = re.compile(r"[a-z_]{1,60}", re.ASCII)

log = structlog.get_logger()


class Webhook:
    """The handler of `POST /webhook`. `clock` gives Unix seconds; `body_seconds` a body has to arrive."""

    def __init__(
        self,
        settings: Settings,
        store: Store,
        numbers: Numbers,
        clock: Callable[[], float] = time.time,
        body_seconds: float = BODY_SECONDS,
    ) -> None:
        self._secret = settings.webhook_secret.encode()
        self._app_id = settings.app_id
        self._store = store
        self._numbers = numbers
        self._clock = clock
        self._body_seconds = body_seconds
        self._large_bodies = asyncio.Semaphore(MOST_LARGE_BODIES)

    async def receive(self, request: web.Request) -> web.Response:
        """Nothing is read of a delivery before its signature holds, and nothing is promised before it is written."""
        try:
            answer = await self._accept(request)
        except web.HTTPException as refusal:
            self._numbers.deliveries.labels(outcome=str(refusal.status)).inc()
            log.info("delivery refused", status=refusal.status, reason=refusal.reason)
            raise
        self._numbers.deliveries.labels(outcome=answer).inc()
        return web.Response(status=HTTPStatus.ACCEPTED, text=answer)

    async def _accept(self, request: web.Request) -> str:
        _check_form(request)
        body = await self._read(request)
        self._check_signature(_only(request, "X-Hub-Signature-256", web.HTTPUnauthorized), body)
        event, delivery = self._check_headers(request)
        intake = self._intake(event, delivery, body)
        fresh = await self._store.accept(self._arrival(event, delivery, body, intake))
        log.info("delivery accepted", github_event=event, delivery=delivery, subjects=len(intake.jobs), fresh=fresh)
        if event not in EVENTS:
            return "ignored"
        return "accepted" if fresh else "done before"

    async def _read(self, request: web.Request) -> bytes:
        length = request.content_length
        is_small = length is not None and length <= _LARGE_BODY
        try:
            async with asyncio.timeout(self._body_seconds), nullcontext() if is_small else self._large_bodies:
                return await request.read()
        except TimeoutError as error:
            raise web.HTTPRequestTimeout(reason="the body did not arrive in time") from error
        except (web.RequestPayloadError, ConnectionError) as error:
            raise web.HTTPBadRequest(reason="the body ended early") from error

    def _check_signature(self, signature: str, body: bytes) -> None:
        """https://docs.github.com/en/webhooks/using-webhooks/validating-webhook-deliveries"""
        if _SIGNATURE.fullmatch(signature) is None:
            raise web.HTTPUnauthorized(reason="X-Hub-Signature-256: expected sha256= and 64 hex digits")
        expected = "sha256=" + hmac.new(self._secret, body, hashlib.sha256).hexdigest()
        if not hmac.compare_digest(expected.encode(), signature.encode()):
            raise web.HTTPUnauthorized(reason="X-Hub-Signature-256: does not match")

    def _check_headers(self, request: web.Request) -> tuple[str, str]:
        event = _only(request, "X-GitHub-Event", web.HTTPBadRequest)
        delivery = _only(request, "X-GitHub-Delivery", web.HTTPBadRequest)
        if _EVENT.fullmatch(event) is None or _DELIVERY.fullmatch(delivery) is None:
            raise web.HTTPBadRequest(reason="X-GitHub-Event, X-GitHub-Delivery: not as GitHub writes them")
        targets = request.headers.getall("X-GitHub-Hook-Installation-Target-ID", [str(self._app_id)])
        if targets != [str(self._app_id)]:
            raise web.HTTPBadRequest(reason="X-GitHub-Hook-Installation-Target-ID: another App's webhook")
        return event, delivery

    def _intake(self, event: str, delivery: str, body: bytes) -> Intake:
        if event not in EVENTS:
            return Intake()
        try:
            return jobs_for(event, delivery, body, int(self._clock()), app_id=self._app_id)
        except MalformedEvent as error:
            raise web.HTTPBadRequest(reason="the body is not as GitHub documents this event") from error

    def _arrival(self, event: str, delivery: str, body: bytes, intake: Intake) -> Arrival:
        return Arrival(
            delivery=delivery,
            event=event,
            digest="sha256:" + hashlib.sha256(body).hexdigest(),
            due=tuple(
                Due(subject=job.subject, work=encode_job(job), installation=job.installation_id) for job in intake.jobs
            ),
            entries=tuple(
                Entry(subject=subject, kind=memory.kind.value, key=memory.key, at=memory.at, body=memory.body)
                for subject, memory in intake.memories(int(self._clock()))
            ),
        )


def _check_form(request: web.Request) -> None:
    """An encoded body would be unpacked before it is proved to be GitHub's, which sends none."""
    if request.content_type != "application/json" or hdrs.CONTENT_ENCODING in request.headers:
        raise web.HTTPUnsupportedMediaType(reason="Content-Type: expected application/json")
    if request.content_length is not None and request.content_length > LARGEST_BODY:
        raise web.HTTPRequestEntityTooLarge(max_size=LARGEST_BODY, actual_size=request.content_length)


def _only(request: web.Request, name: str, refusal: type[web.HTTPException]) -> str:
    values: list[str] = request.headers.getall(name, [])
    if len(values) != 1:
        raise refusal(reason=f"{name}: expected once")
    return values[0]
