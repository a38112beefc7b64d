"""Webhook payloads: which Apps hear of what happened, and what they are told."""

from __future__ import annotations

from bot.sandbox import difference
from bot.sandbox.deployed import Deployment
from bot.sandbox.git import Commit
from bot.sandbox.objects import (
    Account,
    App,
    CheckRun,
    CheckSuite,
    Comment,
    Installation,
    Json,
    Protection,
    PullRequest,
    Repository,
    Review,
    Ruleset,
    Status,
    Team,
    WorkflowRun,
)
from bot.sandbox.shapes import checks, deployments, people, pull, repository, workflows
from bot.sandbox.world import World

# Events an App hears without subscribing (the check events come with `checks: write`).
_ALWAYS = frozenset({"installation", "installation_repositories", "check_run", "check_suite"})


def _tell(
    world: World, where: Repository, event: str, payload: Json, *, sender: Account, only: App | None = None
) -> None:
    """Send one event to the Apps installed on the repository that subscribe to it."""
    for one in world.installations_on(where):
        if (only is None or one.app is only) and (event in one.app.events or event in _ALWAYS):
            world.hooks.send(one.app, event, payload | _common(world, where, one, sender))


def _common(world: World, where: Repository, one: Installation, sender: Account) -> Json:
    return {
        "repository": _webhook_repository(world, where),
        **_organization(world, where.owner),
        "installation": {"id": one.id, "node_id": f"I_{one.id}"},
        "sender": people.user(world, sender),
    }


def _organization(world: World, account: Account) -> Json:
    return {"organization": people.organization(world, account)} if account.kind == "Organization" else {}


def _webhook_repository(world: World, where: Repository) -> Json:
    return repository.repository(world, where) | {"custom_properties": {}}


def pull_request(world: World, one: PullRequest, action: str, sender: Account, **extra: object) -> None:
    body = {"action": action, "number": one.number, "pull_request": pull.full_pull(world, one), **extra}
    _tell(world, one.repository, "pull_request", body, sender=sender)


def review(world: World, one: PullRequest, it: Review, action: str, sender: Account, **extra: object) -> None:
    body = {
        "action": action,
        "review": pull.review(world, one, it, lower=True),
        "pull_request": pull.simple_pull(world, one),
        **extra,
    }
    _tell(world, one.repository, "pull_request_review", body, sender=sender)


def comment(world: World, one: PullRequest, it: Comment, action: str, sender: Account, **extra: object) -> None:
    body = {
        "action": action,
        "issue": pull.issue(world, one),
        "comment": pull.comment(world, one, it),
        **extra,
    }
    _tell(world, one.repository, "issue_comment", body, sender=sender)


def check_run(world: World, where: Repository, run: CheckRun, action: str, sender: Account, **extra: object) -> None:
    """`requested_action` and `rerequested` go to the App that owns the run alone."""
    body = {"action": action, "check_run": checks.webhook_check_run(world, where, run), **extra}
    only = run.app if action in {"requested_action", "rerequested"} else None
    _tell(world, where, "check_run", body, sender=sender, only=only)


def check_suite(world: World, where: Repository, suite: CheckSuite, action: str, sender: Account) -> None:
    body = {"action": action, "check_suite": _webhook_suite(world, where, suite)}
    _tell(world, where, "check_suite", body, sender=sender, only=suite.app)


def _webhook_suite(world: World, where: Repository, suite: CheckSuite) -> Json:
    full = checks.check_suite(world, where, suite)
    del full["repository"]
    return full


def status(world: World, where: Repository, it: Status, sender: Account) -> None:
    commit = where.git.commit(it.sha)
    tips = [(name.removeprefix("refs/heads/"), sha) for name, sha in where.git.refs("refs/heads/") if sha == it.sha]
    url = repository.repository_url(world, where)
    body = {
        "id": it.id,
        "sha": it.sha,
        "name": where.full_name,
        "avatar_url": f"{world.url}/avatars/{it.creator.id}",
        "target_url": it.target_url,
        "context": it.context,
        "description": it.description,
        "state": it.state,
        "commit": repository.commit(world, where, commit),
        "branches": [
            {"name": name, "commit": {"sha": sha, "url": f"{url}/commits/{sha}"}, "protected": False}
            for name, sha in tips
        ],
        "created_at": people.timestamp(it.created_at),
        "updated_at": people.timestamp(it.created_at),
    }
    _tell(world, where, "status", body, sender=sender)


def push(
    world: World, where: Repository, branch: str, *, before: str, after: str, sender: Account, forced: bool
) -> None:
    """A push to a branch; the all-zero SHA stands for no commit."""
    new = [] if not after.strip("0") else where.git.history(after, without="" if not before.strip("0") else before)
    commits = [_pushed_commit(world, where, one) for one in new]
    stamp = where.pushed_at or where.created_at
    target = _webhook_repository(world, where) | {
        "created_at": where.created_at,
        "pushed_at": stamp,
        "owner": people.user(world, where.owner) | {"name": where.owner.login, "email": where.owner.email},
    }
    body = {
        "ref": f"refs/heads/{branch}",
        "before": before,
        "after": after,
        "base_ref": None,
        "created": not before.strip("0"),
        "deleted": not after.strip("0"),
        "forced": forced,
        "compare": f"{world.url}/{where.full_name}/compare/{before[:12]}...{after[:12]}",
        "commits": commits[:2048],
        "head_commit": commits[-1] if commits else None,
        "pusher": {"name": sender.login, "email": sender.email},
    }
    for one in world.installations_on(where):
        if "push" in one.app.events:
            world.hooks.send(one.app, "push", body | _common(world, where, one, sender) | {"repository": target})


def _pushed_commit(world: World, where: Repository, commit: Commit) -> Json:
    def person(signature: Json) -> Json:
        account = world.account_by_email(signature["email"])
        return signature | ({"username": account.login} if account else {})

    simple = repository.simple_commit(commit)
    files = difference.own_files(where, commit)
    return simple | {
        "distinct": True,
        "url": f"{world.url}/{where.full_name}/commit/{commit.sha}",
        "author": person(simple["author"]),
        "committer": person(simple["committer"]),
        "added": [file.path for file in files if file.status in {"added", "renamed", "copied"}],
        "removed": [file.old_path for file in files if file.status in {"removed", "renamed"}],
        "modified": [file.path for file in files if file.status in {"modified", "changed"}],
    }


def ruleset(
    world: World, where: Repository | Account, it: Ruleset, action: str, sender: Account, **extra: object
) -> None:
    """A repository's own, or an organisation's, which names no repository."""
    body = {"action": action, "repository_ruleset": checks.ruleset(world, it), **extra}
    if isinstance(where, Account):
        _tell_organization(world, where, "repository_ruleset", body, sender)
    else:
        _tell(world, where, "repository_ruleset", body, sender=sender)


def branch_protection_rule(world: World, where: Repository, it: Protection, action: str, sender: Account) -> None:
    body: Json = {"action": action, "rule": checks.protection_rule(where, it)}
    _tell(world, where, "branch_protection_rule", body | ({"changes": {}} if action == "edited" else {}), sender=sender)


def merge_group(world: World, where: Repository, group: Json, action: str, sender: Account, **extra: object) -> None:
    _tell(world, where, "merge_group", {"action": action, "merge_group": group, **extra}, sender=sender)


def workflow_run(world: World, where: Repository, run: WorkflowRun, action: str, sender: Account) -> None:
    body = {
        "action": action,
        "workflow": workflows.workflow(world, where, run),
        "workflow_run": workflows.workflow_run(world, where, run),
    }
    _tell(world, where, "workflow_run", body, sender=sender)


def deployment_protection_rule(world: World, where: Repository, one: Deployment, sender: Account) -> None:
    """Only to the App whose rule it is."""
    body = {
        "action": "requested",
        "environment": one.environment,
        "event": "workflow_dispatch",
        "deployment_callback_url": deployments.callback_url(world, where, one),
        "deployment": deployments.deployment(world, where, one),
        "pull_requests": [],
    }
    _tell(world, where, "deployment_protection_rule", body, sender=sender, only=one.gate)


def member(world: World, where: Repository, account: Account, action: str, sender: Account) -> None:
    body = {"action": action, "member": people.user(world, account)}
    _tell(world, where, "member", body, sender=sender)


def _tell_organization(world: World, owner: Account, event: str, payload: Json, sender: Account) -> None:
    for one in world.installations.values():
        if one.account is owner and one.suspended_at is None and (event in one.app.events or event in _ALWAYS):
            common = {"installation": {"id": one.id, "node_id": f"I_{one.id}"}, "sender": people.user(world, sender)}
            world.hooks.send(one.app, event, payload | common | _organization(world, owner))


def membership(world: World, team: Team, account: Account, action: str, sender: Account) -> None:
    body = {
        "action": action,
        "scope": "team",
        "member": people.user(world, account),
        "team": people.team(world, team),
    }
    _tell_organization(world, team.organization, "membership", body, sender)


def team(world: World, one: Team, action: str, sender: Account, **extra: object) -> None:
    body = {"action": action, "team": people.team(world, one), **extra}
    _tell_organization(world, one.organization, "team", body, sender)


def installation(world: World, one: Installation, action: str, sender: Account) -> None:
    """Installation events go to their own App alone, whatever it subscribes to."""
    body = {
        "action": action,
        "installation": people.installation(world, one),
        "repositories": [_brief(where) for where in covered(world, one)],
        "requester": None,
        "sender": people.user(world, sender),
    }
    if action != "created":
        del body["requester"]
    world.hooks.send(one.app, "installation", body)


def installation_repositories(
    world: World, one: Installation, action: str, changed: list[Repository], sender: Account
) -> None:
    brief = [_brief(where) for where in changed]
    body = {
        "action": action,
        "installation": people.installation(world, one),
        "repository_selection": "all" if one.repositories is None else "selected",
        "repositories_added": brief if action == "added" else [],
        "repositories_removed": brief if action == "removed" else [],
        "requester": None,
        "sender": people.user(world, sender),
    }
    world.hooks.send(one.app, "installation_repositories", body)


def covered(world: World, one: Installation) -> list[Repository]:
    return [where for where in world.repositories.values() if one.covers(where)]


def _brief(where: Repository) -> Json:
    return {
        "id": where.id,
        "node_id": f"R_{where.id}",
        "name": where.name,
        "full_name": where.full_name,
        "private": where.private,
    }
