"""`app.py sandbox`: one address is printed, the App judges what is there, and an interrupt ends it cleanly."""

from __future__ import annotations

import asyncio
import signal
import socket
import sys
from pathlib import Path

import aiohttp

ROOT = Path(__file__).parent.parent.parent
SECONDS = 60


async def start(port: int) -> asyncio.subprocess.Process:
    command = (sys.executable, "app.py", "sandbox", "--port", str(port))
    pipe = asyncio.subprocess.PIPE
    return await asyncio.create_subprocess_exec(*command, cwd=ROOT, stdout=pipe, stderr=pipe)


async def judged(address: str) -> str:
    """The list of pull requests, once every one has a verdict; each look waits for what is under way."""
    async with aiohttp.ClientSession() as session:
        while True:
            async with session.get(address) as answer:
                page = await answer.text()
            if "Expected" not in page:
                return page


async def test_it_opens_judges_and_ends_cleanly() -> None:
    process = await start(0)
    assert process.stdout is not None
    line = (await asyncio.wait_for(process.stdout.readline(), SECONDS)).decode()
    page = await asyncio.wait_for(judged(line.split()[-1]), SECONDS)
    assert "Waiting for" in page
    assert "Nothing asked" in page
    process.send_signal(signal.SIGINT)
    rest, complaints = await asyncio.wait_for(process.communicate(), SECONDS)
    assert (process.returncode, rest.decode(), complaints.decode()) == (0, "", "")


async def test_a_port_that_is_taken_is_said_in_one_sentence() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        process = await start(taken.getsockname()[1])
        _, complaints = await asyncio.wait_for(process.communicate(), SECONDS)
    assert process.returncode == 2
    assert "choose another with --port" in complaints.decode()
