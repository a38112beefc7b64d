"""JSON of workflows, their runs and artifacts."""

from __future__ import annotations

import hashlib

from bot.sandbox.objects import Artifact, Json, Repository, WorkflowRun
from bot.sandbox.shapes.checks import pulls_at
from bot.sandbox.shapes.people import timestamp, user
from bot.sandbox.shapes.repository import repository, repository_url, simple_commit
from bot.sandbox.world import World, node_id

KEPT_SECONDS = 90 * 86_400
# Workflows have ids of their own at GitHub; here one is as good as another.
WORKFLOW_ID = 7001


def workflow(world: World, where: Repository, run: WorkflowRun) -> Json:
    url = f"{repository_url(world, where)}/actions/workflows/{WORKFLOW_ID}"
    return {
        "id": WORKFLOW_ID,
        "node_id": node_id("W", WORKFLOW_ID),
        "name": run.path,
        "path": run.path,
        "state": "active",
        "created_at": timestamp(where.created_at),
        "updated_at": timestamp(where.created_at),
        "url": url,
        "html_url": f"{world.url}/{where.full_name}/blob/{where.default_branch}/{run.path}",
        "badge_url": f"{world.url}/{where.full_name}/workflows/badge.svg",
    }


def workflow_run(world: World, where: Repository, run: WorkflowRun) -> Json:
    url = f"{repository_url(world, where)}/actions/runs/{run.id}"
    actor, stamp = user(world, run.actor), timestamp(run.created_at)
    links = ("jobs", "logs", "artifacts", "cancel", "rerun")
    return {
        "id": run.id,
        "name": run.path,
        "node_id": node_id("WFR", run.id),
        "check_suite_id": run.id,
        "check_suite_node_id": node_id("CS", run.id),
        "head_branch": run.head_ref,
        "head_sha": run.head_sha,
        "path": run.path,
        "display_title": run.pull.title if run.pull else run.path,
        "run_number": where.workflow_runs.index(run) + 1,
        "run_attempt": 1,
        "event": run.event,
        "status": "completed",
        "conclusion": "success",
        "workflow_id": WORKFLOW_ID,
        "url": url,
        "html_url": f"{world.url}/{where.full_name}/actions/runs/{run.id}",
        "pull_requests": pulls_at(world, where, run.head_sha),
        "created_at": stamp,
        "updated_at": stamp,
        "run_started_at": stamp,
        "actor": actor,
        "triggering_actor": actor,
        "referenced_workflows": [],
        **{f"{name}_url": f"{url}/{name}" for name in links},
        "check_suite_url": f"{repository_url(world, where)}/check-suites/{run.id}",
        "previous_attempt_url": None,
        "workflow_url": f"{repository_url(world, where)}/actions/workflows/{WORKFLOW_ID}",
        "head_commit": simple_commit(run.head_repository.git.commit(run.head_sha)),
        "repository": repository(world, where),
        "head_repository": repository(world, run.head_repository),
    }


def artifact(world: World, where: Repository, run: WorkflowRun, one: Artifact) -> Json:
    url = f"{repository_url(world, where)}/actions/artifacts/{one.id}"
    return {
        "id": one.id,
        "node_id": node_id("A", one.id),
        "name": one.name,
        "size_in_bytes": len(one.archive),
        "url": url,
        "archive_download_url": f"{url}/zip",
        "expired": False,
        "created_at": timestamp(one.created_at),
        "updated_at": timestamp(one.created_at),
        "expires_at": timestamp(one.created_at + KEPT_SECONDS),
        "digest": f"sha256:{hashlib.sha256(one.archive).hexdigest()}",
        "workflow_run": {
            "id": run.id,
            "repository_id": where.id,
            "head_repository_id": run.head_repository.id,
            "head_branch": run.head_ref,
            "head_sha": run.head_sha,
        },
    }
