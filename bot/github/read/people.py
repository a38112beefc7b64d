"""Who people are: teams, logins, and who may push, as GitHub tells them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import msgspec

from bot.core.policy.model import Policy
from bot.core.pull import Actor, ActorKind
from bot.core.roster import Permission
from bot.github.client import Client, shaped
from bot.github.errors import Refused
from bot.github.read.accounts import LinkedUser
from bot.github.read.documents import Selection, compose, repository_arguments
from bot.github.read.shapes import Page

MOST_COLLABORATORS = 3000
MOST_TEAM_PAGES = 30


@dataclass(frozen=True, slots=True, kw_only=True)
class Named:
    """The teams (`org/slug`) and logins that a policy names, lower case, sorted."""

    teams: tuple[str, ...] = ()
    users: tuple[str, ...] = ()


def named_by(policy: Policy) -> Named:
    """Everybody the policy speaks of: seniors, machine users, the sets of the rules, who may break the glass."""
    names = {
        *policy.seniors.teams,
        *policy.seniors.users,
        *policy.seniors.machine_users,
        *policy.break_glass.teams,
        *policy.break_glass.users,
        *(name for rule in policy.rules for name in rule.require.from_sets),
    }
    folded = sorted({name.lower() for name in names})
    return Named(
        teams=tuple(name for name in folded if "/" in name),
        users=tuple(name for name in folded if "/" not in name),
    )


def select_people(named: Named) -> Selection:
    """A field per team (`t0` …) and per login (`u0` …)."""
    arguments: dict[str, tuple[str, str | int | None]] = {}
    fields = []
    for index, team in enumerate(named.teams):
        organisation, _, slug = team.partition("/")
        arguments |= {f"org{index}": ("String!", organisation), f"slug{index}": ("String!", slug)}
        fields.append(f"t{index}: organization(login: $org{index}) {{ team(slug: $slug{index}) {{ ...TeamMembers }} }}")
    for index, login in enumerate(named.users):
        arguments[f"login{index}"] = ("String!", login)
        fields.append(f"u{index}: user(login: $login{index}) {{ login databaseId }}")
    if named.teams:
        arguments["after"] = ("String", None)
    return Selection(root="\n".join(fields), arguments=arguments, fragments=("team",) if named.teams else ())


def team_fields(named: Named) -> frozenset[str]:
    return frozenset(f"t{index}" for index in range(len(named.teams)))


def user_fields(named: Named) -> frozenset[str]:
    return frozenset(f"u{index}" for index in range(len(named.users)))


class _Team(msgspec.Struct, frozen=True):
    members: Page[LinkedUser]


class _Organisation(msgspec.Struct, frozen=True):
    team: _Team | None


async def read_teams(
    client: Client, owner: str, name: str, named: Named, answer: Mapping[str, Any]
) -> dict[str, frozenset[Actor] | None]:
    """Each team's members, None when it cannot be read whole: then nobody can be told to be in it."""
    return {
        team: await _members(client, (owner, name), team, shaped(answer.get(f"t{index}"), _OrNoOrganisation))
        for index, team in enumerate(named.teams)
    }


_OrNoOrganisation: Any = _Organisation | None


async def _members(
    client: Client, repository: tuple[str, str], team: str, first: _Organisation | None
) -> frozenset[Actor] | None:
    found: set[Actor] = set()
    organisation = first
    for _ in range(MOST_TEAM_PAGES):
        if organisation is None or organisation.team is None:
            return None
        page = organisation.team.members
        found |= {node.actor() for node in page.nodes if node}
        if not page.page_info.has_next_page:
            return frozenset(found) if len(found) == page.total_count else None
        organisation = await _next_page(client, repository, team, page.page_info.end_cursor)
    return None


async def _next_page(
    client: Client, repository: tuple[str, str], team: str, cursor: str | None
) -> _Organisation | None:
    selection = select_people(Named(teams=(team,)))
    arguments = {**selection.arguments, **repository_arguments(*repository), "after": ("String", cursor)}
    text, variables = compose(Selection(root=selection.root, arguments=arguments, fragments=("team",)))
    answer = await client.query(text, variables, may_be_unknown=frozenset({"t0"}))
    told: _Organisation | None = shaped(answer.get("t0"), _OrNoOrganisation)
    return told


def users_of(named: Named, answer: Mapping[str, Any]) -> dict[str, Actor | None]:
    """Each login's account, None when there is none."""
    found: dict[str, Actor | None] = {}
    for index, login in enumerate(named.users):
        told = answer.get(f"u{index}")
        found[login] = None if told is None else shaped(told, LinkedUser).actor()
    return found


class _Roles(msgspec.Struct, frozen=True):
    """REST's booleans; unlike `role_name` they are the same for custom roles."""

    push: bool
    maintain: bool = False
    admin: bool = False

    def permission(self) -> Permission:
        if self.admin:
            return Permission.ADMIN
        if self.maintain:
            return Permission.MAINTAIN
        return Permission.WRITE if self.push else Permission.NONE


class _Collaborator(msgspec.Struct, frozen=True):
    login: str
    id: int
    type: str
    permissions: _Roles


@dataclass(frozen=True, slots=True, kw_only=True)
class Pushers:
    """Everybody who may push to the repository, by account id. `lost` says what is not known.

    Somebody who is not in a whole list may do less than push; what exactly does not matter to the gate.
    """

    accounts: Mapping[int, tuple[Actor, Permission]]
    lost: tuple[str, ...] = ()

    def permissions(self, people: Iterable[Actor]) -> dict[int, Permission]:
        found = {id_: permission for id_, (_, permission) in self.accounts.items()}
        if not self.lost:
            found |= {actor.id: Permission.NONE for actor in people if actor.id is not None and actor.id not in found}
        return found

    def maintainers(self) -> frozenset[Actor] | None:
        """The people with `maintain` or `admin`; None when the list is not whole."""
        if self.lost:
            return None
        return frozenset(
            actor
            for actor, permission in self.accounts.values()
            if permission >= Permission.MAINTAIN and actor.kind is ActorKind.USER
        )


async def read_pushers(client: Client, owner: str, name: str) -> Pushers:
    try:
        answer = await client.items(
            "/repos/{owner}/{name}/collaborators?permission=push&per_page=100",
            most=MOST_COLLABORATORS,
            owner=owner,
            name=name,
        )
    except Refused as error:
        return Pushers(accounts={}, lost=(f"who may push to the repository: GitHub answers {error.status}",))
    told = shaped(answer, tuple[_Collaborator, ...])
    accounts = {
        one.id: (Actor(login=one.login, id=one.id, kind=_kind(one.type)), one.permissions.permission()) for one in told
    }
    over = len(told) > MOST_COLLABORATORS
    lost = (f"more than {MOST_COLLABORATORS} people may push to the repository",) if over else ()
    return Pushers(accounts=accounts, lost=lost)


def _kind(word: str) -> ActorKind:
    return ActorKind(word) if word in ActorKind._value2member_map_ else ActorKind.GHOST
