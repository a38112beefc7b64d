"""Who a name and address stand for: a known tool, an unknown bot, plain automation, or a person."""

from __future__ import annotations

import functools

import re2

from bot.core.provenance.index import Index, plain_login
from bot.core.provenance.lookalikes import folded
from bot.core.provenance.markers import Surface
from bot.core.provenance.signs import Sign, habit, sign_of
from bot.core.provenance.strangers import Person, signs_of_stranger
from bot.core.pull import Actor, ActorKind

SHARED_ACCOUNTS = frozenset({"41898282"})
"""`github-actions[bot]`: others commit under its numeric id, so the id alone says nothing."""

LONGEST_PERSON = 512
"""Characters of a name and address together; more is not read and counts as unread."""

_FORGE = "@users.noreply.github.com"
_BOT = "[bot]"
_REPLACED = "\N{REPLACEMENT CHARACTER}"
_SPEAKS_OF_AI = re2.compile(r"(?:^|[-_.])(?:ai|agents?|gpt|llm|copilot|claude|codex|devin|swe|coder|gemini)(?:$|[-_.])")
UNREAD_IDENTITY = "unread-identity"


def signs_of_person(name: str, email: str, surface: Surface, index: Index) -> tuple[Sign, ...]:
    """What is known of somebody whom a commit (AUTHOR) or a trailer (CO_AUTHOR) names.

    Nothing for people and plain automation. An unknown `[bot]` counts as AI, and so does an address that cannot be
    read, and an author who is nobody. An identity that is a tool's only when look-alike letters are replaced is told
    apart.
    """
    is_nobody = surface is Surface.AUTHOR and not (name.strip() or email.strip())
    if is_nobody or len(name) + len(email) > LONGEST_PERSON:
        return (habit(UNREAD_IDENTITY, index),)
    return _signs_of_person(name, email, surface, index)


@functools.lru_cache(maxsize=1 << 15)
def _signs_of_person(name: str, email: str, surface: Surface, index: Index) -> tuple[Sign, ...]:
    found = _signs_as_written(name, email, surface, index)
    if found:
        return found
    if _REPLACED in email:
        return (habit(UNREAD_IDENTITY, index),)
    plain_name, plain_email = folded(name), folded(email)
    if plain_name is name and plain_email is email:
        return ()
    plain = _signs_as_written(plain_name, plain_email, surface, index)
    return tuple(habit("lookalike-text", index, agent=sign.agent) for sign in plain)


def _signs_as_written(name: str, email: str, surface: Surface, index: Index) -> tuple[Sign, ...]:
    person = _person(name, email)
    rows = index.emails.get(person.address, ())
    if person.account not in SHARED_ACCOUNTS:
        rows += index.accounts.get(person.account, ())
    rows = tuple(row for row in rows if row.surface in (Surface.PERSON, surface))
    if not rows:
        if is_automation(person, index):
            return ()
        text = f"{person.name} <{person.address}>"
        rows = (*index.persons[surface].matching(text),)
    return tuple(sign_of(row) for row in rows) or signs_of_stranger(person, index)


def _person(name: str, email: str) -> Person:
    address = email.strip().lower()
    account, plus, login = address.removesuffix(_FORGE).partition("+") if address.endswith(_FORGE) else ("", "", "")
    if not plus:
        account, login = "", account
    elif not account.isdecimal():
        account, login = "", f"{account}+{login}"
    return Person(name=name.strip(), address=address, account=account, login=login)


def is_automation(person: Person, index: Index) -> bool:
    """Whether this is a bot of the plain-automation list; a bare name is compared only when it ends in `[bot]`."""
    if person.address in index.automation_emails or person.account in index.automation_accounts:
        return True
    login = person.login or (person.name if person.name.endswith(_BOT) else "")
    return login != "" and is_plain(login, index)


def is_plain(login: str, index: Index) -> bool:
    """Whether the login is listed, or a usual name where such are believed; none that speaks of AI is."""
    plain = plain_login(login)
    if plain in index.automation_logins:
        return True
    if index.automation_globs is None or not login.lower().endswith(_BOT):
        return False
    return index.automation_globs.search(plain) is not None and _SPEAKS_OF_AI.search(plain) is None


def signs_of_account(actor: Actor, index: Index) -> tuple[Sign, ...]:
    """What is known of a GitHub account; nothing for people and plain automation."""
    login = plain_login(actor.login)
    is_bot = actor.kind is ActorKind.BOT or actor.login.lower().endswith(_BOT)
    row = index.logins.get(login)
    if row is not None and (is_bot or not row.pattern.endswith(_BOT)):
        return (sign_of(row),)
    account = str(actor.id)
    rows = (*index.patterns[Surface.LOGIN].matching(actor.login),)
    if account not in SHARED_ACCOUNTS:
        rows += index.accounts.get(account, ())
    if rows:
        return tuple(sign_of(row) for row in rows)
    if not is_bot or account in index.automation_accounts or is_plain(f"{login}{_BOT}", index):
        return ()
    return (habit("unknown-bot", index),)
