"""What protects branches: rulesets of repositories and organisations, classic protection, what Actions may do."""

from __future__ import annotations

from bot.sandbox import rules
from bot.sandbox.actions import ruling
from bot.sandbox.objects import Account, Json, Refusal, Repository, Ruleset
from bot.sandbox.rest.call import Answer, Call, routes
from bot.sandbox.shapes import checks
from bot.sandbox.world import found

_NO_RULES = "Upgrade to GitHub Pro or make this repository public to enable this feature."


def _ruled(call: Call) -> Repository:
    """The repository, unless its plan has no rules."""
    one = call.repository
    if not one.has_rules:
        raise Refusal(403, _NO_RULES)
    return one


def branch_rules(call: Call) -> Answer:
    active = [
        rule
        | {
            "ruleset_source_type": ruleset.source_type,
            "ruleset_source": ruleset.source,
            "ruleset_id": ruleset.id,
        }
        for ruleset in rules.binding(_ruled(call), call.parameters["branch"])
        for rule in ruleset.rules
    ]
    return call.page(active, lambda rule: rule)


def _may_write(call: Call, it: Ruleset) -> bool:
    if call.caller.installation is not None:
        permission = "administration" if it.source_type == "Repository" else "organization_administration"
        return call.caller.may(permission, "write")
    if it.source_type == "Repository":
        return call.world.can(call.repository, call.actor, "admin")
    return _is_owner(call, it.source)


def _is_owner(call: Call, login: str) -> bool:
    account = call.caller.account
    return account is not None and call.world.organization_roles.get((login.lower(), account.login.lower())) == "admin"


def _ruleset(call: Call) -> Ruleset:
    number = call.number("ruleset_id")
    return found(next((one for one in rules.rulesets_of(_ruled(call)) if one.id == number), None))


def _own(call: Call) -> Ruleset:
    return found(_ruled(call).rulesets.get(call.number("ruleset_id")))


def _shown(call: Call, it: Ruleset) -> Json:
    return checks.ruleset(call.world, it, bypass=_may_write(call, it))


def list_rulesets(call: Call) -> Answer:
    one = _ruled(call)
    shown = rules.rulesets_of(one) if call.query.get("includes_parents") != "false" else list(one.rulesets.values())
    return call.page(shown, lambda it: checks.ruleset(call.world, it, whole=False))


def get_ruleset(call: Call) -> Answer:
    return Answer(body=_shown(call, _ruleset(call)))


def create_ruleset(call: Call) -> Answer:
    it = ruling.create(call.world, _ruled(call), call.body, actor=call.actor)
    return Answer(status=201, body=_shown(call, it))


def update_ruleset(call: Call) -> Answer:
    it = _own(call)
    ruling.edit(call.world, call.repository, it, call.body, actor=call.actor)
    return Answer(body=_shown(call, it))


def delete_ruleset(call: Call) -> Answer:
    ruling.delete(call.world, call.repository, _own(call), actor=call.actor)
    return Answer(status=204)


def _organization(call: Call) -> Account:
    """The organisation, for those who may rule it."""
    owner = call.world.account(call.parameters["org"])
    installation = call.caller.installation
    if installation is not None:
        if installation.account is not owner or not call.caller.may("organization_administration", "write"):
            raise Refusal(403, "Resource not accessible by integration")
    elif not _is_owner(call, owner.login):
        raise Refusal(404, "Not Found")
    return owner


def _theirs(call: Call) -> Ruleset:
    return found(_organization(call).rulesets.get(call.number("ruleset_id")))


def list_organization_rulesets(call: Call) -> Answer:
    mine = _organization(call).rulesets.values()
    return call.page(mine, lambda it: checks.ruleset(call.world, it, whole=False))


def get_organization_ruleset(call: Call) -> Answer:
    return Answer(body=checks.ruleset(call.world, _theirs(call), bypass=True))


def create_organization_ruleset(call: Call) -> Answer:
    it = ruling.create_for_organization(call.world, _organization(call), call.body, actor=call.actor)
    return Answer(status=201, body=checks.ruleset(call.world, it, bypass=True))


def update_organization_ruleset(call: Call) -> Answer:
    it = _theirs(call)
    ruling.edit(call.world, _organization(call), it, call.body, actor=call.actor)
    return Answer(body=checks.ruleset(call.world, it, bypass=True))


def get_protection(call: Call) -> Answer:
    one = _ruled(call)
    protection = one.protections.get(call.parameters["branch"])
    if protection is None:
        raise Refusal(404, "Branch not protected")
    return Answer(body=checks.protection(call.world, one, protection))


def get_workflow_permissions(call: Call) -> Answer:
    return Answer(body=call.repository.workflow_permissions)


_REPO = "/repos/{owner}/{repo}"
_RULESET = f"{_REPO}/rulesets/{{ruleset_id}}"
_ORG_RULESET = "/orgs/{org}/rulesets/{ruleset_id}"
ROUTES = routes(
    [
        ("GET", f"{_REPO}/rules/branches/{{branch:.+}}", branch_rules, "metadata:read"),
        ("GET", f"{_REPO}/rulesets", list_rulesets, "metadata:read"),
        ("POST", f"{_REPO}/rulesets", create_ruleset, "administration:write"),
        ("GET", _RULESET, get_ruleset, "metadata:read"),
        ("PUT", _RULESET, update_ruleset, "administration:write"),
        ("DELETE", _RULESET, delete_ruleset, "administration:write"),
        ("GET", "/orgs/{org}/rulesets", list_organization_rulesets, ""),
        ("POST", "/orgs/{org}/rulesets", create_organization_ruleset, ""),
        ("GET", _ORG_RULESET, get_organization_ruleset, ""),
        ("PUT", _ORG_RULESET, update_organization_ruleset, ""),
        ("GET", f"{_REPO}/branches/{{branch:.+}}/protection", get_protection, "administration:read"),
        ("GET", f"{_REPO}/actions/permissions/workflow", get_workflow_permissions, "administration:read"),
    ]
)
