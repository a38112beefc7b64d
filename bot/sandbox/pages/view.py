"""What a page shows of a pull request, worked out from the model."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from typing import Any

from bot.sandbox import difference, rules
from bot.sandbox.git import Commit, FileDiff
from bot.sandbox.objects import PASSING, Account, CheckRun, Comment, PullRequest, Review, TimelineEvent
from bot.sandbox.world import World


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One entry of the conversation; `kind` names the block of the template that shows it."""

    kind: str
    actor: Account
    time: int
    comment: Comment | None = None
    review: Review | None = None
    commit: Commit | None = None
    event: TimelineEvent | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """A check as the merge box lists it. `look` is pass, fail, wait or ask; `run` is None when nothing reported yet."""

    name: str
    look: str
    words: str
    required: bool
    run: CheckRun | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class MergeBox:
    """`state` is merged, closed, draft, conflict, blocked or clean; `missing` says what blocks, in GitHub's words."""

    state: str
    missing: tuple[str, ...]
    checks: tuple[Check, ...]
    reviews: tuple[Review, ...]


def conversation(pull: PullRequest) -> list[Entry]:
    """Everything that happened, oldest first."""
    entries = [_event(pull, event) for event in pull.timeline]
    entries += [Entry(kind="review", actor=it.author, time=it.submitted_at, review=it) for it in pull.reviews]
    entries += [Entry(kind="comment", actor=it.author, time=it.created_at, comment=it) for it in pull.comments]
    return sorted(entries, key=lambda entry: entry.time)


def _event(pull: PullRequest, event: TimelineEvent) -> Entry:
    commit = pull.repository.git.commit(event.facts["sha"]) if event.kind == "PullRequestCommit" else None
    return Entry(kind=event.kind, actor=event.actor, time=event.created_at, commit=commit, event=event)


def check_look(run: CheckRun | None) -> str:
    if run is None or run.status != "completed":
        return "wait"
    if run.conclusion in PASSING:
        return "pass"
    return "ask" if run.conclusion == "action_required" else "fail"


def checks(pull: PullRequest) -> tuple[Check, ...]:
    """The head's latest runs, and required checks that have not reported."""
    runs = rules.latest_runs(pull.repository, pull.head_sha)
    shown = [_check(pull, run) for run in runs]
    asked = [
        check["context"]
        for parameters in rules.rules(pull.repository, pull.base_ref, "required_status_checks")
        for check in parameters["required_status_checks"]
    ]
    expected = [name for name in asked if name not in {run.name for run in runs}]
    waiting = "Expected — waiting for status to be reported"
    return (*shown, *(Check(name=name, look="wait", words=waiting, required=True) for name in expected))


def _check(pull: PullRequest, run: CheckRun) -> Check:
    words = run.title or ("In progress" if run.status == "in_progress" else run.conclusion or "Queued")
    return Check(name=run.name, look=check_look(run), words=words, required=rules.is_required(pull, run), run=run)


def worst_look(pull: PullRequest) -> str:
    """One look for the whole pull request, for lists."""
    looks = {check.look for check in checks(pull)}
    return next((look for look in ("fail", "ask", "wait", "pass") if look in looks), "wait")


def merge_box(world: World, pull: PullRequest) -> MergeBox:
    missing = tuple(rules.missing(world, pull)) if pull.state == "open" else ()
    return MergeBox(
        state=_merge_state(pull, missing),
        missing=missing,
        checks=checks(pull),
        reviews=tuple(rules.standing_reviews(world, pull)),
    )


def _merge_state(pull: PullRequest, missing: tuple[str, ...]) -> str:
    if pull.merged:
        return "merged"
    if pull.state == "closed":
        return "closed"
    if difference.conflicts(pull):
        return "conflict"
    if pull.draft:
        return "draft"
    return "blocked" if missing else "clean"


def changed_files(pull: PullRequest) -> tuple[FileDiff, ...]:
    return difference.files(pull)


def fingerprint(pull: PullRequest) -> str:
    """Changes whenever something on the page changed, so that it can be fetched anew."""
    facts: list[Any] = [pull.state, pull.head_sha, pull.base_sha, pull.title, pull.body, pull.draft]
    facts += [len(pull.timeline), [label.name for label in pull.labels]]
    facts += [[it.id, it.body, [one.content for one in it.reactions]] for it in pull.comments]
    facts += [[it.id, it.state, it.body] for it in pull.reviews]
    facts += [[account.login for account in pull.requested_reviewers], [team.slug for team in pull.requested_teams]]
    facts += [
        [run.id, run.status, run.conclusion, run.title, run.summary, len(run.annotations)]
        for run in rules.latest_runs(pull.repository, pull.head_sha)
    ]
    return hashlib.sha256(json.dumps(facts).encode()).hexdigest()[:16]
