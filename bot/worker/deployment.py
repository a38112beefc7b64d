"""Judges a waiting deployment by the ledger alone: how the branch came to its commit, and which records stand there."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable

import structlog

from bot.core.decided import standing_of
from bot.core.deploy import (
    MOST_STEPS,
    DeploymentDecision,
    End,
    Ruling,
    Step,
    Trail,
    decide_deployment,
    report,
    vouched_elsewhere,
)
from bot.core.landing import Landing, Outcome
from bot.core.memory import Kind, landings_of
from bot.core.pull import Repository
from bot.core.writes import AnswerDeployment
from bot.github.client import Client, GitHub
from bot.github.errors import Gone, HeadMoved
from bot.github.read.branch import HEADS, Branch, read_branch
from bot.github.read.deployments import is_older, still_waits
from bot.github.write import answer_deployment
from bot.jobs import AuditBranch, JudgeDeployment, encode_job
from bot.store.entries import Due, Entry, Lease
from bot.store.queue import Store
from bot.worker.auditing import commit_subject, decisions_on
from bot.worker.policies import choose_policy

# With the worker's pauses about half a minute: the audit of a merge may come after the deployment that it started.
PATIENCE = 5
MOST_BRANCHES = 50
# GitHub takes ten for one deployment; the last is kept for the approval.
MOST_REPORTS = 9

log = structlog.get_logger()


class DeploymentJudgement:
    """`clock` gives Unix seconds."""

    def __init__(self, store: Store, github: GitHub, clock: Callable[[], float]) -> None:
        self._store = store
        self._github = github
        self._clock = clock

    async def run(self, lease: Lease, job: JudgeDeployment) -> None:
        """Approve it, or say what it waits for and be called again when something changes. It is never rejected."""
        client = self._github.installation(job.installation_id)
        known = await self._store.latest_entry(lease.subject, Kind.DEPLOYMENT.value)
        try:
            where = await read_branch(client, _audit(job, ""), choose_policy)
            waits = await still_waits(client, where, job.run_id, job.environment)
        except Gone:
            waits = False
        if not waits:
            if known is None and lease.attempts < PATIENCE:
                raise HeadMoved("GitHub does not list the deployment as waiting yet")
            log.info("deployment waits no more", subject=lease.subject)
            await self._store.unwatch(lease.subject)
            return
        trails = await self._trails(client, where, job)
        decision = decide_deployment(job.head_sha, job.environment, where.policy, trails)
        if not trails and decision.ruling is Ruling.WAITING:
            await self._have_audited(lease, job, where)
        await self._answer(lease, job, client, where, decision)

    async def _have_audited(self, lease: Lease, job: JudgeDeployment, where: Branch) -> None:
        """The commit may have landed just now: wait for the audit before saying that it is unknown."""
        ref = job.ref.removeprefix(HEADS)
        audits = [_audit(job, where.branch, is_gated=True), *([_audit(job, ref)] if ref != where.branch else [])]
        if lease.attempts < PATIENCE:
            await self._store.ring(
                [Due(subject=one.subject, work=encode_job(one), installation=one.installation_id) for one in audits]
            )
            raise HeadMoved("the commit is in no record yet")

    async def _trails(self, client: Client, where: Branch, job: JudgeDeployment) -> list[Trail]:
        """One for each branch that held the commit; without any, one that is older than the gate's begin, if it is."""
        subject = commit_subject(job.repository_id, job.head_sha)
        entries = await self._store.entries_about([subject], Kind.LANDED.value, MOST_BRANCHES)
        if entries or await self._was_deployed(job, job.head_sha):
            landings = landings_of(entry.body for entry in entries)
            branches = [landing.branch for landing in landings] or [where.branch]
            return [await self._trail(client, where, job, branch) for branch in branches]
        is_old = await self._is_older(client, where, job, job.head_sha)
        return [Trail(steps=(), end=End.OLDER)] if is_old else []

    async def _trail(self, client: Client, where: Branch, job: JudgeDeployment, branch: str) -> Trail:
        """Back from the commit, landing by landing: each began at the commit that the one before it left.

        Anybody who can write can make a branch that holds anything, and have it audited from there on. So where the
        audit of another branch begins, the trail goes on along the default one.
        """
        steps: list[Step] = []
        sha, seen = job.head_sha, set[str]()
        while len(steps) < MOST_STEPS:
            if await self._was_deployed(job, sha):
                return Trail(steps=tuple(steps), end=End.DEPLOYED)
            landing = await self._landing(job, branch, sha)
            if landing is not None and landing.outcome is Outcome.BASELINE:
                if branch == where.branch:
                    return Trail(steps=tuple(steps), end=End.BASELINE)
                branch = where.branch
                landing = await self._landing(job, branch, sha)
            if landing is None or sha in seen:
                is_old = await self._is_older(client, where, job, sha)
                return Trail(steps=tuple(steps), end=End.OLDER if is_old else End.LOST)
            if landing.outcome is Outcome.BASELINE:
                return Trail(steps=tuple(steps), end=End.BASELINE)
            steps.append(await self._step(job, landing, is_default=branch == where.branch))
            seen.add(sha)
            sha = landing.move.before
        return Trail(steps=tuple(steps), end=End.TOO_LONG)

    async def _is_older(self, client: Client, where: Branch, job: JudgeDeployment, sha: str) -> bool:
        """Whether the default branch held the commit when the gate came."""
        audit = _audit(job, where.branch).subject
        first = await self._store.entries_about([audit], Kind.LANDING.value, 1)
        begins = [one.move.after for one in landings_of(entry.body for entry in first)]
        return bool(sha.strip("0")) and any([await is_older(client, where, sha, than=begin) for begin in begins])

    async def _landing(self, job: JudgeDeployment, branch: str, sha: str) -> Landing | None:
        subject = commit_subject(job.repository_id, sha)
        entries = await self._store.entries_about([subject], Kind.LANDED.value, MOST_BRANCHES)
        return next((one for one in landings_of(entry.body for entry in entries) if one.branch == branch), None)

    async def _step(self, job: JudgeDeployment, landing: Landing, *, is_default: bool) -> Step:
        standings = [
            standing_of(
                await decisions_on(self._store, job.repository_id, pull.number), pull, landing.branch, later=True
            )
            for pull in landing.pulls
        ]
        return Step(landing=landing, standings=tuple(standings if is_default else map(vouched_elsewhere, standings)))

    async def _was_deployed(self, job: JudgeDeployment, sha: str) -> bool:
        """By this gate's own word: anybody who can write deployments could tell GitHub of a success."""
        subject = commit_subject(job.repository_id, sha)
        entries = await self._store.entries_about([subject], Kind.DEPLOYED.value, MOST_BRANCHES)
        return job.environment.lower() in {entry.key for entry in entries}

    async def _answer(
        self, lease: Lease, job: JudgeDeployment, client: Client, where: Branch, decision: DeploymentDecision
    ) -> None:
        """Written down before it is said, and said once."""
        approves = decision.ruling is Ruling.APPROVED
        comment = report(decision, job.environment, job.head_sha)
        ruling = self._entry(lease.subject, Kind.DEPLOYMENT, _digest(comment), _body(job, decision))
        entries = [ruling]
        if approves and not decision.is_shadow:
            commit = commit_subject(job.repository_id, job.head_sha)
            entries.append(self._entry(commit, Kind.DEPLOYED, job.environment.lower(), ruling.body))
        if not approves:
            await self._store.watch(lease, job.repository_id)
        await self._store.append(lease, entries)
        written = await self._store.entries_about([lease.subject], Kind.WRITE.value, MOST_REPORTS)
        if approves or (ruling.key not in {entry.key for entry in written} and len(written) < MOST_REPORTS):
            answer = AnswerDeployment(
                run_id=job.run_id, environment=job.environment, comment=comment, approves=approves
            )
            place = Repository(id=job.repository_id, owner=where.owner, name=where.name)
            await answer_deployment(client, place, answer)
            body = json.dumps({"write": type(answer).__name__, "digest": ruling.key})
            await self._store.append(lease, [self._entry(lease.subject, Kind.WRITE, ruling.key, body)])
        if approves:
            await self._store.unwatch(lease.subject)
        log.info("judged", subject=lease.subject, ruling=decision.ruling.value, commit=job.head_sha)

    def _entry(self, subject: str, kind: Kind, key: str, body: str) -> Entry:
        return Entry(subject=subject, kind=kind.value, key=key, at=int(self._clock()), body=body)


def _audit(job: JudgeDeployment, branch: str, *, is_gated: bool = False) -> AuditBranch:
    return AuditBranch(
        installation_id=job.installation_id,
        repository_id=job.repository_id,
        owner=job.owner,
        name=job.name,
        branch=branch,
        is_gated=is_gated,
    )


def _body(job: JudgeDeployment, decision: DeploymentDecision) -> str:
    told = {
        "ruling": decision.ruling.value,
        "reasons": decision.reasons,
        "head_sha": job.head_sha,
        "environment": job.environment,
        "run_id": job.run_id,
    }
    return json.dumps(told, sort_keys=True, ensure_ascii=False)


def _digest(text: str) -> str:
    return "sha256:" + hashlib.sha256(text.encode()).hexdigest()
