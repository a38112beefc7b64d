"""Signing in with GitHub: the web application flow of a GitHub App, with state and PKCE."""

from __future__ import annotations

import base64
import hashlib
import re
from http import HTTPStatus

import aiohttp_jinja2
import structlog
from aiohttp import hdrs, web
from yarl import URL

from bot.github.errors import GitHubError, Refused
from bot.settings import Settings
from bot.web.forms import read_form
from bot.web.ports import Ports
from bot.web.sessions import Pending, Sessions, SignedIn

LONGEST_CODE = 500
# The only pages worth coming back to; whatever else is asked for ends on the first page.
_TARGET = re.compile(r"/|/passkeys|/[A-Za-z0-9_.-]{1,100}/[A-Za-z0-9_.-]{1,100}/pull/[1-9][0-9]{0,9}", re.ASCII)

log = structlog.get_logger()


def callback_url(settings: Settings) -> str:
    """What the App's settings on GitHub must name as its callback URL, to the letter."""
    return f"{settings.public_url}/login/callback"


class SignIn:
    """https://docs.github.com/en/apps/creating-github-apps/authenticating-with-a-github-app/generating-a-user-access-token-for-a-github-app"""

    def __init__(self, settings: Settings, sessions: Sessions, ports: Ports) -> None:
        self._settings = settings
        self._sessions = sessions
        self._ports = ports

    async def login(self, request: web.Request) -> web.Response:
        wanted = request.query.get("next", "/")
        pending = self._sessions.begin(wanted if _TARGET.fullmatch(wanted) else "/")
        response = _see_other(self._authorize_url(pending))
        await self._sessions.remember(request, response, pending)
        return response

    def _authorize_url(self, pending: Pending) -> URL:
        digest = hashlib.sha256(pending.verifier.encode()).digest()
        query = {
            "client_id": self._settings.client_id,
            "redirect_uri": callback_url(self._settings),
            "state": pending.state,
            "code_challenge": base64.urlsafe_b64encode(digest).decode().rstrip("="),
            "code_challenge_method": "S256",
            "allow_signup": "false",
        }
        return URL(f"{self._settings.site_url}/login/oauth/authorize").with_query(query)

    async def callback(self, request: web.Request) -> web.Response:
        """Nothing is asked of GitHub unless this very browser began the sign-in; whatever comes of it, that is over."""
        pending = await self._sessions.pending(request, request.query.get("state", ""))
        code = request.query.get("code", "")
        if pending is None or not 0 < len(code) <= LONGEST_CODE:
            return await self._fail(request, HTTPStatus.FORBIDDEN, "This sign-in was not begun here, or took too long.")
        try:
            visitor = await self._ports.identify(code, pending.verifier)
        except Refused as error:
            log.warning("sign-in refused", error=type(error).__name__)
            return await self._fail(request, HTTPStatus.FORBIDDEN, "GitHub did not confirm this sign-in.")
        except GitHubError as error:
            log.warning("sign-in failed", error=type(error).__name__)
            return await self._fail(request, HTTPStatus.SERVICE_UNAVAILABLE, "GitHub does not answer.")
        response = _see_other(URL(pending.target))
        await self._sessions.open(request, response, visitor)
        log.info("signed in", account=visitor.id)
        return response

    async def logout(self, request: web.Request) -> web.Response:
        """By the page's own form alone, so that no other site does it; everywhere, so that no copy lives on."""
        signed_in = await self._sessions.signed_in(request)
        response = say(request, HTTPStatus.OK, "You are signed out.")
        if signed_in is None:
            await self._sessions.close(request, response)
            return response
        await read_form(request, signed_in)
        await self._sessions.close_all(request, response, signed_in.id)
        log.info("signed out", account=signed_in.id)
        return response

    async def _fail(self, request: web.Request, status: HTTPStatus, sentence: str) -> web.Response:
        response = say(request, status, sentence)
        await self._sessions.close(request, response)
        return response


def _see_other(url: URL) -> web.Response:
    return web.Response(status=HTTPStatus.SEE_OTHER, headers={hdrs.LOCATION: str(url)})


def say(
    request: web.Request, status: HTTPStatus, sentence: str, signed_in: SignedIn | None = None, *, back: str = "/"
) -> web.Response:
    """A page of one sentence, and the way to sign in or, for whoever is, to `back`."""
    context = {"sentence": sentence, "signed_in": signed_in, "back": back}
    return aiohttp_jinja2.render_template("sentence.html", request, context, status=status)


def shut_page(settings: Settings) -> web.Response:
    """What every page answers while nobody can sign in."""
    url = settings.public_url or "https://HOST"
    text = (
        "The pages are shut: set CLIENT_ID and CLIENT_SECRET of the GitHub App and PUBLIC_URL, and give the App the "
        f"callback URL {url}/login/callback.\n"
    )
    return web.Response(status=HTTPStatus.FORBIDDEN, text=text)
