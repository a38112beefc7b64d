"""A plan's body is read once its token is proved, no more of it than is allowed; every refusal is one sentence."""

from __future__ import annotations

import asyncio
import io
from collections.abc import AsyncIterator
from typing import Any

import pytest

from bot.web.plans import LARGEST_PLAN
from tests.web.conftest import Gate

PATH = f"/plans/acme/shop/{'a' * 40}/production"
GOOD = {"Authorization": "Bearer good", "Content-Type": "application/json"}


async def put(gate: Gate, data: Any = b"{}", path: str = PATH, **headers: str | None) -> tuple[int, str]:
    given = {**GOOD, **{name.replace("_", "-"): value for name, value in headers.items()}}
    sent = {name: value for name, value in given.items() if value is not None}
    async with gate.client.put(path, data=data, headers=sent) as response:
        return response.status, (await response.json())["message"]


async def test_a_plan_is_kept_and_told_once_as_new(gate: Gate) -> None:
    assert await put(gate) == (201, "kept for #2, which is judged again")
    assert await put(gate) == (200, "kept for #2, which is judged again")
    assert gate.doors.plans == [b"{}", b"{}"]


async def test_a_plan_that_cannot_be_read_is_told_with_its_place(gate: Gate) -> None:
    status, said = await put(gate, b"{")
    assert status == 422
    assert "line 1 is no JSON; the check says so until `production` has a whole one" in said


@pytest.mark.parametrize(
    ("name", "changes", "status", "said"),
    [
        ("no token", {"Authorization": None}, 401, "identity token for https://gate.example"),
        ("another scheme", {"Authorization": "Basic good"}, 401, "Bearer"),
        ("a token of odd characters", {"Authorization": "Bearer good\u00e9"}, 401, "Bearer"),
        ("a token that proves nothing", {"Authorization": "Bearer bad"}, 401, "the token is not good"),
        ("a short SHA", {"path": "/plans/acme/shop/aaaa/production"}, 400, "the SHA in full"),
        ("no SHA", {"path": PATH.replace("a" * 40, "A" * 40)}, 400, "the SHA in full"),
        ("an odd stack", {"path": f"{PATH}%2Fdb"}, 400, "names of A-Z"),
        ("a long stack", {"path": PATH + "x" * 100}, 400, "names of A-Z"),
        ("a form", {"Content_Type": "application/x-www-form-urlencoded"}, 415, "application/json"),
        ("packed", {"Content_Encoding": "gzip"}, 415, "not packed"),
    ],
)
async def test_a_refusal_is_one_sentence_and_keeps_nothing(
    gate: Gate, name: str, changes: dict[str, Any], status: int, said: str
) -> None:
    answered, told = await put(gate, **changes)
    assert (answered, said in told) == (status, True), (name, answered, told)
    assert gate.doors.plans == []


async def test_of_a_body_that_is_too_large_only_so_much_is_read_as_shows_it(gate: Gate) -> None:
    async def endless() -> AsyncIterator[bytes]:
        for _ in range(LARGEST_PLAN // (1 << 20) + 2):
            yield b" " * (1 << 20)

    for body in (io.BytesIO(b" " * (LARGEST_PLAN + 1000)), endless()):
        await put(gate, body)
    assert [len(plan) for plan in gate.doors.plans] == [LARGEST_PLAN + 1] * 2


async def test_nothing_of_a_body_is_read_before_the_token_is_proved(gate: Gate) -> None:
    never = asyncio.Event()

    async def waiting() -> AsyncIterator[bytes]:
        yield b"{"
        await never.wait()

    async with gate.client.put(PATH, data=waiting(), headers={**GOOD, "Authorization": "Bearer bad"}) as response:
        assert response.status == 401


async def test_github_being_away_asks_to_come_again(gate: Gate) -> None:
    gate.doors.is_down = True
    async with gate.client.put(PATH, data=b"{}", headers=GOOD) as response:
        assert (response.status, response.headers["Retry-After"]) == (503, "30")


async def test_without_an_address_of_its_own_a_gate_takes_no_plans(shut: Gate) -> None:
    status, said = await put(shut)
    assert (status, "PUBLIC_URL" in said) == (404, True)
