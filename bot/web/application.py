"""The web application: which address is answered by what, and what every page promises the browser."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from pathlib import Path

import aiohttp_jinja2
import jinja2
from aiohttp import web

from bot.settings import Settings
from bot.store.queue import Store
from bot.web.health import Health
from bot.web.numbers import Numbers
from bot.web.pages import Pages
from bot.web.webhook import LARGEST_BODY, Webhook

HERE = Path(__file__).parent
# https://developer.mozilla.org/en-US/docs/Web/HTTP/Reference/Headers/Content-Security-Policy
_HEADERS = {
    "Content-Security-Policy": "default-src 'none'; style-src 'self'; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
}


def make_application(
    settings: Settings, store: Store, ask_github: Callable[[], Awaitable[object]], *, clock: Callable[[], float]
) -> web.Application:
    """Webhook, health, numbers and pages over one store."""
    numbers = Numbers()
    webhook = Webhook(settings, store, numbers, clock)
    health = Health(store, numbers, ask_github)
    pages = Pages(store)
    application = web.Application(client_max_size=LARGEST_BODY)
    application.on_response_prepare.append(_harden)
    aiohttp_jinja2.setup(
        application,
        loader=jinja2.FileSystemLoader(HERE / "templates"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
    )
    application.add_routes(
        [
            web.post("/webhook", webhook.receive),
            web.get("/healthz", health.alive),
            web.get("/readyz", health.ready),
            web.get("/metrics", health.metrics),
            web.get("/", pages.waiting),
            web.get(r"/{owner}/{name}/pull/{number:[1-9]\d{0,9}}", pages.pull),
            web.static("/static", HERE / "static"),
        ]
    )
    return application


async def _harden(_: web.Request, response: web.StreamResponse) -> None:
    response.headers.update(_HEADERS)
