"""Rulesets: which rules bind a branch, and what they find missing on a pull request."""

from __future__ import annotations

from collections.abc import Iterator
from fnmatch import fnmatchcase

from bot.sandbox.objects import (
    PASSING,
    Account,
    App,
    CheckRun,
    Json,
    Protection,
    PullRequest,
    Refusal,
    Repository,
    Review,
    Ruleset,
    Status,
)
from bot.sandbox.world import World

_TYPES = frozenset(
    {"creation", "update", "deletion", "required_linear_history", "merge_queue", "required_deployments"}
    | {"required_signatures", "pull_request", "required_status_checks", "non_fast_forward", "code_scanning"}
)
# The ids of GitHub's built-in repository roles as bypass actors.
_ROLE_IDS = {2: "maintain", 4: "write", 5: "admin"}
_ADMIN_ROLE = 5


def _fault(message: str) -> Json:
    return {"resource": "RepositoryRuleset", "code": "custom", "message": message}


def new(world: World, source: str) -> Ruleset:
    return Ruleset(
        id=world.new_id(),
        name="",
        enforcement="active",
        target="branch",
        conditions={"ref_name": {"include": ["~DEFAULT_BRANCH"], "exclude": []}},
        rules=[],
        bypass_actors=[],
        created_at=world.now(),
        updated_at=world.now(),
        source=source,
    )


def create(world: World, repository: Repository, wanted: Json) -> Ruleset:
    """A new ruleset from the API's words; `integration_id: null` is refused as GitHub refuses it."""
    if any(one.name == wanted.get("name") for one in repository.rulesets.values()):
        raise Refusal(422, "Validation Failed", (_fault("Name must be unique"),))
    ruleset = new(world, repository.full_name)
    change(world, ruleset, wanted)
    repository.rulesets[ruleset.id] = ruleset
    return ruleset


def create_for_organization(world: World, owner: Account, wanted: Json) -> Ruleset:
    """One that binds several repositories of an organisation; its conditions must say which."""
    if not {"repository_name", "repository_id", "repository_property"} & set(wanted.get("conditions", {})):
        raise Refusal(422, "Validation Failed", (_fault("Conditions must target repositories"),))
    ruleset = new(world, owner.login)
    change(world, ruleset, wanted)
    owner.rulesets[ruleset.id] = ruleset
    return ruleset


def change(world: World, ruleset: Ruleset, wanted: Json) -> None:
    for rule in wanted.get("rules", []):
        if rule["type"] not in _TYPES:
            raise Refusal(422, "Validation Failed", (f"Invalid rule '{rule['type']}': ",))
        for check in rule.get("parameters", {}).get("required_status_checks", []):
            if check.get("integration_id", 0) is None:
                raise Refusal(
                    422, "Invalid request.\n\nNo subschema in \"anyOf\" matched.\nFor 'anyOf/0', nil is not a number."
                )
    for key in ("name", "enforcement", "target", "conditions", "rules", "bypass_actors"):
        if key in wanted:
            setattr(ruleset, key, wanted[key])
    ruleset.updated_at = world.now()


def binding(repository: Repository, branch: str) -> list[Ruleset]:
    """The active rulesets, the organisation's too, whose conditions name the branch."""
    return [one for one in rulesets_of(repository) if one.enforcement == "active" and _names(repository, one, branch)]


def rulesets_of(repository: Repository) -> list[Ruleset]:
    """The repository's own, and those of its organisation that name it."""
    theirs = [one for one in repository.owner.rulesets.values() if _names_repository(one, repository)]
    return [*repository.rulesets.values(), *theirs]


def _names_repository(ruleset: Ruleset, repository: Repository) -> bool:
    ids = ruleset.conditions.get("repository_id", {}).get("repository_ids", [])
    names = ruleset.conditions.get("repository_name", {})
    included = [pattern for pattern in names.get("include", []) if pattern == "~ALL" or _fits(repository.name, pattern)]
    excluded = [pattern for pattern in names.get("exclude", []) if _fits(repository.name, pattern)]
    return repository.id in ids or (bool(included) and not excluded)


def _fits(name: str, pattern: str) -> bool:
    return fnmatchcase(name, pattern)


def guarding(repository: Repository, branch: str) -> list[Ruleset]:
    """Everything that binds the branch, its classic protection told as a ruleset."""
    protection = repository.protections.get(branch)
    return [*binding(repository, branch), *([] if protection is None else [_as_ruleset(repository, protection)])]


def _as_ruleset(repository: Repository, protection: Protection) -> Ruleset:
    checks = [
        {"context": context} | ({} if app is None else {"integration_id": app}) for context, app in protection.checks
    ]
    rules: list[Json] = []
    if checks:
        asked = {"strict_required_status_checks_policy": protection.strict, "required_status_checks": checks}
        rules.append({"type": "required_status_checks", "parameters": asked})
    if protection.reviews is not None:
        count = protection.reviews.get("required_approving_review_count", 0)
        rules.append({"type": "pull_request", "parameters": {"required_approving_review_count": count}})
    rules += [] if protection.allow_force_pushes else [{"type": "non_fast_forward"}]
    admin = {"actor_type": "RepositoryRole", "actor_id": _ADMIN_ROLE, "bypass_mode": "always"}
    return Ruleset(
        id=0,
        name="classic protection",
        enforcement="active",
        target="branch",
        conditions={},
        rules=rules,
        bypass_actors=[] if protection.enforce_admins else [admin],
        created_at=0,
        updated_at=0,
        source=repository.full_name,
    )


def _names(repository: Repository, ruleset: Ruleset, branch: str) -> bool:
    condition = ruleset.conditions.get("ref_name", {})

    def hit(pattern: str) -> bool:
        if pattern == "~ALL":
            return True
        if pattern == "~DEFAULT_BRANCH":
            return branch == repository.default_branch
        return fnmatchcase(f"refs/heads/{branch}", pattern)

    return any(map(hit, condition.get("include", []))) and not any(map(hit, condition.get("exclude", [])))


def rules(repository: Repository, branch: str, kind: str) -> Iterator[Json]:
    """The parameters of every active rule of one kind on a branch."""
    for ruleset in guarding(repository, branch):
        for rule in ruleset.rules:
            if rule["type"] == kind:
                yield rule.get("parameters", {})


def bypasses(world: World, ruleset: Ruleset, repository: Repository, actor: Account, app: App | None) -> bool:
    """Whether the actor may merge a pull request past this ruleset."""
    return any(_is_bypass_actor(world, entry, repository, actor, app) for entry in ruleset.bypass_actors)


def _is_bypass_actor(world: World, entry: Json, repository: Repository, actor: Account, app: App | None) -> bool:
    kind, number = entry["actor_type"], entry.get("actor_id")
    if kind == "OrganizationAdmin":
        return world.organization_roles.get((repository.owner.login.lower(), actor.login.lower())) == "admin"
    if kind == "RepositoryRole":
        role = _ROLE_IDS.get(number or 0)
        return role is not None and app is None and world.can(repository, actor, role)
    if kind == "Team":
        return any(team.id == number and actor.login in world.members(team) for team in world.teams.values())
    if kind == "Integration":
        return app is not None and app.id == number
    return bool(kind == "User" and actor.id == number)


def missing(world: World, pull: PullRequest, *, actor: Account | None = None, app: App | None = None) -> list[str]:
    """What still keeps the pull request from being merged, in GitHub's words; empty when nothing does."""
    words: list[str] = []
    for ruleset in guarding(pull.repository, pull.base_ref):
        if actor is not None and bypasses(world, ruleset, pull.repository, actor, app):
            continue
        for rule in ruleset.rules:
            words += _missing(world, pull, rule["type"], rule.get("parameters", {}))
    return list(dict.fromkeys(words))


def _missing(world: World, pull: PullRequest, kind: str, parameters: Json) -> Iterator[str]:
    if kind == "required_status_checks":
        yield from _missing_checks(pull, parameters)
    elif kind == "pull_request":
        yield from _missing_reviews(world, pull, parameters)


def _missing_checks(pull: PullRequest, parameters: Json) -> Iterator[str]:
    git = pull.repository.git
    if parameters.get("strict_required_status_checks_policy") and not git.is_ancestor(pull.base_sha, pull.head_sha):
        yield "Head branch is out of date."
    for check in parameters.get("required_status_checks", []):
        state = check_state(pull.repository, pull.head_sha, check["context"], check.get("integration_id"))
        if state != "passing":
            yield f'Required status check "{check["context"]}" is {state}.'


def check_state(repository: Repository, sha: str, context: str, integration_id: int | None) -> str:
    """`passing`, or the word GitHub uses for why a required check does not pass on a commit.

    A check run and a status of the same name must both pass; a pin to an App counts only what that App set.
    """
    runs = [run for run in latest_runs(repository, sha) if run.name == context]
    statuses = [one for one in latest_statuses(repository, sha) if one.context.lower() == context.lower()]
    if integration_id is not None:
        foreign = any(run.app.id != integration_id for run in runs) or any(
            one.app_id != integration_id for one in statuses
        )
        runs = [run for run in runs if run.app.id == integration_id]
        statuses = [one for one in statuses if one.app_id == integration_id]
        if foreign and not runs and not statuses:
            return "expected: it was not set by the expected GitHub App"
    if not runs and not statuses:
        return "expected"
    states = [_run_state(run) for run in runs] + [_status_state(one) for one in statuses]
    return next((state for state in states if state != "passing"), "passing")


def _run_state(run: CheckRun) -> str:
    if run.status != "completed":
        return "queued" if run.status == "queued" else "in progress"
    return "passing" if run.conclusion in PASSING else "failing"


def _status_state(status: Status) -> str:
    return {"success": "passing", "pending": "pending"}.get(status.state, "failing")


def latest_runs(repository: Repository, sha: str) -> list[CheckRun]:
    """The newest run of each App and name on a commit, oldest first."""
    newest = {(run.app.id, run.name): run for run in repository.runs if run.head_sha == sha}
    return sorted(newest.values(), key=lambda run: run.id)


def latest_statuses(repository: Repository, sha: str) -> list[Status]:
    newest = {status.context.lower(): status for status in repository.statuses if status.sha == sha}
    return sorted(newest.values(), key=lambda status: status.id)


def is_required(pull: PullRequest, run: CheckRun) -> bool:
    return any(
        check["context"] == run.name and check.get("integration_id", run.app.id) == run.app.id
        for parameters in rules(pull.repository, pull.base_ref, "required_status_checks")
        for check in parameters.get("required_status_checks", [])
    )


def standing_reviews(world: World, pull: PullRequest) -> list[Review]:
    """Each writer's last review that says yes or no; a comment does not take an earlier verdict back."""
    last: dict[str, Review] = {}
    for review in pull.reviews:
        if review.state in {"APPROVED", "CHANGES_REQUESTED", "DISMISSED"} and review.author is not pull.author:
            last[review.author.login] = review
    return [one for one in last.values() if world.can(pull.repository, one.author, "write")]


def _missing_reviews(world: World, pull: PullRequest, parameters: Json) -> Iterator[str]:
    reviews = standing_reviews(world, pull)
    if any(review.state == "CHANGES_REQUESTED" for review in reviews):
        yield "Changes have been requested."
    wanted = parameters.get("required_approving_review_count", 0)
    approvals = sum(review.state == "APPROVED" for review in reviews)
    if approvals < wanted:
        noun = "review is" if wanted == 1 else "reviews are"
        yield f"At least {wanted} approving {noun} required by reviewers with write access."


def review_decision(world: World, pull: PullRequest) -> str | None:
    """GraphQL's reviewDecision: None when no rule asks for reviews and nobody asked for changes."""
    states = {review.state for review in standing_reviews(world, pull)}
    if "CHANGES_REQUESTED" in states:
        return "CHANGES_REQUESTED"
    asked = list(rules(pull.repository, pull.base_ref, "pull_request"))
    if any(word.startswith("At least") for parameters in asked for word in _missing_reviews(world, pull, parameters)):
        return "REVIEW_REQUIRED"
    return "APPROVED" if asked and "APPROVED" in states else None
