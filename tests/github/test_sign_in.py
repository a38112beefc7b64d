"""Whoever GitHub does not plainly name is nobody, and whoever it does not plainly let read reads nothing."""

from __future__ import annotations

from collections.abc import AsyncIterator
from urllib.parse import parse_qs

import aiohttp
import pytest
from aiohttp import web

from bot.github.client import Access, Client, GitHub
from bot.github.errors import GitHubError, Refused, Unauthorised, Unavailable, Unreadable
from bot.github.sign_in import OAuthClient, identify, may_read
from bot.sandbox.actions import people
from bot.sandbox.embedded import EmbeddedGitHub
from tests.github.conftest import no_sleep
from tests.github.scripted import Answer, Script, raw, reply, serve
from tests.shop import Shop

JAY = {"id": 5, "login": "jay", "type": "User"}
SHOP = {"id": 1, "name": "shop", "owner": {"login": "acme"}}


@pytest.fixture
async def script() -> AsyncIterator[Script]:
    async with serve(Script()) as script:
        yield script


@pytest.fixture
async def scripted(script: Script, app_key: str) -> AsyncIterator[GitHub]:
    async with aiohttp.ClientSession() as session:
        access = Access(app_id=7, private_key=app_key, api_url=script.url)
        yield GitHub(session, access, sleep=no_sleep)


def granted(body: object, *, status: int = 200) -> Answer:
    """One answer to the code, then the account."""

    def answer(request: web.Request) -> web.StreamResponse:
        return reply(body, status) if request.method == "POST" else reply(JAY)

    return answer


async def identified(script: Script, github: GitHub) -> tuple[int, str]:
    application = OAuthClient(
        site_url=script.url,
        client_id="Iv23",
        client_secret="c" * 40,
        redirect_uri="https://gate.example/login/callback",
    )
    async with aiohttp.ClientSession() as session:
        found = await identify(session, github, application, code="code", verifier="verifier")
    return found.id, found.login


async def test_the_account_is_asked_for_with_the_persons_own_token(script: Script, scripted: GitHub) -> None:
    script.answers = [granted({"access_token": "ghu_1", "token_type": "bearer"})]
    assert await identified(script, scripted) == (5, "jay")
    assert script.asked == [("POST", "/login/oauth/access_token"), ("GET", "/user")]
    assert script.headers[0]["accept"] == "application/json"
    assert "authorization" not in script.headers[0]
    assert script.headers[1]["authorization"].split()[-1] == "ghu_1"


async def test_two_people_are_never_mixed_up_by_what_is_cached(script: Script, scripted: GitHub) -> None:
    def answer(request: web.Request) -> web.StreamResponse:
        if request.method == "POST":
            return reply({"access_token": f"ghu_{len(script.asked)}"})
        return reply(JAY | {"login": request.headers["Authorization"][-1]}, ETag='"same"')

    script.answers = [answer]
    assert await identified(script, scripted) == (5, "1")
    assert await identified(script, scripted) == (5, "3")


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (granted({"error": "bad_verification_code"}), Unauthorised),
        (granted({"error": "x", "access_token": "ghu_1"}), Unauthorised),
        (granted({}), Unauthorised),
        (granted({"access_token": None}), Unreadable),
        (granted([]), Unreadable),
        (raw(b"<html>"), Unreadable),
        (raw(b"\xff"), Unreadable),
        (granted({"access_token": "ghu_1"}, status=404), Refused),
        (granted({"access_token": "ghu_1"}, status=302), Refused),
        (granted({"access_token": "ghu_1"}, status=502), Unavailable),
    ],
)
async def test_a_code_that_is_not_honoured_names_nobody(
    script: Script, scripted: GitHub, answer: Answer | web.Response, error: type[GitHubError]
) -> None:
    script.answers = [answer]
    with pytest.raises(error) as refused:
        await identified(script, scripted)
    assert "ghu_" not in str(refused.value)
    assert len(script.asked) == 1


@pytest.mark.parametrize(
    "account", [{}, {"id": 5, "login": "jay"}, JAY | {"type": "Organization"}, JAY | {"id": 0}, JAY | {"id": "5"}, None]
)
async def test_what_is_no_person_is_nobody(script: Script, scripted: GitHub, account: object) -> None:
    script.answers = [reply({"access_token": "ghu_1"}), reply(account)]
    with pytest.raises(GitHubError):
        await identified(script, scripted)


async def test_the_code_goes_with_the_secret_and_the_verifier(scripted: GitHub, script: Script) -> None:
    sent: list[str] = []

    async def receive(request: web.Request) -> web.StreamResponse:
        sent.append(await request.text())
        return web.json_response({"error": "enough"})

    application = web.Application()
    application.router.add_post("/login/oauth/access_token", receive)
    runner = web.AppRunner(application)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    script.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    with pytest.raises(Unauthorised):
        await identified(script, scripted)
    await runner.cleanup()
    assert {name: values[0] for name, values in parse_qs(sent[0]).items()} == {
        "client_id": "Iv23",
        "client_secret": "c" * 40,
        "code": "code",
        "code_verifier": "verifier",
        "redirect_uri": "https://gate.example/login/callback",
    }


@pytest.mark.parametrize("permission", ["read", "write", "admin"])
async def test_who_may_read_is_told_by_the_permission(script: Script, scripted: GitHub, permission: str) -> None:
    script.answers = [reply(SHOP), reply({"permission": permission, "user": {"id": 5}})]
    assert await may_read(scripted.installation(3), 1, 5, "jay")


@pytest.mark.parametrize(
    "answers",
    [
        [reply(SHOP), reply({"permission": "none", "user": {"id": 5}})],
        [reply(SHOP), reply({"permission": "", "user": {"id": 5}})],
        [reply(SHOP), reply({"permission": "READ ", "user": {"id": 5}})],
        [reply(SHOP), reply({"permission": "admin", "user": {"id": 6}})],
        [reply(SHOP), reply({"permission": "admin", "user": None})],
        [reply(SHOP | {"id": 2}), reply({"permission": "admin", "user": {"id": 5}})],
        [reply(SHOP), reply({"message": "Not Found"}, 404)],
        [reply(SHOP), reply({"message": "Resource not accessible by integration"}, 403)],
        [reply({"message": "Not Found"}, 404)],
    ],
)
async def test_whatever_else_github_says_is_no(script: Script, scripted: GitHub, answers: list[web.Response]) -> None:
    script.answers = list(answers)
    assert not await may_read(scripted.installation(3), 1, 5, "jay")


@pytest.mark.parametrize("answers", [[reply({}, 502)], [reply(SHOP), reply({})], [reply({})], [reply(SHOP), raw(b"x")]])
async def test_what_github_does_not_say_is_an_error(
    script: Script, scripted: GitHub, answers: list[web.Response]
) -> None:
    script.answers = list(answers)
    with pytest.raises(GitHubError):
        await may_read(scripted.installation(3), 1, 5, "jay")


async def test_on_github_itself_by_id(client: Client, shop: Shop, github: EmbeddedGitHub) -> None:
    jay, repository = shop.jay.account, shop.repository
    stranger = github.person("noor").account
    assert await may_read(client, repository.id, jay.id, "jay")
    assert not await may_read(client, repository.id, stranger.id, "noor")
    assert not await may_read(client, repository.id, stranger.id, "jay")
    assert not await may_read(client, repository.id + 1, jay.id, "jay")
    elsewhere = github.add_repository("other/vault")
    people.collaborate(shop.world, elsewhere, jay, "admin", actor=elsewhere.owner)
    assert not await may_read(client, elsewhere.id, jay.id, "jay")
