"""JSON of accounts, organisations, teams, Apps and installations."""

from __future__ import annotations

from datetime import UTC, datetime

from bot.sandbox.objects import Account, App, Installation, Json, Team
from bot.sandbox.world import World, node_id


def timestamp(seconds: int) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def maybe_timestamp(seconds: int | None) -> str | None:
    return None if seconds is None else timestamp(seconds)


def user(world: World, account: Account) -> Json:
    url = f"{world.api_url}/users/{account.login}"
    return {
        "login": account.login,
        "id": account.id,
        "node_id": node_id(account.kind[0], account.id),
        "avatar_url": f"{world.url}/avatars/{account.id}",
        "gravatar_id": "",
        "url": url,
        "html_url": f"{world.url}/{account.login}",
        "followers_url": f"{url}/followers",
        "following_url": f"{url}/following{{/other_user}}",
        "gists_url": f"{url}/gists{{/gist_id}}",
        "starred_url": f"{url}/starred{{/owner}}{{/repo}}",
        "subscriptions_url": f"{url}/subscriptions",
        "organizations_url": f"{url}/orgs",
        "repos_url": f"{url}/repos",
        "events_url": f"{url}/events{{/privacy}}",
        "received_events_url": f"{url}/received_events",
        "type": account.kind,
        "site_admin": False,
    }


def public_user(world: World, account: Account) -> Json:
    return user(world, account) | {
        "name": account.name,
        "company": None,
        "blog": "",
        "location": None,
        "email": None,
        "hireable": None,
        "bio": None,
        "public_repos": 0,
        "public_gists": 0,
        "followers": 0,
        "following": 0,
        "created_at": timestamp(account.created_at),
        "updated_at": timestamp(account.created_at),
        "user_view_type": "public",
    }


def organization(world: World, account: Account) -> Json:
    url = f"{world.api_url}/orgs/{account.login}"
    return {
        "login": account.login,
        "id": account.id,
        "node_id": node_id("O", account.id),
        "url": url,
        "repos_url": f"{url}/repos",
        "events_url": f"{url}/events",
        "hooks_url": f"{url}/hooks",
        "issues_url": f"{url}/issues",
        "members_url": f"{url}/members{{/member}}",
        "public_members_url": f"{url}/public_members{{/member}}",
        "avatar_url": f"{world.url}/avatars/{account.id}",
        "description": "",
    }


def full_organization(world: World, account: Account) -> Json:
    return organization(world, account) | {
        "has_organization_projects": True,
        "has_repository_projects": True,
        "public_repos": 0,
        "public_gists": 0,
        "followers": 0,
        "following": 0,
        "html_url": f"{world.url}/{account.login}",
        "type": "Organization",
        "created_at": timestamp(account.created_at),
        "updated_at": timestamp(account.created_at),
        "archived_at": None,
    }


def simple_team(world: World, team: Team) -> Json:
    url = f"{world.api_url}/organizations/{team.organization.id}/team/{team.id}"
    return {
        "id": team.id,
        "node_id": node_id("T", team.id),
        "name": team.name,
        "slug": team.slug,
        "description": None,
        "privacy": team.privacy,
        "notification_setting": "notifications_enabled",
        "permission": "pull",
        "url": url,
        "html_url": f"{world.url}/orgs/{team.organization.login}/teams/{team.slug}",
        "members_url": f"{url}/members{{/member}}",
        "repositories_url": f"{url}/repos",
        "type": "organization",
        "organization_id": team.organization.id,
    }


def team(world: World, one: Team) -> Json:
    return simple_team(world, one) | {"parent": simple_team(world, one.parent) if one.parent else None}


def full_team(world: World, one: Team) -> Json:
    return team(world, one) | {
        "members_count": len(world.members(one)),
        "repos_count": len(one.repositories),
        "created_at": timestamp(one.created_at),
        "updated_at": timestamp(one.created_at),
        "organization": full_organization(world, one.organization),
    }


def app(world: World, one: App) -> Json:
    return {
        "id": one.id,
        "slug": one.slug,
        "client_id": one.client_id,
        "node_id": node_id("A", one.id),
        "owner": user(world, one.owner),
        "name": one.name,
        "description": None,
        "external_url": world.url,
        "html_url": f"{world.url}/apps/{one.slug}",
        "created_at": timestamp(one.created_at),
        "updated_at": timestamp(one.created_at),
        "permissions": one.permissions,
        "events": one.events,
    }


def installation(world: World, one: Installation) -> Json:
    return {
        "id": one.id,
        "account": user(world, one.account),
        "repository_selection": "all" if one.repositories is None else "selected",
        "access_tokens_url": f"{world.api_url}/app/installations/{one.id}/access_tokens",
        "repositories_url": f"{world.api_url}/installation/repositories",
        "html_url": f"{world.url}/organizations/{one.account.login}/settings/installations/{one.id}",
        "app_id": one.app.id,
        "app_slug": one.app.slug,
        "target_id": one.account.id,
        "target_type": one.account.kind,
        "permissions": one.permissions,
        "events": one.app.events,
        "created_at": timestamp(one.created_at),
        "updated_at": timestamp(one.created_at),
        "single_file_name": None,
        "suspended_by": user(world, one.account) if one.suspended_at is not None else None,
        "suspended_at": maybe_timestamp(one.suspended_at),
    }
