"""Check runs and commit statuses, with GitHub's limits on them."""

from __future__ import annotations

from datetime import datetime

from bot.sandbox import events
from bot.sandbox.actions import queueing
from bot.sandbox.objects import Account, App, CheckRun, CheckSuite, Json, Refusal, Repository, Status
from bot.sandbox.world import World

_CONCLUSIONS = frozenset({"action_required", "cancelled", "failure", "neutral", "success", "skipped", "timed_out"})
_LONGEST = {"label": 20, "description": 40, "identifier": 20}
MOST_ACTIONS = 3
MOST_ANNOTATIONS = 50
LONGEST_TEXT = 65_535
MOST_STATUSES = 1000


def suite_of(world: World, repository: Repository, app: App, sha: str) -> CheckSuite:
    for suite in repository.suites:
        if suite.app is app and suite.head_sha == sha:
            return suite
    suite = CheckSuite(id=world.new_id(), app=app, head_sha=sha, created_at=world.now(), updated_at=world.now())
    repository.suites.append(suite)
    return suite


def create_run(world: World, repository: Repository, app: App, wanted: Json) -> CheckRun:
    """A check run on a commit, as one App asks for it."""
    sha = repository.git.resolve(wanted["head_sha"])
    if sha is None or sha != wanted["head_sha"]:
        raise Refusal(422, "No commit found for SHA: " + wanted["head_sha"])
    _check(wanted)
    run = CheckRun(id=world.new_id(), suite=suite_of(world, repository, app, sha), name=wanted["name"], head_sha=sha)
    _fill(world, run, wanted)
    repository.runs.append(run)
    _announce(world, repository, run, before="")
    return run


def update_run(world: World, repository: Repository, run: CheckRun, wanted: Json) -> None:
    _check(wanted)
    before = run.status
    if wanted.get("status", "completed") != "completed":
        run.conclusion, run.completed_at = None, None
    _fill(world, run, wanted)
    run.suite.updated_at = world.now()
    _announce(world, repository, run, before=before)


def _announce(world: World, repository: Repository, run: CheckRun, *, before: str) -> None:
    if not before:
        events.check_run(world, repository, run, "created", run.app.bot)
    if run.status == "completed" and before != "completed":
        events.check_run(world, repository, run, "completed", run.app.bot)
    if run.status == "completed":
        queueing.settle(world, repository, run.head_sha)


def _fill(world: World, run: CheckRun, wanted: Json) -> None:
    for key in ("name", "external_id", "details_url", "status", "conclusion", "actions"):
        if key in wanted:
            setattr(run, key, wanted[key])
    for key in ("started_at", "completed_at"):
        if key in wanted:
            setattr(run, key, _seconds(wanted[key]))
    if "conclusion" in wanted:
        run.status, run.completed_at = "completed", run.completed_at or world.now()
    if run.status != "queued":
        run.started_at = run.started_at or world.now()
    output = wanted.get("output", {})
    for key in ("title", "summary", "text"):
        if key in output:
            setattr(run, key, output[key])
    run.annotations += output.get("annotations", [])


def _seconds(text: str) -> int:
    return int(datetime.fromisoformat(text).timestamp())


def _check(wanted: Json) -> None:
    """GitHub's limits, each refused with a 422."""
    status, conclusion = wanted.get("status"), wanted.get("conclusion")
    if (status == "completed") != (conclusion is not None) and (status == "completed" or status is not None):
        _invalid("conclusion", "conclusion is required when status is completed")
    if conclusion is not None and conclusion not in _CONCLUSIONS:
        _invalid("conclusion", f"{conclusion} is not a conclusion an App may set")
    actions = wanted.get("actions", [])
    if len(actions) > MOST_ACTIONS:
        _invalid("actions", f"only {MOST_ACTIONS} actions are allowed")
    for action in actions:
        for key, longest in _LONGEST.items():
            if len(action[key]) > longest:
                _invalid("actions", f"{key} is too long (maximum is {longest} characters)")
    output = wanted.get("output", {})
    if len(output.get("annotations", [])) > MOST_ANNOTATIONS:
        _invalid("annotations", f"only {MOST_ANNOTATIONS} annotations are allowed in one request")
    for key in ("summary", "text"):
        if len(output.get(key) or "") > LONGEST_TEXT:
            _invalid(key, f"only {LONGEST_TEXT} characters are allowed")


def _invalid(field: str, message: str) -> None:
    error = {"resource": "CheckRun", "field": field, "code": "custom", "message": message}
    raise Refusal(422, f"Invalid request.\n\n{message}", (error,))


def press(world: World, repository: Repository, run: CheckRun, identifier: str, *, actor: Account) -> None:
    """A user presses one of a completed run's buttons."""
    if not world.can(repository, actor, "write"):
        raise Refusal(403, "Must have push access to use a check run's actions.")
    if run.status != "completed" or identifier not in {action["identifier"] for action in run.actions}:
        raise Refusal(422, "The check run offers no such action.")
    events.check_run(world, repository, run, "requested_action", actor, requested_action={"identifier": identifier})


def rerequest(world: World, repository: Repository, run: CheckRun, *, actor: Account) -> None:
    events.check_run(world, repository, run, "rerequested", actor)


def rerequest_suite(world: World, repository: Repository, suite: CheckSuite, *, actor: Account) -> None:
    events.check_suite(world, repository, suite, "rerequested", actor)


def set_status(
    world: World, repository: Repository, sha: str, wanted: Json, *, creator: Account, app: App | None
) -> Status:
    if repository.git.resolve(sha) != sha:
        raise Refusal(422, "No commit found for SHA: " + sha)
    context = wanted.get("context", "default")
    if sum(one.sha == sha and one.context == context for one in repository.statuses) >= MOST_STATUSES:
        raise Refusal(422, "Validation Failed", ("This SHA and context has reached the maximum number of statuses.",))
    one = Status(
        id=world.new_id(),
        sha=sha,
        context=context,
        state=wanted["state"],
        creator=creator,
        app_id=app.id if app else None,
        created_at=world.now(),
        description=wanted.get("description"),
        target_url=wanted.get("target_url"),
    )
    repository.statuses.append(one)
    events.status(world, repository, one, creator)
    return one
