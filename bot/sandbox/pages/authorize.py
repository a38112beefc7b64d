"""Signing in to an App: the page where the visitor says as whom, and the address where the App redeems the code."""

from __future__ import annotations

from aiohttp import web
from yarl import URL

from bot.sandbox.oauth import Authorizations, Request
from bot.sandbox.objects import Refusal
from bot.sandbox.pages.serve import HEADERS, Pages

_PARAMETERS = ("client_id", "redirect_uri", "state", "code_challenge", "code_challenge_method")


class Authorize:
    def __init__(self, pages: Pages, authorizations: Authorizations) -> None:
        self._pages = pages
        self._authorizations = authorizations

    def add_to(self, application: web.Application) -> None:
        router = application.router
        router.add_get("/login/oauth/authorize", self._ask)
        router.add_post("/login/oauth/authorize", self._answer)
        router.add_post("/login/oauth/access_token", self._redeem)

    async def _ask(self, request: web.Request) -> web.StreamResponse:
        wanted = self._read(dict(request.query))
        fields = {name: request.query[name] for name in _PARAMETERS if name in request.query}
        response = self._pages.page(request, "authorize.html", app=wanted.app, fields=fields)
        # Browsers hold a form's redirect to the same rule as the form.
        allowed = f"form-action 'self' {URL(wanted.redirect_uri).origin()}"
        response.headers["Content-Security-Policy"] = HEADERS["Content-Security-Policy"].replace(
            "form-action 'self'", allowed
        )
        return response

    async def _answer(self, request: web.Request) -> web.StreamResponse:
        _, form = await self._pages.form(request)
        wanted = self._read(form)
        account = next((one for one, _ in self._pages.offered() if one.login == form.get("login")), None)
        if account is None:
            raise web.HTTPBadRequest(text="nobody of this name lives here")
        code = self._authorizations.grant(wanted, account)
        raise web.HTTPFound(URL(wanted.redirect_uri).update_query(code=code, state=wanted.state))

    def _read(self, fields: dict[str, str]) -> Request:
        try:
            return self._authorizations.read(fields)
        except Refusal as refusal:
            refused = web.HTTPNotFound if refusal.status == web.HTTPNotFound.status_code else web.HTTPBadRequest
            raise refused(text=refusal.message) from refusal

    async def _redeem(self, request: web.Request) -> web.Response:
        form = {name: str(value) for name, value in (await request.post()).items()}
        return web.json_response(self._authorizations.exchange(form))
