"""Judges the embedded GitHub's traffic by what GitHub itself publishes: OpenAPI, GraphQL and webhook schemas."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

from openapi_schema_validator import OAS30Validator, OAS31Validator
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT202012

from bot.sandbox.embedded import Watchers
from bot.sandbox.graphql.serve import Query
from bot.sandbox.rest.serve import Exchange

PUBLISHED = Path(sys.prefix) / "schemas" / "node_modules" / "@octokit"

# What the description leaves out though GitHub answers so; each line names why it is believed.
UNDOCUMENTED_STATUSES = {401, 403, 404, 405, 409, 422, 400}

# Addresses that GitHub hands out in its answers and describes under another path.
ALIASES = {
    "/organizations/{org_id}/team/{team_id}/members": "/orgs/{org}/teams/{team_slug}/members",
    "/repositories/{repository_id}": "/repos/{owner}/{repo}",
}

# Where GitHub's own answers differ from its description, as (route, path in the answer, what the validator says).
DEVIATIONS: tuple[tuple[str, str, str], ...] = (
    # A commit whose author has no account has `author: null`; the description forgets null there.
    ("*", r".*(author|committer)$", "None"),
    # A run that is not completed has `conclusion: null`; the enumeration forgets null.
    ("*", r".*\.conclusion$", "None is not one of"),
    # The description joins "user" and "enterprise" with allOf where an account is one of them.
    ("/app/installations", r"\$\[\d+\]\.account", "required property"),
    # A run that is not completed has `conclusion: null`; the description calls it nullable but leaves null out.
    ("/repos/{owner}/{repo}/check-runs", r"\$\.conclusion", "None is not one of"),
    ("/repos/{owner}/{repo}/check-runs/{check_run_id}", r"\$\.conclusion", "None is not one of"),
    # The discriminator the description puts on one-of cannot hold for a directory, which is a list.
    ("/repos/{owner}/{repo}/contents/{path}", r"\$", "is not of type 'object'"),
)

# The same of webhooks, as (event and action, path, what the validator says).
WEBHOOK_DEVIATIONS: tuple[tuple[str, str, str], ...] = (
    # The list of events an App may subscribe to is older there than these events, which are published besides.
    *(
        ("check-suite-rerequested", r"\$\.check_suite\.app\.events\[\d+\]", f"'{event}' is not one of")
        for event in (
            "branch_protection_configuration",
            "deployment_protection_rule",
            "merge_group",
            "repository_ruleset",
        )
    ),
)


class Specification:
    """One OpenAPI document: finds operations and schemas, and validates against them."""

    def __init__(self, path: Path, validator: Any) -> None:
        self.document: dict[str, Any] = json.loads(path.read_bytes())
        self._validator = validator
        resource: Resource[Any] = DRAFT202012.create_resource(self.document)
        self._registry: Registry[Any] = Registry().with_resource("urn:github", resource)
        self._validators: dict[str, Any] = {}

    def resolve(self, part: dict[str, Any]) -> dict[str, Any]:
        while "$ref" in part:
            found: Any = self.document
            for step in part["$ref"].removeprefix("#/").split("/"):
                found = found[step]
            part = found
        return part

    def problems(self, pointer: str, instance: Any) -> Iterator[Any]:
        """Validate against the schema at a JSON pointer such as `#/components/schemas/blob`."""
        if pointer not in self._validators:
            schema = {"$ref": f"urn:github{pointer}"}
            self._validators[pointer] = self._validator(
                schema, registry=self._registry, format_checker=self._validator.FORMAT_CHECKER
            )
        yield from self._validators[pointer].iter_errors(instance)


@cache
def openapi() -> Specification:
    return Specification(PUBLISHED / "openapi" / "generated" / "api.github.com.json", OAS30Validator)


@cache
def webhooks() -> Specification:
    return Specification(PUBLISHED / "openapi-webhooks" / "generated" / "api.github.com.json", OAS31Validator)


@cache
def graphql_schema() -> str:
    return (PUBLISHED / "graphql-schema" / "schema.graphql").read_text()


def pointer(*steps: str) -> str:
    escaped = (step.replace("~", "~0").replace("/", "~1").replace("{", "%7B").replace("}", "%7D") for step in steps)
    return "#/" + "/".join(escaped)


def published_path(route: str) -> str:
    """A route's template as the description spells it."""
    return ALIASES.get(route, re.sub(r"\{(\w+):[^}]*\}", r"{\1}", route))


class Judge(Watchers):
    """Collects every violation; the fixture fails the test that caused one."""

    def __init__(self) -> None:
        self.violations: list[str] = []
        self.exchanges: list[Exchange] = []
        self.queries: list[Query] = []
        self.webhooks: list[tuple[str, dict[str, Any]]] = []

    def _say(self, where: str, problem: str) -> None:
        self.violations.append(f"{where}: {problem[:600]}")

    def exchange(self, exchange: Exchange) -> None:
        self.exchanges.append(exchange)
        path, method = published_path(exchange.route), exchange.method.lower()
        where = f"{exchange.method} {exchange.address} -> {exchange.status}"
        operation = openapi().document["paths"].get(path, {}).get(method)
        if operation is None:
            self._say(where, "no such operation in GitHub's description")
            return
        self._judge_query(where, operation, exchange)
        self._judge_request(where, operation, exchange, path, method)
        self._judge_response(where, operation, exchange, path, method)

    def _judge_query(self, where: str, operation: dict[str, Any], exchange: Exchange) -> None:
        parameters = [openapi().resolve(one) for one in operation.get("parameters", ())]
        known = {one["name"]: one for one in parameters if one["in"] == "query"}
        for name, value in exchange.query.items():
            if name not in known:
                self._say(where, f"query parameter {name} is not in GitHub's description")
                continue
            schema = openapi().resolve(known[name]["schema"])
            instance: Any = int(value) if schema.get("type") == "integer" and value.isdecimal() else value
            for problem in OAS30Validator(schema).iter_errors(instance):
                self._say(where, f"query parameter {name}: {problem.message}")

    def _judge_request(self, where: str, operation: dict[str, Any], exchange: Exchange, path: str, method: str) -> None:
        """What an App sends is judged strictly; other clients answer for themselves."""
        body = exchange.request_body
        if exchange.caller.app is None:
            return
        if "requestBody" not in operation:
            if body not in (None, {}):
                self._say(where, f"a body where the description has none: {json.dumps(body)[:200]}")
            return
        if body is None:
            if operation["requestBody"].get("required"):
                self._say(where, "no body where the description asks for one")
            return
        steps = ("paths", path, method, "requestBody", "content", "application/json", "schema")
        for problem in openapi().problems(pointer(*steps), body):
            self._say(where, f"request {problem.json_path}: {problem.message}")
        known = property_names(operation["requestBody"]["content"]["application/json"]["schema"])
        for name in body if known and isinstance(body, dict) else ():
            if name not in known:
                self._say(where, f"request field {name} is not in GitHub's description")

    def _judge_response(
        self, where: str, operation: dict[str, Any], exchange: Exchange, path: str, method: str
    ) -> None:
        documented = operation["responses"].get(str(exchange.status))
        if documented is None:
            if exchange.status not in UNDOCUMENTED_STATUSES:
                self._say(where, "GitHub's description knows no such status here")
            return
        content = openapi().resolve(documented).get("content", {}).get("application/json", {})
        if "schema" not in content or isinstance(exchange.response_body, bytes):
            return
        steps = ["paths", path, method, "responses", str(exchange.status)]
        if "$ref" in documented:
            steps = documented["$ref"].removeprefix("#/").split("/")
        steps += ["content", "application/json", "schema"]
        for problem in openapi().problems(pointer(*steps), exchange.response_body):
            if not _deviates(path, problem, DEVIATIONS):
                self._say(where, f"response {problem.json_path}: {_deepest(problem)}")

    def query(self, query: Query) -> None:
        self.queries.append(query)
        for error in query.answer.get("errors", ()):
            if error.get("type") not in {"NOT_FOUND", "FORBIDDEN"}:
                self._say("POST /graphql", f"{error['message']} at {error.get('path')}")

    def webhook(self, event: str, payload: dict[str, Any]) -> None:
        self.webhooks.append((event, payload))
        name = f"{event}-{payload['action']}" if "action" in payload else event
        name = name.replace("_", "-")
        if name not in webhooks().document["webhooks"]:
            self._say(f"webhook {event}", f"GitHub publishes no {name}")
            return
        steps = ("webhooks", name, "post", "requestBody", "content", "application/json", "schema")
        for problem in webhooks().problems(pointer(*steps), payload):
            if not _deviates(name, problem, WEBHOOK_DEVIATIONS):
                self._say(f"webhook {name}", f"{problem.json_path}: {_deepest(problem)}")


def property_names(schema: dict[str, Any]) -> set[str]:
    """All property names a request schema knows at its top, empty when it leaves them open."""
    schema = openapi().resolve(schema)
    names = set(schema.get("properties", ()))
    for key in ("oneOf", "anyOf", "allOf"):
        for part in schema.get(key, ()):
            names |= property_names(part)
    return names


def _deviates(path: str, problem: Any, known: tuple[tuple[str, str, str], ...]) -> bool:
    return any(
        route in {"*", path} and re.fullmatch(place, problem.json_path) and words in problem.message
        for route, place, words in known
    )


def _deepest(problem: Any) -> str:
    """The innermost reason of a failed alternative, which names the field at fault."""
    while problem.context:
        problem = max(problem.context, key=lambda inner: len(inner.absolute_path))
    return f"{problem.json_path} {problem.message}"
