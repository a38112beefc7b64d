"""GitHub's accounts as GraphQL tells them."""

from __future__ import annotations

import msgspec

from bot.core.pull import Actor, ActorKind

GHOST = Actor(login="ghost", id=None, kind=ActorKind.GHOST)


class Account(msgspec.Struct, frozen=True, rename="camel"):
    login: str
    typename: str = msgspec.field(name="__typename")
    database_id: int | None = None


def actor_of(account: Account | None) -> Actor:
    """The account as REST spells it: GraphQL leaves `[bot]` out. A deleted account is null."""
    if account is None:
        return GHOST
    kind = ActorKind(account.typename) if account.typename in ActorKind._value2member_map_ else ActorKind.GHOST
    login = account.login
    if kind is ActorKind.BOT and not login.endswith("[bot]"):
        login = f"{login}[bot]"
    return Actor(login=login, id=account.database_id, kind=kind)


class LinkedUser(msgspec.Struct, frozen=True, rename="camel"):
    """A person; GraphQL links only users, never bots, to names and e-mail addresses."""

    login: str
    database_id: int | None

    def actor(self) -> Actor:
        return Actor(login=self.login, id=self.database_id, kind=ActorKind.USER)
