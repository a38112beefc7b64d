"""What `doctor` and `rulesets` share: who asks GitHub, and about which repositories."""

from __future__ import annotations

import re
import sys
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn

import aiohttp
import click
import msgspec
import yaml

from bot.core.protection.facts import Grants
from bot.github.client import Access, Client, GitHub, shaped
from bot.github.errors import GitHubError, NotFound, Unreadable
from bot.github.read.registration import list_installations, list_repositories
from bot.settings import OperatorSettings

USAGE = 2
MOST_REPOSITORIES = 20_000
MANIFEST = Path(__file__).parent.parent.parent / "app.yml"
LOGIN = re.compile(r"[A-Za-z0-9-]+")
_FULL_NAME = re.compile(r"[A-Za-z0-9_.-]+/[A-Za-z0-9_.-]+")


class OperatorError(Exception):
    """What was asked cannot be answered so; one sentence for the operator."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A repository, and the client that may ask about it."""

    owner: str
    name: str
    client: Client

    @property
    def full_name(self) -> str:
        return f"{self.owner}/{self.name}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Operator:
    """GitHub, asked by whom the settings name: people with the token, the App with its key."""

    settings: OperatorSettings
    github: GitHub

    @property
    def user(self) -> Client | None:
        return self.github.user(self.settings.token) if self.settings.token else None

    async def places(self, names: Sequence[str], *, organisation: str = "") -> list[Place]:
        """The named repositories, else all of the organisation's or of every installation's that are not archived."""
        if names:
            return [await self._place(name) for name in dict.fromkeys(names)]
        if not self.settings.private_key:
            raise OperatorError("--repo: expected owner/name; all repositories are listed only with the App's key")
        found = []
        for one in await list_installations(self.github.app):
            if one.suspended_at is None and organisation.lower() in ("", one.account.login.lower()):
                client = self.github.installation(one.id)
                for full_name in await list_repositories(client, MOST_REPOSITORIES):
                    owner, _, name = full_name.partition("/")
                    found.append(Place(owner=owner, name=name, client=self.user or client))
        if len(found) > MOST_REPOSITORIES:
            raise Unreadable(f"more than {MOST_REPOSITORIES} repositories")
        return found

    async def _place(self, full_name: str) -> Place:
        if not _FULL_NAME.fullmatch(full_name):
            raise OperatorError(f"--repo: expected owner/name, not {full_name!r}")
        owner, _, name = full_name.partition("/")
        if self.user is not None:
            return Place(owner=owner, name=name, client=self.user)
        try:
            answer = await self.github.app.get("/repos/{owner}/{name}/installation", owner=owner, name=name)
        except NotFound as error:
            raise OperatorError(f"the App is not installed on {full_name}") from error
        return Place(owner=owner, name=name, client=self.github.installation(shaped(answer, _Id).id))


class _Id(msgspec.Struct, frozen=True):
    id: int


@asynccontextmanager
async def operating(settings: OperatorSettings) -> AsyncIterator[Operator]:
    async with aiohttp.ClientSession() as session:
        access = Access(
            app_id=settings.app_id,
            private_key=settings.private_key,
            api_url=settings.api_url,
            graphql_url=settings.graphql_url,
        )
        yield Operator(settings=settings, github=GitHub(session, access))


def wanted_grants() -> Grants:
    """What app.yml asks for, and what GitHub sends to every App with `checks: write` besides."""
    manifest = yaml.safe_load(MANIFEST.read_text(encoding="utf-8"))
    return Grants(permissions=manifest["default_permissions"], events=frozenset(manifest["default_events"]))


def refuse(command: str, reason: object) -> NoReturn:
    """Exit 2 with one sentence."""
    click.echo(f"{command}: {reason}", err=True)
    sys.exit(USAGE)


TROUBLES = (OperatorError, GitHubError)
