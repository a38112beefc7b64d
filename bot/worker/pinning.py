"""Remembers which account a policy's login meant first: a login that changes hands takes no right along."""

from __future__ import annotations

from dataclasses import replace

import structlog

from bot.core.memory import Kind, first_accounts, of_login
from bot.core.pull import PullRequest
from bot.core.roster import Roster
from bot.store.entries import Entry
from bot.store.queue import Store

log = structlog.get_logger()


async def with_first_accounts(store: Store, pull: PullRequest, roster: Roster) -> Roster:
    """The roster with the account that each login of the policy meant when this owner's policies first named it."""
    subjects = [_subject(pull, login) for login in roster.users]
    entries = await store.entries_about(subjects, Kind.LOGIN.value, len(subjects))
    first = first_accounts((entry.kind, entry.body) for entry in entries)
    known = replace(roster, first_accounts=first)
    for login in known.changed_hands:
        log.warning("a login of the policy has changed hands", login_id=first[login].id)
    return known


def entries_of_logins(pull: PullRequest, roster: Roster, now: int) -> list[Entry]:
    """Each login's account, to be kept the first time; `now` in Unix seconds."""
    memories = [(login, of_login(login, actor, now)) for login, actor in sorted(roster.users.items()) if actor]
    return [
        Entry(subject=_subject(pull, login), kind=one.kind.value, key=one.key, at=one.at, body=one.body)
        for login, one in memories
    ]


def _subject(pull: PullRequest, login: str) -> str:
    return f"login:{pull.repository.owner.casefold()}/{login}"
