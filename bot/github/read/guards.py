"""The rules that bind a branch: rulesets of every level, and the classic protection."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import msgspec

from bot.core.protection.facts import Bypass, Enforcement, Guard, Idle, PullRule, RequiredCheck, Reviewer
from bot.github.client import Client, shaped
from bot.github.errors import Forbidden, NotFound, Refused

MOST_RULESETS = 300
MOST_RULES = 1000
CLASSIC = "classic protection"


class NoRulesInPlanError(Exception):
    """The repository is private and its plan has no rules at all."""


class _Check(msgspec.Struct, frozen=True):
    context: str
    integration_id: int | None = None


class _ReviewerId(msgspec.Struct, frozen=True):
    id: int


class _Reviewer(msgspec.Struct, frozen=True):
    file_patterns: tuple[str, ...]
    minimum_approvals: int
    reviewer: _ReviewerId


class _Parameters(msgspec.Struct, frozen=True):
    required_status_checks: tuple[_Check, ...] = ()
    strict_required_status_checks_policy: bool = False
    required_approving_review_count: int = 0
    dismiss_stale_reviews_on_push: bool = False
    require_last_push_approval: bool = False
    required_reviewers: tuple[_Reviewer, ...] = ()


class Rule(msgspec.Struct, frozen=True):
    """One rule of a ruleset; where it was asked by branch, with the ruleset it is of."""

    type: str
    parameters: dict[str, Any] | None = None
    ruleset_id: int = 0
    ruleset_source: str = ""

    def read(self) -> _Parameters:
        return shaped(self.parameters or {}, _Parameters)


class Actor(msgspec.Struct, frozen=True):
    actor_type: str
    actor_id: int | None = None
    bypass_mode: str = "always"


class Ruleset(msgspec.Struct, frozen=True):
    """`bypass_actors` is there only for callers who may change the ruleset."""

    id: int
    name: str
    enforcement: str
    target: str = "branch"
    source: str = ""
    source_type: str = "Repository"
    rules: tuple[Rule, ...] = ()
    bypass_actors: tuple[Actor, ...] | None = None
    conditions: dict[str, Any] | None = None


async def read_rulesets(client: Client, owner: str, name: str) -> dict[int, Ruleset]:
    """Every ruleset for branches that concerns the repository, whole where GitHub tells it."""
    path = "/repos/{owner}/{name}/rulesets"
    try:
        listed = await client.items(f"{path}?per_page=100", most=MOST_RULESETS, owner=owner, name=name)
    except Forbidden as error:
        _check_plan(error)
        raise
    found = {}
    for brief in shaped(listed, tuple[Ruleset, ...]):
        if brief.target == "branch":
            try:
                answer = await client.get(f"{path}/{{id}}", owner=owner, name=name, id=brief.id)
                found[brief.id] = shaped(answer, Ruleset)
            except NotFound:
                # One of an enterprise, which only the enterprise can read whole.
                found[brief.id] = brief
    return found


def idle_of(rulesets: Iterable[Ruleset]) -> tuple[Idle, ...]:
    """Rulesets that ask for checks and are not active."""
    return tuple(
        Idle(name=one.name, enforcement=Enforcement(one.enforcement), contexts=contexts)
        for one in rulesets
        if one.enforcement in ("disabled", "evaluate") and (contexts := tuple(_contexts(one.rules)))
    )


def _contexts(rules: Iterable[Rule]) -> Iterable[str]:
    for rule in rules:
        if rule.type == "required_status_checks":
            yield from (check.context for check in rule.read().required_status_checks)


async def read_branch_rules(
    client: Client,
    owner: str,
    name: str,
    branch: str,
    *,
    rulesets: Mapping[int, Ruleset],
    names: Mapping[int, str],
) -> tuple[Guard, ...]:
    """The active rulesets that bind a branch, as GitHub itself counts them. `names` are those of teams, by id."""
    answer = await client.items(
        "/repos/{owner}/{name}/rules/branches/{branch}?per_page=100",
        most=MOST_RULES,
        owner=owner,
        name=name,
        branch=branch,
    )
    by_ruleset: dict[int, list[Rule]] = {}
    for rule in shaped(answer, tuple[Rule, ...]):
        by_ruleset.setdefault(rule.ruleset_id, []).append(rule)
    return tuple(_guard(id_, rules, rulesets.get(id_), names) for id_, rules in sorted(by_ruleset.items()))


def _guard(id_: int, rules: list[Rule], whole: Ruleset | None, names: Mapping[int, str]) -> Guard:
    kinds = {rule.type for rule in rules}
    checks = [rule.read() for rule in rules if rule.type == "required_status_checks"]
    pulls = [rule.read() for rule in rules if rule.type == "pull_request"]
    told = None if whole is None else whole.bypass_actors
    return Guard(
        id=id_,
        name=whole.name if whole else str(id_),
        source=rules[0].ruleset_source,
        checks=tuple(_required(check) for one in checks for check in one.required_status_checks),
        is_strict=any(one.strict_required_status_checks_policy for one in checks),
        pull=_pull_rule(pulls[0]) if pulls else None,
        forbids_force_push="non_fast_forward" in kinds,
        forbids_deletion="deletion" in kinds,
        has_merge_queue="merge_queue" in kinds,
        bypass=None if told is None else tuple(_bypass(actor, names) for actor in told),
    )


def _required(check: _Check) -> RequiredCheck:
    return RequiredCheck(context=check.context, app_id=check.integration_id)


def _pull_rule(told: _Parameters) -> PullRule:
    return PullRule(
        approvals=told.required_approving_review_count,
        dismisses_stale=told.dismiss_stale_reviews_on_push,
        last_push_approval=told.require_last_push_approval,
        reviewers=tuple(
            Reviewer(team_id=one.reviewer.id, approvals=one.minimum_approvals, patterns=one.file_patterns)
            for one in told.required_reviewers
        ),
    )


def _bypass(actor: Actor, names: Mapping[int, str]) -> Bypass:
    name = names.get(actor.actor_id or 0, "") if actor.actor_type == "Team" else ""
    return Bypass(kind=actor.actor_type, id=actor.actor_id, mode=actor.bypass_mode, name=name)


class _Enabled(msgspec.Struct, frozen=True):
    enabled: bool = False


class _ClassicCheck(msgspec.Struct, frozen=True):
    context: str
    app_id: int | None = None


class _ClassicChecks(msgspec.Struct, frozen=True):
    contexts: tuple[str, ...] = ()
    checks: tuple[_ClassicCheck, ...] = ()
    strict: bool = False


class _Named(msgspec.Struct, frozen=True):
    id: int
    login: str = ""
    slug: str = ""


class _Allowances(msgspec.Struct, frozen=True):
    users: tuple[_Named, ...] = ()
    teams: tuple[_Named, ...] = ()
    apps: tuple[_Named, ...] = ()


class _Reviews(msgspec.Struct, frozen=True):
    dismiss_stale_reviews: bool = False
    require_last_push_approval: bool = False
    required_approving_review_count: int = 0
    bypass_pull_request_allowances: _Allowances = _Allowances()


class _Classic(msgspec.Struct, frozen=True):
    required_status_checks: _ClassicChecks | None = None
    enforce_admins: _Enabled = _Enabled()
    required_pull_request_reviews: _Reviews | None = None
    allow_force_pushes: _Enabled = _Enabled()
    allow_deletions: _Enabled = _Enabled()


async def read_classic(client: Client, owner: str, name: str, branch: str) -> Guard | None:
    """The branch's classic protection, None when there is none. Refused when that cannot be told.

    https://docs.github.com/en/rest/branches/branch-protection#get-branch-protection
    """
    path = "/repos/{owner}/{name}/branches/{branch}/protection"
    try:
        answer = await client.get(path, owner=owner, name=name, branch=branch)
    except NotFound as error:
        # The same 404 hides it from those who may not ask; only the words tell the two apart.
        if "not protected" in str(error).lower():
            return None
        raise
    except Refused as error:
        _check_plan(error)
        raise
    told = shaped(answer, _Classic)
    checks = told.required_status_checks
    return Guard(
        name=CLASSIC,
        source=f"{owner}/{name}",
        is_classic=True,
        checks=() if checks is None else _classic_checks(checks),
        is_strict=checks is not None and checks.strict,
        pull=None if told.required_pull_request_reviews is None else _classic_pull(told.required_pull_request_reviews),
        forbids_force_push=not told.allow_force_pushes.enabled,
        forbids_deletion=not told.allow_deletions.enabled,
        bypass=() if told.enforce_admins.enabled else (Bypass(kind="Administrator"),),
    )


def _classic_checks(told: _ClassicChecks) -> tuple[RequiredCheck, ...]:
    """`contexts` is the older list of the same checks, without their sources."""
    named = {check.context for check in told.checks}
    older = tuple(RequiredCheck(context=one, app_id=None) for one in told.contexts if one not in named)
    return (*(RequiredCheck(context=check.context, app_id=check.app_id) for check in told.checks), *older)


def _classic_pull(told: _Reviews) -> PullRule:
    allowed = told.bypass_pull_request_allowances
    return PullRule(
        approvals=told.required_approving_review_count,
        dismisses_stale=told.dismiss_stale_reviews,
        last_push_approval=told.require_last_push_approval,
        bypass=(
            *(Bypass(kind="User", id=one.id, name=one.login) for one in allowed.users),
            *(Bypass(kind="Team", id=one.id, name=one.slug) for one in allowed.teams),
            *(Bypass(kind="Integration", id=one.id, name=one.slug) for one in allowed.apps),
        ),
    )


def _check_plan(error: Refused) -> None:
    """GitHub's words where a plan has no rules for private repositories."""
    if "upgrade to github" in str(error).lower():
        raise NoRulesInPlanError(str(error)) from error
