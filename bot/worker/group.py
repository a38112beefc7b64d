"""Judges the pull requests that a merge queue is about to merge together, each afresh, and posts the strictest."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

import structlog

from bot.core.broken import broken_decision
from bot.core.decide import strictest
from bot.core.decision import Decision
from bot.core.group import group_check_run
from bot.core.memory import Kind
from bot.core.pull import PullState
from bot.core.writes import CheckRun, PostCheck
from bot.github.client import Client, GitHub
from bot.github.errors import Gone, HeadMoved
from bot.github.read.group import Group, read_group
from bot.github.write import apply
from bot.jobs import Evaluate, JudgeGroup, encode_job
from bot.store.entries import Due, Entry, Lease
from bot.store.queue import Store
from bot.worker.judged import Judged

# With the worker's pauses about half a minute: the queue and the ledger may lag behind the event.
PATIENCE = 5

log = structlog.get_logger()

JudgePull = Callable[[Client, Evaluate], Awaitable[Judged]]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Verdict:
    """`members` are the pull requests that were judged; `unsure` says why that is not enough, "" when it is."""

    members: tuple[Judged, ...]
    unsure: str = ""

    @property
    def decision(self) -> Decision:
        if self.unsure or not self.members:
            return broken_decision(self.unsure or "no pull request of the merge group is known")
        return strictest(member.decision for member in self.members)


class GroupEvaluation:
    """`judge` looks at one pull request and decides on it. `details_url` and `clock` as for `Evaluation`."""

    def __init__(
        self,
        store: Store,
        github: GitHub,
        judge: JudgePull,
        details_url: Callable[[str, str, int], str],
        clock: Callable[[], float],
    ) -> None:
        self._store = store
        self._github = github
        self._judge = judge
        self._details_url = details_url
        self._clock = clock

    async def run(self, lease: Lease, job: JudgeGroup) -> None:
        """Post the strictest result on the group's commit. Until then the queue waits and merges nothing."""
        client = self._github.installation(job.installation_id)
        try:
            group = await read_group(client, job)
        except Gone:
            log.info("merge group is gone", subject=lease.subject)
            return
        verdict = await self._verdict(client, job, group)
        if verdict.unsure and lease.attempts < PATIENCE:
            raise HeadMoved(verdict.unsure)
        check = self._check(job, group, verdict)
        await self._write_down(lease, verdict, check)
        if group.posted is None or (group.posted.external_id, group.posted.conclusion) != (
            check.external_id,
            check.conclusion.value,
        ):
            await apply(client, group.repository, PostCheck(check=check), group.posted)
        log.info("judged", subject=lease.subject, verdict=verdict.decision.verdict.value, head=job.head_sha)

    async def _verdict(self, client: Client, job: JudgeGroup, group: Group) -> _Verdict:
        if not group.members:
            return _Verdict(members=(), unsure="the merge queue does not tell which pull requests are in this group")
        pulls = [_evaluate(job, member.number) for member in group.members]
        members = []
        for pull in pulls:
            try:
                members.append(await self._judge(client, pull))
            except Gone:
                return _Verdict(members=(), unsure=f"#{pull.number} is in this group and cannot be read")
        for pull, judged in zip(pulls, members, strict=True):
            if judged.decision.new_records:
                # What was just said is written down under the pull request, and only then counted.
                await self._store.ring(
                    [Due(subject=pull.subject, work=encode_job(pull), installation=pull.installation_id)]
                )
        unsure = _doubt(job, group, members)
        if not unsure and (await read_group(client, job)).members != group.members:
            unsure = "the merge queue changed while its group was judged"
        return _Verdict(members=tuple(members), unsure=unsure)

    def _check(self, job: JudgeGroup, group: Group, verdict: _Verdict) -> CheckRun:
        numbers = [member.number for member in group.members]
        url = self._details_url(group.repository.owner, group.repository.name, numbers[-1]) if numbers else ""
        return group_check_run(verdict.decision, job.base_ref, job.head_sha, numbers, url)

    async def _write_down(self, lease: Lease, verdict: _Verdict, check: CheckRun) -> None:
        """Before it is shown, and once for each different result."""
        told = {
            "conclusion": check.conclusion.value,
            "head_sha": check.head_sha,
            "title": check.title,
            "members": [
                {
                    "number": member.pull.number,
                    "head_sha": member.pull.head_sha,
                    "verdict": member.decision.verdict.value,
                }
                for member in verdict.members
            ],
        }
        entry = Entry(
            subject=lease.subject,
            kind=Kind.DECISION.value,
            key=check.external_id,
            at=int(self._clock()),
            body=json.dumps(told, sort_keys=True, ensure_ascii=False),
        )
        await self._store.append(lease, [entry])


def _evaluate(job: JudgeGroup, number: int) -> Evaluate:
    return Evaluate(
        installation_id=job.installation_id,
        repository_id=job.repository_id,
        owner=job.owner,
        name=job.name,
        number=number,
    )


def _doubt(job: JudgeGroup, group: Group, members: list[Judged]) -> str:
    """Why what was judged may not be what the queue merges; "" when it is."""
    for member, judged in zip(group.members, members, strict=True):
        pull = judged.pull
        if (pull.head_sha, pull.base_ref) != (member.head_sha, job.base_ref) or pull.state is not PullState.OPEN:
            return f"#{member.number} is not what it was when it entered the queue"
        if judged.decision.new_records:
            return f"what was said on #{member.number} is not written down yet"
    return ""
