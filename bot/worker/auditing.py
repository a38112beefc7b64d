"""Matches what landed on a branch with the records: each move of it has one behind it, or is an incident."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import structlog

from bot.core.decided import Decided, DecidedGroup, decided_group_of, decided_of, standing_of
from bot.core.landing import (
    Known,
    Landing,
    MergedPull,
    Move,
    MoveKind,
    Outcome,
    baseline,
    judge_move,
    lost_track,
    pulls_of,
)
from bot.core.memory import Kind, landings_of, of_landing
from bot.github.client import Client, GitHub
from bot.github.errors import Gone, HeadMoved, Refused, Unreadable
from bot.github.read.branch import Branch, read_branch
from bot.github.read.landings import MOST_MOVES, list_merged, list_merged_with, list_moves
from bot.jobs import AuditBranch, Evaluate, encode_job
from bot.store.entries import Due, Entry, Lease
from bot.store.queue import Store
from bot.worker.policies import choose_policy

# With the worker's pauses about half a minute: GitHub's lists and the ledger may lag behind the event.
PATIENCE = 5
MOST_DECISIONS = 5000
MOST_INCIDENTS = 1000
LOST = f"GitHub does not tell how the branch moved, or it moved more than {MOST_MOVES} times since it was looked at"

log = structlog.get_logger()


class BranchAudit:
    """`clock` gives Unix seconds."""

    def __init__(self, store: Store, github: GitHub, clock: Callable[[], float]) -> None:
        self._store = store
        self._github = github
        self._clock = clock

    async def run(self, lease: Lease, job: AuditBranch) -> None:
        """Write down every move since the last audit. What is not certain yet is raised, and tried again."""
        last = await self._last_move(lease)
        if last is None and not job.is_gated:
            return
        client = self._github.installation(job.installation_id)
        try:
            where = await read_branch(client, job, choose_policy)
        except Gone:
            log.info("branch is gone", subject=lease.subject)
            return
        if last is None:
            await self._note(lease, job, [baseline(job.branch, where.tip, int(self._clock()))])
        else:
            await self._follow(lease, job, client, where, last)
        await self._note_reviews(lease, job)

    async def _last_move(self, lease: Lease) -> Move | None:
        """How far the branch was audited; None when it never was."""
        last = await self._store.latest_entry(lease.subject, Kind.LANDING.value)
        return None if last is None else landings_of([last.body])[0].move

    async def _follow(self, lease: Lease, job: AuditBranch, client: Client, where: Branch, last: Move) -> None:
        patient = lease.attempts < PATIENCE
        moves = await self._moves(client, where, last, patient=patient)
        if moves is None:
            lost = lost_track(job.branch, last.after, where.tip, LOST, int(self._clock()))
            await self._note(lease, job, [lost])
            return
        landings: list[Landing] = []
        unsure, tip = "", last.after
        known = await self._known(job, client, where, moves)
        for move in moves:
            landing = judge_move(move, job.branch, tip, known)
            if landing.unsure and patient:
                unsure = landing.why
                break
            landings.append(landing)
            tip = move.after
        await self._note(lease, job, landings)
        if not unsure and tip != where.tip:
            unsure = "GitHub does not tell the last move of the branch yet"
        if unsure:
            raise HeadMoved(unsure)

    async def _moves(self, client: Client, where: Branch, last: Move, *, patient: bool) -> tuple[Move, ...] | None:
        """None when they cannot be known. A branch that moved on while GitHub lists no move is waited for."""
        try:
            moves = await list_moves(client, where, last)
        except Refused:
            if patient:
                raise
            return None
        if moves == () and last.after != where.tip and not patient:
            return None
        return moves

    async def _known(self, job: AuditBranch, client: Client, where: Branch, moves: Sequence[Move]) -> Known:
        merged: tuple[MergedPull, ...] = ()
        if any(move.kind in (MoveKind.MERGE, MoveKind.PUSH) for move in moves):
            merged = await list_merged(client, where)
        for move in moves:
            if move.kind is MoveKind.MERGE and all(one.merge_sha != move.after for one in merged):
                merged += await list_merged_with(client, where, move.after)
        groups = {move.after: group for move in moves if (group := await self._group(job, move)) is not None}
        known = Known(merged=merged, groups=groups)
        pulls = {pull.number for move in moves for pull in pulls_of(move, job.branch, known)}
        decided = {number: await decisions_on(self._store, job.repository_id, number) for number in sorted(pulls)}
        for number in (number for number, found in decided.items() if not found):
            evaluate = _evaluate(job, number)
            await self._store.ring(
                [Due(subject=evaluate.subject, work=encode_job(evaluate), installation=evaluate.installation_id)]
            )
        return Known(merged=merged, groups=groups, decided=decided)

    async def _group(self, job: AuditBranch, move: Move) -> DecidedGroup | None:
        if move.kind is not MoveKind.QUEUE_MERGE:
            return None
        last = await self._store.latest_entry(f"group:{job.repository_id}:{move.after}", Kind.DECISION.value)
        return None if last is None else decided_group_of(last.body)

    async def _note(self, lease: Lease, job: AuditBranch, landings: Sequence[Landing]) -> None:
        now = int(self._clock())
        entries = []
        for landing in landings:
            entries.append(_entry(lease.subject, landing, Kind.LANDING, now))
            if landing.move.after.strip("0"):
                commit = commit_subject(job.repository_id, landing.move.after)
                entries.append(_entry(commit, landing, Kind.LANDED, now))
            if landing.outcome is Outcome.INCIDENT:
                entries.append(_entry(lease.subject, landing, Kind.INCIDENT, now))
                log.error(
                    "landed past the gate",
                    subject=lease.subject,
                    incident=landing.incident.value,
                    why=landing.why,
                    commit=landing.move.after,
                    actor=landing.move.actor,
                )
        await self._store.append(lease, entries)
        if entries:
            await self._store.ring_watched(job.repository_id)

    async def _note_reviews(self, lease: Lease, job: AuditBranch) -> None:
        """An incident whose pull requests were all approved since is no open one any more."""
        incidents = await self._store.entries_about([lease.subject], Kind.INCIDENT.value, MOST_INCIDENTS)
        closed = await self._store.entries_about([lease.subject], Kind.INCIDENT_REVIEWED.value, MOST_INCIDENTS)
        answered = {entry.key for entry in closed}
        for landing in landings_of(entry.body for entry in incidents if entry.key not in answered):
            standings = [
                standing_of(
                    await decisions_on(self._store, job.repository_id, pull.number), pull, job.branch, later=True
                )
                for pull in landing.pulls
            ]
            if standings and all(standing.is_good for standing in standings):
                entry = _entry(lease.subject, landing, Kind.INCIDENT_REVIEWED, int(self._clock()))
                await self._store.append(lease, [entry])


async def decisions_on(store: Store, repository_id: int, number: int) -> tuple[Decided, ...]:
    """What was ever decided on a pull request, in the ledger's order. Unreadable when it is too much."""
    entries = await store.entries_about([f"pull:{repository_id}:{number}"], Kind.DECISION.value, MOST_DECISIONS + 1)
    if len(entries) > MOST_DECISIONS:
        raise Unreadable(f"#{number} was decided on more than {MOST_DECISIONS} times")
    return decided_of(entry.body for entry in entries)


def commit_subject(repository_id: int, sha: str) -> str:
    return f"commit:{repository_id}:{sha}"


def _entry(subject: str, landing: Landing, kind: Kind, now: int) -> Entry:
    memory = of_landing(landing, kind, now)
    return Entry(subject=subject, kind=memory.kind.value, key=memory.key, at=memory.at, body=memory.body)


def _evaluate(job: AuditBranch, number: int) -> Evaluate:
    return Evaluate(
        installation_id=job.installation_id,
        repository_id=job.repository_id,
        owner=job.owner,
        name=job.name,
        number=number,
    )
