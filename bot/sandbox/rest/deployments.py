"""Deployments that wait for a protection rule, and the App's answers to them."""

from __future__ import annotations

from bot.sandbox.actions import deploying
from bot.sandbox.objects import Refusal
from bot.sandbox.rest.call import Answer, Call, routes
from bot.sandbox.shapes import deployments


def list_pending(call: Call) -> Answer:
    """One for each environment of the run that still waits."""
    where, run_id, all_ = call.repository, call.number("run_id"), call.world.deployments
    if not all_.of_run(where, run_id):
        raise Refusal(404, "Not Found")
    waiting = {one.environment: one for one in all_.waiting(where, run_id)}
    return Answer(body=[deployments.pending(call.world, where, one) for one in waiting.values()])


def answer(call: Call) -> Answer:
    """Only the App whose rule it is."""
    where, run_id, body = call.repository, call.number("run_id"), call.body
    mine = [one for one in call.world.deployments.waiting(where, run_id) if one.gate is call.caller.app]
    if call.caller.installation is None:
        raise Refusal(404, "Not Found")
    asked = [one for one in mine if one.environment == body["environment_name"]]
    deploying.answer(asked, state=body.get("state", ""), comment=body.get("comment", ""))
    return Answer(status=204)


_RUN = "/repos/{owner}/{repo}/actions/runs/{run_id}"
ROUTES = routes(
    [
        ("GET", f"{_RUN}/pending_deployments", list_pending, "actions:read"),
        ("POST", f"{_RUN}/deployment_protection_rule", answer, "deployments:write"),
    ]
)
