"""Only a token that GitHub signed, just now, for this gate, proves anything; the head must be in the signed commit."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from jwt.algorithms import RSAAlgorithm

from bot.github.client import GitHub
from bot.github.errors import Unavailable, Unreadable, UploadRefused
from bot.github.identity import ASK_AGAIN_SECONDS, KEYS_SECONDS, LARGEST_KEYS, Identities
from bot.github.read.heads import prove_head
from bot.sandbox.objects import PullRequest, WorkflowRun
from bot.sandbox.oidc import KEY_ID
from tests.github.scripted import Script, raw, reply, serve
from tests.shop import Shop

GATE = "https://gate.example"


@pytest.fixture
async def identities(shop: Shop) -> AsyncIterator[Identities]:
    async with aiohttp.ClientSession() as session:
        yield Identities(session, issuer=shop.github.issuer.url, audience=GATE)


@pytest.fixture
def pull(shop: Shop) -> PullRequest:
    return shop.change({"README.md": "# Better\n"})


@pytest.fixture
def run(shop: Shop, pull: PullRequest) -> WorkflowRun:
    return shop.jay.run_workflow(pull)


async def test_a_token_tells_which_run_it_is(shop: Shop, run: WorkflowRun, identities: Identities) -> None:
    known = await identities.prove(shop.github.issuer.id_token(shop.repository, run, GATE))
    assert (known.repository, known.event_name, known.sha) == ("acme/shop", "pull_request", run.sha)


@pytest.mark.parametrize(
    ("name", "changes", "said"),
    [
        ("expired", {"exp": int(time.time()) - 3600}, "has expired"),
        ("not yet", {"nbf": int(time.time()) + 3600}, "none that GitHub Actions signed"),
        ("for ever", {"exp": None}, "none that GitHub Actions signed"),
        ("for a cloud", {"aud": "sts.amazonaws.com"}, f"ask for {GATE}"),
        ("for nobody", {"aud": None}, "none that GitHub Actions signed"),
        ("of another issuer", {"iss": "https://token.actions.githubusercontent.com"}, "another issuer"),
        ("of no repository", {"repository_id": None}, "none that GitHub Actions signed"),
        ("of a number", {"repository_id": 7}, "none that GitHub Actions signed"),
        ("of half a commit", {"sha": "abc"}, "none that GitHub Actions signed"),
    ],
)
async def test_a_token_that_says_something_else_is_refused(
    shop: Shop, run: WorkflowRun, identities: Identities, name: str, changes: dict[str, Any], said: str
) -> None:
    with pytest.raises(UploadRefused, match=said) as refused:
        await identities.prove(shop.github.issuer.id_token(shop.repository, run, GATE, **changes))
    assert refused.value.status == 401, name


def forged(claims: dict[str, Any]) -> list[tuple[str, str]]:
    stranger = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    return [
        ("unsigned", jwt.encode(claims, "", algorithm="none", headers={"kid": KEY_ID})),
        ("by a stranger", jwt.encode(claims, stranger, algorithm="RS256", headers={"kid": KEY_ID})),
        ("by a shared secret", jwt.encode(claims, "s" * 64, algorithm="HS256", headers={"kid": KEY_ID})),
        ("by an unknown key", jwt.encode(claims, stranger, algorithm="RS256", headers={"kid": "other"})),
        ("by no key", jwt.encode(claims, stranger, algorithm="RS256")),
        ("no token", "a.b.c"),
        ("nothing", ""),
    ]


async def test_a_token_that_github_did_not_sign_is_refused(
    shop: Shop, run: WorkflowRun, identities: Identities
) -> None:
    good = shop.github.issuer.id_token(shop.repository, run, GATE)
    for name, token in forged(jwt.decode(good, options={"verify_signature": False})):
        with pytest.raises(UploadRefused) as refused:
            await identities.prove(token)
        assert refused.value.status == 401, name


async def test_unknown_keys_are_asked_for_now_and_then_and_a_silent_issuer_proves_nothing() -> None:
    public = rsa.generate_private_key(public_exponent=65537, key_size=2048).public_key()
    keys = {"keys": [{**RSAAlgorithm.to_jwk(public, as_dict=True), "kid": "old", "alg": "RS256"}]}
    clock, token = [0.0], jwt.encode({"a": 1}, "s" * 64, headers={"kid": "new"})
    async with serve(Script([reply(keys), reply(keys), reply({}, 503)])) as script, aiohttp.ClientSession() as session:
        identities = Identities(session, issuer=script.url, audience=GATE, clock=lambda: clock[0])
        for pause, asked in ((0.0, 1), (1.0, 1), (ASK_AGAIN_SECONDS, 2)):
            clock[0] += pause
            with pytest.raises(UploadRefused):
                await identities.prove(token)
            assert len(script.asked) == asked
        clock[0] += KEYS_SECONDS
        with pytest.raises(Unavailable):
            await identities.prove(token)


@pytest.mark.parametrize("body", [b"", b"[]", b'{"keys": []}', b'{"keys": 7}', b" " * (LARGEST_KEYS + 1)])
async def test_keys_that_cannot_be_read_prove_nothing(body: bytes) -> None:
    async with serve(Script([raw(body)])) as script, aiohttp.ClientSession() as session:
        with pytest.raises(Unreadable):
            await Identities(session, issuer=script.url, audience=GATE).prove(
                jwt.encode({"a": 1}, "s" * 64, headers={"kid": "new"})
            )


async def test_the_head_is_the_second_parent_of_the_merge_that_ran(
    shop: Shop, pull: PullRequest, run: WorkflowRun, identities: Identities, app: GitHub
) -> None:
    known = await identities.prove(shop.github.issuer.id_token(shop.repository, run, GATE))
    head = await prove_head(app, known, "Acme", "shop", pull.head_sha)
    assert (head.head_sha, head.base_sha, head.numbers) == (pull.head_sha, pull.base_sha, (pull.number,))


@pytest.mark.parametrize(
    ("name", "event", "changes", "status", "said"),
    [
        ("on the base", "pull_request_target", {}, 403, "plan on `pull_request`"),
        ("on a comment", "push", {"event_name": "issue_comment"}, 403, "plan on `pull_request`"),
        ("of another repository", "push", {"repository": "acme/other"}, 403, "the token is of acme/other"),
        ("of another id", "push", {"repository_id": "9"}, 409, "not the head of an open pull request"),
        ("of an odd ref", "pull_request", {"ref": "refs/pull/0/merge"}, 403, "plan on `pull_request`"),
        ("of a commit nobody knows", "pull_request", {"sha": "d" * 40}, 409, "let it run again"),
        ("of another commit", "push", {"sha": "d" * 40}, 409, "the run was of dddddddddddd"),
    ],
)
async def test_a_run_of_something_else_proves_nothing_of_the_head(
    shop: Shop,
    pull: PullRequest,
    identities: Identities,
    app: GitHub,
    name: str,
    event: str,
    changes: dict[str, Any],
    status: int,
    said: str,
) -> None:
    token = shop.github.issuer.id_token(shop.repository, shop.jay.run_workflow(pull, event=event), GATE, **changes)
    with pytest.raises(UploadRefused, match=said) as refused:
        await prove_head(app, await identities.prove(token), "acme", "shop", pull.head_sha)
    assert refused.value.status == status, name


async def test_a_run_before_the_last_push_and_a_closed_pull_request_prove_nothing(
    shop: Shop, pull: PullRequest, run: WorkflowRun, identities: Identities, app: GitHub
) -> None:
    known = await identities.prove(shop.github.issuer.id_token(shop.repository, run, GATE))
    planned = pull.head_sha
    shop.jay.commit(shop.repository, "change", {"README.md": "# Best\n"}, message="Say more")
    for head, said in ((pull.head_sha, "the run was of"), (planned, "not the head of an open pull request")):
        with pytest.raises(UploadRefused, match=said):
            await prove_head(app, known, "acme", "shop", head)
    again = await identities.prove(shop.github.issuer.id_token(shop.repository, shop.jay.run_workflow(pull), GATE))
    shop.jay.close(pull)
    with pytest.raises(UploadRefused, match="not the head of an open pull request"):
        await prove_head(app, again, "acme", "shop", pull.head_sha)


async def test_a_merge_that_is_none_proves_nothing(
    shop: Shop, pull: PullRequest, run: WorkflowRun, identities: Identities, app: GitHub
) -> None:
    token = shop.github.issuer.id_token(shop.repository, run, GATE, sha=pull.head_sha)
    with pytest.raises(UploadRefused, match="no merge of a head into its base"):
        await prove_head(app, await identities.prove(token), "acme", "shop", pull.head_sha)


async def test_a_repository_without_the_app_is_named(
    shop: Shop, run: WorkflowRun, pull: PullRequest, identities: Identities, app: GitHub
) -> None:
    token = shop.github.issuer.id_token(shop.repository, run, GATE, repository="other/shop")
    with pytest.raises(UploadRefused, match="install it there") as refused:
        await prove_head(app, await identities.prove(token), "other", "shop", pull.head_sha)
    assert refused.value.status == 404
