"""What a run left behind and cannot be had is tried again, and said to be there once patience is over."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import aiohttp
import pytest

from bot.core.history import History
from bot.data import load_catalogue
from bot.github.client import Access, GitHub
from bot.github.errors import Unavailable
from bot.jobs import ReadRun, encode_job
from bot.sandbox.embedded import EmbeddedGitHub
from bot.store.embedded import Embedded
from bot.store.entries import Due, Lease
from bot.store.queue import Store
from bot.worker.plans import PATIENCE, RunReader, with_plans
from tests.attacks.conftest import no_sleep
from tests.builders import pull as pull_request
from tests.core.blast.plans import plan_of
from tests.shop import Shop

PLAN = {"countersign-plan": {"plan.json": plan_of()}}


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[Store]:
    opened = Store(Embedded(tmp_path / "countersign.db"))
    yield opened
    await opened.close()


@pytest.fixture
async def reader(github: EmbeddedGitHub, store: Store) -> AsyncIterator[RunReader]:
    access = Access(app_id=github.app_id, private_key=github.private_key, api_url=github.api_url)
    async with aiohttp.ClientSession() as session:
        app = GitHub(session, access, sleep=no_sleep)
        yield RunReader(store, app, load_catalogue().infra, "countersign-plan*", lambda: 1000.0)


async def leased(store: Store, job: ReadRun) -> Lease:
    await store.ring([Due(subject=job.subject, work=encode_job(job))])
    lease = await store.lease()
    assert lease is not None
    return lease


def job_of(shop: Shop) -> ReadRun:
    run = shop.jay.run_workflow(shop.change({"README.md": "# Better\n"}), artifacts=PLAN)
    return ReadRun(
        installation_id=shop.installation.id,
        repository_id=shop.repository.id,
        owner="acme",
        name="shop",
        run_id=run.id,
        head_sha=run.head_sha,
        numbers=(1,),
    )


async def faults(store: Store, job: ReadRun) -> list[str]:
    repository = replace(pull_request().repository, id=job.repository_id)
    known = await with_plans(store, pull_request(head_sha=job.head_sha, repository=repository), History())
    return [plan.reading.fault for plan in known.plans]


async def test_what_cannot_be_downloaded_is_said_once_patience_is_over_and_mended_later(
    shop: Shop, store: Store, reader: RunReader
) -> None:
    job = job_of(shop)
    lease = await leased(store, job)
    shop.world.storage_is_down = True
    with pytest.raises(Unavailable):
        await reader.run(replace(lease, attempts=PATIENCE - 1), job)
    assert await faults(store, job) == []
    with pytest.raises(Unavailable):
        await reader.run(replace(lease, attempts=PATIENCE), job)
    assert await faults(store, job) == ["the artifact could not be downloaded yet"]
    shop.world.storage_is_down = False
    await reader.run(lease, job)
    assert await faults(store, job) == ["the artifact could not be downloaded yet", ""]


async def test_what_was_read_is_not_lost_when_the_artifact_goes(shop: Shop, store: Store, reader: RunReader) -> None:
    job = job_of(shop)
    lease = await leased(store, job)
    await reader.run(lease, job)
    shop.repository.workflow_runs[0].artifacts[0].archive = b"spoilt"
    await reader.run(lease, job)
    assert await faults(store, job) == [""]
