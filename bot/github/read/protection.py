"""What protects a repository: its gated branches and their rules, its workflows, its tree, the policy's people."""

from __future__ import annotations

import re
from collections.abc import Mapping

import msgspec

from bot.core.policy.model import Policy
from bot.core.protection.facts import Branch, Guard, Repository, Team, Workflows
from bot.core.pull import ActorKind
from bot.github.client import Client, shaped
from bot.github.errors import Refused
from bot.github.read.guards import (
    NoRulesInPlanError,
    Ruleset,
    idle_of,
    read_branch_rules,
    read_classic,
    read_rulesets,
)
from bot.github.read.people import Pushers, named_by, read_pushers

MOST_BRANCHES = 5000
MOST_TEAMS = 500
MOST_MEMBERS = 3000
# What is released or deployed from, by the names that are in use; every protected branch is looked at besides.
RELEASES = re.compile(
    r"(main|master|prod(uction)?|staging|stable|(release|releases|hotfix|deploy|stable)[/-].+"
    r"|v?\d+(\.\d+)*\.x)",
    re.IGNORECASE,
)
_PUSHING = frozenset({"push", "maintain", "admin"})


class _Brief(msgspec.Struct, frozen=True):
    id: int
    default_branch: str


class _Branch(msgspec.Struct, frozen=True):
    name: str
    protected: bool = False


class _Workflows(msgspec.Struct, frozen=True):
    default_workflow_permissions: str
    can_approve_pull_request_reviews: bool


class _Entry(msgspec.Struct, frozen=True):
    path: str
    type: str


class _Tree(msgspec.Struct, frozen=True):
    tree: tuple[_Entry, ...]
    truncated: bool


class _Team(msgspec.Struct, frozen=True):
    id: int
    slug: str
    privacy: str = "closed"
    permission: str = ""


class _Member(msgspec.Struct, frozen=True):
    login: str


async def default_branch(client: Client, owner: str, name: str) -> str:
    return (await _brief(client, owner, name)).default_branch


async def _brief(client: Client, owner: str, name: str) -> _Brief:
    return shaped(await client.get("/repos/{owner}/{name}", owner=owner, name=name), _Brief)


async def read_protection(client: Client, owner: str, name: str, policy: Policy | None) -> Repository:
    """Everything that bears on whether the gate binds. What GitHub refuses to tell is said in `unknown`."""
    reader = _Reader(client, owner, name)
    try:
        branches, rulesets = await reader.branches()
    except NoRulesInPlanError:
        return Repository(name=f"{owner}/{name}", branches=(), has_rules=False)
    pushers = await reader.pushers()
    return Repository(
        name=f"{owner}/{name}",
        id=reader.id,
        branches=branches,
        idle=idle_of(rulesets.values()),
        workflows=await reader.workflows(),
        paths=await reader.paths(),
        teams=await reader.teams(policy, pushers),
        pushers=None if pushers.lost else frozenset(actor.login for actor, _ in pushers.accounts.values()),
        maintainers=_logins(pushers),
        unknown=tuple(reader.unknown),
    )


def _logins(pushers: Pushers) -> frozenset[str] | None:
    found = pushers.maintainers()
    return None if found is None else frozenset(actor.login for actor in found)


class _Reader:
    """Asks about one repository and notes what was refused."""

    def __init__(self, client: Client, owner: str, name: str) -> None:
        self._client = client
        self._owner = owner
        self._name = name
        self._first = ""
        self.id = 0
        self._access: dict[str, _Team] | None = None
        self.unknown: list[str] = []

    async def branches(self) -> tuple[tuple[Branch, ...], Mapping[int, Ruleset]]:
        """The default branch first, then every protected one and every one that releases are made from."""
        brief = await _brief(self._client, self._owner, self._name)
        first = self._first = brief.default_branch
        self.id = brief.id
        listed = await self._items("/repos/{owner}/{name}/branches?per_page=100", MOST_BRANCHES)
        if len(listed) > MOST_BRANCHES:
            self.unknown.append(f"only {MOST_BRANCHES} of the branches were looked at")
        told = shaped(listed, tuple[_Branch, ...])
        names = sorted(one.name for one in told if one.protected or RELEASES.fullmatch(one.name))
        rulesets = await self._rulesets()
        gated = dict.fromkeys((first, *names))
        return tuple([await self._branch(one, rulesets, is_default=one == first) for one in gated]), rulesets

    async def _rulesets(self) -> Mapping[int, Ruleset]:
        try:
            return await read_rulesets(self._client, self._owner, self._name)
        except Refused as error:
            self._note("the repository's rulesets", error)
            return {}

    async def _branch(self, name: str, rulesets: Mapping[int, Ruleset], *, is_default: bool) -> Branch:
        guards: list[Guard] = []
        unknown: list[str] = []
        teams = await self._teams_with_access()
        names = {team.id: team.slug for team in (teams or {}).values()}
        place = (self._client, self._owner, self._name, name)
        try:
            guards += await read_branch_rules(*place, rulesets=rulesets, names=names)
        except Refused as error:
            unknown.append(_sentence("the rules of the branch", error))
        try:
            classic = await read_classic(*place)
            guards += [] if classic is None else [classic]
        except Refused as error:
            unknown.append(_sentence("the classic protection of the branch", error, "administration: read"))
        return Branch(name=name, guards=tuple(guards), is_default=is_default, unknown=tuple(unknown))

    async def workflows(self) -> Workflows | None:
        path = "/repos/{owner}/{name}/actions/permissions/workflow"
        try:
            answer = await self._client.get(path, owner=self._owner, name=self._name)
        except Refused as error:
            self._note("whether GitHub Actions can approve pull requests", error, "administration: read")
            return None
        told = shaped(answer, _Workflows)
        return Workflows(
            may_approve=told.can_approve_pull_request_reviews,
            may_write=told.default_workflow_permissions == "write",
        )

    async def paths(self) -> tuple[str, ...] | None:
        """Every file on the default branch, None when GitHub cuts the list short; it says so itself."""
        try:
            path = "/repos/{owner}/{name}/git/trees/{branch}?recursive=1"
            answer = await self._client.get(path, owner=self._owner, name=self._name, branch=self._first)
        except Refused as error:
            self._note("the files of the repository", error, "contents: read")
            return None
        told = shaped(answer, _Tree)
        return None if told.truncated else tuple(entry.path for entry in told.tree if entry.type != "tree")

    async def pushers(self) -> Pushers:
        found = await read_pushers(self._client, self._owner, self._name)
        self.unknown += [f"it is not known {lost}" for lost in found.lost]
        return found

    async def teams(self, policy: Policy | None, pushers: Pushers) -> tuple[Team, ...]:
        names = () if policy is None else named_by(policy).teams
        may_push = {actor.login for actor, _ in pushers.accounts.values() if actor.kind is ActorKind.USER}
        return tuple([await self._team(name, None if pushers.lost else may_push) for name in names])

    async def _team(self, name: str, may_push: set[str] | None) -> Team:
        organisation, _, slug = name.partition("/")
        try:
            told = shaped(await self._client.get("/orgs/{org}/teams/{slug}", org=organisation, slug=slug), _Team)
            path = "/orgs/{org}/teams/{slug}/members?per_page=100"
            listed = await self._client.items(path, most=MOST_MEMBERS, org=organisation, slug=slug)
        except Refused:
            return Team(name=name)
        members = frozenset(one.login for one in shaped(listed, tuple[_Member, ...]))
        access = await self._teams_with_access()
        given = None if access is None else access.get(told.slug)
        return Team(
            name=name,
            id=told.id,
            members=members if len(listed) <= MOST_MEMBERS else None,
            may_push=None if may_push is None else members & may_push,
            has_write=None if access is None else given is not None and given.permission in _PUSHING,
            is_secret=told.privacy == "secret",
        )

    async def _teams_with_access(self) -> dict[str, _Team] | None:
        """The teams that were given something on the repository, by slug; None when not told."""
        if self._access is None:
            try:
                listed = await self._items("/repos/{owner}/{name}/teams?per_page=100", MOST_TEAMS)
            except Refused:
                return None
            self._access = {team.slug: team for team in shaped(listed, tuple[_Team, ...])}
        return self._access

    async def _items(self, path: str, most: int) -> list[object]:
        return await self._client.items(path, most=most, owner=self._owner, name=self._name)

    def _note(self, what: str, error: Refused, permission: str = "") -> None:
        self.unknown.append(_sentence(what, error, permission))


def _sentence(what: str, error: Refused, permission: str = "") -> str:
    needed = f", the permission `{permission}` may be missing" if permission else ""
    return f"{what} could not be read: GitHub answers {error.status}{needed}"
