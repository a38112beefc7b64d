"""Who a name and address stand for: a known tool, an unknown bot, plain automation, or a person."""

from __future__ import annotations

import functools
from dataclasses import dataclass

import re2

from bot.core.finding import Involvement, Strength
from bot.core.provenance.index import Index, plain_login
from bot.core.provenance.lookalikes import folded
from bot.core.provenance.markers import Marker, Surface
from bot.core.pull import Actor, ActorKind

SHARED_ACCOUNTS = frozenset({"41898282"})
"""`github-actions[bot]`: others commit under its numeric id, so the id alone says nothing."""

GIVEN_NAMES = frozenset({"claude", "cody", "devin", "jasper", "jules", "kiro", "oz"})
"""Tools that are called like people: an address of their own name and domain may be a person's."""

LONGEST_PERSON = 512
"""Characters of a name and address together; more is not read and counts as unread."""

_FORGE = "@users.noreply.github.com"
_BOT = "[bot]"
_REPLACED = "\N{REPLACEMENT CHARACTER}"
_MAILBOX = re2.compile(
    r"^(?:no-?reply|do-?not-?reply|ai|ai-?bot|agent|assistant|[a-z0-9._-]*[a-z0-9]{2}agent|[a-z0-9.]+[-_.](?:agent|ai))"
    r"@([a-z0-9.-]+)$",
)
_NO_VENDOR = re2.compile(
    r"(?:^|\.)(?:github\.com|gitlab\.com|bitbucket\.org|codeberg\.org|gitea\.[a-z]+|google\.com|gmail\.com|localhost"
    r"|weblate\.org|crowdin\.com|transifex\.com)$",
)
_MACHINE_NAME = re2.compile(
    r"(?:^| )(?:AI|LLM|A\.I\.)(?: |$)|(?i)\b(?:ai|coding|code|dev) (?:agent|assistant)\b"
    r"|\w[ -](?:agent|cli)$|\w-coder$",
)
_SPEAKS_OF_AI = re2.compile(r"(?:^|[-_.])(?:ai|agents?|gpt|llm|copilot|claude|codex|devin|swe|coder|gemini)(?:$|[-_.])")
_AGENT_LOGIN = re2.compile(r"[a-z0-9]-(?:agent|dev-ai|ai-bot|ai-dev)$")
_UNREAL = re2.compile(r"^[^.]*$|(?:^|\.)(?:example|example\.(?:com|org|net)|local|localhost|invalid|test|internal)$")
MODEL = re2.compile(
    r"(?i)(?:^|[^a-z0-9])((?:gpt|claude|gemini|qwen|deepseek|llama|glm|kimi|grok|mistral|devstral|codestral|composer"
    r"|opus|sonnet|haiku|fable|minimax|swe|command[ -]r)[ -]?v?[a-z]?\d[\w.]*|o[1345](?:-mini|-pro)?)(?:[^a-z0-9]|$)",
)
"""A model's name with its version, group 1."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sign:
    """A rule that fired, before it is known where."""

    rule: str
    agent: str
    strength: Strength
    involvement: Involvement


@dataclass(frozen=True, slots=True, kw_only=True)
class _Person:
    """A name and address taken apart. `account` and `login` are GitHub's, "" when the address has none."""

    name: str
    address: str
    account: str
    login: str


UNREAD_IDENTITY = "unread-identity"


def signs_of_person(name: str, email: str, surface: Surface, index: Index) -> tuple[Sign, ...]:
    """What is known of somebody whom a commit (AUTHOR) or a trailer (CO_AUTHOR) names.

    Nothing for people and plain automation. An unknown `[bot]` counts as AI, and so does an address that cannot be
    read. An identity that is a tool's only when look-alike letters are replaced is told apart.
    """
    if len(name) + len(email) > LONGEST_PERSON:
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


def sign_of(row: Marker) -> Sign:
    return Sign(rule=row.id, agent=row.tool, strength=row.strength, involvement=row.involvement)


def habit(rule: str, index: Index, *, agent: str = "unknown") -> Sign:
    """The sign of a general habit, as strong as the catalogue says."""
    row = index.habits[rule]
    return Sign(rule=row.id, agent=agent, strength=row.strength, involvement=row.involvement)


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
        rows = (*index.patterns[Surface.PERSON].matching(text), *index.patterns[surface].matching(text))
    return tuple(sign_of(row) for row in rows) or _unlisted(person, index)


def _person(name: str, email: str) -> _Person:
    address = email.strip().lower()
    account, plus, login = address.removesuffix(_FORGE).partition("+") if address.endswith(_FORGE) else ("", "", "")
    if not plus:
        account, login = "", account
    elif not account.isdecimal():
        account, login = "", f"{account}+{login}"
    return _Person(name=name.strip(), address=address, account=account, login=login)


def is_automation(person: _Person, index: Index) -> bool:
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


def _unlisted(person: _Person, index: Index) -> tuple[Sign, ...]:
    if person.login.endswith(_BOT) or person.name.lower().endswith(_BOT):
        return (habit("unknown-bot", index),)
    tool = tool_named(person.name, index) or ("unknown" if MODEL.search(person.name) is not None else None)
    bare = person.name.lower()
    if tool is None and bare in index.tools_by_name and _is_tools_address(bare, person.address, index):
        tool = index.tools_by_name[bare]
    if tool is not None:
        return (habit("tool-as-person", index, agent=tool),)
    if is_vendor_mailbox(person.address) or _AGENT_LOGIN.search(person.login) is not None:
        return (habit("agent-mailbox", index),)
    return (habit("agent-by-name", index),) if _MACHINE_NAME.search(person.name) is not None else ()


def is_vendor_mailbox(address: str) -> bool:
    """Whether the address is one that no person reads, at somebody who is no forge and no public provider."""
    mailbox = _MAILBOX.search(address)
    return mailbox is not None and _NO_VENDOR.search(mailbox.group(1)) is None


def _is_tools_address(name: str, address: str, index: Index) -> bool:
    """Whether the address of somebody called exactly like a tool is the tool's and not a namesake's."""
    local, _, domain = address.partition("@")
    if not address or _MAILBOX.search(address) is not None:
        return True
    if domain in index.vendor_domains:
        return local in (name, "bot")
    return name not in GIVEN_NAMES and (name in domain.split(".") or _UNREAL.search(domain) is not None)


def tool_named(text: str, index: Index) -> str | None:
    """The tool whose unmistakable name stands in the text as a whole word, None when there is none."""
    named = index.named.search(text)
    return index.tools_by_name[named.group(1).lower()] if named is not None else None


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
