"""The embedded GitHub as one object: start it, point an App at it, and act on it."""

from __future__ import annotations

import secrets
import tempfile
import time
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path

from aiohttp import web
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from bot.sandbox import seed
from bot.sandbox.actions import people
from bot.sandbox.auth import Gatekeeper
from bot.sandbox.graphql.serve import GraphQL, Query
from bot.sandbox.oauth import Authorizations
from bot.sandbox.objects import Account, App, Installation, Json, Repository
from bot.sandbox.oidc import Issuer
from bot.sandbox.pages.authorize import Authorize
from bot.sandbox.pages.deployments import Deployments
from bot.sandbox.pages.serve import Pages
from bot.sandbox.person import Person
from bot.sandbox.rest.serve import Exchange, Rest
from bot.sandbox.rest.workflows import Storage
from bot.sandbox.world import World

LARGEST_REQUEST = 16 << 20
ACTIONS_APP_ID = 15368
PERMISSIONS = {
    "metadata": "read",
    "contents": "read",
    "pull_requests": "write",
    "issues": "write",
    "checks": "write",
    "statuses": "write",
    "members": "read",
    "merge_queues": "read",
    "administration": "read",
    "deployments": "write",
    "actions": "read",
}
EVENTS = (
    *("pull_request", "pull_request_review", "issue_comment", "push", "status", "merge_group", "workflow_run"),
    "deployment_protection_rule",
    *("member", "membership", "team", "organization", "repository"),
    *("branch_protection_configuration", "branch_protection_rule", "repository_ruleset", "check_run", "check_suite"),
)


class Watchers:
    """Who is told of the traffic; the defaults listen to nothing."""

    def exchange(self, exchange: Exchange) -> None:
        """A REST request was answered."""

    def query(self, query: Query) -> None:
        """A GraphQL query was answered."""

    def webhook(self, event: str, payload: Json) -> None:
        """A webhook is about to be sent."""


class EmbeddedGitHub:
    """A GitHub of its own with one App, `countersign`, whose credentials are made at the start.

    `schema` is the GraphQL schema's text, the sandbox's own one when empty. `clock` gives Unix seconds.
    """

    def __init__(
        self,
        *,
        clock: Callable[[], float] = time.time,
        schema: str = "",
        watchers: Watchers | None = None,
        private_key: str = "",
    ) -> None:
        self._directory = tempfile.TemporaryDirectory(prefix="embedded-github-")
        watchers = watchers or Watchers()
        self.world = World(directory=Path(self._directory.name), clock=clock, watch=watchers.webhook)
        self.gatekeeper = Gatekeeper(self.world)
        self._rest = Rest(self.world, self.gatekeeper, watchers.exchange)
        self._graphql = GraphQL(self.world, self.gatekeeper, schema, watchers.query)
        self.issuer = Issuer(self.world)
        self._runner: web.AppRunner | None = None
        self.webhook_secret = secrets.token_hex(32)
        self.world.hooks.secret = self.webhook_secret
        self.private_key = private_key or new_private_key()
        self.app = self.add_app("countersign", private_key=self.private_key)
        self.actions_app = self.add_app("github-actions", app_id=ACTIONS_APP_ID)

    @property
    def app_id(self) -> int:
        return self.app.id

    @property
    def url(self) -> str:
        return self.world.url

    @property
    def api_url(self) -> str:
        return self.world.api_url

    @property
    def graphql_url(self) -> str:
        return f"{self.world.url}/api/graphql"

    def set_webhook_url(self, url: str) -> None:
        self.world.hooks.url = url

    def set_callback_url(self, url: str) -> None:
        """Where people who sign in to the App are sent back to."""
        self.app.callback_url = url

    async def start(self, host: str = "127.0.0.1", port: int = 0) -> str:
        """Listen, on a free port when `port` is 0; the address to open."""
        application = web.Application(client_max_size=LARGEST_REQUEST)
        self._graphql.add_to(application)
        self._rest.add_to(application)
        self.issuer.add_to(application)
        Storage(self.world).add_to(application)
        pages = Pages(self.world, {login: words for login, (_, words) in seed.CAST.items()})
        pages.add_to(application)
        Deployments(pages, self.world).add_to(application)
        Authorize(pages, Authorizations(self.world, self.gatekeeper)).add_to(application)
        self._runner = web.AppRunner(application, access_log=None, handle_signals=False)
        await self._runner.setup()
        site = web.TCPSite(self._runner, host, port)
        await site.start()
        self.world.url = f"http://{host}:{self._runner.addresses[0][1]}"
        await self.world.hooks.start()
        return self.world.url

    async def stop(self) -> None:
        await self.world.hooks.stop()
        if self._runner is not None:
            await self._runner.cleanup()
        self._directory.cleanup()

    async def delivered(self) -> None:
        """Wait until every webhook queued so far was sent and answered."""
        await self.world.hooks.idle()

    def add_app(self, slug: str, *, app_id: int = 0, private_key: str = "") -> App:
        """Another App; without a key nobody can sign in as it, and only the model acts for it."""
        app = App(
            id=app_id or self.world.new_id(),
            slug=slug,
            name=slug.replace("-", " ").title(),
            owner=self.world.add_account("github", kind="Organization"),
            bot=self.world.add_account(f"{slug}[bot]", kind="Bot"),
            public_key=_public_part(private_key) if private_key else "",
            permissions=dict(PERMISSIONS),
            events=list(EVENTS),
            created_at=self.world.now(),
            client_secret=secrets.token_hex(20),
        )
        self.world.apps[app.id] = app
        return app

    def add_organization(self, login: str) -> Account:
        return self.world.add_account(login, kind="Organization")

    def add_repository(self, full_name: str, *, private: bool = True) -> Repository:
        """A repository with nothing in it; its owner becomes an organisation unless it exists."""
        owner, _, name = full_name.partition("/")
        return self.world.add_repository(self.add_organization(owner), name, private=private)

    def install(self, account: str, *, repositories: list[str] | None = None) -> Installation:
        """Install the App on an account, on the named repositories or on all."""
        chosen = None if repositories is None else [self.world.repository(name) for name in repositories]
        owner = self.world.account(account)
        return people.install(self.world, self.app, owner, repositories=chosen, actor=owner)

    def seed(self) -> Repository:
        """The company of the sandbox with its pull requests, the App installed; an App that listens hears it all."""
        repository = seed.furnish(self.world, self.app)
        self.install(seed.ORGANIZATION)
        seed.tell(self.world, repository)
        return repository

    def person(self, login: str) -> Person:
        """Act as an account, which comes into being when it is new."""
        return Person(self.world, self.world.add_account(login))

    def user_token(self, login: str) -> str:
        return self.gatekeeper.user_token(self.world.account(login))


def new_private_key() -> str:
    """A fresh RSA key as PEM text, the form GitHub hands out."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    form = serialization.PrivateFormat.TraditionalOpenSSL
    return key.private_bytes(serialization.Encoding.PEM, form, serialization.NoEncryption()).decode()


@lru_cache(maxsize=8)  # reading a key checks its primes, which takes as long as all else of a start
def _public_part(private_key: str) -> str:
    key = serialization.load_pem_private_key(private_key.encode(), password=None)
    form = serialization.PublicFormat.SubjectPublicKeyInfo
    return key.public_key().public_bytes(serialization.Encoding.PEM, form).decode()
