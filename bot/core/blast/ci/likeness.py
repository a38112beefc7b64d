"""Whether what a lost job did is done elsewhere now: told by what its steps run, never by a name alone."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from bot.core.blast.ci.workflow import Job, Workflow, is_check

# So much of what a job did must be found again.
LIKE = 0.5
# Every job does these: they tell none from another, and check nothing.
_PREPARES = re.compile(r"(?i)checkout|setup|cache|login|credentials|artifact")
_IDLE = re.compile(r"^\s*(?:#|echo\b|printf\b|cd\b|set\b|export\b|mkdir\b)|\binstall\b|\bnpm ci\b")
_WORDS = re.compile(r"[a-z0-9]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Doing:
    """What one job of the head side does. `is_new`: no job of the base side had its id."""

    work: Counter[str]
    words: frozenset[str]
    is_new: bool
    is_check: bool


class Everywhere:
    """All workflows of both sides of a change; what their jobs do is worked out once, and only when a job is lost."""

    def __init__(self, bases: tuple[Workflow, ...], heads: tuple[Workflow, ...]) -> None:
        self._bases = [job for workflow in bases for job in workflow.jobs.values()]
        self._heads = [job for workflow in heads for job in workflow.jobs.values()]

    def lives_on(self, job: Job) -> bool:
        """Whether enough of what the job did is new in another job, or another job does all of it already."""
        lost = Counter(_work(job))
        if not lost:
            return False
        rarest = min(lost, key=lambda line: len(self._doing_line.get(line, ())))
        if any(not lost - other.work for other in self._doing_line.get(rarest, ())):
            return True
        # What the job did is part of `before`: it is new elsewhere in so far as it did not become rarer.
        rarer = ((line, self._before[line] - self._after[line]) for line in lost)
        missing = sum(min(lost[line], less) for line, less in rarer if less > 0)
        return 1 - missing / lost.total() >= LIKE or self._is_rewritten(job)

    def _is_rewritten(self, job: Job) -> bool:
        """Whether a newcomer that checks goes by the same words."""
        words = _words(job)
        return any(words & other.words for other in self._doing if other.is_new and other.is_check)

    @cached_property
    def _doing(self) -> list[_Doing]:
        known = {job.id for job in self._bases}
        return [
            _Doing(
                work=(work := Counter(_work(job))),
                words=_words(job),
                is_new=job.id not in known,
                is_check=any(map(is_check, work)),
            )
            for job in self._heads
        ]

    @cached_property
    def _doing_line(self) -> dict[str, list[_Doing]]:
        lines: dict[str, list[_Doing]] = {}
        for other in self._doing:
            for line in other.work:
                lines.setdefault(line, []).append(other)
        return lines

    @cached_property
    def _before(self) -> Counter[str]:
        return Counter(line for job in self._bases for line in _work(job))

    @cached_property
    def _after(self) -> Counter[str]:
        return Counter(line for job in self._heads for line in _work(job))


def is_emptied(before: Job, after: Job) -> bool:
    """Whether a job that ran checks runs none any more."""
    return not any(map(is_check, _work(after))) and any(map(is_check, _work(before)))


def _words(job: Job) -> frozenset[str]:
    return frozenset(_WORDS.findall(f"{job.id} {job.name}".casefold()))


def _work(job: Job) -> Iterator[str]:
    """Actions without their versions and lines of shell, of the job and all steps, but for what only prepares."""
    for action in (job.uses, *(step.uses for step in job.steps)):
        if action and not _PREPARES.search(action):
            yield action.partition("@")[0]
    for step in job.steps:
        for line in step.run.split("\n"):
            if line.strip() and not _IDLE.search(line):
                yield " ".join(line.split())
