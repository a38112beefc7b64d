"""The worker: a failure is seen, retried and shuts the gate; what was taken over is left alone."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, cast

import aiohttp
import pytest
from structlog.testing import capture_logs

from bot.core.catalogue import Catalogue
from bot.core.memory import Kind
from bot.data import load_catalogue
from bot.github.client import Access, Client, GitHub
from bot.github.errors import HeadMoved, Invalid, RateLimited, Unavailable
from bot.jobs import AuditBranch, Evaluate, Job, JudgeDeployment, JudgeGroup, ReadRun, Sweep, encode_job
from bot.store.embedded import Embedded
from bot.store.entries import Due, Lease
from bot.store.queue import Store
from bot.worker.evaluation import PASSING_ATTEMPTS, Evaluation
from bot.worker.loop import LAST_RETRY_SECONDS, Duties, Worker
from tests.github.looking import Altered
from tests.shop import CLAUDE, TERRAFORM, Shop
from tests.store.conftest import Clock

POLICY = """
version: 1
seniors: {teams: [acme/senior-engineers]}
rules:
  - name: AI-assisted infrastructure
    when: {provenance: strong, tier: low}
    require: {seniors: 1}
"""
JOB = Evaluate(installation_id=3, repository_id=1, owner="acme", name="shop", number=2)
DUE = Due(subject=JOB.subject, work=encode_job(JOB))


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
async def store(tmp_path: Path, clock: Clock) -> AsyncIterator[Store]:
    opened = Store(Embedded(tmp_path / "countersign.db", clock=clock))
    yield opened
    await opened.close()


class Deeds:
    """What the worker was told to do, and how it ends."""

    def __init__(self, *outcomes: Exception | None) -> None:
        self.done: list[Job] = []
        self.outcomes = list(outcomes)

    async def evaluate(self, _: Lease, job: Evaluate) -> None:
        await self.sweep(job)

    async def judge_group(self, _: Lease, job: JudgeGroup) -> None:
        await self.sweep(job)

    async def read_run(self, _: Lease, job: ReadRun) -> None:
        await self.sweep(job)

    async def audit_branch(self, _: Lease, job: AuditBranch) -> None:
        await self.sweep(job)

    async def judge_deployment(self, _: Lease, job: JudgeDeployment) -> None:
        await self.sweep(job)

    def duties(self) -> Duties:
        return Duties(
            evaluate=self.evaluate,
            judge_group=self.judge_group,
            read_run=self.read_run,
            audit_branch=self.audit_branch,
            judge_deployment=self.judge_deployment,
            sweep=self.sweep,
        )

    async def sweep(self, job: Job) -> None:
        self.done.append(job)
        outcome = self.outcomes.pop(0) if self.outcomes else None
        if outcome is not None:
            raise outcome


def worker_of(store: Store, deeds: Deeds) -> Worker:
    return Worker(store, deeds.duties(), jitter=lambda: 1.0, clock=lambda: 5.0)


async def test_each_kind_of_job_is_done_once(store: Store) -> None:
    deeds, sweep = Deeds(), Sweep(installation_id=3)
    group = JudgeGroup(
        installation_id=3, repository_id=1, owner="acme", name="shop", base_ref="main", head_sha="a" * 40
    )
    await store.ring([DUE, *(Due(subject=job.subject, work=encode_job(job)) for job in (sweep, group))])
    worker = worker_of(store, deeds)
    assert [await worker.step() for _ in range(4)] == [True, True, True, False]
    assert set(deeds.done) == {JOB, sweep, group}


async def test_a_failure_comes_back_ever_later_and_is_never_lost(store: Store, clock: Clock) -> None:
    deeds = Deeds(*[Unavailable("502") for _ in range(12)])
    worker = worker_of(store, deeds)
    await store.ring([DUE])
    waited = []
    for _ in range(12):
        assert await worker.step()
        start = clock.time
        while not (await store.backlog()).oldest_seconds:
            clock.time += 20
        waited.append(clock.time - start)
    assert waited == sorted(waited)
    assert waited[-1] <= LAST_RETRY_SECONDS + 20
    assert await worker.step()
    assert (await store.backlog()).due == 0


async def test_what_moves_while_it_is_looked_at_is_no_fault_until_it_never_rests(store: Store, clock: Clock) -> None:
    worker = worker_of(store, Deeds(*[HeadMoved("pushed meanwhile") for _ in range(6)]))
    await store.ring([DUE])
    with capture_logs() as told:
        for _ in range(6):
            assert await worker.step()
            clock.time += 100
    assert [one["log_level"] for one in told] == ["info"] * 4 + ["error"] * 2


async def test_a_failure_stands_in_the_ledger_once_and_its_words_are_safe(store: Store, clock: Clock) -> None:
    worker = worker_of(store, Deeds(ValueError("secret of the change"), ValueError("secret of the change")))
    await store.ring([DUE])
    await worker.step()
    clock.time += 60
    await worker.step()
    (entry,) = await store.entries(JOB.subject)
    assert (entry.kind, entry.body) == (Kind.FAILURE.value, '{"error": "ValueError"}')
    assert await store.failing(1) == ((JOB.subject, 2, "ValueError"),)


async def test_a_rate_limit_is_waited_out(store: Store, clock: Clock) -> None:
    deeds = Deeds(RateLimited(1234.0))
    worker = worker_of(store, deeds)
    await store.ring([DUE])
    await worker.step()
    clock.time += 1233
    assert not await worker.step()
    clock.time += 2
    assert await worker.step()


async def test_work_that_is_no_job_is_seen_failing(store: Store) -> None:
    await store.ring([Due(subject="pull:1:2", work="{}")])
    await worker_of(store, Deeds()).step()
    assert (await store.backlog()).failing == 1


async def test_a_worker_that_was_overtaken_writes_nothing(store: Store, clock: Clock) -> None:
    class Overtaken(Deeds):
        async def evaluate(self, lease: Lease, job: Evaluate) -> None:  # noqa: ARG002 - Deeds' signature
            clock.time += 3600
            assert await store.lease(60)
            await store.append(lease, ())

    await store.ring([DUE])
    await worker_of(store, Overtaken()).step()
    backlog = await store.backlog()
    assert (backlog.due, backlog.failing) == (1, 0)


async def test_a_stopping_worker_finishes_what_is_in_hand(store: Store) -> None:
    started, going_on, stopping = asyncio.Event(), asyncio.Event(), asyncio.Event()

    class Slow(Deeds):
        async def evaluate(self, lease: Lease, job: Evaluate) -> None:  # noqa: ARG002 - Deeds' signature
            started.set()
            await going_on.wait()

    await store.ring([DUE])
    running = asyncio.create_task(worker_of(store, Slow()).run(stopping))
    await started.wait()
    stopping.set()
    going_on.set()
    await running
    assert (await store.backlog()).due == 0


class Look:
    """One pull request of the shop, looked at by a real evaluation with whatever catalogue."""

    def __init__(self, shop: Shop, store: Store, session: aiohttp.ClientSession) -> None:
        github = shop.github
        access = Access(
            app_id=github.app_id,
            private_key=github.private_key,
            api_url=github.api_url,
            graphql_url=github.graphql_url,
        )
        self.shop, self.store, self.github = shop, store, GitHub(session, access)
        self.job = Evaluate(
            installation_id=shop.installation.id, repository_id=shop.repository.id, owner="acme", name="shop", number=1
        )

    async def step(self, catalogue: Catalogue, number: int = 1, *, github: GitHub | None = None) -> list[str | None]:
        """The conclusions of all check runs after it."""
        job = replace(self.job, number=number)
        await self.store.ring([Due(subject=job.subject, work=encode_job(job))])
        github = github or self.github
        evaluation = Evaluation(self.store, github, catalogue, lambda *_: "", self.shop.github.world.now)
        worker = Worker(self.store, replace(Deeds().duties(), evaluate=evaluation.run))
        while await worker.step():
            continue
        return [run.conclusion for run in self.shop.repository.runs]


@pytest.fixture
async def look(shop: Shop, store: Store) -> AsyncIterator[Look]:
    async with aiohttp.ClientSession() as session:
        yield Look(shop, store, session)


class Troubled(GitHub):
    """Fails whenever who may push is asked, as if that were too much."""

    def __init__(self, whole: GitHub) -> None:
        self.whole = whole

    def installation(self, installation_id: int) -> Client:
        return Altered(self.whole.installation(installation_id), _fail_on_collaborators)


def _fail_on_collaborators(what: str, answer: Any) -> Any:
    if "/collaborators" in what:
        raise Unavailable("502")
    return answer


FAULTY = cast("Catalogue", object())


async def test_a_look_that_fails_shuts_the_gate_until_it_succeeds(look: Look) -> None:
    look.shop.change({"terraform/main.tf": TERRAFORM.replace("small", "large")}, message=f"Resize\n\n{CLAUDE}")
    assert await look.step(FAULTY) == ["failure"]
    assert await look.step(FAULTY) == ["failure"]
    assert (await look.store.backlog()).failing == 1
    assert (await look.step(load_catalogue()))[-1] == "action_required"
    assert (await look.store.backlog()).due == 0


async def test_a_look_that_fails_shuts_a_gate_that_was_open(look: Look) -> None:
    look.shop.change({"README.md": "Sell more.\n"})
    assert await look.step(load_catalogue()) == ["success"]
    assert await look.step(FAULTY) == ["success", "failure"]


async def test_a_trouble_that_does_not_pass_shuts_a_gate_that_was_open(look: Look, clock: Clock) -> None:
    """GitHub answers small questions and never the large one."""
    look.shop.change({"README.md": "Sell more.\n"})
    assert await look.step(load_catalogue()) == ["success"]
    troubled = Troubled(look.github)
    for attempt in range(1, PASSING_ATTEMPTS):
        assert await look.step(load_catalogue(), github=troubled) == ["success"], attempt
        clock.time += LAST_RETRY_SECONDS
    assert await look.step(load_catalogue(), github=troubled) == ["success", "failure"]


async def test_a_pull_request_that_is_gone_is_let_go(look: Look) -> None:
    assert await look.step(load_catalogue(), number=99) == []
    assert (await look.store.backlog()).due == 0


class Refusing(Client):
    """Like GitHub when it will not ask those people for a review."""

    refused: tuple[str, ...] = ()
    tried: list[str]

    async def post(self, path: str, data: Mapping[str, Any], **variables: str | int) -> Any:
        if path.endswith("/requested_reviewers"):
            self.tried += data["reviewers"]
            if set(self.refused) & set(data["reviewers"]):
                raise Invalid(422, "Reviews may only be requested from collaborators.")
        return await super().post(path, data, **variables)


class RefusingGitHub(GitHub):
    """Whose clients are that one client."""

    def __init__(self, client: Client, *refused: str) -> None:
        self.client = Refusing(client._transport, client.app_id, client._token)
        self.client.refused, self.client.tried = refused, []

    def installation(self, installation_id: int) -> Client:
        del installation_id
        return self.client


@pytest.mark.parametrize(("refused", "tried"), [(("sam",), ["sam", "sue"]), (("sam", "sue"), ["sam", "sue"])])
async def test_whom_github_refuses_is_followed_by_the_next_one_and_tried_once(
    look: Look, refused: tuple[str, ...], tried: list[str]
) -> None:
    look.shop.commit_to_main({".github/countersign.yml": POLICY})
    refusing = RefusingGitHub(look.github.installation(look.job.installation_id), *refused)
    look.github = refusing
    look.shop.change({"terraform/main.tf": TERRAFORM.replace("small", "large")}, message=f"Resize\n\n{CLAUDE}")
    await look.step(load_catalogue())
    assert refusing.client.tried == tried
    await look.step(load_catalogue())
    assert refusing.client.tried == tried


async def test_a_request_that_a_person_took_back_is_not_made_again_until_the_head_moves(look: Look) -> None:
    shop = look.shop
    shop.commit_to_main({".github/countersign.yml": POLICY})
    pull = shop.change({"terraform/main.tf": TERRAFORM.replace("small", "large")}, message=f"Resize\n\n{CLAUDE}")
    await look.step(load_catalogue())
    assert [one.login for one in pull.requested_reviewers] == ["sam"]
    pull.requested_reviewers.clear()
    await look.step(load_catalogue())
    assert pull.requested_reviewers == []
    shop.jay.commit(shop.repository, "change", {"README.md": "# More\n"}, message="Say more")
    await look.step(load_catalogue())
    assert [one.login for one in pull.requested_reviewers] == ["sam"]
