"""The web application: which address is answered by what, and what every page promises the browser."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import aiohttp_jinja2
import jinja2
from aiohttp import web

from bot.settings import Settings
from bot.store.queue import Store
from bot.web.health import Health
from bot.web.numbers import Numbers
from bot.web.pages import Pages
from bot.web.ports import Ports
from bot.web.readers import Readers
from bot.web.sessions import Sessions, session_storage
from bot.web.sign_in import SignIn, shut_page
from bot.web.webhook import LARGEST_BODY, Webhook

HERE = Path(__file__).parent
_PULL = r"/{owner}/{name}/pull/{number:[1-9]\d{0,9}}"
# https://developer.mozilla.org/en-US/docs/Web/HTTP/Reference/Headers/Content-Security-Policy
_HEADERS = {
    "Content-Security-Policy": "default-src 'none'; style-src 'self'; base-uri 'none'; form-action 'self'; "
    "frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
}


def make_application(settings: Settings, store: Store, ports: Ports, *, clock: Callable[[], float]) -> web.Application:
    """Webhook, health, numbers and pages over one store; the pages only for people who can sign in."""
    numbers = Numbers()
    webhook = Webhook(settings, store, numbers, clock)
    health = Health(store, numbers, ports.ask_github, settings.metrics_token)
    application = web.Application(client_max_size=LARGEST_BODY)
    application.on_response_prepare.append(_harden)
    application.add_routes(
        [
            web.post("/webhook", webhook.receive),
            web.get("/healthz", health.alive),
            web.get("/readyz", health.ready),
            web.get("/metrics", health.metrics),
            web.static("/static", HERE / "static"),
        ]
    )
    if settings.has_sign_in:
        _add_pages(application, settings, store, ports, clock)
    else:
        _add_shut_pages(application, settings)
    return application


def _add_pages(
    application: web.Application, settings: Settings, store: Store, ports: Ports, clock: Callable[[], float]
) -> None:
    aiohttp_jinja2.setup(
        application,
        loader=jinja2.FileSystemLoader(HERE / "templates"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
    )
    sessions = Sessions(session_storage(settings), clock)
    sign_in = SignIn(settings, sessions, ports)
    pages = Pages(store, sessions, Readers(ports.may_read, clock))
    application.add_routes(
        [
            web.get("/login", sign_in.login, name="login"),
            web.get("/login/callback", sign_in.callback),
            web.post("/logout", sign_in.logout),
            web.get("/", pages.waiting),
            web.get(_PULL, pages.pull),
        ]
    )


def _add_shut_pages(application: web.Application, settings: Settings) -> None:
    async def shut(_: web.Request) -> web.Response:
        return shut_page(settings)

    for path in ("/login", "/login/callback", "/logout", "/", _PULL):
        application.router.add_route("*", path, shut)


async def _harden(_: web.Request, response: web.StreamResponse) -> None:
    response.headers.update(_HEADERS)
