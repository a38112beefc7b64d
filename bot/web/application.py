"""The web application: which address is answered by what."""

from __future__ import annotations

from collections.abc import Callable

from aiohttp import web
from yarl import URL

from bot.settings import Settings
from bot.store.queue import Store
from bot.web.authenticator import Authenticator
from bot.web.ceremony import Ceremonies
from bot.web.dress import STATIC, dress
from bot.web.forms import only_own_forms
from bot.web.guard import Guard
from bot.web.health import Health
from bot.web.numbers import Numbers
from bot.web.pages import Pages
from bot.web.passkeys import PasskeyPages
from bot.web.plans import Plans
from bot.web.ports import Ports
from bot.web.readers import Readers
from bot.web.sessions import Sessions, session_storage
from bot.web.sign_in import SignIn, shut_page
from bot.web.step_up import StepUp
from bot.web.webhook import LARGEST_BODY, Webhook

_WEBHOOK = "/webhook"
_PULL = r"/{owner}/{name}/pull/{number:[1-9]\d{0,9}}"


def make_application(settings: Settings, store: Store, ports: Ports, *, clock: Callable[[], float]) -> web.Application:
    """Webhook, plans, health, numbers and pages over one store; the pages only for people who can sign in."""
    numbers = Numbers()
    webhook = Webhook(settings, store, numbers, clock)
    health = Health(store, numbers, ports.ask_github, settings.metrics_token)
    application = web.Application(client_max_size=LARGEST_BODY)
    if settings.has_sign_in:
        application.middlewares.append(only_own_forms(settings.public_url, except_for=_WEBHOOK))
    dress(application, form_action="'self'", scripts="'self'")
    application.add_routes(
        [
            web.post(_WEBHOOK, webhook.receive),
            web.put("/plans/{owner}/{name}/{head_sha}/{stack}", Plans(ports.receive_plan, settings.public_url).put),
            web.get("/healthz", health.alive),
            web.get("/readyz", health.ready),
            web.get("/metrics", health.metrics),
            web.static("/static", STATIC),
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
    sessions = Sessions(session_storage(settings), store, clock)
    sign_in = SignIn(settings, sessions, ports)
    guard = Guard(store, sessions, Readers(ports.may_read, clock))
    authenticator = Authenticator(settings.passkey_host, str(URL(settings.public_url).origin()))
    ceremonies = Ceremonies(store, authenticator, clock)
    pages = Pages(store, guard, ceremonies, settings)
    step_up = StepUp(store, guard, ceremonies, authenticator, site_url=settings.site_url)
    passkeys = PasskeyPages(guard, ceremonies, authenticator, settings.passkey_wait_seconds)
    application.add_routes(
        [
            web.get("/login", sign_in.login, name="login"),
            web.get("/login/callback", sign_in.callback),
            web.post("/logout", sign_in.logout),
            web.get("/", pages.waiting),
            web.get(_PULL, pages.pull),
            web.get("/passkeys", passkeys.show),
        ]
    )
    if settings.passkey_host:
        application.add_routes(
            [
                web.post("/passkeys/begin", passkeys.begin),
                web.post("/passkeys/register", passkeys.register),
                web.post("/passkeys/remove", passkeys.remove),
                web.post(f"{_PULL}/approve", step_up.ask),
                web.post(f"{_PULL}/approve/passkey", step_up.approve),
            ]
        )


def _add_shut_pages(application: web.Application, settings: Settings) -> None:
    async def shut(_: web.Request) -> web.Response:
        return shut_page(settings)

    for path in ("/login", "/login/callback", "/logout", "/", "/passkeys", _PULL):
        application.router.add_route("*", path, shut)
