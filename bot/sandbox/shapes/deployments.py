"""JSON of deployments, and of what waits for a protection rule."""

from __future__ import annotations

from urllib.parse import quote

from bot.sandbox.deployed import Deployment
from bot.sandbox.objects import Json, Repository
from bot.sandbox.shapes import people
from bot.sandbox.shapes.repository import repository_url
from bot.sandbox.world import World, node_id


def deployment(world: World, where: Repository, one: Deployment) -> Json:
    url = repository_url(world, where)
    return {
        "url": f"{url}/deployments/{one.id}",
        "id": one.id,
        "node_id": node_id("DE", one.id),
        "task": "deploy",
        "original_environment": one.environment,
        "environment": one.environment,
        "description": None,
        "created_at": people.timestamp(one.created_at),
        "updated_at": people.timestamp(one.created_at),
        "statuses_url": f"{url}/deployments/{one.id}/statuses",
        "repository_url": url,
        "creator": people.user(world, one.creator),
        "sha": one.sha,
        "ref": one.ref,
        "payload": {},
        "transient_environment": False,
        "production_environment": True,
        "performed_via_github_app": None,
    }


def callback_url(world: World, where: Repository, one: Deployment) -> str:
    return f"{repository_url(world, where)}/actions/runs/{one.run_id}/deployment_protection_rule"


def pending(world: World, where: Repository, one: Deployment) -> Json:
    number, name = 1 + world.deployments.environments(where).index(one.environment), quote(one.environment)
    return {
        "environment": {
            "id": number,
            "node_id": node_id("EN", number),
            "name": one.environment,
            "url": f"{repository_url(world, where)}/environments/{name}",
            "html_url": f"{world.url}/{where.full_name}/deployments",
        },
        "wait_timer": 0,
        "wait_timer_started_at": None,
        "current_user_can_approve": False,
        "reviewers": [],
    }
