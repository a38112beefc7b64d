"""Says whether the App is alive, whether it is ready, and what it counts."""

from __future__ import annotations

import hmac
from collections.abc import Awaitable, Callable
from http import HTTPStatus

import structlog
from aiohttp import hdrs, web

from bot.store.queue import Store
from bot.web.numbers import Numbers

log = structlog.get_logger()


# More incidents than this are not counted further.
MOST_COUNTED = 10_000


class Health:
    """`ask_github` returns when GitHub knows the App's credentials and raises otherwise.

    `metrics_token` opens the numbers; "" keeps them shut.
    """

    def __init__(
        self, store: Store, numbers: Numbers, ask_github: Callable[[], Awaitable[object]], metrics_token: str = ""
    ) -> None:
        self._store = store
        self._numbers = numbers
        self._ask_github = ask_github
        self._metrics_token = metrics_token

    async def alive(self, _: web.Request) -> web.Response:
        return web.Response(text="alive\n")

    async def ready(self, _: web.Request) -> web.Response:
        """503 names what is missing; why stands in the log alone, since anybody may ask."""
        for name, ask in (("database", self._store.backlog), ("GitHub", self._ask_github)):
            try:
                await ask()
            except Exception:  # the answer is that it failed
                log.exception("not ready", missing=name)
                return web.Response(status=HTTPStatus.SERVICE_UNAVAILABLE, text=f"not ready: {name}\n")
        return web.Response(text="ready\n")

    async def metrics(self, request: web.Request) -> web.Response:
        """For the bearer of METRICS_TOKEN alone: behind a proxy on the same host everybody comes from loopback."""
        if not self._metrics_token:
            raise web.HTTPForbidden(text="the numbers are shut: set METRICS_TOKEN\n")
        given = request.headers.get(hdrs.AUTHORIZATION, "")
        if not hmac.compare_digest(given.encode("utf-8", "replace"), f"Bearer {self._metrics_token}".encode()):
            raise web.HTTPUnauthorized(headers={hdrs.WWW_AUTHENTICATE: "Bearer"}, text="expected METRICS_TOKEN\n")
        incidents = await self._store.open_incidents(MOST_COUNTED)
        page = self._numbers.page(await self._store.backlog(), len(incidents))
        return web.Response(body=page, headers={"Content-Type": "text/plain; version=0.0.4; charset=utf-8"})
