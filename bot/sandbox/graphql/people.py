"""Resolvers of users, organisations, teams, and of the query's own fields."""

from __future__ import annotations

from typing import Any

from graphql import GraphQLError

from bot.sandbox.auth import visible
from bot.sandbox.graphql.node import Look, Node, Table, account, connection, constant, plain, repository
from bot.sandbox.shapes.people import timestamp
from bot.sandbox.world import node_id


def _missing(kind: str, name: str, *, noun: str = "login") -> GraphQLError:
    return GraphQLError(f"Could not resolve to {kind} with the {noun} of '{name}'.", extensions={"type": "NOT_FOUND"})


def _repository(_node: Node, look: Look, **arguments: Any) -> Node:
    full_name = f"{arguments['owner']}/{arguments['name']}"
    one = look.world.repositories.get(full_name.lower())
    if one is None or not visible(look.world, look.caller, one):
        raise _missing("a Repository", full_name, noun="name")
    return repository(one)


def _organization(_node: Node, look: Look, *, login: str) -> Node:
    one = look.world.accounts.get(login.lower())
    if one is None or one.kind != "Organization":
        raise _missing("an Organization", login)
    return Node(kind="Organization", it=one)


def _user(_node: Node, look: Look, *, login: str) -> Node:
    one = look.world.accounts.get(login.lower())
    if one is None or one.kind != "User":
        raise _missing("a User", login)
    return Node(kind="User", it=one)


def _rate_limit(_node: Node, look: Look, **_arguments: Any) -> Node:
    return Node(kind="RateLimit", it=look.world.now())


QUERY: Table = {
    "repository": _repository,
    "organization": _organization,
    "user": _user,
    "viewer": lambda _node, look: account(look.caller.account),
    "rateLimit": _rate_limit,
}
RATE_LIMIT: Table = {
    **constant(cost=1, limit=5000, nodeCount=0, remaining=4999, used=1),
    "resetAt": lambda node, _look: timestamp(node.it + 3600),
}


def _team(node: Node, look: Look, *, slug: str) -> Node | None:
    one = look.world.teams.get((node.it.login.lower(), slug.lower()))
    return None if one is None else Node(kind="Team", it=one)


def _teams(node: Node, look: Look, **arguments: Any) -> Node:
    page = {name: value for name, value in arguments.items() if name in {"first", "last", "after", "before"}}
    mine = [Node(kind="Team", it=one) for one in look.world.teams.values() if one.organization is node.it]
    return connection(mine, field="teams", **page)


def _members(node: Node, look: Look, **arguments: Any) -> Node:
    """Members by login; `query` is a loose search, `membership` says whether teams below count."""
    query, how = arguments.pop("query", None) or "", arguments.pop("membership", None) or "ALL"
    role = arguments.pop("role", None)
    arguments.pop("orderBy", None)
    everybody = look.world.members(node.it)
    held = {"ALL": everybody, "IMMEDIATE": node.it.members}.get(
        how, {login: kind for login, kind in everybody.items() if login not in node.it.members}
    )
    chosen = [
        Node(kind="User", it=look.world.account(login), pull=kind.upper())
        for login, kind in sorted(held.items())
        if query.lower() in login.lower() and role in {None, kind.upper()}
    ]
    return connection(chosen, field="members", **arguments)


_SHARED: Table = {
    **plain("login"),
    "databaseId": lambda node, _look: node.it.id,
    "url": lambda node, look: f"{look.world.url}/{node.it.login}",
    "avatarUrl": lambda node, look, **_arguments: f"{look.world.url}/avatars/{node.it.id}",
    "id": lambda node, _look: node_id(node.it.kind[0], node.it.id),
}
USER: Table = {**_SHARED, **plain("name", "email"), "createdAt": lambda node, _look: timestamp(node.it.created_at)}
# GraphQL leaves out the `[bot]` that REST puts behind a bot's login.
BOT: Table = {**_SHARED, "login": lambda node, _look: node.it.login.removesuffix("[bot]")}
ORGANIZATION: Table = {**_SHARED, **plain("name"), "team": _team, "teams": _teams}
TEAM: Table = {
    **plain("name", "slug"),
    "id": lambda node, _look: node_id("T", node.it.id),
    "databaseId": lambda node, _look: node.it.id,
    "combinedSlug": lambda node, _look: f"{node.it.organization.login}/{node.it.slug}",
    "organization": lambda node, _look: Node(kind="Organization", it=node.it.organization),
    "parentTeam": lambda node, _look: Node(kind="Team", it=node.it.parent) if node.it.parent else None,
    "privacy": lambda node, _look: "SECRET" if node.it.privacy == "secret" else "VISIBLE",
    "members": _members,
}
