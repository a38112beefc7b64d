"""Only whom GitHub names is signed in, only in the browser that asked, and not for long."""

from __future__ import annotations

import base64
import hashlib
from pathlib import Path

import pytest
import structlog
from yarl import URL

from tests.web.conftest import PUBLIC, Gate, opened, settings

COOKIE = "__Host-countersign"
RECORD = "/acme/shop/pull/2"


async def test_github_is_asked_with_state_and_a_challenge_that_the_verifier_meets(gate: Gate) -> None:
    browser = gate.browser()
    response = await browser.get("/login")
    asked = URL(response.headers["Location"])
    assert (asked.host, asked.path) == ("github.com", "/login/oauth/authorize")
    assert asked.query["client_id"] == "Iv23"
    assert asked.query["redirect_uri"] == f"{PUBLIC}/login/callback"
    assert asked.query["code_challenge_method"] == "S256"
    await browser.get(str(URL("/login/callback").with_query(code="jays", state=asked.query["state"])))
    (verifier,) = gate.doors.verifiers
    digest = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).decode().rstrip("=")
    assert asked.query["code_challenge"] == digest


async def test_no_two_sign_ins_are_alike(gate: Gate) -> None:
    first, second = await gate.browser().begin(), await gate.browser().begin()
    assert first["state"] != second["state"]
    assert first["code_challenge"] != second["code_challenge"]


async def test_who_signed_in_comes_back_to_the_page_that_was_wanted(gate: Gate) -> None:
    response = await gate.browser().sign_in("jays", RECORD)
    assert (response.status, response.headers["Location"]) == (303, RECORD)


@pytest.mark.parametrize(
    "target",
    [
        "//evil.example",
        "/\\evil.example",
        "https://evil.example/acme/shop/pull/2",
        "/\t/evil.example",
        "/acme/shop/pull/2\n",
        "/acme/shop/pull/2?x=1",
        "/acme/shop/pull/2#/",
        "/acme/shop/pull/0",
        "/logout",
        "javascript:alert(1)",
        "",
        "/" + "a" * 5000,
    ],
)
async def test_no_sign_in_leads_elsewhere(gate: Gate, target: str) -> None:
    assert (await gate.browser().sign_in("jays", target)).headers["Location"] == "/"


async def test_the_cookie_is_for_this_host_over_https_and_no_script(gate: Gate) -> None:
    browser = gate.browser()
    for response in (await browser.get("/login"), await browser.sign_in("jays")):
        morsel = response.cookies[COOKIE]
        assert (morsel["httponly"], morsel["secure"], morsel["samesite"]) == (True, True, "Lax")
        assert (morsel["path"], morsel["domain"]) == ("/", "")
        assert 0 < int(morsel["max-age"]) <= 3600


async def test_the_cookie_tells_nothing(gate: Gate) -> None:
    browser = gate.browser()
    await browser.sign_in("jays")
    raw = base64.urlsafe_b64decode(browser.cookies[COOKIE])
    assert b"jay" not in raw
    assert b"signed_in" not in raw


@pytest.mark.parametrize("state", ["", "x", "é", "x" * 5_000])
async def test_a_callback_with_another_state_signs_nobody_in(gate: Gate, state: str) -> None:
    browser = gate.browser()
    await browser.begin()
    response = await browser.get(str(URL("/login/callback").with_query(code="jays", state=state)))
    assert response.status == 403
    assert gate.doors.verifiers == []
    assert (await browser.get("/")).status == 303


async def test_a_callback_that_another_browser_began_signs_nobody_in(gate: Gate) -> None:
    """Otherwise somebody could sign a person in as themselves, and read what that person then does."""
    state = (await gate.browser().begin())["state"]
    for victim in (gate.browser(), gate.browser()):
        response = await victim.get(f"/login/callback?code=eves&state={state}")
        assert response.status == 403
        await victim.begin()
    assert gate.doors.verifiers == []


async def test_a_state_is_good_once(gate: Gate) -> None:
    browser = gate.browser()
    state = (await browser.begin())["state"]
    assert (await browser.get(f"/login/callback?code=wrong&state={state}")).status == 403
    assert (await browser.get(f"/login/callback?code=jays&state={state}")).status == 403
    assert (await browser.get("/")).status == 303


async def test_a_state_ends_after_ten_minutes(gate: Gate) -> None:
    browser = gate.browser()
    state = (await browser.begin())["state"]
    gate.clock.time += 601
    assert (await browser.get(f"/login/callback?code=jays&state={state}")).status == 403


@pytest.mark.parametrize("query", ["error=access_denied", "code=", "code=" + "x" * 501, "code=unknown"])
async def test_what_github_does_not_confirm_signs_nobody_in(gate: Gate, query: str) -> None:
    browser = gate.browser()
    state = (await browser.begin())["state"]
    assert (await browser.get(f"/login/callback?{query}&state={state}")).status == 403
    assert (await browser.get("/")).status == 303


async def test_while_github_is_away_nobody_is_signed_in(gate: Gate) -> None:
    gate.doors.is_down = True
    browser = gate.browser()
    assert (await browser.sign_in("jays")).status == 503
    assert (await browser.get("/")).status == 303


async def test_a_session_that_somebody_planted_is_not_the_one_that_is_signed_in(gate: Gate) -> None:
    attacker, victim = gate.browser(), gate.browser()
    await attacker.begin()
    victim.cookies |= attacker.cookies
    await victim.sign_in("jays")
    assert victim.cookies[COOKIE] != attacker.cookies[COOKIE]
    assert (await attacker.get("/")).status == 303
    assert (await victim.get("/")).status == 200


async def test_a_session_ends_after_an_hour(gate: Gate) -> None:
    browser = gate.browser()
    await browser.sign_in("jays")
    gate.clock.time += 3599
    assert (await browser.get("/")).status == 200
    gate.clock.time += 2
    assert (await browser.get("/")).status == 303


@pytest.mark.parametrize("value", ["", "x", "gAAAAA", "\x80\xff", "é", "e30=", "a" * 4000])
async def test_a_cookie_that_is_not_ours_is_nobody(gate: Gate, value: str) -> None:
    response = await gate.client.get("/", headers={"Cookie": f"{COOKIE}={value}"}, allow_redirects=False)
    assert response.status == 303


async def test_a_cookie_that_was_changed_is_nobody(gate: Gate) -> None:
    browser = gate.browser()
    await browser.sign_in("jays")
    cookie = browser.cookies[COOKIE]
    browser.cookies[COOKIE] = cookie[:40] + ("A" if cookie[40] != "A" else "B") + cookie[41:]
    assert (await browser.get("/")).status == 303


async def test_a_new_client_secret_ends_every_session_and_a_restart_none(app_key: str, tmp_path: Path) -> None:
    cookies: dict[str, str] = {}
    for secret, status in (("c", 303), ("c", 200), ("d", 303)):
        given = settings(app_key, public_url=PUBLIC, client_id="Iv23", client_secret=secret * 40)
        async with opened(given, tmp_path / "gate") as gate:
            browser = gate.browser()
            browser.cookies |= cookies
            assert (await browser.get("/")).status == status
            if not cookies:
                await browser.sign_in("jays")
                cookies |= browser.cookies


async def test_over_plain_http_the_cookie_still_reaches_no_script(app_key: str, tmp_path: Path) -> None:
    given = settings(app_key, public_url="http://127.0.0.1:3000", client_id="Iv23", client_secret="c" * 40)
    async with opened(given, tmp_path / "plain") as plain:
        browser = plain.browser()
        morsel = (await browser.sign_in("jays")).cookies["countersign"]
        assert (morsel["httponly"], morsel["secure"], morsel["samesite"]) == (True, "", "Lax")
        assert (await browser.get("/")).status == 200


async def test_signing_out_takes_the_pages_own_form(gate: Gate) -> None:
    browser = gate.browser()
    await browser.sign_in("jays")
    assert (await browser.get("/logout")).status == 405
    for form in ({}, {"token": "forged"}, {"token": "é"}):
        assert (await browser.post("/logout", **form)).status == 403
        assert (await browser.get("/")).status == 200
    token = await browser.form_token()
    assert (await browser.post("/logout", token=token)).status == 200
    assert (await browser.get("/")).status == 303


async def test_the_cookie_is_replaced_when_signing_out(gate: Gate) -> None:
    """Browsers ignore a deletion of a `__Host-` cookie that lacks Secure; the replacement has it."""
    browser = gate.browser()
    await browser.sign_in("jays")
    token = await browser.form_token()
    morsel = (await browser.post("/logout", token=token)).cookies[COOKIE]
    assert morsel.value
    assert morsel["secure"]


async def test_signing_out_without_a_session_is_harmless(gate: Gate) -> None:
    assert (await gate.browser().post("/logout")).status == 200


async def test_no_code_state_or_secret_is_logged(gate: Gate) -> None:
    browser = gate.browser()
    with structlog.testing.capture_logs() as logs:
        state = (await browser.begin())["state"]
        await browser.get(f"/login/callback?code=unknown-code&state={state}")
        await browser.sign_in("jays")
    assert logs
    for secret in (state, "unknown-code", "jays", "c" * 40, *gate.doors.verifiers):
        assert secret not in str(logs)
