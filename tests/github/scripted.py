"""A server that answers as it is told, and remembers what it was asked."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

Answer = Callable[[web.Request], web.StreamResponse]


def reply(body: Any = None, status: int = 200, **headers: str) -> web.Response:
    told = {name.replace("_", "-"): value for name, value in headers.items()}
    return web.Response(body=json.dumps(body).encode(), status=status, content_type="application/json", headers=told)


def raw(body: bytes, status: int = 200, content_type: str = "application/json") -> web.Response:
    return web.Response(body=body, status=status, headers={"content-type": content_type})


@dataclass
class Script:
    """`answers` are given in order, the last one for ever. A token is handed out to whoever asks, and
    every installation is there.
    """

    answers: list[Answer | web.Response] = field(default_factory=list)
    asked: list[tuple[str, str]] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)
    tokens: int = 0
    url: str = ""

    async def handle(self, request: web.Request) -> web.StreamResponse:
        await request.read()
        if request.path.endswith("/access_tokens"):
            self.tokens += 1
            return reply({"token": f"ghs_{self.tokens}", "expires_at": "2026-01-01T00:00:00Z"}, 201)
        if request.path.partition("/app/installations/")[2].isdigit():
            return reply({"suspended_at": None})
        self.asked.append((request.method, request.path_qs))
        self.headers.append({name.lower(): value for name, value in request.headers.items()})
        answer = self.answers[0] if len(self.answers) == 1 else self.answers.pop(0)
        if isinstance(answer, web.Response):
            return web.Response(status=answer.status, body=answer.body, headers=answer.headers)
        return answer(request)


@asynccontextmanager
async def serve(script: Script) -> AsyncIterator[Script]:
    application = web.Application()
    application.router.add_route("*", "/{path:.*}", script.handle)
    runner = web.AppRunner(application, access_log=None, handle_signals=False)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    script.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    try:
        yield script
    finally:
        await runner.cleanup()
