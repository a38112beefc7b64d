"""A deployment that waits: whatever GitHub does not answer well lets nothing go, and nothing is said twice."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from bot.core.landing import baseline
from bot.core.memory import Kind, of_landing
from bot.github.client import Access, Client, GitHub
from bot.github.errors import Unavailable
from bot.jobs import JudgeDeployment, encode_job
from bot.sandbox.deployed import Deployment
from bot.store.embedded import Embedded
from bot.store.entries import Due, Entry
from bot.store.queue import Store
from bot.worker.auditing import commit_subject
from bot.worker.deployment import MOST_REPORTS, DeploymentJudgement
from bot.worker.loop import Worker
from tests.github.looking import Altered
from tests.shop import TERRAFORM, Shop
from tests.store.conftest import Clock
from tests.test_worker import Deeds

Alter = Callable[[str, Any], Any]


class AlteredGitHub(GitHub):
    """Whose answers are changed on their way in."""

    def __init__(self, whole: GitHub, alter: Alter) -> None:
        self.whole = whole
        self.alter = alter

    def installation(self, installation_id: int) -> Client:
        return Altered(self.whole.installation(installation_id), self.alter)


class Bench:
    """A shop whose default branch is audited from its tip on, and a judgement that is asked by hand."""

    def __init__(self, shop: Shop, store: Store, session: aiohttp.ClientSession) -> None:
        self.shop, self.store = shop, store
        shop.commit_to_main({"README.md": "# The shop\n"})
        self.begin = shop.repository.git.resolve("main") or ""
        github = shop.github
        access = Access(
            app_id=github.app_id, private_key=github.private_key, api_url=github.api_url, graphql_url=github.graphql_url
        )
        self.github = GitHub(session, access)
        shop.protect()

    def job(self, one: Deployment) -> JudgeDeployment:
        return JudgeDeployment(
            installation_id=self.shop.installation.id,
            repository_id=self.shop.repository.id,
            owner="acme",
            name="shop",
            run_id=one.run_id,
            environment=one.environment,
            head_sha=one.sha,
            ref=one.ref,
        )

    async def audit(self) -> None:
        """Note where the audit of the default branch begins."""
        subject = f"branch:{self.shop.repository.id}:main"
        await self.store.ring([Due(subject=subject, work="{}")])
        lease = await self.store.lease()
        assert lease
        landing = baseline("main", self.begin, 1)
        told = [
            (subject, of_landing(landing, Kind.LANDING, 1)),
            (commit_subject(self.shop.repository.id, self.begin), of_landing(landing, Kind.LANDED, 1)),
        ]
        entries = [Entry(subject=s, kind=m.kind.value, key=m.key, at=m.at, body=m.body) for s, m in told]
        await self.store.append(lease, entries)
        await self.store.finish(lease)

    async def judge(self, one: Deployment, alter: Alter = lambda _, answer: answer) -> str:
        job = self.job(one)
        await self.store.ring([Due(subject=job.subject, work=encode_job(job))])
        judgement = DeploymentJudgement(self.store, AlteredGitHub(self.github, alter), self.shop.world.now)
        assert await Worker(self.store, replace(Deeds().duties(), judge_deployment=judgement.run)).step()
        return one.state


@pytest.fixture
async def bench(shop: Shop, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Bench]:
    monkeypatch.setattr("bot.worker.deployment.PATIENCE", 1)
    store = Store(Embedded(tmp_path / "countersign.db", clock=Clock()))
    async with aiohttp.ClientSession() as session:
        made = Bench(shop, store, session)
        await made.audit()
        yield made
    await store.close()


def fail(_: Any) -> Any:
    raise Unavailable("502")


FAULTS: dict[str, Callable[[Any], Any]] = {
    "an outage": fail,
    "null": lambda _: None,
    "an empty list": lambda _: [],
    "an empty object": lambda _: {},
    "nulls": lambda answer: dict.fromkeys(answer, None) if isinstance(answer, dict) else [None],
}


@pytest.mark.parametrize("what", ["query", "pending_deployments", "compare"])
@pytest.mark.parametrize("fault", FAULTS.values(), ids=FAULTS)
async def test_what_github_does_not_answer_well_lets_nothing_go(
    bench: Bench, what: str, fault: Callable[[Any], Any]
) -> None:
    shop = bench.shop
    older = shop.repository.git.history("main")[0].sha
    assert older != bench.begin
    one = shop.jay.deploy(shop.repository, "production", older if what == "compare" else "main")

    def alter(asked: str, answer: Any) -> Any:
        return fault(answer) if what in asked else answer

    assert await bench.judge(one, alter) == "waiting"
    assert await bench.judge(one) == "approved"


async def test_the_same_is_said_once_and_ten_reports_are_never_exceeded(bench: Bench) -> None:
    shop = bench.shop
    shop.jay.branch(shop.repository, "sly")
    shop.jay.commit(shop.repository, "sly", {"terraform/main.tf": TERRAFORM + "# sly\n"}, message="Sly")
    one = shop.jay.deploy(shop.repository, "production", "sly")
    for _ in range(3):
        assert await bench.judge(one) == "waiting"
    assert len(one.reports) == 1
    for number in range(MOST_REPORTS + 3):
        # Another reason each time: the policy cannot be read, at another commit.
        shop.commit_to_main({".github/countersign.yml": f"version: {number + 2}\n"})
        assert await bench.judge(one) == "waiting"
    assert len(one.reports) == MOST_REPORTS


async def test_a_policy_that_cannot_be_read_lets_nothing_go(bench: Bench) -> None:
    bench.shop.commit_to_main({".github/countersign.yml": "version: 1\nsenoirs: {}\n"})
    one = bench.shop.jay.deploy(bench.shop.repository, "production", bench.begin)
    assert await bench.judge(one) == "waiting"
    assert "the policy cannot be read" in one.reports[-1]
