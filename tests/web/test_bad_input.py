"""Whatever arrives at the running App's door: 4xx or ignored, nothing kept of it, and others are answered meanwhile."""

from __future__ import annotations

import asyncio
import gzip
import hashlib
import hmac
import io
import json
import re
import tracemalloc
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp
import pytest
import structlog
from aiohttp import web
from aiohttp.test_utils import TestServer

from bot.cli.logs import configure_logs
from bot.settings import Settings
from bot.web.numbers import Numbers
from bot.web.webhook import LARGEST_BODY, Webhook
from bot.wiring import App, Role, running_app
from tests.web.conftest import APP_ID, PUSHED, SECRET, Sender

TOKEN = "ghs_" + "s3cret" * 6
BODY = json.dumps(PUSHED).encode()
USER = {"login": "jay", "id": 5, "type": "User"}
MEBIBYTE = 1 << 20


@dataclass(frozen=True)
class Door:
    """The App's socket, and all that was logged while it was knocked at."""

    app: App
    logs: io.StringIO

    @property
    def port(self) -> int:
        return int(self.app.url.rpartition(":")[2])

    async def send(self, raw: bytes) -> tuple[int, bytes]:
        """Raw bytes in, status and body out; 0 when the connection was closed without a word."""
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        try:
            writer.write(raw)
            await writer.drain()
            head = await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), 20)
            length = re.search(rb"(?i)content-length: (\d+)", head)
            return int(head.split(b" ", 2)[1]), await reader.readexactly(int(length[1]) if length else 0)
        except (ConnectionError, asyncio.IncompleteReadError):
            return 0, b""
        finally:
            writer.close()

    async def is_alive(self) -> bool:
        async with aiohttp.ClientSession() as session, session.get(f"{self.app.url}/healthz") as response:
            return response.status == 200

    async def assert_nothing_came_in(self) -> None:
        assert (await self.app.store.backlog()).due == 0
        assert await self.app.store.find_fault() == ("", 0, "0" * 64)
        assert TOKEN not in self.logs.getvalue()
        assert SECRET not in self.logs.getvalue()


@pytest.fixture
def logs() -> Iterator[io.StringIO]:
    stream = io.StringIO()
    configure_logs("info", stream)
    yield stream
    structlog.reset_defaults()


@pytest.fixture
async def door(tmp_path: Path, app_key: str, logs: io.StringIO) -> AsyncIterator[Door]:
    settings = Settings(
        app_id=APP_ID,
        private_key=app_key,
        webhook_secret=SECRET,
        database_url=f"sqlite:///{tmp_path / 'countersign.db'}",
        host="127.0.0.1",
        port=0,
    )
    async with running_app(settings, frozenset({Role.WEB})) as app:
        yield Door(app, logs)


def signed(body: bytes, *lines: str, length: bool = True) -> bytes:
    """A delivery as GitHub writes it, with further header lines."""
    mac = hmac.new(SECRET.encode(), body, hashlib.sha256).hexdigest()
    head = [
        "POST /webhook HTTP/1.1",
        "Host: localhost",
        "Connection: close",
        "Content-Type: application/json",
        "X-GitHub-Event: pull_request",
        "X-GitHub-Delivery: d-1",
        f"X-Hub-Signature-256: sha256={mac}",
        *([f"Content-Length: {len(body)}"] if length else []),
        *lines,
    ]
    return "\r\n".join([*head, "", ""]).encode() + body


def with_fields(**fields: Any) -> bytes:
    return json.dumps({**PUSHED, **fields}).encode()


NONSENSE: list[tuple[str, bytes]] = [
    ("nothing", b""),
    ("no JSON", b"{"),
    ("another JSON", b"[1]"),
    ("text after it", BODY + b"{}"),
    ("no UTF-8", BODY.replace(b"shop", b"\xff\xfe")),
    ("a lone surrogate", BODY.replace(b'"shop"', b'"\\ud800"')),
    ("a surrogate in UTF-8", BODY.replace(b'"shop"', b'"\xed\xa0\x80"')),
    ("a mark of byte order", b"\xef\xbb\xbf" + BODY),
    ("arrays in arrays", BODY[:-1] + b',"x":' + b"[" * 300_000 + b"]" * 300_000 + b"}"),
    ("objects in objects", BODY[:-1] + b',"x":' + b'{"a":' * 300_000 + b"1" + b"}" * 300_000 + b"}"),
    ("a number of a million digits", BODY.replace(b'"number": 2', b'"number": ' + b"9" * 1_000_000)),
    ("a number that no database holds", with_fields(pull_request={**PUSHED["pull_request"], "number": 10**30})),
    ("a number below one", with_fields(pull_request={**PUSHED["pull_request"], "number": -1})),
    ("a number with a point", with_fields(pull_request={**PUSHED["pull_request"], "number": 2.5})),
    ("a huge installation", with_fields(installation={"id": 10**30})),
    ("a huge repository", with_fields(repository={**PUSHED["repository"], "id": 10**30})),
    ("no name", with_fields(repository={**PUSHED["repository"], "name": ""})),
    ("a name that climbs", with_fields(repository={**PUSHED["repository"], "name": "../../app"})),
    ("a name with a zero byte", with_fields(repository={**PUSHED["repository"], "name": "a\0b"})),
    ("an endless name", with_fields(repository={**PUSHED["repository"], "name": "a" * 200_000})),
    ("an owner that climbs", with_fields(repository={**PUSHED["repository"], "owner": {"login": "a/b"}})),
]


async def test_well_signed_nonsense_is_refused_and_leaves_nothing(door: Door) -> None:
    for name, body in NONSENSE:
        status, _ = await door.send(signed(body))
        assert status == 400, name
    await door.assert_nothing_came_in()


async def test_a_field_given_twice_counts_once_and_for_every_part_alike(door: Door) -> None:
    """JSON lets the last one win; the subject and its work must not come from two different ones."""
    body = BODY[:-1] + b',"repository":{"id":9,"name":"other","owner":{"login":"else"}}}'
    assert (await door.send(signed(body)))[0] == 202
    lease = await door.app.store.lease()
    assert lease is not None
    work = json.loads(lease.work)["evaluate"]
    assert (lease.subject, work["repository_id"], work["name"], work["owner"]) == ("pull:9:2", 9, "other", "else")


GARBAGE: list[tuple[str, bytes]] = [
    ("no HTTP", f"{TOKEN}\r\n\r\n".encode()),
    ("a bad header", f"POST /webhook HTTP/1.1\r\nHost: a\r\n{TOKEN}\r\n\r\n".encode()),
    ("a header with a zero byte", f"POST /webhook HTTP/1.1\r\nHost: a\r\nX: {TOKEN}\0\r\n\r\n".encode()),
    ("an endless header", f"POST /webhook HTTP/1.1\r\nHost: a\r\nX: {TOKEN * 2000}\r\n\r\n".encode()),
    ("two lengths", signed(BODY, "Content-Length: 5")),
    ("a length and chunks", signed(BODY, "Transfer-Encoding: chunked")),
    ("bad chunks", signed(b"zz" + TOKEN.encode() + b"\r\n", "Transfer-Encoding: chunked", length=False)),
    ("two signatures", signed(BODY, "X-Hub-Signature-256: sha256=" + "0" * 64)),
    ("two ids", signed(BODY, "X-GitHub-Delivery: d-2")),
]


async def test_garbage_is_refused_and_not_logged(door: Door) -> None:
    for name, raw in GARBAGE:
        status, _ = await door.send(raw)
        assert status in (0, 400, 401), name
    assert await door.is_alive()
    await door.assert_nothing_came_in()


async def test_a_body_that_ends_early_leaves_nothing(door: Door) -> None:
    _, writer = await asyncio.open_connection("127.0.0.1", door.port)
    writer.write(signed(BODY)[:-10])
    await writer.drain()
    writer.close()
    await writer.wait_closed()
    assert await door.is_alive()
    await door.assert_nothing_came_in()
    assert "Traceback" not in door.logs.getvalue()


async def test_a_body_over_the_limit_is_refused_told_or_not(door: Door) -> None:
    head = signed(b"", f"Content-Length: {LARGEST_BODY + 1}", length=False)
    assert (await door.send(head))[0] == 413
    chunk = b"%x\r\n" % MEBIBYTE + b" " * MEBIBYTE + b"\r\n"
    chunked = signed(b"", "Transfer-Encoding: chunked", length=False) + chunk * 27 + b"0\r\n\r\n"
    assert (await door.send(chunked))[0] in (0, 413)
    await door.assert_nothing_came_in()


async def test_a_packed_body_is_refused_unopened(door: Door) -> None:
    """A megabyte of packed zeros is a gigabyte."""
    bomb = gzip.compress(b"\0" * (64 * MEBIBYTE))
    tracemalloc.start()
    try:
        for coding in ("gzip", "deflate"):
            assert (await door.send(signed(bomb, f"Content-Encoding: {coding}")))[0] == 415
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 16 * MEBIBYTE
    await door.assert_nothing_came_in()


async def test_others_are_answered_while_bodies_trickle_in(door: Door) -> None:
    slow = [await asyncio.open_connection("127.0.0.1", door.port) for _ in range(50)]
    for _, writer in slow:
        writer.write(signed(BODY)[:-5])
        await writer.drain()
    status, _ = await asyncio.wait_for(door.send(signed(BODY)), 2)
    assert status == 202
    assert await door.is_alive()
    for _, writer in slow:
        writer.close()


async def test_a_body_that_never_comes_is_given_up(sender: Sender) -> None:
    settings = Settings(app_id=APP_ID, private_key="", webhook_secret=SECRET)
    application = web.Application()
    application.router.add_post("/webhook", Webhook(settings, sender.store, Numbers(), body_seconds=0.05).receive)
    async with TestServer(application) as server:
        reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
        writer.write(signed(BODY)[:-5])
        assert b" 408 " in await asyncio.wait_for(reader.readline(), 5)
        writer.close()
    assert (await sender.store.backlog()).due == 0


async def test_many_large_bodies_wait_their_turn_and_all_come_in(door: Door) -> None:
    large = BODY + b" " * (2 * MEBIBYTE)
    answers = await asyncio.gather(*(door.send(signed(large)) for _ in range(12)))
    assert {status for status, _ in answers} == {202}


async def test_a_database_that_fails_is_no_leak(door: Door) -> None:
    await door.app.store.close()
    commented = {
        **PUSHED,
        "action": "created",
        "issue": {"number": 2, "pull_request": {}},
        "comment": {"id": 1, "created_at": "2026-01-01T00:00:00Z", "body": f"/approve-ai {TOKEN}", "user": USER},
    }
    raw = signed(json.dumps(commented).encode()).replace(b"Event: pull_request", b"Event: issue_comment")
    status, answer = await door.send(raw)
    assert status == 500
    assert TOKEN.encode() not in answer
    assert '"exception"' in door.logs.getvalue()
    assert TOKEN not in door.logs.getvalue()
