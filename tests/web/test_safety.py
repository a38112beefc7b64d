"""No other site acts for a person, no copy of a cookie outlives signing out, and nothing changes by looking."""

from __future__ import annotations

import pytest
from aiohttp import ClientResponse

from bot.web.forms import LARGEST_FORM
from tests.web.conftest import PUBLIC, Browser, Gate

COOKIE = "__Host-countersign"
FOREIGN = [
    None,
    "null",
    "https://evil.example",
    "http://gate.example",
    f"{PUBLIC}:8443",
    f"{PUBLIC}/",
    f"{PUBLIC}.evil",
]


async def signed_in(gate: Gate, code: str = "jays") -> Browser:
    browser = gate.browser()
    await browser.sign_in(code)
    return browser


async def is_signed_in(browser: Browser) -> bool:
    return (await browser.get("/")).status == 200


@pytest.mark.parametrize("origin", FOREIGN)
async def test_a_form_of_another_origin_changes_nothing_even_with_the_token(gate: Gate, origin: str | None) -> None:
    browser = await signed_in(gate)
    response = await browser.post("/logout", origin=origin, token=await browser.form_token())
    assert response.status == 403
    assert await is_signed_in(browser)


async def test_the_token_of_one_session_is_no_good_in_another(gate: Gate) -> None:
    mine, other = await signed_in(gate), await signed_in(gate, "eves")
    assert (await mine.post("/logout", token=await other.form_token())).status == 403
    assert await is_signed_in(mine)


async def test_two_origins_are_none(gate: Gate) -> None:
    response = await gate.client.post("/logout", headers=[("Origin", PUBLIC), ("Origin", PUBLIC)])
    assert response.status == 403


@pytest.mark.parametrize(
    ("body", "headers", "status"),
    [
        (b"x" * (LARGEST_FORM + 1), {"Content-Type": "application/x-www-form-urlencoded"}, 413),
        (b"{}", {"Content-Type": "application/json"}, 415),
        (b"--a\r\n\r\n--a--", {"Content-Type": "multipart/form-data; boundary=a"}, 415),
        (b"token=x", {"Content-Type": "text/plain"}, 415),
    ],
    ids=["too large", "json", "multipart", "plain text"],
)
async def test_only_a_small_plain_form_is_read(gate: Gate, body: bytes, headers: dict[str, str], status: int) -> None:
    browser = await signed_in(gate)
    sent = {**headers, "Origin": PUBLIC, "Cookie": f"{COOKIE}={browser.cookies[COOKIE]}"}
    assert (await gate.client.post("/logout", data=body, headers=sent)).status == status
    assert await is_signed_in(browser)


async def test_every_path_that_changes_something_takes_no_get(gate: Gate) -> None:
    """GET and HEAD are for looking; the two of sign-in change only which browser is signed in, by GitHub's word."""
    router = gate.client.app.router if gate.client.app else None
    assert router is not None
    posts = {route.resource.canonical for route in router.routes() if route.method == "POST" and route.resource}
    gets = {route.resource.canonical for route in router.routes() if route.method == "GET" and route.resource}
    assert "/logout" in posts
    assert not posts & gets


async def test_signing_in_never_takes_up_a_session_that_was_known_before(gate: Gate) -> None:
    browser = await signed_in(gate)
    known = browser.cookies[COOKIE]
    await browser.sign_in("eves")
    assert browser.cookies[COOKIE] != known
    copy = gate.browser()
    copy.cookies[COOKIE] = known
    assert not await is_signed_in(copy)


async def test_a_stolen_cookie_does_not_outlive_signing_out(gate: Gate) -> None:
    owner = await signed_in(gate)
    thief = gate.browser()
    thief.cookies |= owner.cookies
    assert await is_signed_in(thief)
    await owner.post("/logout", token=await owner.form_token())
    assert not await is_signed_in(thief)


async def test_signing_out_ends_the_sessions_of_other_browsers_too_and_of_nobody_else(gate: Gate) -> None:
    gate.doors.codes["jays again"] = gate.doors.codes["jays"]
    owner, elsewhere, eve = await signed_in(gate), await signed_in(gate, "jays again"), await signed_in(gate, "eves")
    await owner.post("/logout", token=await owner.form_token())
    assert not await is_signed_in(elsewhere)
    assert await is_signed_in(eve)


async def test_a_session_that_the_database_does_not_know_is_nobodys(gate: Gate) -> None:
    """Whoever learns the cookie's key makes no session with it."""
    browser = await signed_in(gate)
    await gate.store.close_sessions(5)
    assert not await is_signed_in(browser)


async def test_what_the_database_keeps_of_a_session_makes_no_cookie(gate: Gate) -> None:
    browser = await signed_in(gate)
    assert not await gate.store.session_stands(browser.cookies[COOKIE], 5, gate.clock())


@pytest.mark.parametrize("path", ["/", "/login", "/nowhere", "/static/style.css", "/healthz"])
async def test_every_answer_tells_the_browser_what_it_may_not_do(gate: Gate, path: str) -> None:
    assert_hardened(await (await signed_in(gate)).get(path))


def assert_hardened(response: ClientResponse) -> None:
    policy = {line.strip() for line in response.headers["Content-Security-Policy"].split(";")}
    assert {"default-src 'none'", "frame-ancestors 'none'", "base-uri 'none'", "form-action 'self'"} <= policy
    assert "unsafe" not in response.headers["Content-Security-Policy"]
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    assert response.headers["Referrer-Policy"] == "same-origin"
    assert response.headers["Cache-Control"] == "no-store"
