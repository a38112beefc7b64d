"""Every call to GitHub fails in every way, one after the other: the gate never opens by it, and nothing of it stays."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from aiohttp import web

from bot.data import load_catalogue
from bot.github.client import Access, GitHub
from bot.jobs import Evaluate, encode_job
from bot.sandbox.objects import PullRequest
from bot.store.embedded import Embedded
from bot.store.entries import Due
from bot.store.queue import Store
from bot.worker.evaluation import Evaluation
from bot.worker.loop import Duties, Worker
from tests.attacks.conftest import no_sleep
from tests.shop import CLAUDE, TERRAFORM, Shop

POLICY = """
version: 1
seniors: {teams: [acme/senior-engineers]}
rules:
  - name: AI-assisted infrastructure
    when: {provenance: strong, tier: low}
    require: {seniors: 1}
"""
Answer = tuple[int, bytes]
Fault = Callable[[Answer], Answer | None]


def status(code: int) -> Fault:
    return lambda _: (code, b'{"message":"no"}')


def without_data(answer: Answer) -> Answer:
    """GitHub's own form of a partial answer."""
    told = json.loads(answer[1])
    emptied = {"data": None, "errors": [{"type": "INTERNAL", "message": "x"}]} if "data" in told else {}
    return answer[0], json.dumps(emptied).encode()


def nulled(answer: Answer) -> Answer:
    """Everything below the top is null."""
    told = json.loads(answer[1])
    if isinstance(told, dict) and isinstance(told.get("data"), dict):
        return answer[0], json.dumps({"data": dict.fromkeys(told["data"])}).encode()
    return answer[0], json.dumps(dict.fromkeys(told) if isinstance(told, dict) else [None]).encode()


def emptied(answer: Answer) -> Answer:
    """Every list is empty."""

    def empty(value: Any) -> Any:
        if isinstance(value, dict):
            return {name: empty(one) for name, one in value.items()}
        return [] if isinstance(value, list) else value

    return answer[0], json.dumps(empty(json.loads(answer[1]))).encode()


FAULTS: dict[str, Fault] = {
    **{str(code): status(code) for code in (400, 401, 403, 404, 409, 410, 418, 422, 429, 451, 500, 502, 503)},
    "closed": lambda _: None,
    "cut short": lambda answer: (answer[0], answer[1][: len(answer[1]) // 2]),
    "nothing": lambda answer: (answer[0], b""),
    "null": lambda answer: (answer[0], b"null"),
    "a text": lambda answer: (answer[0], b'"x"'),
    "a list": lambda answer: (answer[0], b"[]"),
    "an object": lambda answer: (answer[0], b"{}"),
    "no UTF-8": lambda answer: (answer[0], b"\xff\xfe"),
    "nested": lambda answer: (answer[0], b"[" * 100_000),
    "without data": without_data,
    "nulled": nulled,
    "emptied": emptied,
}


class Proxy:
    """Stands between the App and GitHub. `broken` is the call that meets `fault`; `calls` are all that were made.

    A call is its method and path, with what a query asks for; numbers and commits are left out.
    """

    def __init__(self, target: str) -> None:
        self.target = target
        self.url = ""
        self.broken = ""
        self.fault: Fault = lambda answer: answer
        self.calls: dict[str, None] = {}

    async def handle(self, request: web.Request) -> web.StreamResponse:
        body = await request.read()
        headers = {name: request.headers[name] for name in ("Authorization", "Content-Type") if name in request.headers}
        async with (
            aiohttp.ClientSession() as session,
            session.request(request.method, self.target + request.path_qs, data=body, headers=headers) as response,
        ):
            answer: Answer | None = (response.status, await response.read())
        call = self.name(request, body)
        self.calls[call] = None
        if call == self.broken and answer is not None:
            answer = self.fault(answer)
        if answer is None:
            assert request.transport
            request.transport.abort()
            return web.Response()
        return web.Response(status=answer[0], body=answer[1], content_type="application/json")

    def name(self, request: web.Request, body: bytes) -> str:
        asks = " ".join(word for word in ("Closing", "FileSide", "wantCommits") if word.encode() in body)
        parts = [
            "N" if len(part) == 40 or part.isdigit() or "..." in part else part for part in request.path.split("/")
        ]
        return f"{request.method} {'/'.join(parts)} {asks}".strip()


class Trial:
    """One pull request, looked at through the proxy as often as is asked."""

    def __init__(self, shop: Shop, proxy: Proxy, store: Store, github: GitHub) -> None:
        self.shop, self.proxy, self.store, self.github = shop, proxy, store, github
        shop.commit_to_main({".github/countersign.yml": POLICY})
        change = {"terraform/main.tf": TERRAFORM.replace("small", "large")}
        self.pull: PullRequest = shop.change(change, message=f"Resize\n\n{CLAUDE}")
        self.catalogue = load_catalogue()

    async def look(self, broken: str = "", fault: Fault = lambda answer: answer) -> list[str | None]:
        """The conclusions of the check runs that this look posted."""
        self.proxy.broken, self.proxy.fault = broken, fault
        runs = self.shop.repository.runs
        before = [(run.id, run.external_id) for run in runs]
        job = Evaluate(
            installation_id=self.shop.installation.id,
            repository_id=self.shop.repository.id,
            owner="acme",
            name="shop",
            number=self.pull.number,
        )
        await self.store.ring([Due(subject=job.subject, work=encode_job(job))])
        evaluation = Evaluation(self.store, self.github, self.catalogue, lambda *_: "", self.shop.world.now)

        async def other(*_: object) -> None:
            """The audit of the branch is not what these tests are about."""

        worker = Worker(
            self.store,
            Duties(
                evaluate=evaluation.run,
                judge_group=other,
                read_run=other,
                audit_branch=other,
                judge_deployment=other,
                sweep=other,
            ),
        )
        while await worker.step():
            continue
        return [run.conclusion for run in runs if (run.id, run.external_id) not in before]

    @property
    def standing(self) -> str | None:
        return self.shop.repository.runs[-1].conclusion


@asynccontextmanager
async def proxied(shop: Shop) -> AsyncIterator[Proxy]:
    proxy = Proxy(shop.github.url)
    application = web.Application(client_max_size=1 << 24)
    application.router.add_route("*", "/{path:.*}", proxy.handle)
    runner = web.AppRunner(application, access_log=None, handle_signals=False)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    proxy.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    try:
        yield proxy
    finally:
        await runner.cleanup()


@pytest.fixture
async def trial(shop: Shop, tmp_path: Path) -> AsyncIterator[Trial]:
    github = shop.github
    async with proxied(shop) as proxy, aiohttp.ClientSession() as session:
        access = Access(
            app_id=github.app_id,
            private_key=github.private_key,
            api_url=github.api_url.replace(github.url, proxy.url),
            graphql_url=github.graphql_url.replace(github.url, proxy.url),
        )
        store = Store(Embedded(tmp_path / "countersign.db"))
        yield Trial(shop, proxy, store, GitHub(session, access, sleep=no_sleep))
        await store.close()


@pytest.mark.slow
async def test_138_no_fault_of_any_call_opens_the_gate_and_none_stays(trial: Trial) -> None:
    assert await trial.look() == ["action_required"]
    calls = list(trial.proxy.calls)
    assert len(calls) >= 6
    for call in calls:
        for name, fault in FAULTS.items():
            assert "success" not in await trial.look(call, fault), (call, name)
    await trial.look()
    assert trial.standing == "action_required"
    approval = trial.shop.sam.approve(trial.pull)
    await trial.look()
    assert trial.standing == "success"
    trial.shop.ops.dismiss(trial.pull, approval, "not yet")
    for call in calls:
        for name in ("404", "500", "closed", "nulled", "emptied"):
            assert "success" not in await trial.look(call, FAULTS[name]), (call, name)
    await trial.look()
    assert trial.standing == "action_required"
    assert (await trial.store.find_fault())[0] == ""


@pytest.mark.parametrize("code", [403, 404])
async def test_031_an_approval_counts_for_nothing_while_github_does_not_tell_who_pushed(
    trial: Trial, code: int
) -> None:
    await trial.look()
    now = trial.shop.world.now()
    trial.shop.world.clock = lambda: now + 60
    trial.shop.sam.approve(trial.pull)
    (activity,) = [call for call in trial.proxy.calls if call.endswith("/activity")]
    assert await trial.look(activity, status(code)) == ["action_required"]
    await trial.look()
    assert trial.standing == "success"
