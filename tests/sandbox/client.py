"""A bare HTTP client for the embedded GitHub, as an App would speak to it."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import aiohttp
import jwt

from bot.sandbox.embedded import EmbeddedGitHub


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    status: int
    body: Any
    headers: Mapping[str, str]


class Client:
    """Speaks to one embedded GitHub with one token at a time."""

    def __init__(self, github: EmbeddedGitHub, session: aiohttp.ClientSession) -> None:
        self.github = github
        self.session = session

    def app_jwt(self, *, lifetime: int = 540, key: str = "", issuer: str = "") -> str:
        now = int(time.time())
        claims = {"iat": now - 60, "exp": now + lifetime, "iss": issuer or str(self.github.app_id)}
        return jwt.encode(claims, key or self.github.private_key, algorithm="RS256")

    async def installation_token(self) -> str:
        reply = await self.ask("GET", "/app/installations", self.app_jwt())
        number = reply.body[0]["id"]
        reply = await self.ask("POST", f"/app/installations/{number}/access_tokens", self.app_jwt())
        token: str = reply.body["token"]
        return token

    async def ask(
        self, method: str, path: str, token: str, *, json: Any = None, headers: Mapping[str, str] | None = None
    ) -> Reply:
        sent = {"Authorization": f"Bearer {token}", "Accept": "application/vnd.github+json", **(headers or {})}
        async with self.session.request(method, self.github.api_url + path, json=json, headers=sent) as answer:
            body = await answer.json() if answer.content_type == "application/json" else await answer.read()
            return Reply(status=answer.status, body=body, headers=answer.headers)

    async def query(self, text: str, token: str, **variables: Any) -> Any:
        sent = {"Authorization": f"Bearer {token}"}
        body = {"query": text, "variables": variables}
        async with self.session.post(self.github.graphql_url, json=body, headers=sent) as answer:
            return await answer.json()
