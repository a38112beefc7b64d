"""The client gives the whole answer or a typed error, and repeats only what is safe to repeat."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import aiohttp
import pytest
from aiohttp import web

from bot.core.pull import Actor, ActorKind
from bot.github import transport
from bot.github.client import Access, Client, GitHub, graphql_url_of
from bot.github.errors import (
    Forbidden,
    GitHubError,
    Invalid,
    NotFound,
    PartialAnswer,
    RateLimited,
    Refused,
    TooLarge,
    Unauthorised,
    Unavailable,
    Unreadable,
)
from bot.github.read.activity import BranchPushers, pushers_of
from tests.github.scripted import Answer, Script, raw, reply, serve

Call = Callable[[Client], Awaitable[Any]]


class Clock:
    """Monotonic seconds that pass when told to, by sleeping too."""

    def __init__(self) -> None:
        self.now = 1000.0
        self.slept: list[float] = []

    def __call__(self) -> float:
        return self.now

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += seconds


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
async def script() -> AsyncIterator[Script]:
    async with serve(Script()) as running:
        yield running


@pytest.fixture
async def github(script: Script, clock: Clock, app_key: str) -> AsyncIterator[GitHub]:
    async with aiohttp.ClientSession() as session:
        access = Access(app_id=42, private_key=app_key, api_url=f"{script.url}/api/v3")
        yield GitHub(session, access, clock=clock, sleep=clock.sleep)


@pytest.fixture
def client(github: GitHub) -> Client:
    return github.installation(5)


async def get(client: Client) -> Any:
    return await client.get("/thing")


async def post(client: Client) -> Any:
    return await client.post("/thing", {"a": 1})


async def patch(client: Client) -> Any:
    return await client.patch("/thing", {"a": 1})


async def query(client: Client) -> Any:
    return await client.query(
        "query { a }", {}, may_be_missing=frozenset({"gone", "a.b"}), may_be_unknown=frozenset({"team"})
    )


async def test_a_call_says_who_asks_and_which_version_it_means(script: Script, client: Client) -> None:
    script.answers = [reply({"ok": True})]
    assert await client.get("/repos/{owner}/x", owner="a/b") == {"ok": True}
    assert script.asked == [("GET", "/api/v3/repos/a%2Fb/x")]
    headers = script.headers[0]
    assert headers["authorization"] == "token ghs_1"
    assert headers["x-github-api-version"] == transport.API_VERSION
    assert headers["user-agent"] == "countersign"


async def test_the_app_itself_signs_with_its_key(script: Script, github: GitHub) -> None:
    script.answers = [reply({})]
    await github.app.get("/app")
    assert script.headers[0]["authorization"].lower().startswith("bearer ey")


async def test_a_query_goes_to_the_servers_own_graphql(script: Script, client: Client) -> None:
    script.answers = [reply({"data": {"a": 1}})]
    assert await query(client) == {"a": 1}
    assert script.asked == [("POST", "/api/graphql")]
    assert script.headers[0]["authorization"] == "token ghs_1"


@pytest.mark.parametrize(
    ("api_url", "graphql_url"),
    [
        ("https://api.github.com", "https://api.github.com/graphql"),
        ("https://api.github.com/", "https://api.github.com/graphql"),
        ("https://ghes.example/api/v3", "https://ghes.example/api/graphql"),
        ("https://ghes.example/api/v3/", "https://ghes.example/api/graphql"),
        ("https://api.acme.ghe.com", "https://api.acme.ghe.com/graphql"),
    ],
)
def test_where_graphql_is(api_url: str, graphql_url: str) -> None:
    assert graphql_url_of(api_url) == graphql_url


async def test_many_callers_fetch_one_token(script: Script, client: Client) -> None:
    script.answers = [reply({})]
    await asyncio.gather(*(client.get(f"/thing/{number}") for number in range(20)))
    assert script.tokens == 1


@pytest.mark.parametrize(("minutes", "tokens"), [(49, 1), (50, 2), (61, 2)])
async def test_a_token_is_renewed_ten_minutes_before_it_runs_out(
    script: Script, client: Client, clock: Clock, minutes: int, tokens: int
) -> None:
    script.answers = [reply({})]
    await get(client)
    clock.now += minutes * 60
    await get(client)
    assert script.tokens == tokens


async def test_a_refused_token_is_not_used_again(script: Script, client: Client) -> None:
    script.answers = [reply({"message": "Bad credentials"}, 401), reply({})]
    with pytest.raises(Unauthorised):
        await get(client)
    await get(client)
    assert script.tokens == 2


async def test_each_installation_has_its_own_token_and_cache(script: Script, github: GitHub) -> None:
    script.answers = [reply({"secret": 1}, etag='"one"'), reply({"secret": 2}, etag='"two"')]
    one, other = github.installation(5), github.installation(6)
    assert await get(one) != await get(other)
    assert "if-none-match" not in script.headers[1]
    assert github.installation(5) is one
    github.forget(5)
    assert github.installation(5) is not one


async def test_an_unchanged_answer_is_not_sent_again(script: Script, client: Client) -> None:
    def unchanged(request: web.Request) -> web.StreamResponse:
        return web.Response(status=304 if request.headers.get("if-none-match") == '"one"' else 500)

    script.answers = [reply({"a": 1}, etag='"one"'), unchanged]
    assert await get(client) == await get(client) == {"a": 1}


ERRORS: list[tuple[str, Call, web.Response, type[GitHubError], int]] = [
    ("not found", get, reply({"message": "Not Found"}, 404), NotFound, 1),
    ("gone", get, reply({"message": "Gone"}, 410), NotFound, 1),
    ("forbidden", get, reply({"message": "Resource not accessible by integration"}, 403), Forbidden, 1),
    ("invalid", post, reply({"message": "Validation Failed", "errors": [{"code": "custom"}]}, 422), Invalid, 1),
    ("invalid with words", post, reply({"message": "Validation Failed", "errors": ["a"]}, 422), Invalid, 1),
    ("invalid with one word", post, reply({"message": "Validation Failed", "errors": "a"}, 422), Invalid, 1),
    ("invalid without words", post, reply({}, 422), Invalid, 1),
    ("invalid as a page", post, raw(b"<html>", 422, "text/html"), Invalid, 1),
    ("a page", get, raw(b"<html>", 404, "text/html"), NotFound, 1),
    ("a conflict", post, reply({"message": "m"}, 409), Refused, 1),
    ("broken, read", get, raw(b"<html>", 502, "text/html"), Unavailable, 4),
    ("broken, queried", query, reply(None, 502), Unavailable, 4),
    ("broken, changed", patch, reply({"message": "m"}, 500), Unavailable, 4),
    ("broken, created", post, reply({"message": "m"}, 500), Unavailable, 1),
    ("a status nobody knows", get, raw(b"", 599), Unavailable, 4),
    ("no JSON", get, raw(b"{", 200), Unreadable, 1),
    ("deep", get, raw(b"[" * 200_000, 200), Unreadable, 1),
    ("a moved write", post, reply({"message": "Moved Permanently"}, 301, location="/elsewhere"), Refused, 1),
    ("GraphQL without data", query, reply({"data": None}), Unreadable, 1),
    ("GraphQL as a list", query, reply([]), Unreadable, 1),
    ("GraphQL as nothing", query, raw(b"", 200), Unreadable, 1),
    ("a part of GraphQL", query, reply({"data": {"a": 1}, "errors": [{"message": "m"}]}), PartialAnswer, 1),
    ("GraphQL's limit", query, reply({"data": None, "errors": [{"type": "RATE_LIMITED"}]}), RateLimited, 1),
]


@pytest.mark.parametrize(("call", "answer", "error", "times"), [row[1:] for row in ERRORS], ids=[r[0] for r in ERRORS])
async def test_a_failure_is_told_as_a_type(
    script: Script, client: Client, call: Call, answer: web.Response, error: type[GitHubError], times: int
) -> None:
    script.answers = [answer]
    with pytest.raises(error) as told:
        await call(client)
    assert type(told.value) is error
    assert len(script.asked) == times


LIMITS: list[tuple[str, web.Response, list[float], float | None]] = [
    ("wait as told", reply({}, 429, retry_after="3"), [3.0], None),
    ("secondary, told", reply({"message": "secondary rate limit"}, 403, retry_after="7"), [7.0], None),
    ("secondary, untold", reply({"message": "You have exceeded a secondary rate limit"}, 403), [], 60.0),
    ("too long to wait", reply({}, 429, retry_after="600"), [], 600.0),
    ("told in no number", reply({}, 429, retry_after="soon"), [], 60.0),
    (
        "primary, soon over",
        reply(
            {"message": "API rate limit exceeded"},
            403,
            x_ratelimit_limit="5000",
            x_ratelimit_remaining="0",
            x_ratelimit_reset="1793534405",
            date="Sun, 01 Nov 2026 12:00:00 GMT",
        ),
        [5.0],
        None,
    ),
    (
        "primary, over in an hour",
        reply(
            {"message": "API rate limit exceeded"},
            429,
            x_ratelimit_limit="5000",
            x_ratelimit_remaining="0",
            x_ratelimit_reset="1793538000",
            date="Sun, 01 Nov 2026 12:00:00 GMT",
        ),
        [],
        3600.0,
    ),
]


@pytest.mark.parametrize("call", [get, post], ids=["read", "write"])
@pytest.mark.parametrize(("answer", "slept", "raised"), [row[1:] for row in LIMITS], ids=[row[0] for row in LIMITS])
async def test_a_rate_limit_is_waited_for_or_told(
    script: Script,
    client: Client,
    clock: Clock,
    call: Call,
    answer: web.Response,
    slept: list[float],
    raised: float | None,
) -> None:
    script.answers = [answer, reply({"a": 1})]
    if raised is None:
        assert await call(client) == {"a": 1}
    else:
        with pytest.raises(RateLimited) as told:
            await call(client)
        assert told.value.seconds == raised
    assert clock.slept == slept


async def test_a_read_survives_a_short_outage(script: Script, client: Client, clock: Clock) -> None:
    script.answers = [reply(None, 503), reply(None, 502), reply({"a": 1})]
    assert await get(client) == {"a": 1}
    assert len(clock.slept) == 2


def hang_up(request: web.Request) -> web.StreamResponse:
    assert request.transport is not None
    request.transport.close()
    return web.Response()


@pytest.mark.parametrize(("call", "times"), [(get, 4), (query, 4), (post, 1)], ids=["read", "query", "write"])
async def test_a_broken_connection_is_an_outage(script: Script, client: Client, call: Call, times: int) -> None:
    hanging: Answer = hang_up
    script.answers = [hanging]
    with pytest.raises(Unavailable):
        await call(client)
    assert len(script.asked) >= times


async def test_an_answer_too_large_is_not_read_to_its_end(script: Script, client: Client) -> None:
    script.answers = [raw(b'"' + b"a" * (transport.LARGEST_BODY + 1) + b'"')]
    with pytest.raises(TooLarge):
        await get(client)


async def test_undecodable_bytes_are_replaced(script: Script, client: Client) -> None:
    script.answers = [raw(b'{"a": "caf\xe9"}', content_type="application/json; charset=made-up")]
    assert await get(client) == {"a": "caf\ufffd"}


async def test_a_list_is_read_over_all_pages_up_to_a_bound(script: Script, client: Client) -> None:
    def page(request: web.Request) -> web.StreamResponse:
        number = int(request.query.get("page", "1"))
        link = f'<{script.url}/api/v3/things?page={number + 1}>; rel="next"'
        return reply([number * 2, number * 2 + 1], link=link if number < 5 else "")

    script.answers = [page]
    assert await client.items("/things", most=100) == list(range(2, 12))
    assert len(await client.items("/things", most=3)) == 4


NULLS: list[tuple[str, dict[str, Any], list[Any], dict[str, Any] | None]] = [
    ("allowed", {"gone": None}, [{"type": "NOT_FOUND", "path": ["gone"]}], {"gone": None}),
    ("allowed deeper", {"a": {"b": None}}, [{"type": "NOT_FOUND", "path": ["a", "b"]}], {"a": {"b": None}}),
    ("not allowed", {"a": None}, [{"type": "NOT_FOUND", "path": ["a"]}], None),
    ("forbidden", {"gone": None}, [{"type": "FORBIDDEN", "path": ["gone"]}], None),
    ("a part of it", {"gone": {"c": None}}, [{"type": "NOT_FOUND", "path": ["gone", "c"]}], None),
    ("missing but there", {"gone": {"c": 1}}, [{"type": "NOT_FOUND", "path": ["gone"]}], None),
    ("no path", {"gone": None}, [{"type": "NOT_FOUND"}], None),
    ("one of two", {"gone": None}, [{"type": "NOT_FOUND", "path": ["gone"]}, {"message": "m"}], None),
    (
        "unknown as a whole",
        {"team": {"members": {"nodes": [1, None]}}},
        [{"type": "FORBIDDEN", "path": ["team", "members", "nodes", 1]}],
        {"team": None},
    ),
]


@pytest.mark.parametrize(("data", "errors", "result"), [row[1:] for row in NULLS], ids=[row[0] for row in NULLS])
async def test_a_graphql_error_is_an_error_unless_it_is_foreseen(
    script: Script, client: Client, data: dict[str, Any], errors: list[Any], result: dict[str, Any] | None
) -> None:
    script.answers = [reply({"data": data, "errors": errors})]
    if result is not None:
        assert await query(client) == result
    else:
        with pytest.raises(PartialAnswer):
            await query(client)


JAY = Actor(login="jay", id=3, kind=ActorKind.USER)


def pushed(number: int = 0, *, kind: str = "push", before: str = "inside", actor: bool = True) -> dict[str, Any]:
    return {
        "id": number,
        "activity_type": kind,
        "before": before,
        "actor": {"login": "jay", "id": 3, "type": "User"} if actor else None,
    }


async def listed(client: Client) -> BranchPushers:
    return await pushers_of(client, "acme", "shop", "feature/a&b", frozenset({"inside"}))


async def test_a_branchs_pushers_are_the_actors_of_its_activity(script: Script, client: Client) -> None:
    script.answers = [reply([pushed(), pushed(), pushed(actor=False)])]
    assert await listed(client) == BranchPushers(accounts=frozenset({JAY}))
    assert script.asked == [("GET", "/api/v3/repos/acme/shop/activity?per_page=100&ref=refs/heads/feature/a%26b")]


@pytest.mark.parametrize("status", [403, 404, 409, 422])
async def test_a_branch_whose_activity_is_not_told_may_have_unknown_pushers(
    script: Script, client: Client, status: int
) -> None:
    script.answers = [reply({"message": "no"}, status)]
    found = await listed(client)
    assert found.accounts == frozenset()
    assert f"GitHub answers {status}" in found.unread


FULL: list[tuple[str, list[dict[str, Any]], int]] = [
    ("one began outside", [pushed(before="outside")], 1),
    ("none began outside", [], 3),
    ("rewritten since", [pushed(before="outside"), pushed(kind="force_push")], 3),
    ("deleted since", [pushed(before="outside"), pushed(kind="branch_deletion")], 3),
]


@pytest.mark.parametrize(("some", "asked"), [row[1:] for row in FULL], ids=[row[0] for row in FULL])
async def test_a_full_page_is_read_on_unless_older_pushes_brought_nothing(
    script: Script, client: Client, some: list[dict[str, Any]], asked: int
) -> None:
    full = [*some, *(pushed() for _ in range(100 - len(some)))]
    link = f'<{script.url}/api/v3/repos/acme/shop/activity?after=x>; rel="next"'
    script.answers.extend((reply(full, link=link), reply(full, link=link), reply([pushed()])))
    assert await listed(client) == BranchPushers(accounts=frozenset({JAY}))
    assert len(script.asked) == asked


async def test_more_pushes_than_are_read_leave_pushers_unknown(script: Script, client: Client) -> None:
    link = f'<{script.url}/api/v3/repos/acme/shop/activity?after=x>; rel="next"'
    script.answers.extend(reply([pushed() for _ in range(100)], link=link) for _ in range(12))
    assert "more than 1000 pushes" in (await listed(client)).unread


def test_the_key_is_not_shown(app_key: str) -> None:
    assert app_key[40:60] not in repr(Access(app_id=1, private_key=app_key))
