"""Terraform plans from CI: distilled, kept by head, and brought back when that head is judged."""

from __future__ import annotations

import asyncio
import hashlib
import re
from collections.abc import Callable, Mapping
from dataclasses import replace

import structlog

from bot.core.blast.infra import Infra
from bot.core.blast.plan_json import PlanReading, read_plan
from bot.core.blast.plans import MOST_PLANS, StackPlan
from bot.core.history import History
from bot.core.memory import Kind, of_plan, plans_of
from bot.core.pull import PullRequest
from bot.github.client import Client, GitHub
from bot.github.errors import GitHubError
from bot.github.read.artifacts import Artifact, download_files, list_artifacts
from bot.jobs import Evaluate, ReadRun, encode_job
from bot.store.entries import Due, Entry, Lease
from bot.store.queue import Store

# Then a plan that is there and cannot be had is said to be there; it is tried again all the same.
PATIENCE = 5
# Heads of one pull request that are asked after, the latest.
MOST_HEADS = 20
TOO_MANY = f"more than {MOST_PLANS} plans came for this head: push a new commit and plan once for each stack"
# Names of artifacts are anybody's; what is said of a plan is Markdown.
_UNCOMMON = re.compile(r"[^A-Za-z0-9._-]")

log = structlog.get_logger()


class RunReader:
    """Reads what workflow runs leave behind. `pattern` is of the names of artifacts, `clock` gives Unix seconds."""

    def __init__(self, store: Store, github: GitHub, infra: Infra, pattern: str, clock: Callable[[], float]) -> None:
        self._store = store
        self._github = github
        self._infra = infra
        self._pattern = pattern
        self._clock = clock
        # A hostile archive takes hundreds of megabytes while it is read: one at a time.
        self._turn = asyncio.Semaphore(1)

    async def run(self, lease: Lease, job: ReadRun) -> None:
        """Write down every plan of the run, then ring the bell of its pull requests."""
        client = self._github.installation(job.installation_id)
        known = await _plans(self._store, [_subject(job.repository_id, job.head_sha)])
        read = {plan.origin for plan in known if not plan.reading.fault}
        artifacts = await list_artifacts(client, job, self._pattern)
        failure: GitHubError | None = None
        for artifact in artifacts:
            if _origin(job, artifact) in read:
                continue
            async with self._turn:
                try:
                    plan = await self._read(client, job, artifact)
                except GitHubError as error:
                    failure = error
                    if lease.attempts < PATIENCE:
                        continue
                    plan = self._distil(job, artifact, {}, "the artifact could not be downloaded yet")
            await self._store.append(lease, await entries_to_keep(self._store, job.repository_id, plan))
        if artifacts:
            await self._store.ring([_due(job, number) for number in job.numbers])
            log.info("workflow run read", subject=lease.subject, plans=len(artifacts), head=job.head_sha)
        if failure is not None:
            raise failure

    async def _read(self, client: Client, job: ReadRun, artifact: Artifact) -> StackPlan:
        files, fault = ({}, artifact.fault) if artifact.fault else await download_files(client, job, artifact)
        return await asyncio.to_thread(self._distil, job, artifact, files, fault)

    def _distil(self, job: ReadRun, artifact: Artifact, files: Mapping[str, bytes], fault: str) -> StackPlan:
        """One artifact is one stack, however many plans it holds."""
        stack = _UNCOMMON.sub("-", artifact.name)[:100]
        readings = [read_plan(raw, stack=stack, infra=self._infra) for _, raw in sorted(files.items())]
        faults = [
            fault,
            *(f"`{path}`: {one.fault}" for path, one in zip(sorted(files), readings, strict=True) if one.fault),
        ]
        digest = hashlib.sha256(b"".join(hashlib.sha256(files[path]).digest() for path in sorted(files)))
        return StackPlan(
            stack=stack,
            head_sha=job.head_sha,
            digest=f"sha256:{digest.hexdigest()}" if files else f"artifact:{artifact.id}:{fault}",
            received_at=int(self._clock()),
            reading=PlanReading(
                effects=tuple(effect for one in readings for effect in one.effects),
                unlisted=sum(one.unlisted for one in readings),
                objects=sum(one.objects for one in readings),
                fault=next((one for one in faults if one), ""),
            ),
            origin=_origin(job, artifact),
        )


async def entries_to_keep(store: Store, repository_id: int, plan: StackPlan) -> list[Entry]:
    """The line of the ledger for `plan`; none once there are more than are read, which the reader sees."""
    subject = _subject(repository_id, plan.head_sha)
    memory = of_plan(plan)
    known = await store.entries_about([subject], Kind.PLAN.value, MOST_PLANS + 1)
    if len(known) > MOST_PLANS:
        return []
    if memory.key in {entry.key for entry in known} and _mends(plan, known):
        memory = replace(memory, key=f"{memory.key}:{len(known)}")
    return [Entry(subject=subject, kind=memory.kind.value, key=memory.key, at=memory.at, body=memory.body)]


def _mends(plan: StackPlan, known: tuple[Entry, ...]) -> bool:
    """Whether the last that came of the stack, by this workflow, could not be read and this one, seen before, can."""
    last = {(one.stack, one.workflow): one for one in plans_of((entry.kind, entry.body) for entry in known)}
    return bool(last[plan.stack, plan.workflow].reading.fault) and not plan.reading.fault


async def with_plans(store: Store, pull: PullRequest, history: History) -> History:
    """The history with the plans of the present head, and which earlier heads had some."""
    repository = pull.repository.id
    plans = await _plans(store, [_subject(repository, pull.head_sha)])
    heads = dict.fromkeys(seen.head_sha for seen in history.sightings if seen.head_sha != pull.head_sha)
    earlier = await _plans(store, [_subject(repository, head) for head in list(heads)[-MOST_HEADS:]])
    return replace(history, plans=plans, planned_heads=tuple(dict.fromkeys(plan.head_sha for plan in earlier)))


async def _plans(store: Store, subjects: list[str]) -> tuple[StackPlan, ...]:
    entries = await store.entries_about(subjects, Kind.PLAN.value, MOST_PLANS + 1)
    plans = plans_of((entry.kind, entry.body) for entry in entries)
    if len(plans) <= MOST_PLANS:
        return plans
    return (*plans, replace(plans[-1], stack="more", reading=PlanReading(fault=TOO_MANY)))


def _origin(job: ReadRun, artifact: Artifact) -> str:
    return f"run {job.run_id}, artifact {artifact.id}"


def _subject(repository_id: int, head_sha: str) -> str:
    return f"plan:{repository_id}:{head_sha}"


def _due(job: ReadRun, number: int) -> Due:
    pull = Evaluate(
        installation_id=job.installation_id,
        repository_id=job.repository_id,
        owner=job.owner,
        name=job.name,
        number=number,
    )
    return Due(subject=pull.subject, work=encode_job(pull), installation=pull.installation_id)
