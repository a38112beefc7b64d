"""Receives Terraform plans from workflow runs, whose identity tokens are proved before anything else is read."""

from __future__ import annotations

import asyncio
import re
from http import HTTPStatus

import structlog
from aiohttp import hdrs, web

from bot.github.errors import GitHubError, UploadRefused
from bot.web.ports import PlanUpload, ReceivePlan

LARGEST_PLAN = 16 * 1024 * 1024
BODY_SECONDS = 60.0
RETRY_SECONDS = "30"
_SHA = re.compile(r"[0-9a-f]{40}", re.ASCII)
_NAME = re.compile(r"[A-Za-z0-9._-]{1,100}", re.ASCII)
_BEARER = re.compile(r"[Bb]earer ([A-Za-z0-9._-]+)", re.ASCII)

log = structlog.get_logger()


class Plans:
    """The handler of `PUT /plans/{owner}/{name}/{head_sha}/{stack}`. `audience` is what tokens must be meant for."""

    def __init__(self, receive: ReceivePlan, audience: str) -> None:
        self._receive = receive
        self._audience = audience

    async def put(self, request: web.Request) -> web.Response:
        """201 for a plan that is new, 200 for one that was there; refused with one sentence that says the next step."""
        try:
            upload = self._upload(request)
            kept = await self._receive(upload)
        except UploadRefused as refusal:
            return _said(refusal.status, str(refusal))
        except GitHubError as error:
            log.warning("plan not received", error=type(error).__name__)
            return _said(HTTPStatus.SERVICE_UNAVAILABLE, "GitHub did not answer: upload again in half a minute")
        log.info("plan received", head=upload.head_sha, stack=upload.stack, new=kept.is_new, whole=not kept.fault)
        if kept.fault:
            return _said(
                HTTPStatus.UNPROCESSABLE_ENTITY,
                f"the plan is not known whole: {kept.fault}; the check says so until `{upload.stack}` has a whole one",
            )
        status = HTTPStatus.CREATED if kept.is_new else HTTPStatus.OK
        message = f"kept for {', '.join(f'#{number}' for number in kept.numbers)}, which is judged again"
        return _said(status, message, objects=kept.objects, effects=list(kept.effects))

    def _upload(self, request: web.Request) -> PlanUpload:
        if not self._audience:
            raise UploadRefused(404, "this gate takes no plans: whoever runs it must set PUBLIC_URL")
        bearers: list[str] = request.headers.getall(hdrs.AUTHORIZATION, [])
        bearer = _BEARER.fullmatch(bearers[0]) if len(bearers) == 1 else None
        if bearer is None:
            raise UploadRefused(401, f"Authorization: expected `Bearer` and an identity token for {self._audience}")
        path = request.match_info
        names = [path["owner"], path["name"], path["stack"]]
        if not _SHA.fullmatch(path["head_sha"]) or not all(map(_NAME.fullmatch, names)):
            raise UploadRefused(
                400, "expected /plans/OWNER/NAME/SHA/STACK, the SHA in full, names of A-Z a-z 0-9 . _ -"
            )
        if request.content_type != "application/json" or hdrs.CONTENT_ENCODING in request.headers:
            raise UploadRefused(415, "Content-Type: expected application/json, not packed")
        return PlanUpload(
            token=bearer[1],
            owner=path["owner"],
            name=path["name"],
            head_sha=path["head_sha"],
            stack=path["stack"],
            read=lambda: _body(request),
        )


async def _body(request: web.Request) -> bytes:
    """At most so much that it is known to be too large; such a plan was made, and is kept as one that was not read."""
    body = bytearray()
    try:
        async with asyncio.timeout(BODY_SECONDS):
            async for chunk in request.content.iter_chunked(64 * 1024):
                body += chunk
                if len(body) > LARGEST_PLAN:
                    break
    except TimeoutError as error:
        raise UploadRefused(408, "the plan did not arrive in time: upload it again") from error
    except (web.RequestPayloadError, ConnectionError) as error:
        raise UploadRefused(400, "the plan ended early: upload it again") from error
    return bytes(body[: LARGEST_PLAN + 1])


def _said(status: int, message: str, **more: object) -> web.Response:
    headers = {hdrs.RETRY_AFTER: RETRY_SECONDS} if status == HTTPStatus.SERVICE_UNAVAILABLE else {}
    return web.json_response({"message": message, **more}, status=status, headers=headers)
