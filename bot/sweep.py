"""Rings the bell of every open pull request and gated branch, and asks for the deliveries that did not arrive."""

from __future__ import annotations

import asyncio
from collections import Counter

import msgspec
import structlog

from bot.github.client import Client, GitHub, shaped
from bot.github.errors import GitHubError, Uninstalled, Unreadable
from bot.jobs import AuditBranch, Evaluate, Job, Sweep, encode_job
from bot.store.entries import Due
from bot.store.queue import Store

EVERY_SECONDS = 300.0
# After a round that failed the next is near, and then ever farther: the first one after a start may find no network.
FIRST_RETRY_SECONDS = 5.0
# GitHub redelivers what is at most three days old; for so long a delivery must be known, and for a month it is.
KEPT_DELIVERIES_DAYS = 30
MOST_INSTALLATIONS = 10_000
MOST_REPOSITORIES = 50_000
MOST_PULLS = 10_000
MOST_DELIVERIES = 1_000
# After so many failures of one delivery its sweep is what helps, not its repetition.
MOST_ATTEMPTS = 5

log = structlog.get_logger()


class _Installation(msgspec.Struct, frozen=True):
    id: int
    suspended_at: str | None = None


class _Owner(msgspec.Struct, frozen=True):
    login: str


class _Repository(msgspec.Struct, frozen=True):
    id: int
    name: str
    owner: _Owner
    default_branch: str
    archived: bool = False


class _Base(msgspec.Struct, frozen=True):
    ref: str


class _Pull(msgspec.Struct, frozen=True):
    number: int
    base: _Base


class Delivery(msgspec.Struct, frozen=True):
    """One attempt to send a webhook. `guid` is the same for every attempt."""

    id: int
    guid: str
    status_code: int


class Sweeper:
    """`first_retry_seconds` after a failed round comes the next, the wait doubling up to the usual one."""

    def __init__(self, store: Store, github: GitHub, *, first_retry_seconds: float = FIRST_RETRY_SECONDS) -> None:
        self._store = store
        self._github = github
        self._first_retry_seconds = first_retry_seconds

    async def run(self, stopping: asyncio.Event) -> None:
        """At once and then every few minutes, sooner after a failure, until told to stop."""
        retry = self._first_retry_seconds
        while not stopping.is_set():
            if await self._round():
                pause, retry = EVERY_SECONDS, self._first_retry_seconds
            else:
                pause, retry = retry, min(2 * retry, EVERY_SECONDS)
            try:
                await asyncio.wait_for(stopping.wait(), pause)
            except TimeoutError:
                continue

    async def _round(self) -> bool:
        """Every duty, whether or not another one fails; true when all went well."""
        failed = 0
        for duty in (self.redeliver, self.ring_installations, self.ring_waiting, self.prune):
            try:
                await duty()
            except GitHubError as error:
                failed += 1
                log.warning("sweep failed", duty=duty.__name__, error=str(error))
            except Exception:  # the next round tries again
                failed += 1
                log.exception("sweep failed", duty=duty.__name__)
        return not failed

    async def prune(self) -> None:
        """Forget deliveries long done. The ledger keeps all for ever, and every subject its place in it."""
        count = await self._store.prune_deliveries(KEPT_DELIVERIES_DAYS * 86_400.0)
        if count:
            log.info("old deliveries forgotten", count=count)

    async def ring_installations(self) -> None:
        """One sweep job for each installation that is not suspended."""
        answers = await self._github.app.items("/app/installations?per_page=100", most=MOST_INSTALLATIONS)
        installations = [shaped(answer, _Installation) for answer in _whole(answers, MOST_INSTALLATIONS)]
        jobs = [Sweep(installation_id=one.id) for one in installations if one.suspended_at is None]
        await self._store.ring(
            [Due(subject=job.subject, work=encode_job(job), installation=job.installation_id) for job in jobs]
        )

    async def ring_waiting(self) -> None:
        """Every deployment that waits: it may have been cancelled, or what it waits for may have come untold."""
        await self._store.ring_watched()

    async def ring_pulls(self, job: Sweep) -> None:
        """The bell of every open pull request and gated branch, one repository of the installation after the other."""
        try:
            await self._ring_repositories(job)
        except Uninstalled:
            log.info("installation is gone", installation=job.installation_id)
            self._github.forget(job.installation_id)

    async def _ring_repositories(self, job: Sweep) -> None:
        client = self._github.installation(job.installation_id)
        answers = await client.items(
            "/installation/repositories?per_page=100", key="repositories", most=MOST_REPOSITORIES
        )
        for answer in _whole(answers, MOST_REPOSITORIES):
            repository = shaped(answer, _Repository)
            if not repository.archived:
                await self._store.ring(await self._dues(client, job, repository))

    async def _dues(self, client: Client, job: Sweep, repository: _Repository) -> list[Due]:
        answers = await client.items(
            "/repos/{owner}/{name}/pulls?state=open&per_page=100",
            most=MOST_PULLS,
            owner=repository.owner.login,
            name=repository.name,
        )
        pulls = [shaped(answer, _Pull) for answer in _whole(answers, MOST_PULLS)]
        branches = {repository.default_branch, *(pull.base.ref for pull in pulls)}
        jobs: list[Job] = [_evaluate(job, repository, pull.number) for pull in pulls]
        jobs += [_audit(job, repository, branch) for branch in sorted(branches)]
        return [Due(subject=one.subject, work=encode_job(one), installation=one.installation_id) for one in jobs]

    async def redeliver(self) -> None:
        """Ask again for each delivery of which every attempt failed.

        https://docs.github.com/en/webhooks/using-webhooks/handling-failed-webhook-deliveries
        """
        answers = await self._github.app.items("/app/hook/deliveries?per_page=100", most=MOST_DELIVERIES)
        deliveries = [shaped(answer, Delivery) for answer in answers]
        if len(deliveries) > MOST_DELIVERIES:
            log.info("older deliveries are left to the sweep", looked_at=MOST_DELIVERIES)
        for delivery in failed(deliveries):
            await self._github.app.post("/app/hook/deliveries/{id}/attempts", {}, id=delivery.id)
            log.info("redelivery asked for", delivery=delivery.guid)


def _evaluate(job: Sweep, repository: _Repository, number: int) -> Evaluate:
    return Evaluate(
        installation_id=job.installation_id,
        repository_id=repository.id,
        owner=repository.owner.login,
        name=repository.name,
        number=number,
    )


def _audit(job: Sweep, repository: _Repository, branch: str) -> AuditBranch:
    return AuditBranch(
        installation_id=job.installation_id,
        repository_id=repository.id,
        owner=repository.owner.login,
        name=repository.name,
        branch=branch,
        is_gated=True,
    )


def failed(deliveries: list[Delivery]) -> list[Delivery]:
    """The newest attempt of each delivery that never succeeded and was not tried too often."""
    arrived = {one.guid for one in deliveries if 200 <= one.status_code < 300}  # noqa: PLR2004 - HTTP's successes
    attempts = Counter(one.guid for one in deliveries)
    newest: dict[str, Delivery] = {}
    for one in deliveries:
        newest.setdefault(one.guid, one)
    return [one for guid, one in newest.items() if guid not in arrived and attempts[guid] < MOST_ATTEMPTS]


def _whole(answers: list[object], most: int) -> list[object]:
    """What was cut off would never be looked at: better to fail, and to be seen failing."""
    if len(answers) > most:
        raise Unreadable(f"more than {most} items in one list")
    return answers
