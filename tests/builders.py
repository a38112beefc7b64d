"""Small true values for tests; every field that a test does not name has a harmless default."""

from __future__ import annotations

from typing import Any

from bot.core.approval.records import Act, Binding, Method, Record, Statement
from bot.core.decision import Approvals, Decision, Requirement, Verdict
from bot.core.finding import (
    Blast,
    Confidence,
    Effect,
    EffectKind,
    Evidence,
    Involvement,
    Provenance,
    Side,
    Strength,
    Tier,
)
from bot.core.history import Facts
from bot.core.policy.model import Mode
from bot.core.pull import (
    Actor,
    ActorKind,
    Blob,
    ChangedFile,
    Commit,
    FileStatus,
    PullRequest,
    PullState,
    Repository,
    Signatory,
)
from bot.core.roster import Roster
from bot.core.writes import Posted

HEAD = "a" * 40
BASE = "b" * 40
JUNIOR = Actor(login="june", id=1, kind=ActorKind.USER)
SENIOR = Actor(login="sam", id=2, kind=ActorKind.USER)
OTHER_SENIOR = Actor(login="sofia", id=3, kind=ActorKind.USER)


def make(cls: type[Any], defaults: dict[str, Any], changes: dict[str, Any]) -> Any:
    return cls(**{**defaults, **changes})


def blob(text: str | None, *, mode: str = "100644", sha: str = "") -> Blob:
    """A blob whose sha follows from its text, as git's does."""
    return Blob(sha=sha or f"{hash(text) & (1 << 160) - 1:040x}", mode=mode, size=len(text or ""), text=text)


def changed_file(path: str, base: str | None, head: str | None, *, old_path: str = "") -> ChangedFile:
    status = FileStatus.RENAMED if old_path else FileStatus.MODIFIED
    status = FileStatus.ADDED if base is None else FileStatus.REMOVED if head is None else status
    return ChangedFile(
        path=path,
        old_path=old_path or path,
        status=status,
        base=None if base is None else blob(base),
        head=None if head is None else blob(head),
    )


def commit(message: str = "Change a thing\n", **changes: Any) -> Commit:
    june = Signatory(name="June", email="june@example.org")
    defaults: dict[str, Any] = {"sha": HEAD, "message": message, "author": june, "committer": june}
    made: Commit = make(Commit, defaults, changes)
    return made


def pull(**changes: Any) -> PullRequest:
    defaults: dict[str, Any] = {
        "repository": Repository(id=10, owner="acme", name="shop"),
        "number": 7,
        "author": JUNIOR,
        "title": "Change a thing",
        "body": "",
        "state": PullState.OPEN,
        "draft": False,
        "base_ref": "main",
        "base_sha": BASE,
        "merge_base": BASE,
        "head_ref": "change",
        "head_sha": HEAD,
        "labels": (),
        "commits": (commit(),),
        "files": (),
    }
    made: PullRequest = make(PullRequest, defaults, changes)
    return made


def facts(**changes: Any) -> Facts:
    made: Facts = make(Facts, {"pull": pull(), "roster": Roster(), "posted": Posted(), "now": 1_000_000}, changes)
    return made


def evidence(**changes: Any) -> Evidence:
    defaults: dict[str, Any] = {
        "rule": "claude-code-coauthor",
        "agent": "claude-code",
        "strength": Strength.EXPLICIT,
        "involvement": Involvement.AUTHORED,
        "where": "commit aaaaaaaa",
        "text": "Co-Authored-By: Claude <noreply@anthropic.com>",
    }
    made: Evidence = make(Evidence, defaults, changes)
    return made


def effect(**changes: Any) -> Effect:
    defaults: dict[str, Any] = {
        "effect": EffectKind.REPLACE,
        "kind": "terraform",
        "address": "aws_db_instance.main",
        "path": "infra/db.tf",
        "line": 14,
        "side": Side.HEAD,
        "reason": "changing identifier forces a new database",
        "confidence": Confidence.HIGH,
        "rule": "terraform-force-new",
    }
    made: Effect = make(Effect, defaults, changes)
    return made


def statement(**changes: Any) -> Statement:
    defaults: dict[str, Any] = {
        "id": "comment:981",
        "act": Act.APPROVE,
        "actor": SENIOR,
        "method": Method.COMMENT,
        "repository_id": 10,
        "number": 7,
        "head_sha": HEAD,
        "base_ref": "main",
        "said_at": 999_000,
        "received_at": 999_001,
        "reference": "comment:981",
    }
    made: Statement = make(Statement, defaults, changes)
    return made


def binding(**changes: Any) -> Binding:
    defaults: dict[str, Any] = {
        "head_sha": HEAD,
        "base_ref": "main",
        "merge_base": BASE,
        "diff_digest": "sha256:" + "1" * 64,
        "policy_digest": "sha256:" + "2" * 64,
        "tier": Tier.HIGH,
    }
    made: Binding = make(Binding, defaults, changes)
    return made


def record(**changes: Any) -> Record:
    defaults: dict[str, Any] = {"statement": statement(), "binding": binding(), "refusal": "", "recorded_at": 999_002}
    made: Record = make(Record, defaults, changes)
    return made


def decision(**changes: Any) -> Decision:
    defaults: dict[str, Any] = {
        "verdict": Verdict.CLEAR,
        "mode": Mode.ENFORCE,
        "provenance": Provenance(level=Strength.NONE, evidence=()),
        "blast": Blast(tier=Tier.NONE, kinds=(), effects=(), reasons=()),
        "requirement": Requirement(demands=(), seniors=0, from_sets=(), step_up=False),
        "approvals": Approvals(counted=(), void=(), missing=(), eligible=()),
        "binding": binding(),
        "policy_source": "built-in",
    }
    made: Decision = make(Decision, defaults, changes)
    return made
