"""Teams, collaborators and installations: who belongs where, and what the Apps hear of it."""

from __future__ import annotations

from bot.sandbox import events
from bot.sandbox.objects import Account, App, Installation, Repository, Team
from bot.sandbox.world import World


def join_organization(world: World, organization: Account, account: Account, *, role: str = "member") -> None:
    world.organization_roles[(organization.login.lower(), account.login.lower())] = role


def join_team(world: World, team: Team, account: Account, *, actor: Account, role: str = "member") -> None:
    join_organization(world, team.organization, account) if not world.is_member(team.organization, account) else None
    team.members[account.login] = role
    events.membership(world, team, account, "added", actor)


def leave_team(world: World, team: Team, account: Account, *, actor: Account) -> None:
    team.members.pop(account.login, None)
    events.membership(world, team, account, "removed", actor)


def collaborate(world: World, repository: Repository, account: Account, role: str, *, actor: Account) -> None:
    action = "edited" if account.login in repository.collaborators else "added"
    repository.collaborators[account.login] = role
    if action == "added":
        events.member(world, repository, account, action, actor)


def stop_collaborating(world: World, repository: Repository, account: Account, *, actor: Account) -> None:
    if repository.collaborators.pop(account.login, None) is not None:
        events.member(world, repository, account, "removed", actor)


def rename(world: World, account: Account, login: str) -> None:
    """The old login is free at once, for whoever takes it."""
    before, account.login = account.login, login
    world.accounts[login.lower()] = world.accounts.pop(before.lower())
    for held in (
        *(team.members for team in world.teams.values()),
        *(r.collaborators for r in world.repositories.values()),
    ):
        if before in held:
            held[login] = held.pop(before)
    for organization, member in list(world.organization_roles):
        if member == before.lower():
            role = world.organization_roles.pop((organization, member))
            world.organization_roles[organization, login.lower()] = role


def install(
    world: World, app: App, account: Account, *, repositories: list[Repository] | None = None, actor: Account
) -> Installation:
    one = Installation(id=world.new_id(), app=app, account=account, created_at=world.now(), repositories=repositories)
    world.installations[one.id] = one
    events.installation(world, one, "created", actor)
    return one


def uninstall(world: World, one: Installation, *, actor: Account) -> None:
    events.installation(world, one, "deleted", actor)
    del world.installations[one.id]


def suspend(world: World, one: Installation, *, actor: Account) -> None:
    one.suspended_at = world.now()
    events.installation(world, one, "suspend", actor)


def unsuspend(world: World, one: Installation, *, actor: Account) -> None:
    one.suspended_at = None
    events.installation(world, one, "unsuspend", actor)


def add_to_installation(world: World, one: Installation, repository: Repository, *, actor: Account) -> None:
    if one.repositories is not None and repository not in one.repositories:
        one.repositories.append(repository)
        events.installation_repositories(world, one, "added", [repository], actor)


def remove_from_installation(world: World, one: Installation, repository: Repository, *, actor: Account) -> None:
    if one.repositories is not None and repository in one.repositories:
        one.repositories.remove(repository)
        events.installation_repositories(world, one, "removed", [repository], actor)
