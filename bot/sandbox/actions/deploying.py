"""Deployments of workflow runs: they wait for the App whose protection rule is switched on for the environment."""

from __future__ import annotations

from bot.sandbox import events
from bot.sandbox.deployed import Deployment
from bot.sandbox.objects import Account, Refusal, Repository
from bot.sandbox.world import World

# https://docs.github.com/en/actions/managing-workflow-runs-and-deployments/managing-deployments/creating-custom-deployment-protection-rules
MOST_REPORTS = 10
LONGEST_REPORT = 1024


def deploy(world: World, where: Repository, environment: str, ref: str, *, actor: Account) -> Deployment:
    """Start a run by hand on a branch, tag or commit; without a rule on the environment it goes at once."""
    if not world.can(where, actor, "write"):
        raise Refusal(403, "Must have push access to run a workflow.")
    sha = where.git.resolve(ref)
    if sha is None:
        raise Refusal(422, f"No ref found for: {ref}")
    gate = world.deployments.gate(where, environment)
    one = Deployment(
        id=world.new_id(),
        repository=where,
        run_id=world.new_id(),
        environment=environment,
        sha=sha,
        ref=ref,
        creator=actor,
        created_at=world.now(),
        gate=gate,
        state="waiting" if gate else "approved",
    )
    world.deployments.add(one)
    if gate is not None:
        events.deployment_protection_rule(world, where, one, actor)
    return one


def answer(waiting: list[Deployment], *, state: str, comment: str) -> None:
    """What the App says of the deployments of one run to one environment; without a state it only reports."""
    if len(comment) > LONGEST_REPORT:
        raise Refusal(422, f"Comment is too long (maximum is {LONGEST_REPORT} characters)")
    if not waiting:
        raise Refusal(422, "There are no pending deployment protection rules")
    for one in waiting:
        if not state and len(one.reports) >= MOST_REPORTS:
            raise Refusal(422, "Too many status reports")
        one.reports.append(comment)
        one.state = state or one.state


def cancel(one: Deployment) -> None:
    """The run is over before anybody answered."""
    one.state = "rejected" if one.state == "waiting" else one.state
