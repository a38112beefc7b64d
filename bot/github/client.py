"""GitHub as the App and as one of its installations: tokens, calls, and every failure as a type."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, TypeVar

import aiohttp
import gidgethub
import msgspec

from bot.github.errors import (
    Forbidden,
    GitHubError,
    Invalid,
    NotFound,
    PartialAnswer,
    RateLimited,
    Refused,
    Unauthorised,
    Unavailable,
    Uninstalled,
    Unreadable,
)
from bot.github.transport import SECONDARY_WAIT_SECONDS, Sleep, Transport, rate_limit_seconds

TOKEN_LIFE_SECONDS = 50 * 60
_REFUSALS: Mapping[int, type[Refused]] = {
    HTTPStatus.UNAUTHORIZED: Unauthorised,
    HTTPStatus.FORBIDDEN: Forbidden,
    HTTPStatus.NOT_FOUND: NotFound,
    HTTPStatus.GONE: NotFound,
    HTTPStatus.UNPROCESSABLE_ENTITY: Invalid,
}

Variables = Mapping[str, str | int | bool | None]
Shape = TypeVar("Shape")


@dataclass(frozen=True, slots=True, kw_only=True)
class Access:
    """Where GitHub is and who the App is there. `private_key` is PEM; urls as GITHUB_API_URL and GITHUB_GRAPHQL_URL."""

    app_id: int
    private_key: str
    api_url: str = "https://api.github.com"
    graphql_url: str = ""

    def __repr__(self) -> str:
        return f"Access(app_id={self.app_id}, api_url={self.api_url!r})"


def graphql_url_of(api_url: str) -> str:
    """`https://HOST/api/v3` has its GraphQL at `https://HOST/api/graphql`, github.com at `/graphql`."""
    base = api_url.rstrip("/")
    return f"{base.removesuffix('/v3')}/graphql"


class Client:
    """Calls under one identity. Paths are RFC 6570 templates ("/repos/{owner}/{name}/pulls/{number}")."""

    def __init__(self, transport: Transport, app_id: int, token: InstallationToken | UserToken | None = None) -> None:
        self._transport = transport
        self.app_id = app_id
        self._token = token

    async def get(self, path: str, **variables: str | int) -> Any:
        """The decoded answer; equal answers are not sent again (ETag)."""
        async with self._call() as bearer:
            return await self._transport.getitem(path, _strings(variables), oauth_token=bearer)

    async def items(self, path: str, key: str = "items", *, most: int, **variables: str | int) -> list[Any]:
        """All items over all pages, at most `most` and then one more, so that the caller sees that there are more.

        `key` names the list within the answer where the answer is an object.
        """
        found: list[Any] = []
        async with self._call() as bearer:
            pages = self._transport.getiter(path, _strings(variables), oauth_token=bearer, iterable_key=key)
            async for item in pages:
                found.append(item)
                if len(found) > most:
                    break
            await pages.aclose()
        return found

    async def download(self, path: str, *, most: int, **variables: str | int) -> bytes:
        """What GitHub redirects to, at most `most` bytes, else TooLarge."""
        async with self._call() as bearer:
            return await self._transport.download(path, _strings(variables), bearer, most)

    async def post(self, path: str, data: Mapping[str, Any], **variables: str | int) -> Any:
        async with self._call() as bearer:
            return await self._transport.post(path, _strings(variables), data=data, oauth_token=bearer)

    async def patch(self, path: str, data: Mapping[str, Any], **variables: str | int) -> Any:
        async with self._call() as bearer:
            return await self._transport.patch(path, _strings(variables), data=data, oauth_token=bearer)

    async def put(self, path: str, data: Mapping[str, Any], **variables: str | int) -> Any:
        async with self._call() as bearer:
            return await self._transport.put(path, _strings(variables), data=data, oauth_token=bearer)

    async def delete(self, path: str, **variables: str | int) -> None:
        async with self._call() as bearer:
            await self._transport.delete(path, _strings(variables), oauth_token=bearer)

    async def query(
        self,
        document: str,
        variables: Variables,
        *,
        may_be_missing: frozenset[str] = frozenset(),
        may_be_unknown: frozenset[str] = frozenset(),
    ) -> dict[str, Any]:
        """The `data` of a GraphQL query. PartialAnswer when it holds an error that is not foreseen.

        `may_be_missing` are paths ("repository.pullRequest") that may be NOT_FOUND and are null then.
        `may_be_unknown` are top-level fields in which any error makes the whole field null.
        gidgethub's own graphql() is not used: it sends no bearer for Apps, knows one host only and hides headers.
        """
        async with self._call() as bearer:
            answer = await self._transport.post(
                self._transport.graphql_url,
                data={"query": document, "variables": variables},
                oauth_token=bearer,
            )
        return _whole(answer, may_be_missing, may_be_unknown)

    @asynccontextmanager
    async def _call(self) -> AsyncIterator[str | None]:
        """Hands out the bearer; every failure leaves as one of ours, and a refused token is not used again."""
        bearer = None if self._token is None else await self._token.current()
        try:
            yield bearer
        except gidgethub.HTTPException as error:
            failure = _translated(error)
            if self._token is not None and isinstance(failure, Unauthorised):
                self._token.drop(bearer)
            if isinstance(self._token, InstallationToken) and isinstance(failure, (Unauthorised, Forbidden)):
                await self._token.check_installation()
            raise failure from error
        except (ValueError, RecursionError) as error:
            raise Unreadable("an answer that is no JSON") from error


class GitHub:
    """The App itself, and the clients of its installations. One per process; `clock` is monotonic seconds."""

    def __init__(
        self,
        session: aiohttp.ClientSession,
        access: Access,
        *,
        clock: Callable[[], float] = time.monotonic,
        sleep: Sleep = asyncio.sleep,
    ) -> None:
        self._session = session
        self._access = access
        self._clock = clock
        self._sleep = sleep
        self._installations: dict[int, Client] = {}
        self.app = Client(
            self._transport(app_id=str(access.app_id), private_key=access.private_key),
            access.app_id,
        )

    def installation(self, installation_id: int) -> Client:
        """The client of one installation, always the same one: it holds the token and the answers cached for it."""
        if installation_id not in self._installations:
            token = InstallationToken(self.app, installation_id, self._clock)
            self._installations[installation_id] = Client(self._transport(), self._access.app_id, token)
        return self._installations[installation_id]

    def user(self, token: str) -> Client:
        """A client for one person, who just signed in; it shares nothing with any other."""
        return Client(self._transport(), self._access.app_id, UserToken(token))

    def forget(self, installation_id: int) -> None:
        """Drop the client of an installation that was removed or suspended, with its token and cache."""
        self._installations.pop(installation_id, None)

    def _transport(self, *, app_id: str | None = None, private_key: str | None = None) -> Transport:
        return Transport(
            self._session,
            api_url=self._access.api_url,
            graphql_url=self._access.graphql_url or graphql_url_of(self._access.api_url),
            app_id=app_id,
            private_key=private_key,
            sleep=self._sleep,
        )


class UserToken:
    """A person's token, which nobody can renew here."""

    def __init__(self, token: str) -> None:
        self._token = token

    async def current(self) -> str:
        return self._token

    def drop(self, refused: str | None) -> None:
        """The one who holds the client is told by the refusal itself."""


class InstallationToken:
    """An installation's token, fetched once however many ask at the same time, renewed before it runs out.

    GitHub lets it live for an hour; the format and the length are GitHub's business and not looked at.
    """

    def __init__(self, app: Client, installation_id: int, clock: Callable[[], float]) -> None:
        self._app = app
        self._installation_id = installation_id
        self._clock = clock
        self._lock = asyncio.Lock()
        self._token = ""
        self._renew_at = 0.0

    async def current(self) -> str:
        async with self._lock:
            asked_at = self._clock()
            if not self._token or asked_at >= self._renew_at:
                self._token = await self._fetch()
                self._renew_at = asked_at + TOKEN_LIFE_SECONDS
            return self._token

    def drop(self, refused: str | None) -> None:
        """Forget the token that GitHub refused, unless it was renewed meanwhile."""
        if refused == self._token:
            self._token = ""

    async def _fetch(self) -> str:
        try:
            answer = await self._app.post("/app/installations/{id}/access_tokens", {}, id=self._installation_id)
        except (NotFound, Forbidden):
            await self.check_installation()
            raise
        return shaped(answer, _TokenAnswer).token

    async def check_installation(self) -> None:
        """Uninstalled when GitHub says so in as many words; what was refused may have been so for other reasons."""
        try:
            answer = await self._app.get("/app/installations/{id}", id=self._installation_id)
        except NotFound as error:
            raise Uninstalled(f"installation {self._installation_id}") from error
        except Refused:
            return
        if shaped(answer, _InstallationAnswer).suspended_at is not None:
            raise Uninstalled(f"installation {self._installation_id} is suspended")


class _InstallationAnswer(msgspec.Struct, frozen=True):
    suspended_at: str | None = None


class _TokenAnswer(msgspec.Struct, frozen=True):
    token: str


def shaped(answer: object, shape: type[Shape]) -> Shape:
    """The answer as a typed value. Unreadable when a field that is used is missing or of another type."""
    try:
        return msgspec.convert(answer, shape)
    except msgspec.ValidationError as error:
        raise Unreadable(f"an answer of another shape than documented: {error}") from error


def _strings(variables: Mapping[str, str | int]) -> dict[str, str]:
    return {name: str(value) for name, value in variables.items()}


def _translated(error: gidgethub.HTTPException) -> GitHubError:
    wait = rate_limit_seconds(error)
    if wait is not None:
        return RateLimited(wait)
    status = int(error.status_code)
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        return Unavailable(f"{status}: {error}")
    return _REFUSALS[status](status, str(error)) if status in _REFUSALS else Refused(status, str(error))


class _GraphQLError(msgspec.Struct, frozen=True):
    message: str = ""
    type: str = ""
    path: tuple[str | int, ...] | None = None


class _GraphQLAnswer(msgspec.Struct, frozen=True):
    data: dict[str, Any] | None = None
    errors: tuple[_GraphQLError, ...] | None = None


def _whole(answer: object, may_be_missing: frozenset[str], may_be_unknown: frozenset[str]) -> dict[str, Any]:
    told = shaped(answer, _GraphQLAnswer)
    data = dict(told.data or {})
    serious: list[_GraphQLError] = []
    for error in told.errors or ():
        path = error.path or ()
        if path and path[0] in may_be_unknown:
            data[str(path[0])] = None
        elif not (error.type == "NOT_FOUND" and ".".join(map(str, path)) in may_be_missing and _is_null(data, path)):
            serious.append(error)
    if any(error.type == "RATE_LIMITED" for error in serious):
        raise RateLimited(SECONDARY_WAIT_SECONDS)
    if serious:
        kinds = frozenset(error.type for error in serious)
        raise PartialAnswer(f"GraphQL: {serious[0].message[:200]} ({', '.join(sorted(kinds))})", kinds)
    if told.data is None:
        raise Unreadable("a GraphQL answer without data")
    return data


def _is_null(data: Mapping[str, Any], path: tuple[str | int, ...]) -> bool:
    """Missing as a whole, not a part that was lost from something that is there."""
    value: Any = data
    for step in path:
        value = value.get(step) if isinstance(value, dict) else None
    return value is None
