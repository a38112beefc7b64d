"""Artifacts of workflow runs, and the storage beside the API that hands them out."""

from __future__ import annotations

import secrets

from aiohttp import web

from bot.sandbox.objects import Artifact, WorkflowRun
from bot.sandbox.rest.call import Answer, Call, routes
from bot.sandbox.shapes import workflows
from bot.sandbox.world import World, found

# Who knows the signed address needs no token; it is good for a minute at GitHub, for as long as the sandbox here.
_SIGNATURE = secrets.token_hex(16)
_STORAGE = "/_storage/artifacts/{artifact_id}"


def _run(call: Call) -> WorkflowRun:
    number = call.number("run_id")
    return found(next((run for run in call.repository.workflow_runs if run.id == number), None))


def list_artifacts(call: Call) -> Answer:
    one, run = call.repository, _run(call)
    wanted = [art for art in run.artifacts if call.query.get("name", art.name) == art.name]
    return call.page(wanted, lambda art: workflows.artifact(call.world, one, run, art), key="artifacts")


def download(call: Call) -> Answer:
    artifact = found(_artifacts(call.world, call.number("artifact_id"), full_name=call.repository.full_name))
    found(artifact if call.parameters["archive_format"] == "zip" else None)
    address = f"{call.world.url}{_STORAGE.format(artifact_id=artifact.id)}?sig={_SIGNATURE}"
    return Answer(status=302, headers={"Location": address})


def _artifacts(world: World, number: int, *, full_name: str = "") -> Artifact | None:
    runs = (run for one in world.repositories.values() if full_name in ("", one.full_name) for run in one.workflow_runs)
    return next((art for run in runs for art in run.artifacts if art.id == number), None)


class Storage:
    """Where downloads are redirected to: another service, which refuses what carries GitHub's token."""

    def __init__(self, world: World) -> None:
        self._world = world

    def add_to(self, application: web.Application) -> None:
        application.router.add_get(_STORAGE, self._get)

    async def _get(self, request: web.Request) -> web.Response:
        if "Authorization" in request.headers or request.query.get("sig") != _SIGNATURE:
            raise web.HTTPForbidden(reason="Server failed to authenticate the request.")
        if self._world.storage_is_down:
            raise web.HTTPServiceUnavailable(reason="The server is busy.")
        artifact = _artifacts(self._world, int(request.match_info["artifact_id"]))
        if artifact is None:
            raise web.HTTPNotFound
        return web.Response(body=artifact.archive, content_type="application/zip")


_REPO = "/repos/{owner}/{repo}"
ROUTES = routes(
    [
        ("GET", f"{_REPO}/actions/runs/{{run_id}}/artifacts", list_artifacts, "actions:read"),
        ("GET", f"{_REPO}/actions/artifacts/{{artifact_id}}/{{archive_format}}", download, "actions:read"),
    ]
)
