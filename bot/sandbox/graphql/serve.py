"""GraphQL over HTTP: parse, validate and execute a query with the resolvers of this folder."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib.resources import files
from typing import Any

from aiohttp import web
from graphql import (
    DocumentNode,
    GraphQLError,
    GraphQLResolveInfo,
    GraphQLSchema,
    build_schema,
    execute_sync,
    parse,
    validate,
)

from bot.sandbox.auth import Caller, Gatekeeper
from bot.sandbox.graphql import node, people, pulls, repositories
from bot.sandbox.graphql.node import Look, Node, Table
from bot.sandbox.objects import Json, Refusal
from bot.sandbox.world import World

TABLES: dict[str, Table] = {
    "Query": people.QUERY,
    "RateLimit": people.RATE_LIMIT,
    "User": people.USER,
    "Bot": people.BOT,
    "Organization": people.ORGANIZATION,
    "Team": people.TEAM,
    "App": repositories.APP,
    "Repository": repositories.REPOSITORY,
    "MergeQueue": repositories.MERGE_QUEUE,
    "MergeQueueEntry": repositories.MERGE_QUEUE_ENTRY,
    "Ref": repositories.REF,
    "Commit": repositories.COMMIT,
    "GitActor": repositories.GIT_ACTOR,
    "Tree": repositories.TREE,
    "TreeEntry": repositories.TREE_ENTRY,
    "Blob": repositories.BLOB,
    "CheckSuite": repositories.CHECK_SUITE,
    "CheckRun": repositories.CHECK_RUN,
    "Status": repositories.STATUS,
    "StatusContext": repositories.STATUS_CONTEXT,
    "StatusCheckRollup": repositories.ROLLUP,
    "PullRequest": pulls.PULL,
    "PullRequestCommit": pulls.PULL_COMMIT,
    "PullRequestReview": pulls.REVIEW,
    "PullRequestChangedFile": pulls.CHANGED_FILE,
    "IssueComment": pulls.COMMENT,
    "ReviewRequest": pulls.REVIEW_REQUEST,
    "Label": pulls.LABEL,
    "ReactionGroup": pulls.REACTION_GROUP,
    "UserContentEdit": pulls.EDIT,
    "Connection": node.CONNECTION,
    "Edge": node.EDGE,
    "PageInfo": node.PAGE_INFO,
}
# Fields that need a permission an installation may lack.
_NEEDS = {
    ("Repository", "pullRequest"): "pull_requests",
    ("Repository", "pullRequests"): "pull_requests",
    ("Repository", "mergeQueue"): "merge_queues",
    ("Repository", "object"): "contents",
    ("Commit", "file"): "contents",
    ("Commit", "checkSuites"): "checks",
    ("Organization", "team"): "members",
    ("Organization", "teams"): "members",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Query:
    """One query and its answer, for whoever watches."""

    text: str
    variables: Json
    caller: Caller
    answer: Json


@cache
def _schema(text: str) -> GraphQLSchema:
    return build_schema(text or files("bot.sandbox.graphql").joinpath("schema.graphql").read_text(), assume_valid=True)


@lru_cache(maxsize=256)
def _document(schema: GraphQLSchema, text: str) -> tuple[DocumentNode, tuple[GraphQLError, ...]]:
    document = parse(text)
    return document, tuple(validate(schema, document))


class GraphQL:
    """Answers queries on a schema; `watch` is told of each."""

    def __init__(self, world: World, gatekeeper: Gatekeeper, schema: str, watch: Callable[[Query], None]) -> None:
        self._world = world
        self._gatekeeper = gatekeeper
        self._schema_text = schema
        self._watch = watch

    def add_to(self, application: web.Application) -> None:
        application.router.add_post("/api/graphql", self._handle)

    async def _handle(self, request: web.Request) -> web.Response:
        try:
            caller = self._somebody(request.headers.get("Authorization", ""))
        except Refusal as refusal:
            return web.json_response({"message": refusal.message}, status=refusal.status)
        body = json.loads(await request.read())
        variables = body.get("variables") or {}
        answer = self.answer(body["query"], variables, caller, operation=body.get("operationName"))
        self._watch(Query(text=body["query"], variables=variables, caller=caller, answer=answer))
        return web.json_response(answer)

    def _somebody(self, authorization: str) -> Caller:
        caller = self._gatekeeper.caller(authorization)
        if caller.account is None:
            raise Refusal(401, "This endpoint requires you to be authenticated.")
        return caller

    def answer(self, text: str, variables: Json, caller: Caller, *, operation: str | None = None) -> Json:
        """Data and errors as GitHub sends them, with an error's `type` beside its message."""
        schema = _schema(self._schema_text)
        try:
            document, faults = _document(schema, text)
        except GraphQLError as fault:
            return {"errors": [_error(fault)]}
        if faults:
            return {"errors": [_error(fault) for fault in faults]}
        result = execute_sync(
            schema,
            document,
            root_value=Node(kind="Query"),
            context_value=Look(world=self._world, caller=caller),
            variable_values=variables,
            operation_name=operation,
            field_resolver=_resolve,
            type_resolver=_type,
        )
        errors = {"errors": [_error(fault) for fault in result.errors]} if result.errors else {}
        return {"data": result.data} | errors


def _error(fault: GraphQLError) -> Json:
    formatted: Json = dict(fault.formatted)
    extensions = formatted.pop("extensions", {})
    return {"type": extensions["type"], **formatted} if "type" in extensions else formatted


def _type(value: Any, _info: GraphQLResolveInfo[Look], _abstract: Any) -> str:
    kind: str = value.kind
    return kind


def _resolve(source: Node, info: GraphQLResolveInfo[Look], **arguments: Any) -> Any:
    look: Look = info.context
    field = info.field_name
    _check_permission(source.kind, field, look.caller)
    if source.kind == "Connection" and field in source.it.more:
        return source.it.more[field]
    table = TABLES.get(source.kind, pulls.EVENT)
    if field in table:
        return table[field](source, look, **arguments)
    if table is pulls.EVENT and field in source.it.facts:
        return pulls.event_field(source, field)
    raise GraphQLError(f"the sandbox does not know {info.parent_type.name}.{field}")


def _check_permission(kind: str, field: str, caller: Caller) -> None:
    needed = _NEEDS.get((kind, field))
    if needed and caller.installation is not None and not caller.may(needed, "read"):
        raise GraphQLError("Resource not accessible by integration", extensions={"type": "FORBIDDEN"})
