"""The embedded GitHub signs people in as GitHub does: for the registered address, once, and for who began it."""

from __future__ import annotations

import base64
import hashlib
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass

import pytest

from bot.sandbox.embedded import EmbeddedGitHub
from bot.sandbox.oauth import Authorizations
from bot.sandbox.objects import Json, Refusal
from tests.sandbox.client import Client
from tests.visitor import Page, Visitor

VERIFIER = "v" * 64
CHALLENGE = base64.urlsafe_b64encode(hashlib.sha256(VERIFIER.encode()).digest()).decode().rstrip("=")
CALLBACK = "http://127.0.0.1:1/login/callback"


@dataclass
class Desk:
    """The authorisations of a world with one person, whose clock is moved by hand."""

    github: EmbeddedGitHub
    authorizations: Authorizations
    lag: list[float]

    def ask(self, **changed: str) -> str:
        wanted = {
            "client_id": self.github.app.client_id,
            "redirect_uri": CALLBACK,
            "state": "s",
            "code_challenge": CHALLENGE,
            "code_challenge_method": "S256",
        }
        request = self.authorizations.read({**wanted, **changed})
        return self.authorizations.grant(request, self.github.person("jay").account)

    def redeem(self, code: str, **changed: str) -> Json:
        form = {
            "client_id": self.github.app.client_id,
            "client_secret": self.github.app.client_secret,
            "code": code,
            "redirect_uri": CALLBACK,
            "code_verifier": VERIFIER,
        }
        return self.authorizations.exchange({**form, **changed})


@pytest.fixture
async def desk(app_key: str) -> AsyncIterator[Desk]:
    lag = [0.0]
    github = EmbeddedGitHub(clock=lambda: time.time() + lag[0], private_key=app_key)
    github.set_callback_url(CALLBACK)
    yield Desk(github, Authorizations(github.world, github.gatekeeper), lag)
    await github.stop()


def test_a_code_becomes_a_token_of_the_person_once(desk: Desk) -> None:
    code = desk.ask()
    answer = desk.redeem(code)
    assert answer["token_type"] == "bearer"
    caller = desk.github.gatekeeper.caller(f"Bearer {answer['access_token']}")
    assert caller.name == "user jay"
    assert desk.redeem(code)["error"] == "bad_verification_code"


@pytest.mark.parametrize(
    ("changed", "error"),
    [
        ({"client_secret": "x"}, "incorrect_client_credentials"),
        ({"client_id": "x"}, "incorrect_client_credentials"),
        ({"code_verifier": "w" * 64}, "bad_verification_code"),
        ({"code_verifier": ""}, "bad_verification_code"),
        ({"redirect_uri": "http://127.0.0.1:2/"}, "redirect_uri_mismatch"),
    ],
)
def test_a_code_is_for_who_began_it_and_spent_by_a_wrong_try(desk: Desk, changed: dict[str, str], error: str) -> None:
    code = desk.ask()
    assert desk.redeem(code, **changed)["error"] == error
    assert desk.redeem(code)["error"] == "bad_verification_code"


def test_a_code_ends_after_ten_minutes_and_a_token_after_eight_hours(desk: Desk) -> None:
    late, good = desk.ask(), desk.redeem(desk.ask())
    desk.lag[0] = 601
    assert desk.redeem(late)["error"] == "bad_verification_code"
    desk.lag[0] = 8 * 3600 + 1
    with pytest.raises(Refusal, match="Bad credentials"):
        desk.github.gatekeeper.caller(f"Bearer {good['access_token']}")


@pytest.mark.parametrize(
    "changed",
    [
        {"client_id": "x"},
        {"redirect_uri": "http://127.0.0.1:1/login/callback/x"},
        {"redirect_uri": "http://evil.example/login/callback"},
        {"code_challenge_method": "plain"},
        {"code_challenge": "short"},
        {"code_challenge": ""},
    ],
)
def test_what_the_app_did_not_register_is_refused(desk: Desk, changed: dict[str, str]) -> None:
    with pytest.raises(Refusal):
        desk.ask(**changed)


def test_an_app_without_a_callback_url_signs_nobody_in(desk: Desk) -> None:
    desk.github.set_callback_url("")
    with pytest.raises(Refusal):
        desk.ask(redirect_uri="")


async def test_the_page_offers_the_people_and_takes_its_own_form_alone(github: EmbeddedGitHub, client: Client) -> None:
    github.seed()
    github.set_callback_url(CALLBACK)
    url = f"{github.url}/login/oauth/authorize?client_id={github.app.client_id}&redirect_uri={CALLBACK}&state=s"
    async with Visitor() as visitor:
        asked = await visitor.get(url)
        assert "junior engineer" in asked.text
        assert (await visitor.callback(asked, "jay")).startswith(f"{CALLBACK}?code=")
        forged = Page(
            url=asked.url, status=200, text=asked.text.replace('name="token" value="', 'name="token" value="x')
        )
        assert (await visitor.press(forged, "jay")).status == 403
        assert (await visitor.press(asked, "nobody")).status == 400
        assert (await visitor.get(url + "x&redirect_uri=//evil.example")).status == 200
        assert (await visitor.get(url.replace("127.0.0.1:1/", "evil.example/"))).status == 400
    form = {"client_id": github.app.client_id, "client_secret": github.app.client_secret, "code": "none"}
    async with client.session.post(f"{github.url}/login/oauth/access_token", data=form) as answer:
        assert (answer.status, (await answer.json())["error"]) == (200, "bad_verification_code")
