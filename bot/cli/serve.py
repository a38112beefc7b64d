"""Runs the App: listens to webhooks, works, or both."""

from __future__ import annotations

import asyncio
import signal
import sys
from dataclasses import replace
from pathlib import Path
from typing import NoReturn

import click
import structlog
import uvloop
import yaml
from sqlalchemy.exc import DBAPIError

from bot.cli.database import first_line
from bot.cli.logs import configure_logs
from bot.settings import Settings, SettingsError, SetupSettings, is_registered, read_settings, read_setup_settings
from bot.store.embedded import DatabaseInUseError
from bot.wiring import BOTH, CannotListenError, Role, running_app, running_setup

_ROLES = {"all": BOTH, "web": frozenset({Role.WEB}), "worker": frozenset({Role.WORKER})}
USAGE = 2
MANIFEST = Path(__file__).parent.parent.parent / "app.yml"


@click.command()
@click.option(
    "--role", type=click.Choice(list(_ROLES)), default="all", show_default=True, help="What this process does."
)
@click.option("--port", type=click.IntRange(0, 65535), default=None, help="Where to listen; PORT or 3000 otherwise.")
def command(role: str, port: int | None) -> None:
    """Run the App.

    Its settings are read from the environment; README.md lists them. Required: APP_ID, PRIVATE_KEY or
    PRIVATE_KEY_PATH, and WEBHOOK_SECRET. With PUBLIC_URL and without an App, it registers one.
    """
    try:
        if not is_registered() and role != "worker":
            asyncio.run(register(read_setup_settings(), port))
            return
        settings = _settings(role, port)
        configure_logs(settings.log_level)
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            runner.run(serve(settings, _ROLES[role]))
    except (SettingsError, DatabaseInUseError, CannotListenError, OSError) as error:
        _refuse(error)
    except DBAPIError as error:
        _refuse(f"DATABASE_URL: {first_line(error)}")
    except ExceptionGroup as group:
        # What the listener raises comes out of the workers' task group.
        refused = group.subgroup(CannotListenError)
        if refused is None:
            raise
        _refuse(next(iter(refused.exceptions)))


def _refuse(reason: object) -> NoReturn:
    click.echo(f"serve: {reason}", err=True)
    sys.exit(USAGE)


def _settings(role: str, port: int | None) -> Settings:
    settings = read_settings()
    if _ROLES[role] != BOTH and settings.database_url.startswith("sqlite"):
        raise SettingsError("DATABASE_URL: roles in processes of their own need PostgreSQL")
    return settings if port is None else replace(settings, port=port)


async def serve(settings: Settings, roles: frozenset[Role]) -> None:
    """Until SIGTERM or SIGINT; then new work is refused and what is in hand is finished."""
    stopping = _until_stopped()
    async with running_app(settings, roles) as app:
        structlog.get_logger().info("started", url=app.url, roles=sorted(roles))
        await stopping.wait()
    structlog.get_logger().info("stopped")


async def register(settings: SetupSettings, port: int | None) -> None:
    """Until stopped: there is no App yet, and one address, said once, to register one."""
    stopping = _until_stopped()
    manifest = yaml.safe_load(MANIFEST.read_text())
    async with running_setup(settings if port is None else replace(settings, port=port), manifest) as url:
        click.echo(f"No App is configured. Register one: {url}")
        await stopping.wait()


def _until_stopped() -> asyncio.Event:
    stopping = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stopping.set)
    return stopping
