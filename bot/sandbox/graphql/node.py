"""What a GraphQL field is resolved on: a record with its GraphQL type, and lists of them as connections."""

from __future__ import annotations

import base64
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from graphql import GraphQLError

from bot.sandbox.auth import Caller
from bot.sandbox.objects import Account, PullRequest, Repository
from bot.sandbox.world import World

MOST_NODES = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Node:
    """A record `it` of the GraphQL type `kind`, and the repository and pull request it was reached through."""

    kind: str
    it: Any = None
    repository: Any = None
    pull: Any = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """Who looks at which world."""

    world: World
    caller: Caller


Resolver = Callable[..., Any]
Table = dict[str, Resolver]


def snake(name: str) -> str:
    return re.sub(r"(?<!^)([A-Z])", r"_\1", name).lower()


def plain(*names: str) -> Table:
    """Fields that are attributes of the record under the same name."""

    def resolver(attribute: str) -> Resolver:
        return lambda node, _look: getattr(node.it, attribute)

    return {name: resolver(snake(name)) for name in names}


def constant(**values: Any) -> Table:
    def resolver(value: Any) -> Resolver:
        return lambda _node, _look, **_arguments: value

    return {name: resolver(value) for name, value in values.items()}


def account(one: Account | None) -> Node | None:
    return None if one is None else Node(kind=one.kind, it=one)


def user_only(one: Account | None) -> Node | None:
    """GitHub's `User` fields are null for bots."""
    return account(one) if one is not None and one.kind == "User" else None


def repository(one: Repository) -> Node:
    return Node(kind="Repository", it=one, repository=one)


def pull(one: PullRequest) -> Node:
    return Node(kind="PullRequest", it=one, repository=one.repository, pull=one)


def commit(where: Repository, sha: str | None) -> Node | None:
    return None if sha is None else Node(kind="Commit", it=where.git.commit(sha), repository=where)


def ref(where: Repository, branch: str) -> Node | None:
    name = f"refs/heads/{branch}"
    sha = where.git.ref(name)
    return None if sha is None else Node(kind="Ref", it=(name, sha), repository=where)


@dataclass(frozen=True, slots=True, kw_only=True)
class Slice:
    """The part of a list that a connection shows, from `start` on."""

    shown: Sequence[Node]
    start: int
    total: int
    more: dict[str, Any]


def connection(
    nodes: Iterable[Node],
    *,
    field: str,
    first: int | None = None,
    last: int | None = None,
    after: str | None = None,
    before: str | None = None,
    **more: Any,
) -> Node:
    """The asked part of a list; as on GitHub a size must be given, and at most 100. `more` becomes fields of it."""
    everything = list(nodes)
    if first is None and last is None:
        message = f"You must provide a `first` or `last` value to properly paginate the `{field}` connection."
        raise GraphQLError(message, extensions={"type": "MISSING_PAGINATION_BOUNDARIES"})
    for side, size in (("first", first), ("last", last)):
        if size is not None and not 0 <= size <= MOST_NODES:
            message = (
                f"Requesting {size} records on the `{field}` connection exceeds the `{side}` limit of 100 records."
            )
            raise GraphQLError(message, extensions={"type": "EXCESSIVE_PAGINATION"})
    start = _index(after) + 1 if after else 0
    stop = _index(before) if before else len(everything)
    if first is not None:
        stop = min(stop, start + first)
    if last is not None:
        start = max(start, stop - last)
    return Node(
        kind="Connection", it=Slice(shown=everything[start:stop], start=start, total=len(everything), more=more)
    )


def cursor(index: int) -> str:
    return base64.urlsafe_b64encode(f"cursor:{index}".encode()).decode()


def _index(text: str) -> int:
    try:
        return int(base64.urlsafe_b64decode(text).decode().removeprefix("cursor:"))
    except ValueError as problem:
        raise GraphQLError(f"`{text}` does not appear to be a valid cursor.") from problem


def _page_info(node: Node, _look: Look) -> Node:
    return Node(kind="PageInfo", it=node.it)


def _edges(node: Node, _look: Look) -> list[Node]:
    return [Node(kind="Edge", it=one, pull=node.it.start + place) for place, one in enumerate(node.it.shown)]


CONNECTION: Table = {
    "nodes": lambda node, _look: node.it.shown,
    "edges": _edges,
    "totalCount": lambda node, _look: node.it.total,
    "pageInfo": _page_info,
}
EDGE: Table = {
    "node": lambda node, _look: node.it,
    "cursor": lambda node, _look: cursor(node.pull),
    "role": lambda node, _look: node.it.pull,
    "permission": lambda node, _look: node.it.pull,
}
PAGE_INFO: Table = {
    "hasNextPage": lambda node, _look: node.it.start + len(node.it.shown) < node.it.total,
    "hasPreviousPage": lambda node, _look: node.it.start > 0,
    "startCursor": lambda node, _look: cursor(node.it.start) if node.it.shown else None,
    "endCursor": lambda node, _look: cursor(node.it.start + len(node.it.shown) - 1) if node.it.shown else None,
}
