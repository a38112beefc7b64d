"""Users, organisations, teams and collaborators."""

from __future__ import annotations

from bot.sandbox.objects import ROLES, Account, Json, Refusal, Team
from bot.sandbox.rest.call import Answer, Call, routes
from bot.sandbox.shapes import people
from bot.sandbox.shapes.pull import collaborator
from bot.sandbox.world import found

# What the old permission field says of each role.
_LEGACY = {"admin": "admin", "maintain": "write", "write": "write", "triage": "read", "read": "read", "none": "none"}
_FILTERS = {"pull": "read", "triage": "triage", "push": "write", "maintain": "maintain", "admin": "admin"}


def get_me(call: Call) -> Answer:
    if call.caller.installation is not None or call.caller.is_app:
        raise Refusal(403, "Resource not accessible by integration")
    return Answer(body=people.public_user(call.world, call.actor))


def get_user(call: Call) -> Answer:
    return Answer(body=people.public_user(call.world, call.world.account(call.parameters["username"])))


def get_user_by_id(call: Call) -> Answer:
    number = call.number("account_id")
    account = next((one for one in call.world.accounts.values() if one.id == number), None)
    return Answer(body=people.public_user(call.world, found(account)))


def _organization(call: Call) -> Account:
    account = call.world.account(call.parameters["org"])
    if account.kind != "Organization":
        raise Refusal(404, "Not Found")
    installation = call.caller.installation
    if installation is not None and installation.account is not account:
        raise Refusal(404, "Not Found")
    return account


def get_organization(call: Call) -> Answer:
    return Answer(body=people.full_organization(call.world, _organization(call)))


def organization_membership(call: Call) -> Answer:
    owner, account = _organization(call), call.world.account(call.parameters["username"])
    role = found(call.world.organization_roles.get((owner.login.lower(), account.login.lower())))
    url = f"{call.world.api_url}/orgs/{owner.login}"
    body = {
        "url": f"{url}/memberships/{account.login}",
        "state": "active",
        "role": role,
        "organization_url": url,
        "organization": people.organization(call.world, owner),
        "user": people.user(call.world, account),
    }
    return Answer(body=body)


def _team(call: Call) -> Team:
    if "team_id" in call.parameters:
        number = call.number("team_id")
        return found(next((team for team in call.world.teams.values() if team.id == number), None))
    return call.world.team(_organization(call).login, call.parameters["team_slug"])


def list_teams(call: Call) -> Answer:
    owner = _organization(call)
    mine = [team for team in call.world.teams.values() if team.organization is owner]
    return call.page(mine, lambda team: people.team(call.world, team))


def get_team(call: Call) -> Answer:
    return Answer(body=people.full_team(call.world, _team(call)))


def list_members(call: Call) -> Answer:
    """Members of the team and of the teams below it, by login."""
    role = call.query.get("role", "all")
    members = [login for login, held in sorted(call.world.members(_team(call)).items()) if role in {"all", held}]
    return call.page(members, lambda login: people.user(call.world, call.world.account(login)))


def team_membership(call: Call) -> Answer:
    team, account = _team(call), call.world.account(call.parameters["username"])
    role = found(call.world.members(team).get(account.login))
    url = f"{call.world.api_url}/organizations/{team.organization.id}/team/{team.id}/memberships/{account.login}"
    return Answer(body={"url": url, "role": role, "state": "active"})


def list_child_teams(call: Call) -> Answer:
    team = _team(call)
    children = [one for one in call.world.teams.values() if one.parent is team]
    return call.page(children, lambda one: people.team(call.world, one))


def list_repository_teams(call: Call) -> Answer:
    name = call.repository.full_name

    def shape(team: Team) -> Json:
        role = team.repositories[name]
        legacy = {"read": "pull", "write": "push"}.get(role, role)
        return people.team(call.world, team) | {"permission": legacy}

    return call.page([team for team in call.world.teams.values() if name in team.repositories], shape)


def list_collaborators(call: Call) -> Answer:
    one, least = call.repository, _FILTERS[call.query.get("permission", "pull")]
    held = [(account, call.world.role(one, account)) for account in call.world.collaborators(one)]
    chosen = [pair for pair in held if ROLES.index(pair[1]) >= ROLES.index(least)]
    if call.query.get("affiliation") in {"direct", "outside"}:
        chosen = [pair for pair in chosen if pair[0].login in one.collaborators]
    if call.query.get("affiliation") == "outside":
        chosen = [pair for pair in chosen if not call.world.is_member(one.owner, pair[0])]
    return call.page(chosen, lambda pair: collaborator(call.world, *pair))


def collaborator_permission(call: Call) -> Answer:
    account = call.world.account(call.parameters["username"])
    if account.kind != "User":
        raise Refusal(404, f"{account.login} is not a user")
    role = call.world.role(call.repository, account)
    body = {"permission": _LEGACY[role], "role_name": role, "user": collaborator(call.world, account, role)}
    return Answer(body=body)


def rate_limit(call: Call) -> Answer:
    resource = {"limit": 5000, "used": 0, "remaining": 5000, "reset": call.world.now() + 3600}
    resources = dict.fromkeys(("core", "graphql", "search"), resource)
    return Answer(body={"resources": resources, "rate": resource})


_TEAM = "/orgs/{org}/teams/{team_slug}"
_REPO = "/repos/{owner}/{repo}"
ROUTES = routes(
    [
        ("GET", "/user", get_me, ""),
        ("GET", "/user/{account_id}", get_user_by_id, ""),
        ("GET", "/users/{username}", get_user, ""),
        ("GET", "/orgs/{org}", get_organization, ""),
        ("GET", "/orgs/{org}/memberships/{username}", organization_membership, "members:read"),
        ("GET", "/orgs/{org}/teams", list_teams, "members:read"),
        ("GET", _TEAM, get_team, "members:read"),
        ("GET", f"{_TEAM}/members", list_members, "members:read"),
        # The address that GitHub's own `members_url` gives.
        ("GET", "/organizations/{org_id}/team/{team_id}/members", list_members, "members:read"),
        ("GET", f"{_TEAM}/memberships/{{username}}", team_membership, "members:read"),
        ("GET", f"{_TEAM}/teams", list_child_teams, "members:read"),
        ("GET", f"{_REPO}/teams", list_repository_teams, "metadata:read"),
        ("GET", f"{_REPO}/collaborators", list_collaborators, "metadata:read"),
        ("GET", f"{_REPO}/collaborators/{{username}}/permission", collaborator_permission, "metadata:read"),
        ("GET", "/rate_limit", rate_limit, ""),
    ]
)
