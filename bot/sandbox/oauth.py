"""Signing people in for an App: codes that are good once, for ten minutes, for whoever began with their challenge."""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
from collections.abc import Mapping
from dataclasses import dataclass

from bot.sandbox.auth import USER_TOKEN_SECONDS, Gatekeeper
from bot.sandbox.objects import Account, App, Json, Refusal
from bot.sandbox.world import World

CODE_SECONDS = 600
CHALLENGE_LENGTH = 43
# https://docs.github.com/en/apps/oauth-apps/maintaining-oauth-apps/troubleshooting-oauth-app-access-token-request-errors
_BAD_CODE = ("bad_verification_code", "The code passed is incorrect or expired.")
_BAD_CLIENT = ("incorrect_client_credentials", "The client_id and/or client_secret passed are incorrect.")
_BAD_REDIRECT = (
    "redirect_uri_mismatch",
    "The redirect_uri MUST match the registered callback URL for this application.",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What an App asks of a visitor. `challenge` is PKCE's, "" for none."""

    app: App
    redirect_uri: str
    state: str
    challenge: str


@dataclass(frozen=True, slots=True, kw_only=True)
class _Grant:
    request: Request
    account: Account
    expires_at: int


class Authorizations:
    def __init__(self, world: World, gatekeeper: Gatekeeper) -> None:
        self._world = world
        self._gatekeeper = gatekeeper
        self._grants: dict[str, _Grant] = {}

    def read(self, query: Mapping[str, str]) -> Request:
        """The parameters of `/login/oauth/authorize`; Refusal when they are not what the App registered."""
        app = self._app(query.get("client_id", ""))
        if app is None:
            raise Refusal(404, "Not Found")
        redirect_uri = query.get("redirect_uri") or app.callback_url
        if not app.callback_url or redirect_uri != app.callback_url:
            raise Refusal(400, _BAD_REDIRECT[1])
        challenge, method = query.get("code_challenge", ""), query.get("code_challenge_method", "")
        if (challenge or method) and (method != "S256" or len(challenge) != CHALLENGE_LENGTH):
            raise Refusal(400, "Only the S256 code challenge method is accepted.")
        return Request(app=app, redirect_uri=redirect_uri, state=query.get("state", ""), challenge=challenge)

    def grant(self, request: Request, account: Account) -> str:
        """The code that the visitor's browser takes to the App."""
        code = secrets.token_hex(10)
        self._grants[code] = _Grant(request=request, account=account, expires_at=self._world.now() + CODE_SECONDS)
        return code

    def exchange(self, form: Mapping[str, str]) -> Json:
        """What `/login/oauth/access_token` answers, always with status 200; the code is spent whatever happens."""
        grant = self._grants.pop(form.get("code", ""), None)
        app = self._app(form.get("client_id", ""))
        if app is None or not hmac.compare_digest(form.get("client_secret", "").encode(), app.client_secret.encode()):
            return _error(*_BAD_CLIENT)
        if grant is None or grant.request.app is not app or grant.expires_at <= self._world.now():
            return _error(*_BAD_CODE)
        if form.get("redirect_uri", grant.request.redirect_uri) != grant.request.redirect_uri:
            return _error(*_BAD_REDIRECT)
        if grant.request.challenge and _challenge(form.get("code_verifier", "")) != grant.request.challenge:
            return _error(*_BAD_CODE)
        return {
            "access_token": self._gatekeeper.user_access_token(grant.account),
            "expires_in": USER_TOKEN_SECONDS,
            "refresh_token": f"ghr_{secrets.token_hex(38)}",
            "refresh_token_expires_in": 15_897_600,
            "scope": "",
            "token_type": "bearer",
        }

    def _app(self, client_id: str) -> App | None:
        return next((app for app in self._world.apps.values() if app.client_id == client_id), None)


def _challenge(verifier: str) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).decode().rstrip("=")


def _error(error: str, description: str) -> Json:
    return {"error": error, "error_description": description, "error_uri": "https://docs.github.com/apps"}
