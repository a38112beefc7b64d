"""Checks and gates of workflows that a change removes, switches off or lets fail."""

from __future__ import annotations

from collections.abc import Iterator

import re2

from bot.core.blast.ci.likeness import Everywhere, is_emptied
from bot.core.blast.ci.workflow import Job, Step, Workflow
from bot.core.blast.infra import Infra
from bot.core.blast.language import Declared, effect_of
from bot.core.finding import Confidence, Effect, Side

PULL_TRIGGERS = frozenset({"pull_request", "pull_request_target", "merge_group"})
_DEPLOYS = re2.compile(r"(?i)deploy|release|publish|apply|promote|prod")
_PINNED = re2.compile(r"@[0-9a-f]{40}$")
_RELEASE = re2.compile(r"@v?[0-9][\w.-]*$")
_BRANCH = re2.compile(r"@(?:main|master|develop|dev|trunk|HEAD|latest|next)$")
# Inputs by which scanners' actions let a run pass all the same.
SOFT = {
    "soft_fail": "true",
    "soft-fail": "true",
    "no-fail": "true",
    "exit-code": "0",
    "fail-build": "false",
    "fail-on-error": "false",
    "fail_on_error": "false",
    "fail-on-findings": "false",
}
_ANYWAY = re2.compile(r"\|\|\s*(true|:|exit 0|echo\b.*)\s*$")


def lost_checks(base: Workflow, head: Workflow | None, everywhere: Everywhere, infra: Infra) -> Iterator[Effect]:
    """A workflow or job that checked and is nowhere in the change any more."""
    if head is None:
        checks = [job for job in base.jobs.values() if job.is_check]
        if base.is_check and not (checks and all(map(everywhere.lives_on, checks))):
            reason = f"`{base.path}` no longer runs, and with it its checks"
            yield _effect(base, "workflow", 1, "workflow-check-removed", reason=reason, infra=infra, side=Side.BASE)
        return
    if head.fault:
        return
    for id_, job in base.jobs.items():
        now = head.jobs.get(id_)
        lost = job.is_check if now is None else is_emptied(job, now)
        if lost and not everywhere.lives_on(job):
            what = "no longer runs, and with it its checks" if now is None else "stays, but runs none of its checks"
            reason = f"job `{job.id}` of `{base.path}` {what}"
            yield _effect(base, job.id, job.line, "workflow-check-removed", reason=reason, infra=infra, side=Side.BASE)
    if (
        base.is_check
        and base.triggers.keys() & PULL_TRIGGERS
        and not head.triggers.keys() & (PULL_TRIGGERS | {"push", "workflow_call"})
    ):
        reason = f"`{base.path}` no longer runs on pull requests"
        yield _effect(base, "on", 1, "workflow-check-removed", reason=reason, infra=infra, side=Side.BASE)


def weakened_gates(base: Workflow, head: Workflow, infra: Infra) -> Iterator[Effect]:
    for id_, after in head.jobs.items():
        before = base.jobs.get(id_)
        if before is not None:
            for name, line, what in (*_job_faults(before, after, head), *_step_faults(before, after)):
                reason = f"job `{id_}` of `{head.path}` {what}"
                yield _effect(head, name, line, "workflow-gate-weakened", reason=reason, infra=infra)


def _job_faults(before: Job, after: Job, head: Workflow) -> Iterator[tuple[str, int, str]]:
    if before.environment and not after.environment:
        yield after.id, after.line, f"leaves environment {before.environment} and its protection rules"
    lost = {need for need in before.needs - after.needs if need in head.jobs}
    gates = after.environment or _DEPLOYS.search(f"{after.id} {after.name}")
    if lost and gates and len(after.needs) < len(before.needs):
        yield after.id, after.line, f"no longer waits for `{min(lost)}`"
    if after.is_tolerant and not before.is_tolerant and after.is_check:
        yield after.id, after.line, "may now fail without failing the run"
    if after.is_off and not before.is_off:
        yield after.id, after.line, "is switched off"


def _step_faults(before: Job, after: Job) -> Iterator[tuple[str, int, str]]:
    known = {step.name: step for step in before.steps}
    pinned = {step.uses.partition("@")[0] for step in before.steps if _PINNED.search(step.uses)}
    for step in after.steps:
        was = known.get(step.name)
        if step.uses.partition("@")[0] in pinned and not _PINNED.search(step.uses):
            yield step.name, step.line, f"no longer pins `{step.uses}` to a commit"
        if was is None:
            continue
        if _RELEASE.search(was.uses) and _BRANCH.search(step.uses):
            yield step.name, step.line, f"follows the branch of `{step.uses}` and no longer a release"
        soft = next((key for key, text in SOFT.items() if step.inputs.get(key) == text != was.inputs.get(key)), "")
        if soft:
            yield step.name, step.line, f"lets `{step.name}` pass whatever it finds ({soft}: {SOFT[soft]})"
        if step.is_tolerant and not was.is_tolerant and step.is_check:
            yield step.name, step.line, f"lets `{step.name}` fail"
        if step.is_off and not was.is_off:
            yield step.name, step.line, f"switches `{step.name}` off"
        if step.is_check and _fails_anyway(was, step):
            yield step.name, step.line, f"lets `{step.name}` fail"


def _fails_anyway(before: Step, after: Step) -> bool:
    """Whether a line stays as it was but for `|| true` behind it."""
    old = {line.strip() for line in before.run.split("\n")}
    for line in after.run.split("\n"):
        match = _ANYWAY.search(line)
        if match and line[: match.start()].strip() in old and line.strip() not in old:
            return True
    return False


def _effect(
    workflow: Workflow, name: str, line: int, rule: str, *, reason: str, infra: Infra, side: Side = Side.HEAD
) -> Effect:
    declared = Declared(address=f"{workflow.path}: {name}", type="workflow", path=workflow.path, line=line)
    return effect_of(
        infra, rule, declared, kind="github-actions", side=side, reason=reason, confidence=Confidence.MEDIUM
    )
