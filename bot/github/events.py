"""What each webhook event asks of the gate: which pull requests to look at, and what was said."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TypeVar

import msgspec

from bot.core.approval.records import Push
from bot.core.render import check_name
from bot.github import payload as told
from bot.github.errors import MalformedEvent
from bot.github.rule_events import (
    ConfigurationEvent,
    ProtectionEvent,
    RulesetEvent,
    by_configuration,
    by_protection,
    by_ruleset,
)
from bot.github.statements import by_button, by_comment, by_review, pull_number
from bot.jobs import AuditBranch, Evaluate, Intake, Job, JudgeDeployment, JudgeGroup, ReadRun, Sweep

POLICY_PATHS = frozenset({".github/countersign.yml", "countersign.yml"})
# GitHub tells at most so many commits of one push; of a longer one the paths are not known.
# https://docs.github.com/en/webhooks/webhook-events-and-payloads#push
MOST_PUSHED_COMMITS = 2048
# GitHub sends these to every App, asked for or not.
# https://docs.github.com/en/webhooks/webhook-events-and-payloads
UNASKED = frozenset(
    {"ping", "installation", "installation_repositories", "installation_target", "github_app_authorization"}
)
# In these a run's `head_sha` is the commit that it ran for.
RUNS_OF_HEADS = frozenset({"pull_request", "push", "workflow_dispatch"})
_NAME_PREFIX = check_name("")
_HEADS = "refs/heads/"
# https://docs.github.com/en/rest/actions/workflow-runs#review-custom-deployment-protection-rules-for-a-workflow-run
_CALLBACK = re.compile(r"/actions/runs/([1-9][0-9]{0,15})/deployment_protection_rule$")

Shape = TypeVar("Shape")
NOTHING = Intake()


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """One delivery as it came in. `id` is GitHub's, the same when it is redelivered."""

    id: str
    event: str
    body: bytes
    received_at: int
    app_id: int
    installation_id: int

    def as_(self, shape: type[Shape]) -> Shape:
        return _decoded(self.body, shape)

    def evaluate(self, repository: told.Repository, number: int) -> Evaluate:
        return Evaluate(
            installation_id=self.installation_id,
            repository_id=repository.id,
            owner=repository.owner.login,
            name=repository.name,
            number=number,
        )

    def sweep(self) -> Intake:
        return Intake(jobs=(Sweep(installation_id=self.installation_id),))


def jobs_for(event: str, delivery: str, payload: bytes, received_at: int, *, app_id: int) -> Intake:
    """The jobs and statements of one verified delivery. MalformedEvent for what GitHub does not send us.

    `payload` is the raw JSON body, `received_at` Unix seconds. Pure: the same delivery gives the same intake.
    """
    handle = EVENTS.get(event)
    if handle is None:
        raise MalformedEvent(f"{event[:50]!r}: not an event of this App")
    if event == "ping":
        return NOTHING
    envelope = _decoded(payload, told.Envelope)
    if envelope.installation is None:
        if event in UNASKED:
            return NOTHING
        raise MalformedEvent(f"{event}: expected an installation")
    return handle(
        Delivery(
            id=delivery,
            event=event,
            body=payload,
            received_at=received_at,
            app_id=app_id,
            installation_id=envelope.installation.id,
        )
    )


def _pull_request(delivery: Delivery) -> Intake:
    """Every action: what does not matter costs one look, what was not foreseen could open the gate."""
    event = delivery.as_(told.PullRequestEvent)
    return Intake(jobs=(delivery.evaluate(event.repository, event.pull_request.number),), push=_pushed(event))


def _pushed(event: told.PullRequestEvent) -> Push | None:
    """A push that does not say what it replaced is none that was heard."""
    head, by = event.pull_request.head.sha, event.sender.actor()
    if event.action == "opened":
        return Push(before="", after=head, by=by)
    return Push(before=event.before, after=head, by=by) if event.action == "synchronize" and event.before else None


def _review(delivery: Delivery) -> Intake:
    event = delivery.as_(told.ReviewEvent)
    return Intake(
        jobs=(delivery.evaluate(event.repository, event.pull_request.number),),
        statements=by_review(event, delivery.received_at),
    )


def _comment(delivery: Delivery) -> Intake:
    event = delivery.as_(told.CommentEvent)
    if event.issue.pull_request is None:
        return NOTHING
    statements = by_comment(event, delivery.received_at)
    jobs = (delivery.evaluate(event.repository, event.issue.number),) if statements else ()
    return Intake(jobs=jobs, statements=statements)


def _check_run(delivery: Delivery) -> Intake:
    event = delivery.as_(told.CheckRunEvent)
    run = event.check_run
    if run.app is None or run.app.id != delivery.app_id:
        return _forged(delivery, event) if run.name.startswith(_NAME_PREFIX) else NOTHING
    if event.action not in ("requested_action", "rerequested"):
        return NOTHING
    number = pull_number(run)
    if number is None:
        return delivery.sweep()
    return Intake(
        jobs=(delivery.evaluate(event.repository, number),),
        statements=by_button(event, number, delivery.id, delivery.received_at),
    )


def _forged(delivery: Delivery, event: told.CheckRunEvent) -> Intake:
    """Somebody else posted under our name: look again, so that ours stands beside it and says so."""
    numbers = [pull.number for pull in event.check_run.pull_requests]
    return _evaluate_all(delivery, event.repository, numbers)


def _check_suite(delivery: Delivery) -> Intake:
    event = delivery.as_(told.CheckSuiteEvent)
    if event.action != "rerequested":
        return NOTHING
    return _evaluate_all(delivery, event.repository, [pull.number for pull in event.check_suite.pull_requests])


def _evaluate_all(delivery: Delivery, repository: told.Repository, numbers: list[int]) -> Intake:
    """For a fork GitHub names no pull request: then all are looked at."""
    jobs: tuple[Job, ...] = tuple(delivery.evaluate(repository, number) for number in sorted(set(numbers)))
    return Intake(jobs=jobs) if jobs else delivery.sweep()


def _merge_group(delivery: Delivery) -> Intake:
    """A group that was dissolved needs no answer any more."""
    event = delivery.as_(told.MergeGroupEvent)
    if event.action == "destroyed":
        return NOTHING
    group = JudgeGroup(
        installation_id=delivery.installation_id,
        repository_id=event.repository.id,
        owner=event.repository.owner.login,
        name=event.repository.name,
        base_ref=event.merge_group.base_ref.removeprefix(_HEADS),
        head_sha=event.merge_group.head_sha,
    )
    return Intake(jobs=(group,))


def _workflow_run(delivery: Delivery) -> Intake:
    """What it left behind is read when it ran here, not in a fork, for what still is the head of a pull request."""
    event = delivery.as_(told.WorkflowRunEvent)
    run, here = event.workflow_run, event.repository
    is_of_head = run.event in RUNS_OF_HEADS and run.head_repository is not None and run.head_repository.id == here.id
    numbers = {
        pull.number
        for pull in run.pull_requests
        if pull is not None and pull.head.sha == run.head_sha and pull.base.repo.id == here.id
    }
    if event.action != "completed" or not is_of_head or not numbers:
        return NOTHING
    job = ReadRun(
        installation_id=delivery.installation_id,
        repository_id=here.id,
        owner=here.owner.login,
        name=here.name,
        run_id=run.id,
        head_sha=run.head_sha,
        numbers=tuple(sorted(numbers)),
    )
    return Intake(jobs=(job,))


def _deployment(delivery: Delivery) -> Intake:
    """The run is read from the address to answer to, and nothing is ever sent to that address itself."""
    event = delivery.as_(told.DeploymentProtectionRuleEvent)
    found = _CALLBACK.search(event.deployment_callback_url)
    if event.action != "requested":
        return NOTHING
    if found is None:
        raise MalformedEvent("deployment_protection_rule: expected the address of a workflow run")
    job = JudgeDeployment(
        installation_id=delivery.installation_id,
        repository_id=event.repository.id,
        owner=event.repository.owner.login,
        name=event.repository.name,
        run_id=int(found[1]),
        environment=event.environment,
        head_sha=event.deployment.sha,
        ref=event.deployment.ref,
    )
    return Intake(jobs=(job,))


def _status(delivery: Delivery) -> Intake:
    """The gate posts no statuses; one under its name is forged. GitHub compares contexts without case."""
    event = delivery.as_(told.StatusEvent)
    return delivery.sweep() if event.context.casefold().startswith(_NAME_PREFIX) else NOTHING


def _push(delivery: Delivery) -> Intake:
    """What landed is audited; when it may have changed a policy, every open pull request is judged by the new one."""
    event = delivery.as_(told.PushEvent)
    if not event.ref.startswith(_HEADS):
        return NOTHING
    audit = AuditBranch(
        installation_id=delivery.installation_id,
        repository_id=event.repository.id,
        owner=event.repository.owner.login,
        name=event.repository.name,
        branch=event.ref.removeprefix(_HEADS),
        is_gated=event.ref == f"{_HEADS}{event.repository.default_branch}",
    )
    # What a forced push took away is not listed. Feature branches are rebased all day: the timed sweep does for those.
    rewritten = event.forced and audit.is_gated
    unknown = rewritten or len(event.commits) >= MOST_PUSHED_COMMITS
    paths = {path for commit in event.commits for path in (*commit.added, *commit.modified, *commit.removed)}
    sweeps = delivery.sweep().jobs if unknown or paths & POLICY_PATHS else ()
    return Intake(jobs=(*sweeps, audit))


def _ruleset(delivery: Delivery) -> Intake:
    event = delivery.as_(RulesetEvent)
    return Intake(weakened=by_ruleset(event, delivery.id, delivery.received_at, delivery.app_id))


def _protection(delivery: Delivery) -> Intake:
    event = delivery.as_(ProtectionEvent)
    return Intake(weakened=by_protection(event, delivery.id, delivery.received_at))


def _configuration(delivery: Delivery) -> Intake:
    event = delivery.as_(ConfigurationEvent)
    return Intake(weakened=by_configuration(event, delivery.id, delivery.received_at))


def _installation(delivery: Delivery) -> Intake:
    action = _decoded(delivery.body, told.Envelope).action
    return NOTHING if action in ("deleted", "suspend") else delivery.sweep()


def _sweep(delivery: Delivery) -> Intake:
    """Who may approve, or what the App may see, has changed; which pull requests it concerns is not told."""
    return delivery.sweep()


def _nothing(_: Delivery) -> Intake:
    """Heard and left alone."""
    return NOTHING


EVENTS: Mapping[str, Callable[[Delivery], Intake]] = {
    "branch_protection_configuration": _configuration,
    "branch_protection_rule": _protection,
    "check_run": _check_run,
    "check_suite": _check_suite,
    "deployment_protection_rule": _deployment,
    "github_app_authorization": _nothing,
    "installation": _installation,
    "installation_repositories": _sweep,
    "installation_target": _sweep,
    "issue_comment": _comment,
    "member": _sweep,
    "membership": _sweep,
    "merge_group": _merge_group,
    "organization": _sweep,
    "ping": _nothing,
    "pull_request": _pull_request,
    "pull_request_review": _review,
    "push": _push,
    "repository": _sweep,
    "repository_ruleset": _ruleset,
    "status": _status,
    "team": _sweep,
    "workflow_run": _workflow_run,
}


def _decoded(body: bytes, shape: type[Shape]) -> Shape:
    try:
        return msgspec.json.decode(body, type=shape)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise MalformedEvent(str(error)) from error
