"""One REST call: who asks, for what, and GitHub's ways to answer (pages, errors, hidden things)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar
from urllib.parse import urlencode

from bot.sandbox.auth import Caller, Gatekeeper, visible
from bot.sandbox.objects import Account, App, CheckRun, PullRequest, Refusal, Repository
from bot.sandbox.world import World, found

MOST_PER_PAGE = 100
DEFAULT_PER_PAGE = 30
DOCUMENTATION = "https://docs.github.com/rest"

Thing = TypeVar("Thing")


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What goes back. `body` is JSON data, bytes for other media types, None for no content."""

    status: int = 200
    body: Any = None
    headers: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """A request, already authenticated and routed."""

    world: World
    gatekeeper: Gatekeeper
    caller: Caller
    path: str
    parameters: Mapping[str, str]
    query: Mapping[str, str]
    body: Any
    accept: str

    @property
    def app(self) -> App:
        """The App whose JWT signed the request."""
        if self.caller.app is None or not self.caller.is_app:
            raise Refusal(401, "A JSON web token could not be decoded")
        return self.caller.app

    @property
    def actor(self) -> Account:
        if self.caller.account is None:
            raise Refusal(401, "Requires authentication")
        return self.caller.account

    def number(self, name: str) -> int:
        text = self.parameters[name]
        if not text.isdecimal():
            raise Refusal(404, "Not Found")
        return int(text)

    @property
    def repository(self) -> Repository:
        one = self.world.repository(f"{self.parameters['owner']}/{self.parameters['repo']}")
        if not visible(self.world, self.caller, one):
            raise Refusal(404, "Not Found")
        return one

    @property
    def is_covered(self) -> bool:
        """Whether the installation is on the repository; what is public it may read without that, and not change."""
        return self.caller.installation is not None and self.caller.installation.covers(self.repository)

    @property
    def pull(self) -> PullRequest:
        name = "pull_number" if "pull_number" in self.parameters else "issue_number"
        return found(self.repository.pulls.get(self.number(name)))

    @property
    def run(self) -> CheckRun:
        number = self.number("check_run_id")
        return found(next((run for run in self.repository.runs if run.id == number), None))

    def commit(self, name: str) -> str:
        """The commit a path parameter names; 422 when there is none, as GitHub's commit endpoints say."""
        sha = self.repository.git.resolve(self.parameters[name].removeprefix("heads/"))
        if sha is None:
            raise Refusal(422, f"No commit found for SHA: {self.parameters[name]}")
        return sha

    def page(
        self, items: Iterable[Thing], shape: Callable[[Thing], Any], *, key: str = "", by: str = "page", **more: Any
    ) -> Answer:
        """One page of a list with its Link header; `key` names the list inside an object with its total count.

        `by` is the parameter that names a later page: some lists take a cursor, which is whatever the link says.
        """
        everything = list(items)
        per_page = min(max(self._whole("per_page", DEFAULT_PER_PAGE), 1), MOST_PER_PAGE)
        page = max(self._whole(by, 1), 1)
        last = max(1, -(-len(everything) // per_page))
        shown = [shape(item) for item in everything[(page - 1) * per_page : page * per_page]]
        body: Any = {"total_count": len(everything), **more, key: shown} if key else shown
        return Answer(body=body, headers=self._links(page, last, by))

    def _whole(self, name: str, default: int) -> int:
        text = self.query.get(name, "")
        return int(text) if text.isdecimal() else default

    def _links(self, page: int, last: int, by: str) -> dict[str, str]:
        def link(number: int, relation: str) -> str:
            query = urlencode({**self.query, by: number})
            return f'<{self.world.api_url}{self.path}?{query}>; rel="{relation}"'

        links = [link(page - 1, "prev"), link(1, "first")] if page > 1 else []
        links += [link(page + 1, "next"), link(last, "last")] if page < last else []
        return {"Link": ", ".join(links)} if links else {}


Handler = Callable[[Call], Answer]


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """One operation. `needs` is the App permission it asks for, such as `checks:write`; "" for none."""

    method: str
    path: str
    handler: Handler
    needs: str = ""


def routes(table: Sequence[tuple[str, str, Handler, str]]) -> tuple[Route, ...]:
    return tuple(
        Route(method=method, path=path, handler=handler, needs=needs) for method, path, handler, needs in table
    )


def check_permission(call: Call, needs: str) -> None:
    """403 when an installation's token lacks the permission; users need the role that stands for it."""
    if not needs or call.caller.is_app:
        return
    permission, level = needs.split(":")
    if call.caller.installation is not None:
        theirs = level == "write" and "repo" in call.parameters and not call.is_covered
        if theirs or not call.caller.may(permission, level):
            raise Refusal(403, "Resource not accessible by integration")
        return
    if "repo" in call.parameters and call.caller.account is not None:
        role = _role_for(permission, level)
        if not call.world.can(call.repository, call.caller.account, role):
            raise Refusal(
                403, "Must have admin rights to Repository." if role == "admin" else "Resource not accessible"
            )


def _role_for(permission: str, level: str) -> str:
    if permission == "administration":
        return "admin"
    return "write" if level == "write" and permission in {"checks", "statuses", "contents"} else "read"
