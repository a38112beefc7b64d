"""`sandbox`: the App together with an embedded GitHub that holds a few pull requests; no account needed."""

from __future__ import annotations

import asyncio
import logging
import signal
import socket
import tempfile
from pathlib import Path

import click
import structlog

from bot.cli.local import InputError
from bot.sandbox.embedded import EmbeddedGitHub
from bot.settings import Settings
from bot.wiring import running_app

HOST = "127.0.0.1"
# Browsers give passkeys to names, not to numbers.
NAME = "localhost"


@click.command("sandbox")
@click.option("--port", type=click.IntRange(0, 65535), default=3000, show_default=True, help="0 takes a free one.")
def command(port: int) -> None:
    """Try the App with an embedded GitHub.

    It prints the address of a page where you act as a junior or a senior. Everything lives in this process and is
    gone when it ends.
    """
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING))
    asyncio.run(_run(port))


async def _run(port: int) -> None:
    """Until interrupted. InputError when the port cannot be had."""
    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    github = EmbeddedGitHub()
    try:
        try:
            url = await github.start(HOST, port)
        except OSError as problem:
            raise InputError(f"port {port} cannot be had: choose another with --port") from problem
        with tempfile.TemporaryDirectory(prefix="countersign-sandbox-") as folder:
            settings = _settings(github, Path(folder))
            async with running_app(settings) as app:
                github.set_webhook_url(f"{app.url}/webhook")
                github.set_callback_url(f"{settings.public_url}/login/callback")
                github.seed()
                click.echo(f"The sandbox is open at {url}")
                await stop.wait()
    finally:
        await github.stop()


def _free_port() -> int:
    """A port nobody listens on; the App's own links must name it before it listens."""
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        port: int = probe.getsockname()[1]
        return port


def _settings(github: EmbeddedGitHub, folder: Path) -> Settings:
    port = _free_port()
    return Settings(
        app_id=github.app_id,
        private_key=github.private_key,
        webhook_secret=github.webhook_secret,
        api_url=github.api_url,
        graphql_url=github.graphql_url,
        database_url=f"sqlite:///{folder / 'countersign.db'}",
        host=HOST,
        port=port,
        public_url=f"http://{NAME}:{port}",
        client_id=github.app.client_id,
        client_secret=github.app.client_secret,
        log_level="warning",
        passkey_wait_seconds=0,  # nobody tries the sandbox for a day
    )
