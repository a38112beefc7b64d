"""JSON of check runs, check suites, statuses and rulesets."""

from __future__ import annotations

from bot.sandbox.objects import (
    CheckRun,
    CheckSuite,
    Json,
    Protection,
    PullRequest,
    Repository,
    Ruleset,
    Status,
)
from bot.sandbox.shapes.people import app, maybe_timestamp, timestamp, user
from bot.sandbox.shapes.repository import repository, repository_url, simple_commit
from bot.sandbox.world import World, node_id


def minimal_pull(world: World, pull: PullRequest) -> Json:
    def side(one: Repository, ref: str, sha: str) -> Json:
        return {"ref": ref, "sha": sha, "repo": {"id": one.id, "url": repository_url(world, one), "name": one.name}}

    return {
        "id": pull.id,
        "number": pull.number,
        "url": f"{repository_url(world, pull.repository)}/pulls/{pull.number}",
        "head": side(pull.head_repository, pull.head_ref, pull.head_sha),
        "base": side(pull.repository, pull.base_ref, pull.base_sha),
    }


def pulls_at(world: World, one: Repository, sha: str) -> list[Json]:
    """Heads in forks are never listed (GitHub's documented gap)."""
    return [minimal_pull(world, pull) for pull in world.pulls_at(one, sha) if pull.head_repository is one]


def check_run(world: World, one: Repository, run: CheckRun) -> Json:
    url = f"{repository_url(world, one)}/check-runs/{run.id}"
    page = f"{world.url}/{one.full_name}/runs/{run.id}"
    return {
        "id": run.id,
        "name": run.name,
        "node_id": node_id("CR", run.id),
        "head_sha": run.head_sha,
        "external_id": run.external_id,
        "url": url,
        "html_url": page,
        "details_url": run.details_url or page,
        "status": run.status,
        "conclusion": run.conclusion,
        "started_at": maybe_timestamp(run.started_at),
        "completed_at": maybe_timestamp(run.completed_at),
        "output": {
            "title": run.title,
            "summary": run.summary,
            "text": run.text,
            "annotations_count": len(run.annotations),
            "annotations_url": f"{url}/annotations",
        },
        "check_suite": {"id": run.suite.id},
        "app": app(world, run.app),
        "pull_requests": pulls_at(world, one, run.head_sha),
    }


def webhook_check_run(world: World, one: Repository, run: CheckRun) -> Json:
    """A check run as webhooks carry it: with its suite, and the buttons it offers."""
    actions = [{key: action[key] for key in ("label", "description", "identifier")} for action in run.actions]
    return check_run(world, one, run) | {"check_suite": simple_suite(world, one, run.suite), "actions": actions}


def annotation(world: World, one: Repository, run: CheckRun, note: Json) -> Json:
    keys = ("path", "start_line", "end_line", "start_column", "end_column", "annotation_level")
    return {key: note.get(key) for key in (*keys, "title", "message", "raw_details")} | {
        "blob_href": f"{world.url}/{one.full_name}/blob/{run.head_sha}/{note['path']}"
    }


def suite_state(one: Repository, suite: CheckSuite) -> tuple[str, str | None]:
    """A suite is as far as its slowest run, and as good as its worst."""
    runs = [run for run in one.runs if run.suite is suite]
    if not runs:
        return "queued", None
    if any(run.status != "completed" for run in runs):
        return "in_progress", None
    worst = ("failure", "timed_out", "cancelled", "action_required", "stale", "success", "neutral", "skipped")
    return "completed", min((run.conclusion or "failure" for run in runs), key=worst.index)


def _suite(world: World, one: Repository, suite: CheckSuite) -> Json:
    status, conclusion = suite_state(one, suite)
    heads = [pull for pull in one.pulls.values() if pull.head_sha == suite.head_sha and pull.head_repository is one]
    return {
        "id": suite.id,
        "node_id": node_id("CS", suite.id),
        "head_branch": heads[0].head_ref if heads else None,
        "head_sha": suite.head_sha,
        "status": status,
        "conclusion": conclusion,
        "url": f"{repository_url(world, one)}/check-suites/{suite.id}",
        "before": heads[0].base_sha if heads else None,
        "after": suite.head_sha,
        "pull_requests": pulls_at(world, one, suite.head_sha),
        "app": app(world, suite.app),
        "created_at": timestamp(suite.created_at),
        "updated_at": timestamp(suite.updated_at),
    }


def simple_suite(world: World, one: Repository, suite: CheckSuite) -> Json:
    return _suite(world, one, suite)


def check_suite(world: World, one: Repository, suite: CheckSuite) -> Json:
    return _suite(world, one, suite) | {
        "repository": repository(world, one),
        "head_commit": simple_commit(one.git.commit(suite.head_sha)),
        "latest_check_runs_count": sum(run.suite is suite for run in one.runs),
        "check_runs_url": f"{repository_url(world, one)}/check-suites/{suite.id}/check-runs",
    }


def status(world: World, one: Repository, it: Status) -> Json:
    return {
        "url": f"{repository_url(world, one)}/statuses/{it.sha}",
        "avatar_url": f"{world.url}/avatars/{it.creator.id}",
        "id": it.id,
        "node_id": node_id("SC", it.id),
        "state": it.state,
        "description": it.description,
        "target_url": it.target_url,
        "context": it.context,
        "created_at": timestamp(it.created_at),
        "updated_at": timestamp(it.created_at),
        "creator": user(world, it.creator),
    }


def simple_status(world: World, one: Repository, it: Status) -> Json:
    full = status(world, one, it)
    del full["creator"]
    return full


def ruleset(world: World, it: Ruleset, *, whole: bool = True, bypass: bool = False) -> Json:
    """A ruleset; lists leave out the rules, and only callers who may change it see who bypasses it."""
    of_repository = it.source_type == "Repository"
    kind, page = ("repos", it.source) if of_repository else ("orgs", f"organizations/{it.source}/settings")
    brief = {
        "id": it.id,
        "name": it.name,
        "target": it.target,
        "source_type": it.source_type,
        "source": it.source,
        "enforcement": it.enforcement,
        "node_id": node_id("RRS", it.id),
        "_links": {
            "self": {"href": f"{world.api_url}/{kind}/{it.source}/rulesets/{it.id}"},
            "html": {"href": f"{world.url}/{page}/rules/{it.id}"},
        },
        "created_at": timestamp(it.created_at),
        "updated_at": timestamp(it.updated_at),
    }
    full = {"conditions": it.conditions, "rules": it.rules, "current_user_can_bypass": "never"} if whole else {}
    return brief | full | ({"bypass_actors": it.bypass_actors} if bypass else {})


def protection(world: World, one: Repository, it: Protection) -> Json:
    """The classic protection of a branch; what is not asked is left out."""
    url = f"{repository_url(world, one)}/branches/{it.branch}/protection"
    body: Json = {
        "url": url,
        "enforce_admins": {"url": f"{url}/enforce_admins", "enabled": it.enforce_admins},
        "allow_force_pushes": {"enabled": it.allow_force_pushes},
        "allow_deletions": {"enabled": it.allow_deletions},
    }
    if it.checks:
        checks_url = f"{url}/required_status_checks"
        body["required_status_checks"] = {
            "url": checks_url,
            "contexts_url": f"{checks_url}/contexts",
            "strict": it.strict,
            "contexts": [context for context, _ in it.checks],
            "checks": [{"context": context, "app_id": app} for context, app in it.checks],
        }
    if it.reviews is not None:
        reviews = {"dismiss_stale_reviews": False, "require_code_owner_reviews": False, **it.reviews}
        body["required_pull_request_reviews"] = {"url": f"{url}/required_pull_request_reviews", **reviews}
    return body


def protection_rule(one: Repository, it: Protection) -> Json:
    """The classic protection as webhooks tell it, where every level is off or for everyone."""
    everyone = "everyone" if it.enforce_admins else "non_admins"
    reviews = it.reviews or {}
    return {
        "id": one.id,
        "repository_id": one.id,
        "name": it.branch,
        "created_at": timestamp(one.created_at),
        "updated_at": timestamp(one.created_at),
        "pull_request_reviews_enforcement_level": "off" if it.reviews is None else everyone,
        "required_approving_review_count": reviews.get("required_approving_review_count", 0),
        "dismiss_stale_reviews_on_push": reviews.get("dismiss_stale_reviews", False),
        "require_code_owner_review": reviews.get("require_code_owner_reviews", False),
        "authorized_dismissal_actors_only": False,
        "ignore_approvals_from_contributors": False,
        "required_status_checks": [context for context, _ in it.checks],
        "required_status_checks_enforcement_level": everyone if it.checks else "off",
        "strict_required_status_checks_policy": it.strict,
        "signature_requirement_enforcement_level": "off",
        "linear_history_requirement_enforcement_level": "off",
        "lock_branch_enforcement_level": "off",
        "admin_enforced": it.enforce_admins,
        "allow_force_pushes_enforcement_level": "everyone" if it.allow_force_pushes else "off",
        "allow_deletions_enforcement_level": "everyone" if it.allow_deletions else "off",
        "merge_queue_enforcement_level": "off",
        "required_deployments_enforcement_level": "off",
        "required_conversation_resolution_level": "off",
        "authorized_actors_only": False,
        "authorized_actor_names": [],
    }
