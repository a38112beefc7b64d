"""Who a name and address stand for: a known tool, an unknown bot, plain automation, or a person."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import re2

from bot.core.finding import Involvement, Strength
from bot.core.provenance.index import Index, plain_login
from bot.core.provenance.markers import Marker, Surface
from bot.core.pull import Actor, ActorKind

SHARED_ACCOUNTS = frozenset({"41898282"})
"""`github-actions[bot]`: others commit under its numeric id, so the id alone says nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sign:
    """A rule that fired, before it is known where."""

    rule: str
    agent: str
    strength: Strength
    involvement: Involvement


_NOREPLY = re2.compile(r"^(?:(\d{1,20})[+-])?([^@+]+)@users\.noreply\.github\.com$")
_MAILBOX = re2.compile(
    r"^(?:no-?reply|do-?not-?reply|ai|ai-?bot|agent|assistant|coding-?agent|[a-z0-9.]+[-_.](?:agent|ai))@([a-z0-9.-]+)$",
)
_NO_VENDOR = re2.compile(
    r"(?:^|\.)(?:github\.com|gitlab\.com|bitbucket\.org|codeberg\.org|gitea\.[a-z]+|google\.com|gmail\.com|localhost"
    r"|weblate\.org|crowdin\.com|transifex\.com)$",
)
_MODEL = re2.compile(
    r"(?i)(?:^|[^a-z0-9])((?:gpt|claude|gemini|qwen|deepseek|llama|glm|kimi|grok|mistral|devstral|codestral|composer"
    r"|opus|sonnet|haiku|fable|minimax|swe|command[ -]r)[ -]?v?[a-z]?\d[\w.]*|o[1345](?:-mini|-pro)?)(?:[^a-z0-9]|$)",
)
_MACHINE_NAME = re2.compile(
    r"(?:^| )(?:AI|LLM|A\.I\.)(?: |$)|(?i)\b(?:ai|coding|code|dev) (?:agent|assistant)\b|\w agent$"
)


def signs_of_person(name: str, email: str, surface: Surface, index: Index) -> Iterator[Sign]:
    """What is known of somebody whom a commit or a trailer names. An unknown `[bot]` counts as AI.

    `surface` is AUTHOR or CO_AUTHOR. Nothing is yielded for people and for plain automation.
    """
    address = email.strip().lower()
    account = _NOREPLY.search(address) if address.endswith("@users.noreply.github.com") else None
    rows = _rows(address, account.group(1) if account else None, index)
    wanted = tuple(row for row in rows if row.surface in (Surface.PERSON, surface))
    if wanted:
        yield from (sign_of(row) for row in wanted)
        return
    if is_automation(name, address, account.group(2) if account else "", index):
        return
    matched = list(_patterned(f"{name} <{address}>", surface, index))
    if matched:
        yield from (sign_of(row) for row in matched)
        return
    yield from _unlisted(name, address, account.group(2) if account else "", index)


def sign_of(row: Marker) -> Sign:
    return Sign(rule=row.id, agent=row.tool, strength=row.strength, involvement=row.involvement)


def is_automation(name: str, address: str, login: str, index: Index) -> bool:
    """Whether this is a bot of the plain-automation list; a bare name is compared only when it ends in `[bot]`."""
    return (
        address in index.automation_emails
        or (login != "" and plain_login(login) in index.automation_logins)
        or (name.endswith("[bot]") and not login and plain_login(name) in index.automation_logins)
    )


def _rows(address: str, account: str | None, index: Index) -> tuple[Marker, ...]:
    by_account = index.accounts.get(account, ()) if account and account not in SHARED_ACCOUNTS else ()
    return index.emails.get(address, ()) + by_account


def _patterned(person: str, surface: Surface, index: Index) -> Iterator[Marker]:
    for wanted in (Surface.PERSON, surface):
        yield from (row for pattern, row in index.patterns[wanted] if pattern.search(person) is not None)


def _unlisted(name: str, address: str, login: str, index: Index) -> Iterator[Sign]:
    if login.endswith("[bot]") or (name.endswith("[bot]") and not login):
        yield _habit("unknown-bot", Strength.EXPLICIT, Involvement.AUTHORED)
        return
    tool = tool_named(name, index)
    if tool is None and _MODEL.search(name) is not None:
        tool = "unknown"
    if tool is not None:
        yield _habit("tool-as-person", Strength.EXPLICIT, Involvement.AUTHORED, agent=tool)
        return
    vendor = _MAILBOX.search(address)
    if not address:
        shared = index.tools_by_name.get(name.lower().strip())
        if shared is not None:
            yield _habit("tool-as-person", Strength.EXPLICIT, Involvement.AUTHORED, agent=shared)
    elif vendor is not None and _NO_VENDOR.search(vendor.group(1)) is None:
        yield _habit("agent-mailbox", Strength.STRONG, Involvement.AUTHORED)
    elif _MACHINE_NAME.search(name) is not None:
        yield _habit("agent-by-name", Strength.STRONG, Involvement.AUTHORED)


def tool_named(text: str, index: Index) -> str | None:
    """The tool whose unmistakable name stands in the text as a whole word, None when there is none."""
    named = index.named.search(text)
    return index.tools_by_name[named.group(1).lower()] if named is not None else None


def _habit(rule: str, strength: Strength, involvement: Involvement, *, agent: str = "unknown") -> Sign:
    return Sign(rule=rule, agent=agent, strength=strength, involvement=involvement)


def signs_of_account(actor: Actor, index: Index) -> Iterator[Sign]:
    """What is known of a GitHub account; nothing for people and plain automation."""
    login = plain_login(actor.login)
    row = index.logins.get(login)
    is_bot = actor.kind is ActorKind.BOT
    if row is not None and (is_bot or not row.pattern.endswith("[bot]")):
        yield sign_of(row)
        return
    account = str(actor.id)
    if account not in SHARED_ACCOUNTS and account in index.accounts:
        yield from (sign_of(row) for row in index.accounts[account])
        return
    plain = login in index.automation_logins or account in index.automation_accounts
    if (is_bot or actor.login.endswith("[bot]")) and not plain:
        yield _habit("unknown-bot", Strength.EXPLICIT, Involvement.AUTHORED)
