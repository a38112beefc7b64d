"""GitHub Actions as a language of the blast radius: what a change lets workflows do, and which checks it takes away."""

from __future__ import annotations

from collections.abc import Iterator

import re2

from bot.core.blast.ci.gates import lost_checks, weakened_gates
from bot.core.blast.ci.likeness import Everywhere
from bot.core.blast.ci.workflow import Job, Workflow, read_workflow
from bot.core.blast.commands import Command, commands_in, new_commands
from bot.core.blast.infra import Infra
from bot.core.blast.language import Change, Declared, Judgement, Span, Stack, effect_of, refuse_too_many
from bot.core.finding import Confidence, Effect, Side

# A lost job is looked for in every other one.
MOST_STEPS = 2_000
WRITE = 2
# Triggers that run with the base repository's secrets on what an outsider sends.
TRUSTING = ("pull_request_target",)
# Triggers that have secrets whoever acts; an outsider's change is fetched by its name or number.
_SECRETIVE = frozenset({"pull_request_target", "workflow_run", "issue_comment"})
_OUTSIDERS_HEAD = re2.compile(
    r"github\.event\.pull_request\.head|refs/pull/|github\.head_ref|\bpull/\S+/(head|merge)|\bgh pr checkout\b|"
    r"github\.event\.workflow_run\.head_(sha|branch|commit)"
)


class Workflows:
    name = "GitHub Actions"
    kinds = frozenset({"github-actions"})
    span = Span.PULL

    def judge(self, stack: Stack, infra: Infra) -> Judgement:
        effects: list[Effect] = []
        faults: list[str] = []
        read = [
            (
                read_workflow(change.base) if change.base else None,
                read_workflow(change.head) if change.head and _runs(change) else None,
            )
            for change in stack.changes
        ]
        bases = tuple(base for base, _ in read if base)
        heads = tuple(head for _, head in read if head)
        for side in (bases, heads):
            count = sum(len(job.steps) + 1 for one in side for job in one.jobs.values())
            refuse_too_many("jobs and steps", count, MOST_STEPS)
        everywhere = Everywhere(bases, heads)
        for change, (before, head) in zip(stack.changes, read, strict=True):
            base = None if change.is_new else before
            faults += [f"`{one.path}` is no workflow: {one.fault}" for one in (base, head) if one and one.fault]
            if base is not None:
                effects += lost_checks(base, head, everywhere, infra)
            if base is not None and head is not None:
                effects += weakened_gates(base, head, infra)
                effects += _widened(base, head, infra)
                effects += _fetching(base, head, change, infra)
            if base is None and head is not None:
                effects += _newcomer(head, change, infra)
        base_commands = tuple(one for workflow in bases for one in _commands(workflow))
        head_commands = tuple(one for workflow in heads for one in _commands(workflow))
        effects += new_commands(
            base_commands, head_commands, infra, kind="github-actions", confidence=Confidence.MEDIUM
        )
        return Judgement(effects=tuple(effects), unread=tuple(dict.fromkeys(faults)))


def _runs(change: Change) -> bool:
    """GitHub runs only `.yml` and `.yaml` files of the folder itself."""
    folder, _, name = change.path.rpartition("/")
    return not change.is_gone and folder.endswith("/workflows") and name.endswith((".yml", ".yaml"))


def _commands(workflow: Workflow) -> Iterator[Command]:
    for job in workflow.jobs.values():
        for step in job.steps:
            # The text of a block scalar starts on the line after its key.
            yield from commands_in(step.run, workflow.path, step.run_line + ("\n" in step.run))


def _widened(base: Workflow, head: Workflow, infra: Infra) -> Iterator[Effect]:
    for trigger in TRUSTING:
        if trigger in head.triggers and trigger not in base.triggers:
            reason = f"`{head.path}` now runs on {trigger}, with secrets, on what outsiders send"
            yield _effect(
                head, trigger, head.triggers[trigger], "workflow-trusts-outsiders", reason=reason, infra=infra
            )
    known: dict[str, int] = {}
    inheriting = {job.uses.partition("@")[0] for job in base.jobs.values() if job.inherits}
    for job in head.jobs.values():
        if job.inherits and job.uses.partition("@")[0] not in inheriting:
            reason = f"job `{job.id}` of `{head.path}` hands every secret to `{job.uses}`"
            # A workflow of the same repository could name them itself.
            confidence = Confidence.LOW if job.uses.startswith("./") else Confidence.MEDIUM
            rule = "workflow-permission-added"
            yield _effect(head, job.id, job.line, rule, reason=reason, infra=infra, confidence=confidence)
    for job in base.jobs.values():
        for scope, level in (job.permissions or {}).items():
            known[scope] = max(level, known.get(scope, 0))
    for job in head.jobs.values():
        before = base.jobs.get(job.id)
        grown = _grown(before, job) if before else _new_jobs(job, known)
        if grown:
            confidence = Confidence.HIGH if before else Confidence.MEDIUM
            reason = f"job `{job.id}` of `{head.path}` gains {grown}"
            yield _effect(
                head, job.id, job.line, "workflow-permission-added", reason=reason, infra=infra, confidence=confidence
            )


def _grown(before: Job, after: Job) -> str:
    """The scope and level that the job's token gains. Saying nothing leaves it to the repository's default."""
    if after.permissions is None:
        return "the repository's default permissions" if before.permissions is not None else ""
    if before.permissions is None:
        # The default never mints identity tokens; whatever else is named, the default may have held.
        return "id-token: write" if after.permissions.get("id-token", 0) == 2 else ""  # noqa: PLR2004 - LEVELS
    for scope, level in sorted(after.permissions.items()):
        if level > max(before.permissions.get(scope, 0), before.permissions.get("*", 0)):
            return f"{scope}: {'read' if level == 1 else 'write'}"
    return ""


def _new_jobs(job: Job, known: dict[str, int]) -> str:
    """A new job's write permission that no job of the workflow had; "" when the workflow named none before."""
    if not known or job.permissions is None:
        return ""
    writes = [
        scope for scope, level in job.permissions.items() if level > max(known.get(scope, 0), known.get("*", 0), 1)
    ]
    return f"{min(writes)}: write" if writes else ""


def _fetching(base: Workflow, head: Workflow, change: Change, infra: Infra) -> Iterator[Effect]:
    """What runs with secrets, and did before, now also fetches what outsiders send."""
    kept = sorted(_SECRETIVE & head.triggers.keys() & base.triggers.keys())
    before, after = (side.text if side else "" for side in (change.base, change.head))
    if kept and _OUTSIDERS_HEAD.search(after) and not _OUTSIDERS_HEAD.search(before):
        reason = f"`{head.path}` runs with secrets on {kept[0]} and now fetches what outsiders send"
        line = _line_of(after)
        yield _trusting(head, kept[0], line, reason, infra)


def _newcomer(head: Workflow, change: Change, infra: Infra) -> Iterator[Effect]:
    text = change.head.text if change.head else ""
    if "pull_request_target" in head.triggers and _OUTSIDERS_HEAD.search(text):
        reason = f"the new `{head.path}` runs with secrets and fetches what outsiders send"
        yield _trusting(head, "pull_request_target", head.triggers["pull_request_target"], reason, infra)
    for job in head.jobs.values():
        if (job.permissions or {}).get("*") == WRITE:
            reason = f"job `{job.id}` of the new `{head.path}` may write everything"
            rule = "workflow-permission-added"
            yield _effect(head, job.id, job.line, rule, reason=reason, infra=infra, confidence=Confidence.MEDIUM)
            return


def _line_of(text: str) -> int:
    match = _OUTSIDERS_HEAD.search(text)
    return text.count("\n", 0, match.start()) + 1 if match else 1


def _trusting(head: Workflow, trigger: str, line: int, reason: str, infra: Infra) -> Effect:
    return _effect(
        head,
        trigger,
        line,
        "workflow-trusts-outsiders",
        reason=reason,
        infra=infra,
        confidence=Confidence.MEDIUM,
    )


def _effect(
    workflow: Workflow,
    name: str,
    line: int,
    rule: str,
    *,
    reason: str,
    infra: Infra,
    confidence: Confidence = Confidence.HIGH,
) -> Effect:
    declared = Declared(address=f"{workflow.path}: {name}", type="workflow", path=workflow.path, line=line)
    return effect_of(infra, rule, declared, kind="github-actions", side=Side.HEAD, reason=reason, confidence=confidence)
