"""Whether what a lost job did is done elsewhere now: told by what its steps run, never by a name alone."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

import re2

from bot.core.blast.ci.workflow import Job, Workflow, is_check

# So much of what a job did must be found again.
LIKE = 0.5
# Every job does these: they tell none from another, and check nothing.
_PREPARES = re2.compile(r"(?i)checkout|setup|cache|login|credentials|artifact")
_IDLE = re2.compile(r"^\s*(?:#|echo\b|printf\b|cd\b|set\b|export\b|mkdir\b)|\binstall\b|\bnpm ci\b")
_WORDS = re2.compile(r"[a-z0-9]+")


def lives_on(job: Job, bases: tuple[Workflow, ...], heads: tuple[Workflow, ...]) -> bool:
    """Whether enough of what the job did is new in another job, or another job does all of it already."""
    lost = Counter(_work(job))
    if not lost:
        return False
    others = [other for workflow in heads for other in workflow.jobs.values()]
    if any(not lost - Counter(_work(other)) for other in others):
        return True
    before = Counter(line for workflow in bases for other in workflow.jobs.values() for line in _work(other))
    after = Counter(line for other in others for line in _work(other))
    # What the job did is part of `before`: it is new elsewhere in so far as it did not become rarer.
    missing = lost & (before - after)
    return 1 - missing.total() / lost.total() >= LIKE or _is_rewritten(job, bases, others)


def is_emptied(before: Job, after: Job) -> bool:
    """Whether a job that ran checks runs none any more."""
    return any(map(is_check, _work(before))) and not any(map(is_check, _work(after)))


def _is_rewritten(job: Job, bases: tuple[Workflow, ...], others: list[Job]) -> bool:
    """Whether a newcomer that checks goes by the same words."""
    known = {other.id for workflow in bases for other in workflow.jobs.values()}
    words = _words(job)
    return any(words & _words(other) and any(map(is_check, _work(other))) for other in others if other.id not in known)


def _words(job: Job) -> set[str]:
    return set(_WORDS.findall(f"{job.id} {job.name}".casefold()))


def _work(job: Job) -> Iterator[str]:
    """Actions without their versions and lines of shell, of the job and all steps, but for what only prepares."""
    for action in (job.uses, *(step.uses for step in job.steps)):
        if action and not _PREPARES.search(action):
            yield action.partition("@")[0]
    for step in job.steps:
        for line in step.run.split("\n"):
            if line.strip() and not _IDLE.search(line):
                yield " ".join(line.split())
