"""Registering the App from a manifest: the code GitHub hands back becomes the App's credentials."""

from __future__ import annotations

from http import HTTPStatus
from urllib.parse import quote

import aiohttp
import msgspec

from bot.github.errors import NotFound, Refused, Unavailable, Unreadable
from bot.github.transport import API_VERSION, TIMEOUT, read_bounded


class Registered(msgspec.Struct, frozen=True):
    """A new App. `webhook_secret` is None when GitHub made none."""

    id: int
    slug: str
    html_url: str
    client_id: str
    client_secret: str
    pem: str
    webhook_secret: str | None = None

    def __repr__(self) -> str:
        return f"Registered(id={self.id})"


async def convert(session: aiohttp.ClientSession, api_url: str, code: str) -> Registered:
    """The credentials behind a code, which is good once and for an hour. Refused: the code is no good.

    https://docs.github.com/en/rest/apps/apps#create-a-github-app-from-a-manifest
    """
    url = f"{api_url}/app-manifests/{quote(code, safe='')}/conversions"
    headers = {
        "Accept": "application/vnd.github+json",
        "X-GitHub-Api-Version": API_VERSION,
        "User-Agent": "countersign",
    }
    try:
        async with session.post(url, headers=headers, timeout=TIMEOUT, allow_redirects=False) as response:
            status, content = response.status, await read_bounded(response)
    except (aiohttp.ClientError, TimeoutError) as error:
        raise Unavailable(f"registration: {type(error).__name__}") from error
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        raise Unavailable(f"registration: {status}")
    if status != HTTPStatus.CREATED:
        raise (NotFound if status == HTTPStatus.NOT_FOUND else Refused)(status, "registration")
    try:
        return msgspec.json.decode(content, type=Registered)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise Unreadable("registration: an answer of another shape than documented") from error


def environment_of(app: Registered) -> dict[str, str]:
    """The settings of this App by name, the key on one line; WEBHOOK_SECRET is missing when GitHub made none."""
    settings = {
        "APP_ID": str(app.id),
        "CLIENT_ID": app.client_id,
        "CLIENT_SECRET": app.client_secret,
        "WEBHOOK_SECRET": app.webhook_secret or "",
        "PRIVATE_KEY": '"' + app.pem.strip().replace("\n", "\\n") + '"',
    }
    return {name: value for name, value in settings.items() if value}
