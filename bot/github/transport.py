"""One HTTP exchange with GitHub under gidgethub: bounded, timed, and with answers gidgethub can always read."""

from __future__ import annotations

import asyncio
import json
import random
from collections.abc import Awaitable, Callable, Mapping
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from typing import Any

import aiohttp
import gidgethub
import gidgethub.aiohttp
from cachetools import LRUCache
from gidgethub import sansio

from bot.github.errors import TooLarge, Unavailable, Unreadable

# https://docs.github.com/en/rest/about-the-rest-api/api-versions
API_VERSION = "2022-11-28"
REQUESTER = "countersign"
LARGEST_BODY = 32 * 1024 * 1024
LARGEST_CACHED_BODY = 256 * 1024
CACHED_ANSWERS = 256
TIMEOUT = aiohttp.ClientTimeout(total=60, sock_connect=10, sock_read=30)
ATTEMPTS = 4
LONGEST_WAIT_SECONDS = 20.0
SECONDARY_WAIT_SECONDS = 60.0
_REPEATABLE = frozenset({"GET", "PUT", "PATCH", "DELETE"})

Sleep = Callable[[float], Awaitable[None]]


class Transport(gidgethub.aiohttp.GitHubAPI):
    """gidgethub's client with bounds, retries and an own ETag cache.

    gidgethub keys its cache by the URL alone, so that a transport must serve one identity only.
    """

    def __init__(
        self,
        session: aiohttp.ClientSession,
        *,
        api_url: str,
        graphql_url: str,
        app_id: str | None = None,
        private_key: str | None = None,
        sleep: Sleep = asyncio.sleep,
    ) -> None:
        super().__init__(
            session,
            REQUESTER,
            app_id=app_id,
            private_key=private_key,
            base_url=api_url,
            cache=LRUCache(maxsize=CACHED_ANSWERS),
        )
        self.graphql_url = graphql_url
        self._sleep = sleep

    async def sleep(self, seconds: float) -> None:
        await self._sleep(seconds)

    async def _request(
        self, method: str, url: str, headers: Mapping[str, str], body: bytes = b""
    ) -> tuple[int, Mapping[str, str], bytes]:
        repeatable = self._may_repeat(method, url)
        for attempt in range(1, ATTEMPTS + 1):
            try:
                return await self._exchange(method, url, headers, body)
            except (aiohttp.ClientError, TimeoutError) as error:
                if not repeatable or attempt == ATTEMPTS:
                    raise Unavailable(f"{method} {_path(url)}: {type(error).__name__}") from error
            await self.sleep(backoff_seconds(attempt))
        raise AssertionError("the loop returns or raises")

    async def _exchange(
        self, method: str, url: str, headers: Mapping[str, str], body: bytes
    ) -> tuple[int, Mapping[str, str], bytes]:
        async with self._session.request(
            method,
            url,
            headers={**headers, "x-github-api-version": API_VERSION},
            data=body,
            timeout=TIMEOUT,
            # A renamed repository answers 301; a write must not be sent to another place than was meant.
            allow_redirects=method == "GET",
        ) as response:
            content = await read_bounded(response)
            lowered = {name.lower(): value for name, value in response.headers.items()}
            return readable(response.status, lowered, content)

    async def download(self, path: str, variables: Mapping[str, str], bearer: str | None, most: int) -> bytes:
        """The bytes that a redirect leads to. They lie with another service, which is asked without any token.

        gidgethub.HTTPException when GitHub refuses, Unavailable when either cannot be reached, TooLarge.
        """
        url = sansio.format_url(path, variables, base_url=self.base_url)
        headers = {**sansio.create_headers(REQUESTER, oauth_token=bearer), "x-github-api-version": API_VERSION}
        place = f"GET {_path(url)}"
        try:
            async with self._session.get(url, headers=headers, timeout=TIMEOUT, allow_redirects=False) as answer:
                if answer.status != HTTPStatus.FOUND or "Location" not in answer.headers:
                    lowered = {name.lower(): value for name, value in answer.headers.items()}
                    sansio.decipher_response(*readable(answer.status, lowered, await read_bounded(answer)))
                    raise Unreadable(f"{place}: {answer.status} where a redirect is documented")
                address = answer.headers["Location"]
            async with self._session.get(address, timeout=TIMEOUT, allow_redirects=False) as stored:
                if stored.status != HTTPStatus.OK:
                    raise Unavailable(f"{place}: the storage answered {stored.status}")
                return await read_bounded(stored, most)
        except (aiohttp.ClientError, TimeoutError) as error:
            raise Unavailable(f"{place}: {type(error).__name__}") from error

    async def handle_rate_limit_error(
        self, *, method: str, url: str, exception: gidgethub.HTTPException, attempt: int
    ) -> bool:
        """Wait and repeat what is safe to repeat: a rate-limited request was not carried out at all."""
        if attempt >= ATTEMPTS:
            return False
        wait = rate_limit_seconds(exception)
        if wait is not None:
            if wait > LONGEST_WAIT_SECONDS:
                return False
            await self.sleep(wait)
            return True
        if exception.status_code >= HTTPStatus.INTERNAL_SERVER_ERROR and self._may_repeat(method, url):
            await self.sleep(backoff_seconds(attempt))
            return True
        return False

    def _may_repeat(self, method: str, url: str) -> bool:
        """The App sends only queries to GraphQL, never mutations."""
        return method in _REPEATABLE or url == self.graphql_url


def readable(status: int, headers: Mapping[str, str], body: bytes) -> tuple[int, Mapping[str, str], bytes]:
    """The same answer in a form that gidgethub deciphers without tripping.

    It fails on other charsets than it knows, on undecodable bytes, on a 422 without a message and on statuses
    that the standard library has no name for. An answer too large to keep loses its ETag, and so is not cached.
    """
    kept = {name: value for name, value in headers.items() if name not in ("etag", "last-modified")}
    if len(body) <= LARGEST_CACHED_BODY:
        kept = dict(headers)
    text = body.decode("utf-8", "replace")
    if status >= HTTPStatus.BAD_REQUEST:
        text = json.dumps(_complaint(text))
        status = status if status in HTTPStatus._value2member_map_ else HTTPStatus.BAD_GATEWAY.value
    if text:
        kept["content-type"] = "application/json; charset=utf-8"
    return status, kept, text.encode("utf-8")


def rate_limit_seconds(exception: gidgethub.HTTPException) -> float | None:
    """How long GitHub asks to wait, None when the failure is no rate limit.

    https://docs.github.com/en/rest/using-the-rest-api/rate-limits-for-the-rest-api#exceeding-the-rate-limit
    """
    headers: Mapping[str, str] = exception.headers or {}
    limited = exception.status_code == HTTPStatus.TOO_MANY_REQUESTS
    if exception.status_code not in (HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.FORBIDDEN):
        return None
    if "retry-after" in headers:
        return _seconds(headers["retry-after"], SECONDARY_WAIT_SECONDS)
    if headers.get("x-ratelimit-remaining") == "0":
        return _reset_seconds(headers)
    return SECONDARY_WAIT_SECONDS if limited or "secondary rate limit" in str(exception).lower() else None


def backoff_seconds(attempt: int) -> float:
    """Half a second, one, two …, with up to as much again so that many workers do not come back together."""
    base: float = 0.5 * 2 ** (attempt - 1)
    return base + random.uniform(0, base)  # noqa: S311 - spreads load, guards nothing


async def read_bounded(response: aiohttp.ClientResponse, most: int = LARGEST_BODY) -> bytes:
    """The body as it was sent. TooLarge when it is longer than `most` bytes."""
    chunks: list[bytes] = []
    size = 0
    async for chunk in response.content.iter_chunked(64 * 1024):
        size += len(chunk)
        if size > most:
            response.close()
            raise TooLarge(f"an answer of more than {most // (1024 * 1024)} MiB")
        chunks.append(chunk)
    return b"".join(chunks)


def _complaint(text: str) -> dict[str, Any]:
    """GitHub's error object, made up when a proxy answered something else."""
    try:
        told = json.loads(text)
    except ValueError:
        told = None
    if not isinstance(told, dict):
        return {"message": ""}
    errors = told.get("errors")
    return {
        "message": str(told.get("message") or ""),
        "errors": errors if isinstance(errors, list) else [str(errors)] if errors else [],
    }


def _seconds(value: str, otherwise: float) -> float:
    try:
        return max(0.0, float(value))
    except ValueError:
        return otherwise


def _reset_seconds(headers: Mapping[str, str]) -> float:
    """Seconds until the limit is lifted. GitHub's own Date header spares us from trusting our clock."""
    reset = _seconds(headers.get("x-ratelimit-reset", ""), 0.0)
    try:
        now = parsedate_to_datetime(headers.get("date", "")).timestamp()
    except ValueError:
        return SECONDARY_WAIT_SECONDS
    return max(1.0, reset - now)


def _path(url: str) -> str:
    return url.partition("://")[2].partition("?")[0]
