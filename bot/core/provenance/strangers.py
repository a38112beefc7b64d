"""What the name and address of somebody who is on no list say: a bot, a tool's name, a product, an agent's mailbox."""

from __future__ import annotations

from dataclasses import dataclass

import re2

from bot.core.provenance.index import Index
from bot.core.provenance.signs import Sign, habit

GIVEN_NAMES = frozenset({"claude", "cody", "devin", "jasper", "jules", "kiro", "oz"})
"""Tools that are called like people: an address of their own name and domain may be a person's."""


_BOT = "[bot]"
_MAILBOX = re2.compile(
    r"^(?:(no-?reply|do-?not-?reply)|ai|ai-?bot|agent|assistant|[a-z0-9._-]*[a-z0-9]{2}agent"
    r"|[a-z0-9.]+[-_.](?:agent|ai))@([a-z0-9.-]+)$",
)
# Whose names say that they release, build or translate need no human reader either.
_PLAIN_NAME = re2.compile(
    r"(?i)\b(?:automation|release|ci|build|deploy|deployment|jenkins|backport|merge|mergify|sync|mirror|translations?"
    r"|weblate|versions?|bump|cron|notifications?)\b",
)
_NO_VENDOR = re2.compile(
    r"(?:^|\.)(?:github\.com|gitlab\.com|bitbucket\.org|codeberg\.org|gitea\.[a-z]+|google\.com|gmail\.com|localhost"
    r"|weblate\.org|crowdin\.com|transifex\.com)$",
)
_MACHINE_NAME = re2.compile(
    r"(?:^|[ (])(?:AI|LLM|A\.I\.)(?:[ +)]|$)|(?i)\b(?:ai|coding|code|dev) (?:agent|assistant)\b|\w[ -](?:agent|cli)$",
)
_AGENT_LOGIN = re2.compile(
    r"[a-z0-9]-(?:agent|dev-ai|ai-dev)$"
    r"|[a-z0-9][-_.](?:ai|agent|swe|llm|gpt|assistant|coder|copilot|claude|codex|gemini)[-_.]?bot$",
)
# What somebody is called who has a tool beside him, lower case: `sam doe (via claude)`, `sam doe + codex`.
_BESIDE = re2.compile(r" (\(|[+&] |via |with )(via |with |using |\+ ?)?([a-z][a-z0-9 .-]*)\)?$")
# What any of the above and below needs to be found, lower case: most people are told from it by one look.
_STRIKING = re2.compile(r"agent|bot|assistant|reply|(?:\b|_)(?:ai|llm|cli)\b|a\.i\.|-ai|-dev")
_WORD = re2.compile(r"[a-z0-9]+")
_AI_DOMAIN = re2.compile(r"^(?:[a-z0-9-]+\.)*([a-z0-9-]+)\.(?:ai|bot)$")
_UNREAL = re2.compile(r"^[^.]*$|(?:^|\.)(?:example|example\.(?:com|org|net)|local|localhost|invalid|test|internal)$")
MODEL = re2.compile(
    r"(?i)(?:^|[^a-z0-9])((?:gpt|claude|gemini|qwen|deepseek|llama|glm|kimi|grok|mistral|devstral|codestral|composer"
    r"|opus|sonnet|haiku|fable|minimax|swe|command[ -]r)[ -]?v?[a-z]?\d[\w.]*|o[1345](?:-mini|-pro)?)(?:[^a-z0-9]|$)",
)
"""A model's name with its version, group 1."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """A name and address taken apart. `account` and `login` are GitHub's, "" when the address has none."""

    name: str
    address: str
    account: str
    login: str


def signs_of_stranger(person: Person, index: Index) -> tuple[Sign, ...]:
    """What is known of somebody whom no row names; nothing for people."""
    name = person.name.lower()
    if person.login.endswith(_BOT) or name.endswith(_BOT):
        return (habit("unknown-bot", index),)
    tool = _tool_called(person, index)
    if tool is not None:
        return (habit("tool-as-person", index, agent=tool),)
    if _STRIKING.search(f"{name} {person.address}") is None:
        return ()
    local = person.login or person.address.partition("@")[0]
    if _is_unread(person) or _AGENT_LOGIN.search(local) is not None or _AGENT_LOGIN.search(name) is not None:
        return (habit("agent-mailbox", index),)
    if _is_product(name, person.address):
        return (habit("product-as-person", index),)
    return (habit("agent-by-name", index),) if _MACHINE_NAME.search(person.name) is not None else ()


def _tool_called(person: Person, index: Index) -> str | None:
    """The tool that somebody is called after, `unknown` for a model of no listed tool, None for a person."""
    tool = tool_named(person.name, index)
    if tool is not None:
        return tool
    name = person.name.lower()
    if any(map(str.isdigit, name)) and MODEL.search(person.name) is not None:
        return "unknown"
    if name in index.tools_by_name and _is_tools_address(name, person.address, index):
        return index.tools_by_name[name]
    return _tool_beside(name, index) if " " in name else None


def _tool_beside(name: str, index: Index) -> str | None:
    """The tool that somebody is named together with; one that is called like a person needs a word that tells."""
    beside = _BESIDE.search(name)
    if beside is None:
        return None
    told = beside.group(1) not in ("(", "& ") or beside.group(2)
    return index.tools_by_name.get(beside.group(3)) if told or beside.group(3) not in GIVEN_NAMES else None


def _is_unread(person: Person) -> bool:
    """Whether the address is one that no person reads, at somebody who is no forge and no public provider."""
    mailbox = _MAILBOX.search(person.address)
    if mailbox is None or _NO_VENDOR.search(mailbox.group(2)) is not None:
        return False
    return not mailbox.group(1) or _PLAIN_NAME.search(person.name) is None


def _is_product(name: str, address: str) -> bool:
    """Whether the name is the domain's, or begins with it and ends with the mailbox, where products have their domains.

    Anywhere else a domain of one's own name is a person's (`Sam <me@sam.example>`).
    """
    local, _, domain = address.partition("@")
    owner = _AI_DOMAIN.search(domain)
    if owner is None:
        return False
    vendor, _, product = name.partition(" ")
    spelt = owner.group(1).replace("-", "")
    return "".join(_WORD.findall(name)) == spelt or (product != "" and (vendor, product) == (spelt, local))


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
