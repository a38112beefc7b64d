"""Every concrete class is named here and only here: settings in, a running App out."""

from __future__ import annotations

import asyncio
import os
import secrets
import time
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import aiohttp
from aiohttp import web

from bot.data import load_catalogue
from bot.github.client import Access, GitHub
from bot.github.identity import Identities
from bot.github.manifest import convert, environment_of
from bot.github.sign_in import OAuthClient, identify, may_read
from bot.jobs import Placed
from bot.settings import Settings, SetupSettings
from bot.store.queue import Store, open_store
from bot.sweep import Sweeper
from bot.web.application import make_application
from bot.web.ports import KeptPlan, PlanUpload, Ports, Visitor
from bot.web.setup import Credentials, make_setup_application
from bot.web.sign_in import callback_url
from bot.worker.auditing import BranchAudit
from bot.worker.deployment import DeploymentJudgement
from bot.worker.evaluation import Evaluation
from bot.worker.group import GroupEvaluation
from bot.worker.loop import FIRST_RETRY_SECONDS, Duties, Worker
from bot.worker.plans import RunReader
from bot.worker.uploads import Uploads

WORKERS = 4


class Role(StrEnum):
    """What a process does. One SQLite file belongs to one process with both roles."""

    WEB = "web"
    WORKER = "worker"


BOTH = frozenset(Role)


class CannotListenError(Exception):
    """The address is another's, or none of this machine's; the message is one sentence for the operator."""


@dataclass(frozen=True, slots=True, kw_only=True)
class App:
    """A running App. `url` is "" without the web role."""

    url: str
    store: Store


@asynccontextmanager
async def running_app(
    settings: Settings,
    roles: frozenset[Role] = BOTH,
    *,
    clock: Callable[[], float] = time.time,
    sweeps: bool = True,
    first_retry_seconds: float = FIRST_RETRY_SECONDS,
) -> AsyncIterator[App]:
    """The App, until the block is left; then what is in hand is finished first. `sweeps`: by itself, now and then."""
    async with AsyncExitStack() as stack:
        store = open_store(settings.database_url)
        stack.push_async_callback(store.close)
        session = await stack.enter_async_context(aiohttp.ClientSession())
        github = GitHub(session, _access(settings))
        if Role.WORKER in roles:
            work = _working(settings, store, github, clock, sweeps=sweeps, first_retry_seconds=first_retry_seconds)
            await stack.enter_async_context(work)
        url = ""
        if Role.WEB in roles:
            ports = _ports(settings, store, session, github, clock=clock)
            application = make_application(settings, store, ports, clock=clock)
            url = await stack.enter_async_context(_listening(application, settings.host, settings.port))
        yield App(url=url, store=store)


def _access(settings: Settings) -> Access:
    return Access(
        app_id=settings.app_id,
        private_key=settings.private_key,
        api_url=settings.api_url,
        graphql_url=settings.graphql_url,
    )


def _ports(
    settings: Settings, store: Store, session: aiohttp.ClientSession, github: GitHub, *, clock: Callable[[], float]
) -> Ports:
    application = OAuthClient(
        site_url=settings.site_url,
        client_id=settings.client_id,
        client_secret=settings.client_secret,
        redirect_uri=callback_url(settings),
    )

    async def ask_github() -> None:
        await github.app.get("/app")

    async def identify_visitor(code: str, verifier: str) -> Visitor:
        account = await identify(session, github, application, code=code, verifier=verifier)
        return Visitor(id=account.id, login=account.login)

    async def visitor_may_read(visitor: Visitor, place: Placed) -> bool:
        client = github.installation(place.installation_id)
        return await may_read(client, place.repository_id, visitor.id, visitor.login)

    identities = Identities(session, issuer=settings.actions_issuer, audience=settings.public_url)
    uploads = Uploads(store, github, identities, load_catalogue().infra, clock)

    async def receive_plan(upload: PlanUpload) -> KeptPlan:
        head = await uploads.prove(upload.token, upload.owner, upload.name, upload.head_sha)
        kept = await uploads.keep(head, upload.stack, await upload.read())
        reading = kept.plan.reading
        return KeptPlan(
            numbers=kept.numbers,
            objects=reading.objects,
            effects=tuple(f"{effect.effect.value} {effect.address}" for effect in reading.effects),
            fault=reading.fault,
            is_new=kept.is_new,
        )

    return Ports(ask_github=ask_github, identify=identify_visitor, may_read=visitor_may_read, receive_plan=receive_plan)


@asynccontextmanager
async def _working(
    settings: Settings,
    store: Store,
    github: GitHub,
    clock: Callable[[], float],
    *,
    sweeps: bool,
    first_retry_seconds: float,
) -> AsyncIterator[None]:
    sweeper = Sweeper(store, github)

    def details_url(owner: str, name: str, number: int) -> str:
        """Nowhere while nobody can sign in: a link that answers 403 helps nobody."""
        return f"{settings.public_url}/{owner}/{name}/pull/{number}" if settings.has_sign_in else ""

    catalogue = load_catalogue()
    evaluation = Evaluation(store, github, catalogue, details_url, clock)
    groups = GroupEvaluation(store, github, evaluation.judge, details_url, clock)
    runs = RunReader(store, github, catalogue.infra, settings.plan_artifacts, clock)
    audit = BranchAudit(store, github, clock)
    duties = Duties(
        evaluate=evaluation.run,
        judge_group=groups.run,
        read_run=runs.run,
        audit_branch=audit.run,
        judge_deployment=DeploymentJudgement(store, github, clock).run,
        sweep=sweeper.ring_pulls,
    )
    worker = Worker(store, duties, clock=clock, first_retry_seconds=first_retry_seconds)
    stopping = asyncio.Event()
    async with asyncio.TaskGroup() as tasks:
        if sweeps:
            tasks.create_task(sweeper.run(stopping))
        for _ in range(WORKERS):
            tasks.create_task(worker.run(stopping))
        try:
            yield
        finally:
            stopping.set()


@asynccontextmanager
async def running_setup(settings: SetupSettings, manifest: Mapping[str, Any]) -> AsyncIterator[str]:
    """What runs while no App is registered, until the block is left; the one-time address that registers one."""
    token = secrets.token_urlsafe(32)
    async with aiohttp.ClientSession() as session:

        async def convert_code(code: str) -> Credentials:
            app = await convert(session, settings.api_url, code)
            return Credentials(environment=environment_of(app), install_url=f"{app.html_url}/installations/new")

        application = make_setup_application(settings, manifest, token, convert_code)
        async with _listening(application, settings.host, settings.port):
            yield f"{settings.public_url}/setup?token={token}"


@asynccontextmanager
async def _listening(application: web.Application, host: str, port: int) -> AsyncIterator[str]:
    # What is packed is refused, so it is not unpacked either, not even to be thrown away.
    runner = web.AppRunner(application, access_log=None, handle_signals=False, auto_decompress=False)
    await runner.setup()
    try:
        site = web.TCPSite(runner, host, port)
        try:
            await site.start()
        except OSError as error:
            place = f"{host}:{port}"
            why = os.strerror(error.errno) if error.errno and error.errno > 0 else error.strerror
            raise CannotListenError(f"HOST and PORT: cannot listen on {place}: {why}") from error
        bound, number = runner.addresses[0][:2]
        yield f"http://{'127.0.0.1' if bound == '0.0.0.0' else bound}:{number}"  # noqa: S104 - recognised, not bound
    finally:
        await runner.cleanup()
