"""The real App against the embedded GitHub, and how to wait until both have come to rest."""

from __future__ import annotations

from pathlib import Path

import aiohttp

from bot.github.client import Access, GitHub
from bot.jobs import Evaluate, encode_job
from bot.sandbox.embedded import EmbeddedGitHub
from bot.sandbox.objects import CheckRun, PullRequest
from bot.settings import Settings
from bot.store.entries import Due, Entry
from bot.sweep import Sweeper
from bot.wiring import App
from tests.shop import CLAUDE, TERRAFORM, Shop

POLICY = """
version: 1
seniors: {teams: [acme/senior-engineers]}
rules:
  - name: AI-assisted infrastructure
    when: {provenance: strong, tier: low}
    require: {seniors: 1}
"""
# What is not certain yet is asked again so soon, that a test need not wait for it.
FIRST_RETRY_SECONDS = 0.02
RESIZED = TERRAFORM.replace("small", "large")
MOVED = RESIZED.replace("5432", "5433")


class Journey:
    """A shop whose gate is this App, and how to wait until both have come to rest."""

    def __init__(self, shop: Shop, app: App, github: EmbeddedGitHub, session: aiohttp.ClientSession | None) -> None:
        self.shop = shop
        self.app = app
        if session is not None:
            access = Access(
                app_id=github.app_id,
                private_key=github.private_key,
                api_url=github.api_url,
                graphql_url=github.graphql_url,
            )
            self.sweeper = Sweeper(app.store, GitHub(session, access))

    async def rest(self) -> None:
        """Every delivery is answered, and nothing that was asked is left to do."""
        while True:
            await self.shop.github.delivered()
            if (await self.app.store.backlog()).due == 0:
                return
            await self.app.store.wait(0.05)

    def change(self) -> PullRequest:
        return self.shop.change({"terraform/main.tf": RESIZED}, message=f"Resize\n\n{CLAUDE}")

    def job(self, pull: PullRequest) -> Evaluate:
        return Evaluate(
            installation_id=self.shop.installation.id,
            repository_id=pull.repository.id,
            owner="acme",
            name="shop",
            number=pull.number,
        )

    async def ring(self, pull: PullRequest) -> None:
        job = self.job(pull)
        await self.app.store.ring([Due(subject=job.subject, work=encode_job(job))])
        await self.rest()

    async def entries(self, pull: PullRequest) -> tuple[Entry, ...]:
        return await self.app.store.entries(self.job(pull).subject)

    def runs(self, pull: PullRequest) -> list[CheckRun]:
        """Ours on the head, oldest first."""
        runs = self.shop.repository.runs
        mine = [run for run in runs if run.app is self.shop.github.app]
        return [run for run in mine if run.head_sha == pull.head_sha and run.name == "countersign/main"]

    def conclusion(self, pull: PullRequest) -> str | None:
        runs = self.runs(pull)
        return runs[-1].conclusion if runs else None


def settings_for(github: EmbeddedGitHub, directory: Path) -> Settings:
    return Settings(
        app_id=github.app_id,
        private_key=github.private_key,
        webhook_secret=github.webhook_secret,
        api_url=github.api_url,
        graphql_url=github.graphql_url,
        database_url=f"sqlite:///{directory / 'countersign.db'}",
        host="127.0.0.1",
        port=0,
    )
