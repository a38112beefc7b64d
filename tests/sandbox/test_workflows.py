"""Workflow runs are of the commits that GitHub says, and their artifacts are handed out as by GitHub."""

from __future__ import annotations

import io
import zipfile

import aiohttp
import jwt
import pytest

from bot.sandbox.oidc import KEY_ID
from tests.sandbox.client import Client
from tests.sandbox.judge import Judge
from tests.shop import Shop

RUNS = "/repos/acme/shop/actions/runs"


@pytest.mark.parametrize("event", ["pull_request", "push", "pull_request_target"])
async def test_a_run_is_of_the_commit_its_event_says_and_apps_hear_of_it(shop: Shop, judge: Judge, event: str) -> None:
    pull = shop.change({"README.md": "# Better\n"})
    run = shop.jay.run_workflow(pull, event=event)
    parents = shop.repository.git.commit(run.sha).parents
    seen = {"push": run.sha == pull.head_sha, "pull_request_target": run.sha == pull.base_sha}
    assert seen.get(event, parents == (pull.base_sha, pull.head_sha))
    ((_, told),) = [heard for heard in judge.webhooks if heard[0] == "workflow_run"]
    assert told["workflow_run"]["head_sha"] == pull.head_sha
    assert [one["number"] for one in told["workflow_run"]["pull_requests"]] == [pull.number]


async def test_artifacts_are_listed_by_run_and_downloaded_from_elsewhere(shop: Shop, client: Client) -> None:
    run = shop.jay.run_workflow(shop.change({"README.md": "# Better\n"}), artifacts={"plan": {"plan.json": b"{}"}})
    token = await client.installation_token()
    listed = (await client.ask("GET", f"{RUNS}/{run.id}/artifacts", token)).body["artifacts"]
    assert [one["name"] for one in listed] == ["plan"]
    headers = {"Authorization": f"Bearer {token}"}
    async with aiohttp.ClientSession() as session:
        address = listed[0]["archive_download_url"]
        async with session.get(address, headers=headers, allow_redirects=False) as moved:
            assert moved.status == 302
        async with session.get(moved.headers["Location"], headers=headers) as refused:
            assert refused.status == 403
        async with session.get(moved.headers["Location"]) as archive:
            packed = zipfile.ZipFile(io.BytesIO(await archive.read()))
    assert packed.read("plan.json") == b"{}"


async def test_a_runs_token_is_proved_by_the_published_key(shop: Shop) -> None:
    run = shop.jay.run_workflow(shop.change({"README.md": "# Better\n"}))
    issuer = shop.github.issuer
    token = issuer.id_token(shop.repository, run, "https://gate.example")
    async with aiohttp.ClientSession() as session, session.get(f"{issuer.url}/.well-known/jwks") as answer:
        keys = jwt.PyJWKSet.from_dict(await answer.json())
    claims = jwt.decode(token, keys[KEY_ID].key, ["RS256"], audience="https://gate.example", issuer=issuer.url)
    assert (claims["sha"], claims["repository_id"]) == (run.sha, str(shop.repository.id))
