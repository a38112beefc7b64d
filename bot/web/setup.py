"""Registers the App with GitHub, while there is none: one form, and once what to put into the environment."""

from __future__ import annotations

import hmac
import json
import re
import secrets
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

import aiohttp_jinja2
import structlog
from aiohttp import web

from bot.github.errors import GitHubError
from bot.settings import SetupSettings
from bot.web.dress import STATIC, dress

LONGEST_CODE = 500
_ORGANISATION = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,99}", re.ASCII)

log = structlog.get_logger()


@dataclass(frozen=True, slots=True, kw_only=True)
class Credentials:
    """What the operator puts into the environment, name by name, and where the App is installed."""

    environment: Mapping[str, str]
    install_url: str


class Setup:
    """`token` opens the form and is known from the log alone; both it and the state are spent by the first success.

    `convert` turns GitHub's code into credentials; GitHubError when it is no good.
    """

    def __init__(
        self,
        settings: SetupSettings,
        manifest: Mapping[str, Any],
        token: str,
        convert: Callable[[str], Awaitable[Credentials]],
    ) -> None:
        self._settings = settings
        self._manifest = json.dumps(complete(manifest, settings.public_url))
        self._token = token
        self._state = secrets.token_urlsafe(32)
        self._convert = convert
        self._is_spent = False

    async def form(self, request: web.Request) -> web.Response:
        self._check(request.query.get("token", ""), self._token)
        organisation = request.query.get("organisation", "")
        if organisation and _ORGANISATION.fullmatch(organisation) is None:
            raise web.HTTPBadRequest(text="organisation: expected its login\n")
        owner = f"/organizations/{organisation}" if organisation else ""
        context = {
            "action": f"{self._settings.site_url}{owner}/settings/apps/new?state={self._state}",
            "manifest": self._manifest,
            "organisation": organisation,
            "token": self._token,
            "signed_in": None,
        }
        return aiohttp_jinja2.render_template("setup.html", request, context)

    async def callback(self, request: web.Request) -> web.Response:
        self._check(request.query.get("state", ""), self._state)
        code = request.query.get("code", "")
        if not 0 < len(code) <= LONGEST_CODE:
            raise web.HTTPBadRequest(text="code: expected as GitHub hands it out\n")
        try:
            credentials = await self._convert(code)
        except GitHubError as error:
            log.warning("registration failed", error=type(error).__name__)
            raise web.HTTPBadGateway(text="GitHub did not honour this registration; open the form again\n") from error
        self._is_spent = True
        return aiohttp_jinja2.render_template(
            "registered.html", request, {"credentials": credentials, "signed_in": None}
        )

    def _check(self, given: str, expected: str) -> None:
        """The same 404 for a wrong token and for one that is spent."""
        is_same = hmac.compare_digest(given.encode("utf-8", "replace"), expected.encode())
        if self._is_spent or not is_same:
            raise web.HTTPNotFound(text="open the address that the log names\n")


def complete(manifest: Mapping[str, Any], public_url: str) -> dict[str, Any]:
    """app.yml with this server's addresses.

    https://docs.github.com/en/apps/sharing-github-apps/registering-a-github-app-from-a-manifest#github-app-manifest-parameters
    """
    return {
        **manifest,
        "url": public_url,
        "hook_attributes": {"url": f"{public_url}/webhook", "active": True},
        "redirect_url": f"{public_url}/setup/callback",
        "callback_urls": [f"{public_url}/login/callback"],
    }


def make_setup_application(
    settings: SetupSettings,
    manifest: Mapping[str, Any],
    token: str,
    convert: Callable[[str], Awaitable[Credentials]],
) -> web.Application:
    """The form and its callback; everything else waits for the App."""
    setup = Setup(settings, manifest, token, convert)
    application = web.Application()
    dress(application, form_action=f"'self' {settings.site_url}")
    application.add_routes(
        [
            web.get("/healthz", _alive),
            web.get("/setup", setup.form),
            web.get("/setup/callback", setup.callback),
            web.static("/static", STATIC),
            web.route("*", "/{rest:.*}", _wait),
        ]
    )
    return application


async def _alive(_: web.Request) -> web.Response:
    return web.Response(text="alive\n")


async def _wait(_: web.Request) -> web.Response:
    return web.Response(status=HTTPStatus.SERVICE_UNAVAILABLE, text="no App is configured yet\n")
