"""Says whether the App is alive, whether it is ready, and what it counts."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from http import HTTPStatus

import structlog
from aiohttp import web

from bot.store.queue import Store
from bot.web.numbers import Numbers

log = structlog.get_logger()


class Health:
    """`ask_github` returns when GitHub knows the App's credentials and raises otherwise."""

    def __init__(self, store: Store, numbers: Numbers, ask_github: Callable[[], Awaitable[object]]) -> None:
        self._store = store
        self._numbers = numbers
        self._ask_github = ask_github

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

    async def metrics(self, _: web.Request) -> web.Response:
        page = self._numbers.page(await self._store.backlog())
        return web.Response(body=page, headers={"Content-Type": "text/plain; version=0.0.4; charset=utf-8"})
