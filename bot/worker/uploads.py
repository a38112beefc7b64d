"""Terraform plans that a workflow run hands in itself: proven, distilled, kept by head, and the bell is rung."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Callable
from dataclasses import dataclass

from bot.core.blast.infra import Infra
from bot.core.blast.plan_json import read_plan
from bot.core.blast.plans import StackPlan
from bot.github.client import GitHub
from bot.github.errors import UploadRefused
from bot.github.identity import Identities
from bot.github.read.heads import ProvenHead, prove_head
from bot.jobs import Evaluate, encode_job
from bot.store.entries import Arrival, Due
from bot.store.queue import Store
from bot.worker.plans import TOO_MANY, entries_to_keep

# Each takes hundreds of megabytes while a hostile one is read.
MOST_AT_ONCE = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """`is_new` is false when this very plan was there and judged already."""

    plan: StackPlan
    numbers: tuple[int, ...]
    is_new: bool


class Uploads:
    """`clock` gives Unix seconds."""

    def __init__(
        self, store: Store, github: GitHub, identities: Identities, infra: Infra, clock: Callable[[], float]
    ) -> None:
        self._store = store
        self._github = github
        self._identities = identities
        self._infra = infra
        self._clock = clock
        self._turns = asyncio.Semaphore(MOST_AT_ONCE)

    async def prove(self, token: str, owner: str, name: str, head_sha: str) -> ProvenHead:
        """The head that the run behind the token was of. UploadRefused; a GitHubError when GitHub does not answer."""
        return await prove_head(self._github, await self._identities.prove(token), owner, name, head_sha)

    async def keep(self, head: ProvenHead, stack: str, raw: bytes) -> Kept:
        """Once this returns the plan counts. One that cannot be read is kept as such: it was made all the same."""
        async with self._turns:
            reading = await asyncio.to_thread(read_plan, raw, stack=stack, infra=self._infra)
        plan = StackPlan(
            stack=stack,
            head_sha=head.head_sha,
            digest=f"sha256:{hashlib.sha256(raw).hexdigest()}",
            received_at=int(self._clock()),
            reading=reading,
            base_sha=head.base_sha,
            origin=head.origin,
            workflow=head.workflow,
        )
        entries = await entries_to_keep(self._store, head.repository_id, plan)
        if not entries:
            raise UploadRefused(409, TOO_MANY)
        (entry,) = entries
        name = hashlib.sha256(f"{entry.subject}:{entry.key}".encode()).hexdigest()
        arrival = Arrival(
            delivery=f"plan-{name[:40]}",
            event="plan",
            digest=plan.digest,
            due=tuple(_due(head, number) for number in head.numbers),
            entries=tuple(entries),
        )
        return Kept(plan=plan, numbers=head.numbers, is_new=await self._store.accept(arrival))


def _due(head: ProvenHead, number: int) -> Due:
    job = Evaluate(
        installation_id=head.installation_id,
        repository_id=head.repository_id,
        owner=head.owner,
        name=head.name,
        number=number,
    )
    return Due(subject=job.subject, work=encode_job(job), installation=job.installation_id)
