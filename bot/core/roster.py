"""Who people are: the accounts behind the policy's teams and logins, and what each may do on the repository."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import IntEnum

from bot.core.pull import Actor


class Permission(IntEnum):
    """A repository role, ordered. UNKNOWN is a failed or missing answer and never enough for anything."""

    UNKNOWN = -1
    NONE = 0
    READ = 1
    TRIAGE = 2
    WRITE = 3
    MAINTAIN = 4
    ADMIN = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Roster:
    """The people facts of one look. All ids are numeric account ids.

    `teams` maps `org/slug` (lower case) to the members, child teams included; None when the team could not be
    read (not visible, missing, an error): unknown, never empty. `users` maps a login (lower case) of the policy to
    its account, None when there is none. `permissions` has the role of each person who acted or may be asked.
    `maintainers` are the people with `maintain` or `admin`, read only when there is no policy file.
    `suspended` are known suspended accounts. `open_requests` counts the reviews a login (lower case) is asked for.
    `first_accounts` maps a login of the policy to the account that it meant when it was first seen.
    `by_email` maps e-mail addresses (lower case) of commits and trailers to accounts where GitHub knows them.
    """

    teams: Mapping[str, frozenset[Actor] | None] = field(default_factory=dict)
    users: Mapping[str, Actor | None] = field(default_factory=dict)
    permissions: Mapping[int, Permission] = field(default_factory=dict)
    maintainers: frozenset[Actor] | None = None
    suspended: frozenset[int] = frozenset()
    open_requests: Mapping[str, int] = field(default_factory=dict)
    by_email: Mapping[str, Actor] = field(default_factory=dict)
    first_accounts: Mapping[str, Actor] = field(default_factory=dict)

    def account(self, login: str) -> Actor | None:
        """Whom a login (lower case) of the policy stands for: None when there is none, or another than at first."""
        return None if login in self.changed_hands else self.users.get(login)

    @property
    def changed_hands(self) -> tuple[str, ...]:
        """Logins of the policy that are somebody else's account by now, sorted."""
        first = self.first_accounts
        return tuple(
            login
            for login, actor in sorted(self.users.items())
            if actor is not None and login in first and first[login].id != actor.id
        )
