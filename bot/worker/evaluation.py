"""Judges one pull request from its present state: look, decide, write down, act."""

from __future__ import annotations

import asyncio
import hashlib
import json
from collections.abc import Callable, Sequence
from dataclasses import replace

import structlog

from bot.core.approval.contributors import past_contributors
from bot.core.approval.digest import approval_digest
from bot.core.approval.records import Sighting
from bot.core.broken import CLOSED, broken_decision
from bot.core.catalogue import Catalogue
from bot.core.decide import decide, worst
from bot.core.decision import Conclusion, Verdict
from bot.core.document import document
from bot.core.history import History
from bot.core.memory import (
    Kind,
    Memory,
    asked_reviewers,
    contributors_in,
    history_of,
    of_asked_reviewer,
    of_contributor,
    of_evidence,
    of_published,
    of_read_head,
    of_record,
    of_refused_reviewer,
    of_sighting,
    refused_reviewers,
)
from bot.core.plan import plan
from bot.core.policy.model import Policy
from bot.core.pull import PullState
from bot.core.render import check_run, title
from bot.core.writes import PostCheck, RequestReview, Write
from bot.github.client import Client, GitHub
from bot.github.errors import GitHubError, Gone, HeadMoved, RateLimited, Unavailable, Uninstalled
from bot.github.read.head import read_head
from bot.github.read.look import Look, look
from bot.github.write import Written, apply
from bot.jobs import AuditBranch, Evaluate, encode_job
from bot.store.entries import Due, Entry, Lease, LostLeaseError, Shown
from bot.store.queue import Store
from bot.worker.carrying import entries_to_carry, evidence_elsewhere, remembered_now
from bot.worker.judged import Judged
from bot.worker.owing import entries_of_debts, with_debts
from bot.worker.pinning import entries_of_logins, with_first_accounts
from bot.worker.plans import with_plans
from bot.worker.policies import choose_policy

# Passing troubles: no check at all shuts the gate as well, and the next look is near.
_PASSING = (RateLimited, Unavailable, HeadMoved)
# Troubles that stay, half a minute and longer, are no passing ones: a change may be so large that GitHub never answers.
PASSING_ATTEMPTS = 5

# At one look; whoever is left is asked at the next.
MOST_REFUSALS = 10

log = structlog.get_logger()


class Evaluation:
    """`details_url` gives the record's address for an owner, name and number. `clock` gives Unix seconds."""

    def __init__(
        self,
        store: Store,
        github: GitHub,
        catalogue: Catalogue,
        details_url: Callable[[str, str, int], str],
        clock: Callable[[], float],
    ) -> None:
        self._store = store
        self._github = github
        self._catalogue = catalogue
        self._details_url = details_url
        self._clock = clock

    async def run(self, lease: Lease, job: Evaluate) -> None:
        """Bring GitHub's check to the present state. Whatever fails is raised, the gate shut first as far as can be."""
        client = self._github.installation(job.installation_id)
        try:
            await self._evaluate(lease, job, client)
        except LostLeaseError:
            raise
        except Exception as error:
            if not isinstance(error, _PASSING) or lease.attempts >= PASSING_ATTEMPTS:
                await self._shut(lease, job, client)
            raise

    async def _evaluate(self, lease: Lease, job: Evaluate, client: Client) -> None:
        try:
            own = await self.judge(client, job)
        except Gone as gone:
            if isinstance(gone, Uninstalled):
                self._github.forget(job.installation_id)
            await self._forget(lease, job)
            return
        siblings = [await self.judge(client, replace(job, number=number)) for number in own.pull.siblings]
        await self._write_down(lease, own)
        refused = await self._carry_out(lease, own, client, self._plan(own, siblings))
        for _ in range(MOST_REFUSALS):
            if not refused:
                break
            own = without_reviewers(own, refused)
            retries = [write for write in self._own_plan(own) if isinstance(write, RequestReview)]
            refused = await self._carry_out(lease, own, client, retries)
        if own.pull.state is PullState.OPEN:
            await self._note_published(lease, own)
        await self._have_audited(job, own)
        if _settled_heads(own) and not own.look.past.is_whole:
            await self._store.ring([Due(subject=lease.subject, work=lease.work)])
        log.info("judged", subject=lease.subject, verdict=own.decision.verdict.value, head=own.pull.head_sha)

    async def _carry_out(self, lease: Lease, own: Judged, client: Client, writes: Sequence[Write]) -> frozenset[str]:
        """Each write, written down before the next. Whom of the reviewers GitHub refused."""
        refused = set()
        for write in writes:
            written = await apply(client, own.pull.repository, write, own.look.facts.posted.check)
            await self._store.append(lease, self._after(lease, own, write, written))
            refused.add(written.refused_reviewer)
        return frozenset(refused - {""})

    async def judge(self, client: Client, job: Evaluate) -> Judged:
        """Look and decide, and write nothing. In a thread, so that a large change does not keep deliveries waiting."""
        entries = await self._store.entries(job.subject)
        lines = [(entry.kind, entry.body) for entry in entries]
        seen = await look(
            client,
            job,
            history=history_of(lines),
            choose=choose_policy,
            now=int(self._clock()),
            refused_reviewers=refused_reviewers(lines),
        )
        pull, elsewhere = await evidence_elsewhere(self._store, seen.facts.pull)
        pull = replace(pull, past_contributors=contributors_in(lines))
        roster = await with_first_accounts(self._store, pull, seen.facts.roster)
        pull, known = await with_debts(self._store, pull, history_of(lines))
        known = await with_plans(self._store, pull, known)
        posted = replace(seen.facts.posted, asked_reviewers=asked_reviewers(lines, pull.head_sha))
        seen = replace(seen, facts=replace(seen.facts, pull=pull, roster=roster, posted=posted))
        history = with_sighting(known, seen)
        history = replace(history, evidence=(*history.evidence, *remembered_now(elsewhere, seen.facts.now)))
        decision = await asyncio.to_thread(decide, seen.facts, seen.policy, history, self._catalogue)
        return Judged(subject=job.subject, look=seen, history=history, decision=decision)

    def _plan(self, own: Judged, siblings: list[Judged]) -> tuple[Write, ...]:
        """A check belongs to a commit: with siblings it shows the strictest, whichever of them is looked at."""
        writes = self._own_plan(own)
        if own.pull.state is PullState.CLOSED and not siblings:
            return (*self._leave_nothing_green(own), *writes)
        if own.pull.state is PullState.MERGED or not siblings:
            return writes
        still_open = [own, *siblings] if own.pull.state is PullState.OPEN else siblings
        everybody = sorted(still_open, key=lambda judged: judged.pull.number)
        strictest = worst([judged.decision for judged in everybody])
        shown = next(judged for judged in everybody if judged.decision.verdict is strictest.verdict)
        pull = replace(shown.pull, base_ref=own.pull.base_ref)
        facts = replace(shown.look.facts, pull=pull, posted=own.look.facts.posted)
        place = shown.pull.repository
        url = self._details_url(place.owner, place.name, shown.pull.number)
        check = [one for one in plan(strictest, facts, None, (), url) if isinstance(one, PostCheck)]
        return (*check, *(one for one in writes if not isinstance(one, PostCheck)))

    def _leave_nothing_green(self, own: Judged) -> tuple[Write, ...]:
        """Nobody hears a withdrawal on what is closed, and whoever opens the same commit again inherits its check."""
        stands = own.look.facts.posted.check
        if stands is None or stands.conclusion in (Conclusion.FAILURE.value, Conclusion.ACTION_REQUIRED.value):
            return ()
        place = own.pull.repository
        url = self._details_url(place.owner, place.name, own.pull.number)
        return (PostCheck(check=check_run(broken_decision(CLOSED), own.pull, url)),)

    def _own_plan(self, own: Judged) -> tuple[Write, ...]:
        policy = own.look.policy if isinstance(own.look.policy, Policy) else None
        place = own.pull.repository
        url = self._details_url(place.owner, place.name, own.pull.number)
        return plan(own.decision, own.look.facts, policy, own.records, url)

    async def _write_down(self, lease: Lease, own: Judged) -> None:
        """Before anything is shown: an approval that GitHub shows as counted must never be missing in the ledger."""
        now = own.look.facts.now
        present = own.history.sightings[-1]
        memories = [
            of_sighting(present),
            *(of_record(record) for record in own.decision.new_records),
            *(of_evidence(found, now) for found in own.decision.provenance.evidence),
            *(of_contributor(known, now) for known in past_contributors(own.pull, own.look.facts.roster)),
            *(of_read_head(head, now) for head in _settled_heads(own)),
        ]
        entries = [_entry(lease.subject, memory) for memory in memories]
        entries += entries_to_carry(own.pull, own.look.policy, own.decision, now)
        entries += entries_of_logins(own.pull, own.look.facts.roster, now)
        entries += entries_of_debts(own.pull, own.records, own.decision, now)
        decided = _decided(lease, own)
        before = [one for one in await self._store.entries(lease.subject) if one.kind == Kind.DECISION]
        if not before or before[-1].body != decided.body:
            entries.append(decided)
        shown = _shown(lease, own)
        stands = await self._store.find_shown(shown.owner, shown.name, shown.number)
        stands_so = stands is not None and replace(stands, changed_at=shown.changed_at) == shown
        await self._store.append(lease, entries, None if stands_so else shown)

    def _after(self, lease: Lease, own: Judged, write: Write, written: Written) -> list[Entry]:
        now = int(self._clock())
        digest = _digest(repr(write))
        body = json.dumps({"write": type(write).__name__, "digest": digest})
        key = f"{lease.fence}:{digest.removeprefix('sha256:')[:16]}"
        entries = [Entry(subject=lease.subject, kind=Kind.WRITE.value, key=key, at=now, body=body)]
        if written.refused_reviewer:
            refused = of_refused_reviewer(own.pull.head_sha, written.refused_reviewer, now)
            entries.append(_entry(lease.subject, refused))
        elif isinstance(write, RequestReview):
            asked = of_asked_reviewer(own.pull.head_sha, write.login or write.team, now)
            entries.append(_entry(lease.subject, asked))
        return entries

    async def _note_published(self, lease: Lease, own: Judged) -> None:
        """From now on a comment may mean this head: its check stands, just posted or from before."""
        present = own.history.sightings[-1]
        if present.published_at is None:
            memory = of_published(present, int(self._clock()))
            await self._store.append(lease, [_entry(lease.subject, memory)])

    async def _have_audited(self, job: Evaluate, own: Judged) -> None:
        """From the first check on, what lands on the base is audited; and each time what this pull request became."""
        audit = AuditBranch(
            installation_id=job.installation_id,
            repository_id=own.pull.repository.id,
            owner=own.pull.repository.owner,
            name=own.pull.repository.name,
            branch=own.pull.base_ref,
            is_gated=True,
        )
        is_known = await self._store.latest_entry(audit.subject, Kind.LANDING.value) is not None
        if own.pull.state is PullState.MERGED or not is_known:
            await self._store.ring(
                [Due(subject=audit.subject, work=encode_job(audit), installation=audit.installation_id)]
            )
        if own.pull.state is PullState.MERGED:
            # A deployment may wait for just this approval.
            await self._store.ring_watched(own.pull.repository.id)

    async def _shut(self, lease: Lease, job: Evaluate, client: Client) -> None:
        """Unless a check of ours blocks there already, say that the look failed: what let it pass may not hold now."""
        try:
            head = await read_head(client, job)
            if head.is_shut or head.pull.state is not PullState.OPEN:
                return
            url = self._details_url(job.owner, job.name, job.number)
            check = check_run(broken_decision(), head.pull, url)
            await apply(client, head.pull.repository, PostCheck(check=check))
        except GitHubError as error:
            log.warning("could not say that the look failed", subject=lease.subject, error=type(error).__name__)

    async def _forget(self, lease: Lease, job: Evaluate) -> None:
        """Nothing is there to judge, and no check stands that could let it through."""
        log.info("pull request is gone", subject=lease.subject)
        shown = await self._store.find_shown(job.owner, job.name, job.number)
        if shown is not None and shown.subject == lease.subject:
            await self._store.append(lease, (), replace(shown, waiting=False))


def without_reviewers(own: Judged, refused: frozenset[str]) -> Judged:
    """As if this look had known already whom GitHub refuses."""
    posted = own.look.facts.posted
    posted = replace(posted, refused_reviewers=posted.refused_reviewers | refused)
    return replace(own, look=replace(own.look, facts=replace(own.look.facts, posted=posted)))


def with_sighting(history: History, seen: Look) -> History:
    """The history with the head of this look as its last sighting; a head that came back is seen anew."""
    pull = seen.facts.pull
    looked = [one for one in history.sightings if one.base_ref]
    if looked and (looked[-1].head_sha, looked[-1].base_ref) == (pull.head_sha, pull.base_ref):
        others = tuple(one for one in history.sightings if one is not looked[-1])
        return replace(history, sightings=(*others, looked[-1]))
    fresh = Sighting(head_sha=pull.head_sha, base_ref=pull.base_ref, first_seen_at=seen.facts.now, published_at=None)
    return replace(history, sightings=(*history.sightings, fresh))


def _settled_heads(own: Judged) -> tuple[str, ...]:
    """Earlier heads that need no further look; without a policy its own markers were not looked for."""
    return own.look.past.heads if isinstance(own.look.policy, Policy) else ()


def _entry(subject: str, memory: Memory) -> Entry:
    return Entry(subject=subject, kind=memory.kind.value, key=memory.key, at=memory.at, body=memory.body)


def _decided(lease: Lease, own: Judged) -> Entry:
    binding = own.decision.binding
    told = {
        **document(own.decision),
        "head_sha": own.pull.head_sha,
        "base_ref": own.pull.base_ref,
        "state": own.pull.state.value,
        "pull_title": own.pull.title,
        "merge_base": binding.merge_base if binding else None,
        "diff_digest": binding.diff_digest if binding else None,
        "policy_digest": binding.policy_digest if binding else None,
        "approval_digest": approval_digest(own.pull.repository.id, own.pull.number, binding) if binding else None,
    }
    body = json.dumps(told, sort_keys=True, ensure_ascii=False)
    return Entry(
        subject=lease.subject, kind=Kind.DECISION.value, key=str(lease.fence), at=own.look.facts.now, body=body
    )


def _shown(lease: Lease, own: Judged) -> Shown:
    is_open = own.pull.state is PullState.OPEN
    return Shown(
        subject=lease.subject,
        owner=own.pull.repository.owner,
        name=own.pull.repository.name,
        number=own.pull.number,
        title=own.pull.title,
        verdict=own.decision.verdict.value,
        headline=title(own.decision),
        waiting=is_open and own.decision.verdict is Verdict.PENDING,
        owes=bool(own.decision.debts),
        changed_at=own.look.facts.now,
    )


def _digest(text: str) -> str:
    return "sha256:" + hashlib.sha256(text.encode()).hexdigest()
