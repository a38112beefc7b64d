"""Tells who signed in, and what that account can read."""

from __future__ import annotations

from dataclasses import dataclass, field
from http import HTTPStatus

import aiohttp
import msgspec

from bot.github.client import Client, GitHub, shaped
from bot.github.errors import Refused, Unauthorised, Unavailable, Uninstalled, Unreadable
from bot.github.transport import TIMEOUT, read_bounded

_READING = frozenset({"read", "write", "admin"})


@dataclass(frozen=True, slots=True, kw_only=True)
class OAuthClient:
    """The App as it signs people in. `site_url` is where people see GitHub; `redirect_uri` the App's callback URL."""

    site_url: str
    client_id: str
    client_secret: str = field(repr=False)
    redirect_uri: str


class SignedIn(msgspec.Struct, frozen=True):
    """GitHub's `GET /user`, as far as it is used."""

    id: int
    login: str
    type: str


class _Grant(msgspec.Struct, frozen=True):
    """A refusal is answered with 200 too, and then has an `error`."""

    access_token: str = ""
    error: str = ""


async def identify(
    session: aiohttp.ClientSession, github: GitHub, application: OAuthClient, *, code: str, verifier: str
) -> SignedIn:
    """The account behind a code; its token is used this once and kept nowhere. Unauthorised: the code is no good.

    https://docs.github.com/en/apps/creating-github-apps/authenticating-with-a-github-app/generating-a-user-access-token-for-a-github-app
    """
    form = {
        "client_id": application.client_id,
        "client_secret": application.client_secret,
        "code": code,
        "redirect_uri": application.redirect_uri,
        "code_verifier": verifier,
    }
    token = await _exchange(session, f"{application.site_url}/login/oauth/access_token", form)
    account = shaped(await github.user(token).get("/user"), SignedIn)
    if account.type != "User" or account.id <= 0:
        raise Unauthorised(HTTPStatus.UNAUTHORIZED, "not a person's account")
    return account


async def _exchange(session: aiohttp.ClientSession, url: str, form: dict[str, str]) -> str:
    """Not by gidgethub: this address takes a form, sits outside the API, and must not follow a redirect."""
    headers = {"Accept": "application/json"}
    try:
        async with session.post(url, data=form, headers=headers, timeout=TIMEOUT, allow_redirects=False) as response:
            status, content = response.status, await read_bounded(response)
    except (aiohttp.ClientError, TimeoutError) as error:
        raise Unavailable(f"sign-in: {type(error).__name__}") from error
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        raise Unavailable(f"sign-in: {status}")
    if status != HTTPStatus.OK:
        raise Refused(status, "sign-in")
    try:
        grant = msgspec.json.decode(content, type=_Grant)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise Unreadable("sign-in: an answer of another shape than documented") from error
    if grant.error or not grant.access_token:
        raise Unauthorised(HTTPStatus.UNAUTHORIZED, f"sign-in: {grant.error[:100]}")
    return grant.access_token


class _Owner(msgspec.Struct, frozen=True):
    login: str


class _Repository(msgspec.Struct, frozen=True):
    id: int
    name: str
    owner: _Owner


class _Account(msgspec.Struct, frozen=True):
    id: int


class _Permission(msgspec.Struct, frozen=True):
    permission: str
    user: _Account | None


async def may_read(client: Client, repository_id: int, account_id: int, login: str) -> bool:
    """Whether the account can read the repository, both known by id: names move, and others may take them.

    False whenever GitHub refuses to say, as it does once the App is suspended or removed.
    `client` is the installation's that the repository belongs to.
    https://docs.github.com/en/rest/collaborators/collaborators#get-repository-permissions-for-a-user
    """
    try:
        found = shaped(await client.get("/repositories/{id}", id=repository_id), _Repository)
        path = "/repos/{owner}/{name}/collaborators/{login}/permission"
        answer = await client.get(path, owner=found.owner.login, name=found.name, login=login)
    except (Refused, Uninstalled):
        return False
    told = shaped(answer, _Permission)
    is_same = found.id == repository_id and told.user is not None and told.user.id == account_id
    return is_same and told.permission in _READING
