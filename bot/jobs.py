"""Work named by what it is about, not by what happened."""

from __future__ import annotations

from dataclasses import dataclass
from typing import assert_never

import msgspec

from bot.core.approval.records import Push, Statement
from bot.core.memory import Memory, of_past_head, of_push, of_statement, of_weakened
from bot.core.protection.drift import Weakened


@dataclass(frozen=True, slots=True, kw_only=True)
class Evaluate:
    """Judge one pull request afresh. `owner` and `name` are hints that may be outdated; the ids are the key."""

    installation_id: int
    repository_id: int
    owner: str
    name: str
    number: int

    @property
    def subject(self) -> str:
        return f"pull:{self.repository_id}:{self.number}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Sweep:
    """Ring the bell of every open pull request of one installation."""

    installation_id: int

    @property
    def subject(self) -> str:
        return f"sweep:{self.installation_id}"


@dataclass(frozen=True, slots=True, kw_only=True)
class JudgeGroup:
    """Judge all pull requests that a merge queue is about to merge together as the commit `head_sha`."""

    installation_id: int
    repository_id: int
    owner: str
    name: str
    base_ref: str
    head_sha: str

    @property
    def subject(self) -> str:
        return f"group:{self.repository_id}:{self.head_sha}"


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadRun:
    """Read the Terraform plans that a workflow run for `head_sha` left, then judge the pull requests `numbers`."""

    installation_id: int
    repository_id: int
    owner: str
    name: str
    run_id: int
    head_sha: str
    numbers: tuple[int, ...]

    @property
    def subject(self) -> str:
        return f"run:{self.repository_id}:{self.run_id}"


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditBranch:
    """Match what landed on a branch with the records. `is_gated`: also when it never was audited before."""

    installation_id: int
    repository_id: int
    owner: str
    name: str
    branch: str
    is_gated: bool = False

    @property
    def subject(self) -> str:
        return f"branch:{self.repository_id}:{self.branch}"


@dataclass(frozen=True, slots=True, kw_only=True)
class JudgeDeployment:
    """Judge whether a waiting deployment of `head_sha` may go. `ref` is the branch or tag it was started on, a hint."""

    installation_id: int
    repository_id: int
    owner: str
    name: str
    run_id: int
    environment: str
    head_sha: str
    ref: str

    @property
    def subject(self) -> str:
        return f"deployment:{self.repository_id}:{self.run_id}:{self.environment}"


# What belongs to one repository: who may read that may know of it.
Placed = Evaluate | JudgeGroup | ReadRun | AuditBranch | JudgeDeployment
Job = Placed | Sweep


@dataclass(frozen=True, slots=True, kw_only=True)
class Intake:
    """All that one delivery asks: subjects to look at, statements to record, and texts to remember.

    `push` is how a pull request's head came, None when none did; what it replaced is remembered as a past head.
    `weakened` are incidents: rules of the gate that somebody made weaker.
    """

    jobs: tuple[Job, ...] = ()
    statements: tuple[Statement, ...] = ()
    push: Push | None = None
    weakened: tuple[Weakened, ...] = ()

    def memories(self, received_at: int) -> tuple[tuple[str, Memory], ...]:
        """Subject and text of all that is to be remembered. Unix seconds."""
        said = [(f"pull:{one.repository_id}:{one.number}", of_statement(one)) for one in self.statements]
        weakened = [(one.subject, of_weakened(one)) for one in self.weakened]
        push, subjects = self.push, [job.subject for job in self.jobs if isinstance(job, Evaluate)]
        if push is None:
            return (*said, *weakened)
        heard = [(subject, of_push(push, received_at)) for subject in subjects]
        replaced = [(subject, of_past_head(push.before, received_at)) for subject in subjects if push.before]
        return (*said, *weakened, *heard, *replaced)


class _Work(msgspec.Struct, frozen=True):
    """A job as text: exactly one of them."""

    evaluate: Evaluate | None = None
    sweep: Sweep | None = None
    judge_group: JudgeGroup | None = None
    read_run: ReadRun | None = None
    audit_branch: AuditBranch | None = None
    judge_deployment: JudgeDeployment | None = None


def encode_job(job: Job) -> str:
    return msgspec.json.encode(_work(job)).decode()


def _work(job: Job) -> _Work:
    match job:
        case Evaluate():
            return _Work(evaluate=job)
        case Sweep():
            return _Work(sweep=job)
        case JudgeGroup():
            return _Work(judge_group=job)
        case ReadRun():
            return _Work(read_run=job)
        case AuditBranch():
            return _Work(audit_branch=job)
        case JudgeDeployment():
            return _Work(judge_deployment=job)
    assert_never(job)


def decode_job(text: str) -> Job:
    """The job that `encode_job` wrote. ValueError when the text is no job."""
    work = msgspec.json.decode(text, type=_Work)
    known = (
        *(work.evaluate, work.sweep, work.judge_group, work.read_run, work.audit_branch),
        work.judge_deployment,
    )
    job = next((one for one in known if one is not None), None)
    if job is None:
        raise ValueError("a job of no known kind")
    return job
