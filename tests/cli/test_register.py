"""`serve` without an App says where to register one, and with half an App what is missing."""

from __future__ import annotations

import aiohttp
import yaml
from click.testing import CliRunner

from bot.cli.serve import MANIFEST, command
from bot.settings import SetupSettings
from bot.wiring import running_setup


def refused(*arguments: str, **environment: str) -> str:
    nothing = dict.fromkeys(("APP_ID", "PRIVATE_KEY", "PRIVATE_KEY_PATH", "PUBLIC_URL", "DATABASE_URL"), "")
    result = CliRunner().invoke(command, arguments, env={**nothing, **environment})
    assert result.exit_code == 2
    return result.output


async def test_without_an_app_one_address_registers_one(unused_tcp_port: int) -> None:
    public = f"http://127.0.0.1:{unused_tcp_port}"
    settings = SetupSettings(public_url=public, host="127.0.0.1", port=unused_tcp_port)
    async with running_setup(settings, yaml.safe_load(MANIFEST.read_text())) as url, aiohttp.ClientSession() as session:
        assert url.startswith(f"{public}/setup?token=")
        async with session.get(url) as answer:
            assert "merge_queues" in await answer.text()
        async with session.get(url[:-1]) as answer:
            assert answer.status == 404


def test_without_a_public_address_nothing_can_be_registered() -> None:
    assert "PUBLIC_URL" in refused()


def test_half_an_app_is_refused_and_opens_no_setup() -> None:
    assert "PRIVATE_KEY" in refused(APP_ID="7", PUBLIC_URL="https://gate.example")
    assert "PRIVATE_KEY" in refused(PRIVATE_KEY_PATH="/nowhere", PUBLIC_URL="https://gate.example")
    assert "PRIVATE_KEY" in refused("--role", "worker", PUBLIC_URL="https://gate.example")
