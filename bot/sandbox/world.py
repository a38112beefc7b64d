"""Everything that exists on the embedded GitHub, who may do what in it, and the clock and ids it runs on."""

from __future__ import annotations

import base64
import contextlib
import itertools
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TypeVar

from bot.sandbox.deployed import Deployments
from bot.sandbox.git import GitRepository, Signature
from bot.sandbox.hooks import Hooks
from bot.sandbox.objects import (
    ROLES,
    Account,
    App,
    Comment,
    Installation,
    Json,
    PullRequest,
    Refusal,
    Repository,
    Team,
)

Thing = TypeVar("Thing")


class World:
    """The state. Logins, slugs and names are looked up without regard to case, as GitHub does.

    `clock` gives Unix seconds; `directory` holds the bare repositories; `watch` is told of every webhook sent.
    """

    def __init__(self, *, directory: Path, clock: Callable[[], float], watch: Callable[[str, Json], None]) -> None:
        self.directory = directory
        self.clock = clock
        self.url = ""
        self.accounts: dict[str, Account] = {}
        self.teams: dict[tuple[str, str], Team] = {}
        self.repositories: dict[str, Repository] = {}
        self.apps: dict[int, App] = {}
        self.installations: dict[int, Installation] = {}
        self.deployments = Deployments()
        self.organization_roles: dict[tuple[str, str], str] = {}
        self._ids = itertools.count(4101, 7)
        self._lag = 0
        self.storage_is_down = False
        self.hooks = Hooks(new_id=self.new_id, now=self.now, watch=watch)

    def new_id(self) -> int:
        return next(self._ids)

    def now(self) -> int:
        return int(self.clock()) - self._lag

    @contextlib.contextmanager
    def ago(self, seconds: int) -> Iterator[None]:
        """Let what is done meanwhile have happened that long ago."""
        self._lag += seconds
        try:
            yield
        finally:
            self._lag -= seconds

    @property
    def api_url(self) -> str:
        return f"{self.url}/api/v3"

    def account(self, login: str) -> Account:
        """The account behind a login; a suspended one is hidden, as GitHub hides it."""
        account = self.accounts.get(login.lower())
        return found(None if account is None or account.suspended else account)

    def team(self, organization: str, slug: str) -> Team:
        return found(self.teams.get((organization.lower(), slug.lower())))

    def repository(self, full_name: str) -> Repository:
        return found(self.repositories.get(full_name.lower()))

    def pull(self, full_name: str, number: int) -> PullRequest:
        return found(self.repository(full_name).pulls.get(number))

    def add_account(self, login: str, *, kind: str = "User", name: str = "") -> Account:
        if login.lower() in self.accounts:
            return self.accounts[login.lower()]
        account = Account(id=self.new_id(), login=login, kind=kind, name=name or login, created_at=self.now())
        self.accounts[login.lower()] = account
        return account

    def add_team(self, organization: Account, slug: str, *, name: str = "", parent: Team | None = None) -> Team:
        team = Team(
            id=self.new_id(),
            organization=organization,
            slug=slug,
            name=name or slug,
            parent=parent,
            created_at=self.now(),
        )
        self.teams[(organization.login.lower(), slug.lower())] = team
        return team

    def add_repository(
        self, owner: Account, name: str, *, private: bool = True, parent: Repository | None = None
    ) -> Repository:
        path = self.directory / owner.login / f"{name}.git"
        path.parent.mkdir(parents=True, exist_ok=True)
        repository = Repository(
            id=self.new_id(),
            owner=owner,
            name=name,
            git=GitRepository(path),
            created_at=self.now(),
            private=private,
            parent=parent,
        )
        self.repositories[repository.full_name.lower()] = repository
        return repository

    def signature(self, account: Account) -> Signature:
        return Signature(name=account.name, email=account.email, time=self.now())

    # --- who may do what

    def nested(self, team: Team) -> list[Team]:
        """The team and every team below it."""
        below = [child for child in self.teams.values() if child.parent is team]
        return [team, *itertools.chain.from_iterable(self.nested(child) for child in below)]

    def members(self, team: Team) -> dict[str, str]:
        """Login → role of everybody in the team or below it."""
        roles: dict[str, str] = {}
        for one in reversed(self.nested(team)):
            roles.update(one.members)
        return roles

    def is_member(self, organization: Account, account: Account) -> bool:
        return (organization.login.lower(), account.login.lower()) in self.organization_roles

    def role(self, repository: Repository, account: Account) -> str:
        """The strongest of `ROLES` that the account has on the repository, directly or through teams."""
        key = (repository.owner.login.lower(), account.login.lower())
        if account is repository.owner or self.organization_roles.get(key) == "admin":
            return "admin"
        held = [repository.collaborators.get(account.login, "none" if repository.private else "read")]
        if key in self.organization_roles:
            held.append("read")
        held += [
            role
            for team in self.teams.values()
            for full_name, role in team.repositories.items()
            if full_name == repository.full_name and account.login in self.members(team)
        ]
        return max(held, key=ROLES.index)

    def can(self, repository: Repository, account: Account, role: str) -> bool:
        return ROLES.index(self.role(repository, account)) >= ROLES.index(role)

    def association(self, repository: Repository, account: Account) -> str:
        if account is repository.owner:
            return "OWNER"
        if self.is_member(repository.owner, account):
            return "MEMBER"
        if account.login in repository.collaborators:
            return "COLLABORATOR"
        return (
            "CONTRIBUTOR"
            if any(pull.merged and pull.author is account for pull in repository.pulls.values())
            else "NONE"
        )

    def collaborators(self, repository: Repository) -> list[Account]:
        """Users who hold any role on the repository, by login."""
        users = [account for account in self.accounts.values() if account.kind == "User"]
        held = [account for account in users if self.is_collaborator(repository, account)]
        return sorted(held, key=lambda account: account.login.lower())

    def is_collaborator(self, repository: Repository, account: Account) -> bool:
        if repository.private:
            return self.role(repository, account) != "none"
        return account.login in repository.collaborators or self.is_member(repository.owner, account)

    def account_by_email(self, email: str) -> Account | None:
        return next((account for account in self.accounts.values() if account.email.lower() == email.lower()), None)

    # --- finding things

    def pulls_at(self, repository: Repository, sha: str) -> list[PullRequest]:
        """Open pull requests whose head is this commit."""
        return [pull for pull in repository.pulls.values() if pull.state == "open" and pull.head_sha == sha]

    def find_comment(self, repository: Repository, comment_id: int) -> tuple[PullRequest, Comment]:
        for pull in repository.pulls.values():
            for comment in pull.comments:
                if comment.id == comment_id:
                    return pull, comment
        raise Refusal(404, "Not Found")

    def installations_on(self, repository: Repository) -> Iterator[Installation]:
        return (one for one in self.installations.values() if one.covers(repository))


def found(thing: Thing | None) -> Thing:
    """The thing, or GitHub's 404."""
    if thing is None:
        raise Refusal(404, "Not Found")
    return thing


def node_id(kind: str, number: int) -> str:
    return f"{kind}_" + base64.urlsafe_b64encode(f"{kind}:{number}".encode()).decode().rstrip("=")
