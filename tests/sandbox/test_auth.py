"""Tokens open only what they were made for, as long as they last."""

from __future__ import annotations

import time

import pytest

from bot.sandbox.actions import people
from bot.sandbox.embedded import EmbeddedGitHub, new_private_key
from tests.sandbox.client import Client
from tests.shop import Shop


async def test_a_jwt_is_refused_when_it_is_not_the_apps_or_out_of_time(shop: Shop, client: Client) -> None:
    for token, message in (
        (client.app_jwt(key=new_private_key()), "could not be decoded"),
        (client.app_jwt(lifetime=-1), "Expiration time"),
        (client.app_jwt(lifetime=3600), "too far in the future"),
    ):
        reply = await client.ask("GET", "/app", token)
        assert reply.status == 401
        assert message in reply.body["message"]
    assert (await client.ask("GET", "/app", client.app_jwt(issuer="999999"))).status == 404
    assert (await client.ask("GET", "/app", client.app_jwt())).body["id"] == shop.github.app_id


async def test_a_token_is_long_and_limited_to_what_was_asked(shop: Shop, client: Client) -> None:
    shop.github.add_repository("acme/other")
    path = f"/app/installations/{shop.installation.id}/access_tokens"
    wanted = {"repositories": ["other"], "permissions": {"metadata": "read"}}
    reply = await client.ask("POST", path, client.app_jwt(), json=wanted)
    assert reply.status == 201
    token = reply.body["token"]
    assert len(token) > 400
    assert (await client.ask("GET", "/repos/acme/other", token)).status == 200
    assert (await client.ask("GET", "/repos/acme/shop", token)).status == 404
    assert (await client.ask("GET", "/repos/acme/other/pulls", token)).status == 403
    greedy = {"permissions": {"administration": "write"}}
    assert (await client.ask("POST", path, client.app_jwt(), json=greedy)).status == 422


async def test_a_token_ends_with_its_hour(app_key: str) -> None:
    offset = [0.0]
    github = EmbeddedGitHub(clock=lambda: time.time() + offset[0], private_key=app_key)
    installation = Shop(github).installation
    token, _ = github.gatekeeper.installation_token(installation, {})
    assert github.gatekeeper.caller(f"Bearer {token}").installation is installation
    offset[0] = 3601
    with pytest.raises(Exception, match="Bad credentials"):
        github.gatekeeper.caller(f"Bearer {token}")
    await github.stop()


async def test_a_suspended_installation_gets_nothing(shop: Shop, client: Client) -> None:
    token = await client.installation_token()
    people.suspend(shop.world, shop.installation, actor=shop.organization)
    assert (await client.ask("GET", "/repos/acme/shop", token)).status == 403
    path = f"/app/installations/{shop.installation.id}/access_tokens"
    assert (await client.ask("POST", path, client.app_jwt())).status == 403


async def test_a_repository_is_hidden_from_strangers(shop: Shop, client: Client) -> None:
    shop.github.person("stranger")
    token = shop.github.user_token("stranger")
    assert (await client.ask("GET", "/repos/acme/shop", token)).status == 404
    assert (await client.ask("GET", "/repos/acme/nothing", token)).status == 404
    assert (await client.ask("GET", "/user", "wrong")).status == 401


async def test_only_apps_write_check_runs_and_only_their_own(shop: Shop, client: Client) -> None:
    pull = shop.change({"README.md": "# Ours\n"})
    wanted = {"name": "countersign/main", "head_sha": pull.head_sha, "status": "in_progress"}
    path = "/repos/acme/shop/check-runs"
    assert (await client.ask("POST", path, shop.github.user_token("sam"), json=wanted)).status == 403
    made = await client.ask("POST", path, await client.installation_token(), json=wanted)
    assert (made.status, made.body["app"]["id"]) == (201, shop.github.app_id)
