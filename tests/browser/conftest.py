"""A real browser, and the whole sandbox as a newcomer starts it."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from playwright.async_api import Page, async_playwright

CHROMIUM = "/usr/bin/chromium"
ROOT = Path(__file__).parent.parent.parent
START_SECONDS = 30


@pytest.fixture
async def page() -> AsyncIterator[Page]:
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        page = await browser.new_page(viewport={"width": 1280, "height": 900}, color_scheme="light")
        page.set_default_timeout(20_000)
        problems: list[str] = []
        page.on("pageerror", lambda error: problems.append(str(error)))
        page.on("console", lambda message: problems.append(message.text) if message.type == "error" else None)
        yield page
        await browser.close()
        assert not problems


@pytest.fixture
async def sandbox() -> AsyncIterator[str]:
    """The address that `app.py sandbox` prints; it ends on an interrupt, cleanly."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "app.py", "sandbox", "--port", "0", cwd=ROOT, stdout=asyncio.subprocess.PIPE
    )
    assert process.stdout is not None
    line = await asyncio.wait_for(process.stdout.readline(), START_SECONDS)
    yield line.decode().strip().split()[-1]
    process.send_signal(2)
    assert await asyncio.wait_for(process.wait(), START_SECONDS) == 0
