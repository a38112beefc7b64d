"""REST over HTTP: routing, authentication, errors, ETags and rate-limit headers."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from aiohttp import web

from bot.sandbox.auth import Caller, Gatekeeper
from bot.sandbox.objects import Json, Refusal
from bot.sandbox.rest import apps, checks, deployments, git, issues, people, protection, pulls, workflows
from bot.sandbox.rest.call import DOCUMENTATION, Answer, Call, Route, check_permission
from bot.sandbox.world import World

PREFIX = "/api/v3"
HOURLY_LIMIT = 5000
# The order matters where a branch name with slashes could swallow a longer path.
ROUTES: tuple[Route, ...] = (
    *apps.ROUTES,
    *checks.ROUTES,
    *deployments.ROUTES,
    *protection.ROUTES,
    *workflows.ROUTES,
    *git.ROUTES,
    *pulls.ROUTES,
    *issues.ROUTES,
    *people.ROUTES,
    *git.LAST_ROUTES,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Exchange:
    """One request and its answer, for whoever watches. `path` is the template's path, `address` the one asked for."""

    method: str
    route: str
    address: str
    query: dict[str, str]
    request_body: Any
    caller: Caller
    status: int
    response_body: Any


class Rest:
    """Serves the routes; `watch` is told of every exchange."""

    def __init__(self, world: World, gatekeeper: Gatekeeper, watch: Callable[[Exchange], None]) -> None:
        self._world = world
        self._gatekeeper = gatekeeper
        self._watch = watch
        self._used: Counter[str] = Counter()

    def add_to(self, application: web.Application) -> None:
        for route in ROUTES:
            application.router.add_route(route.method, PREFIX + route.path, self._handler(route))
        application.router.add_route("*", PREFIX + "/{rest:.*}", self._unknown)

    def _handler(self, route: Route) -> Callable[[web.Request], Any]:
        async def handle(request: web.Request) -> web.Response:
            content = await request.read()
            return self._respond(request, route, content)

        return handle

    async def _unknown(self, request: web.Request) -> web.Response:
        """A path that GitHub may know and this one does not: 404, and said plainly."""
        answer = _refused(Refusal(404, "Not Found"), hint=f"the sandbox does not serve {request.method} {request.path}")
        return _http(request, answer, self._limits(Caller()))

    def _respond(self, request: web.Request, route: Route, content: bytes) -> web.Response:
        caller, body = Caller(), None
        try:
            caller = self._gatekeeper.caller(request.headers.get("Authorization", ""))
            body = _parse(content)
            call = self._call(request, caller, body or {})
            check_permission(call, route.needs)
            answer = route.handler(call)
        except Refusal as refusal:
            answer = _refused(refusal)
        self._watch(
            Exchange(
                method=request.method,
                route=route.path,
                address=request.path.removeprefix(PREFIX),
                query=dict(request.query),
                request_body=body,
                caller=caller,
                status=answer.status,
                response_body=answer.body,
            )
        )
        return _http(request, answer, self._limits(caller))

    def _call(self, request: web.Request, caller: Caller, body: Json) -> Call:
        return Call(
            world=self._world,
            gatekeeper=self._gatekeeper,
            caller=caller,
            path=request.path.removeprefix(PREFIX),
            parameters=request.match_info,
            query=dict(request.query),
            body=body,
            accept=request.headers.get("Accept", ""),
        )

    def _limits(self, caller: Caller) -> dict[str, str]:
        self._used[caller.name] += 1
        used = self._used[caller.name]
        return {
            "X-RateLimit-Limit": str(HOURLY_LIMIT),
            "X-RateLimit-Remaining": str(max(HOURLY_LIMIT - used, 0)),
            "X-RateLimit-Used": str(used),
            "X-RateLimit-Reset": str(self._world.now() + 3600),
            "X-RateLimit-Resource": "core",
        }


def _parse(content: bytes) -> Any:
    if not content:
        return None
    try:
        return json.loads(content)
    except ValueError as problem:
        raise Refusal(400, "Problems parsing JSON") from problem


def _refused(refusal: Refusal, *, hint: str = "") -> Answer:
    body: Json = {"message": refusal.message, "documentation_url": hint or DOCUMENTATION, "status": str(refusal.status)}
    return Answer(status=refusal.status, body=body | ({"errors": list(refusal.errors)} if refusal.errors else {}))


def _http(request: web.Request, answer: Answer, limits: dict[str, str]) -> web.Response:
    """The answer on the wire; 304 when the caller already holds this very body."""
    if answer.body is None:
        return web.Response(status=answer.status, headers={**limits, **answer.headers})
    raw = isinstance(answer.body, bytes)
    content = answer.body if raw else json.dumps(answer.body, separators=(",", ":")).encode()
    etag = f'W/"{hashlib.sha256(content).hexdigest()}"'
    headers = {"ETag": etag, "X-GitHub-Media-Type": "github.v3; format=json", **limits, **answer.headers}
    fresh = request.method == "GET" and answer.status == web.HTTPOk.status_code
    if fresh and request.headers.get("If-None-Match") == etag:
        return web.Response(status=304, headers=headers)
    kind = "application/octet-stream" if raw else "application/json"
    return web.Response(
        status=answer.status, body=content, headers=headers, content_type=kind, charset=None if raw else "utf-8"
    )
