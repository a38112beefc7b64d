"""Moves the work: leases a subject, has it looked at, and puts it back for later when that failed."""

from __future__ import annotations

import asyncio
import json
import random
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import assert_never

import structlog

from bot.core.memory import Kind
from bot.github.errors import GitHubError, HeadMoved, RateLimited
from bot.jobs import AuditBranch, Evaluate, JudgeDeployment, JudgeGroup, ReadRun, Sweep, decode_job
from bot.store.entries import Entry, Lease, LostLeaseError
from bot.store.queue import LEASE_SECONDS, Store

POLL_SECONDS = 0.5
# A look that takes longer hangs; the largest pull requests take a minute or two.
LONGEST_JOB_SECONDS = 600
FIRST_RETRY_SECONDS = 2.0
LAST_RETRY_SECONDS = 900.0
# What moves while it is looked at is no fault, unless it never comes to rest.
QUIET_ATTEMPTS = 5

log = structlog.get_logger()


@dataclass(frozen=True, slots=True, kw_only=True)
class Duties:
    """Who does each kind of job."""

    evaluate: Callable[[Lease, Evaluate], Awaitable[None]]
    judge_group: Callable[[Lease, JudgeGroup], Awaitable[None]]
    read_run: Callable[[Lease, ReadRun], Awaitable[None]]
    audit_branch: Callable[[Lease, AuditBranch], Awaitable[None]]
    judge_deployment: Callable[[Lease, JudgeDeployment], Awaitable[None]]
    sweep: Callable[[Sweep], Awaitable[None]]


class Worker:
    """`jitter` gives 0 to 1, `clock` Unix seconds."""

    def __init__(
        self,
        store: Store,
        duties: Duties,
        *,
        jitter: Callable[[], float] = random.random,
        clock: Callable[[], float] = time.time,
        first_retry_seconds: float = FIRST_RETRY_SECONDS,
    ) -> None:
        self._store = store
        self._duties = duties
        self._jitter = jitter
        self._clock = clock
        self._first_retry_seconds = first_retry_seconds
        # No bell tells that a pause is over.
        self._poll_seconds = min(POLL_SECONDS, first_retry_seconds)

    async def run(self, stopping: asyncio.Event) -> None:
        """Work until told to stop; the subject in hand is finished first."""
        while not stopping.is_set():
            try:
                if not await self.step():
                    await self._store.wait(self._poll_seconds)
            except Exception:  # the database failed; whatever was leased comes back when the lease ends
                log.exception("worker could not reach its queue")
                await asyncio.sleep(POLL_SECONDS)

    async def step(self) -> bool:
        """Do one due subject; false when none is due."""
        lease = await self._store.lease(LEASE_SECONDS)
        if lease is None:
            return False
        holding = asyncio.create_task(self._hold(lease))
        try:
            async with asyncio.timeout(LONGEST_JOB_SECONDS):
                await self._do(lease)
            await self._store.finish(lease)
        except LostLeaseError:
            log.warning("another worker took the subject over", subject=lease.subject)
        except Exception as error:  # noqa: BLE001 - the boundary: logged once, retried, the gate stays shut
            await self._put_back(lease, error)
        finally:
            holding.cancel()
            await asyncio.wait([holding])
        return True

    async def _do(self, lease: Lease) -> None:
        job = decode_job(lease.work)
        match job:
            case Evaluate():
                await self._duties.evaluate(lease, job)
            case JudgeGroup():
                await self._duties.judge_group(lease, job)
            case AuditBranch():
                await self._duties.audit_branch(lease, job)
            case JudgeDeployment():
                await self._duties.judge_deployment(lease, job)
            case Sweep():
                await self._duties.sweep(job)
            case ReadRun():
                await self._duties.read_run(lease, job)
            case _:
                assert_never(job)

    async def _hold(self, lease: Lease) -> None:
        """Extend the lease while its work goes on. Losing it is noticed at the next thing that is written down."""
        while True:
            await asyncio.sleep(LEASE_SECONDS / 3)
            await self._store.extend(lease)

    async def _put_back(self, lease: Lease, error: Exception) -> None:
        """Retried for ever, ever more slowly; seen in the log, the ledger and the numbers until it succeeds."""
        seconds = error.seconds if isinstance(error, RateLimited) else self._backoff(lease.attempts)
        told = _told(error)
        too_early = isinstance(error, HeadMoved) and lease.attempts < QUIET_ATTEMPTS
        (log.info if too_early else log.error)(
            "looked too early" if too_early else "look failed",
            subject=lease.subject,
            attempts=lease.attempts,
            retry_in=round(seconds, 1),
            error=told,
            exc_info=None if isinstance(error, GitHubError) else error,
        )
        failure = Entry(
            subject=lease.subject,
            kind=Kind.FAILURE.value,
            key=str(lease.generation),
            at=int(self._clock()),
            body=json.dumps({"error": told}),
        )
        try:
            await self._store.put_back(lease, seconds, told, [failure])
        except LostLeaseError:
            log.warning("another worker took the subject over", subject=lease.subject)

    def _backoff(self, attempts: int) -> float:
        """Doubling, and each time between half and all of it, so that many failures do not come back as one."""
        longest: float = min(LAST_RETRY_SECONDS, self._first_retry_seconds * 2 ** min(attempts - 1, 20))
        return longest * (0.5 + self._jitter() / 2)


def _told(error: Exception) -> str:
    """GitHub's refusals in its words; of our own faults only the kind, since their words may quote the change."""
    name = type(error).__name__
    return f"{name}: {error}" if isinstance(error, GitHubError) else name
