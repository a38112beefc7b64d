"""Whose passkey counts: a stolen session brings none of its own, and its owner sees the attempt for a day."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.device import Device
from tests.web.conftest import Gate, opened, settings
from tests.web.stepping import DAY, DIGEST, PATH, Person, judged, person, said, senior


async def lines(gate: Gate, account: int = 5) -> list[tuple[str, dict[str, Any]]]:
    return [(one.kind, json.loads(one.body)) for one in await gate.store.entries(f"passkeys:{account}")]


async def test_the_first_passkey_counts_a_day_after_it_was_registered(gate: Gate) -> None:
    await judged(gate)
    jay = await person(gate)
    assert (await jay.register()).status == 303
    assert (await jay.post(f"{PATH}/approve", digest=DIGEST)).status == 403
    gate.clock.time += DAY - 1
    await jay.sign_in("jays")
    assert (await jay.post(f"{PATH}/approve", digest=DIGEST)).status == 403
    gate.clock.time += 1
    assert (await jay.approve()).status == 303


async def test_registering_and_removing_stand_in_the_ledger(gate: Gate) -> None:
    jay = await person(gate)
    await jay.register()
    ((kind, body),) = await lines(gate)
    assert kind == "passkey"
    assert (body["registered_at"], body["counts_from"]) == (1_000_000, 1_000_000 + DAY)
    await jay.post("/passkeys/remove", credential=body["credential"])
    assert [kind for kind, _ in await lines(gate)] == ["passkey", "passkey-removed"]
    assert "You have none" in await (await jay.browser.get("/passkeys")).text()
    assert (await gate.store.find_fault())[:2] == ("", 2)


@pytest.mark.parametrize("path", ["/", PATH])
async def test_a_passkey_that_waits_is_shown_to_its_owner_wherever_they_look(gate: Gate, path: str) -> None:
    await judged(gate)
    thief = await person(gate)
    await thief.register()
    owner = await person(gate)
    assert "was registered for you and counts from" in await (await owner.browser.get(path)).text()
    gate.clock.time += DAY
    await owner.sign_in("jays")
    assert "was registered for you" not in await (await owner.browser.get(path)).text()


async def test_a_further_passkey_needs_one_that_counts_and_then_counts_at_once(gate: Gate) -> None:
    await judged(gate)
    jay = await senior(gate)
    first, second = jay.device, Device()
    assert (await jay.register(second)).status == 403
    assert (await jay.register(second, voucher=second)).status == 403
    first.verifies = False
    assert (await jay.register(second, voucher=first)).status == 403
    first.verifies = True
    assert (await jay.register(second, voucher=first)).status == 303
    assert (await jay.approve(device=second)).status == 303
    newest = [body for kind, body in await lines(gate) if kind == "passkey"][-1]
    assert newest["vouched_by"]
    assert newest["counts_from"] == newest["registered_at"]


async def test_while_the_first_waits_no_second_is_taken(gate: Gate) -> None:
    jay = await person(gate)
    await jay.register()
    assert (await jay.post("/passkeys/begin", name="x")).status == 403


async def test_who_removes_a_passkey_that_counts_waits_anew(gate: Gate) -> None:
    """A thief who removes the owner's passkey gains nothing before a day is over."""
    await judged(gate)
    thief = await senior(gate)
    page = await thief.ask()
    (body,) = [body for kind, body in await lines(gate) if kind == "passkey"]
    await thief.post("/passkeys/remove", credential=body["credential"])
    assert (await thief.answer(page, thief.device.get(page["assertion"]))).status == 403
    assert (await thief.register(Device())).status == 303
    assert (await thief.post(f"{PATH}/approve", digest=DIGEST)).status == 403
    assert await said(gate) == []


async def test_an_authenticator_that_does_not_verify_the_person_is_not_registered(gate: Gate) -> None:
    jay = await person(gate)
    jay.device.verifies = False
    assert (await jay.register()).status == 403
    assert await lines(gate) == []


async def test_registering_needs_a_fresh_sign_in(gate: Gate) -> None:
    jay = await person(gate)
    page = await jay._page("/passkeys/begin", name="laptop")
    gate.clock.time += 601
    response = await jay.post("/passkeys/begin", name="laptop")
    assert (response.status, response.headers["Location"]) == (303, "/passkeys")
    assert "Sign in again" in await (await jay.browser.get("/passkeys")).text()
    fields = {"nonce": page["nonce"], "creation": jay.device.create(page["creation"])}
    assert (await jay.post("/passkeys/register", **fields)).status == 403
    assert await lines(gate) == []


async def test_a_challenge_of_a_registration_is_good_once_and_for_one_session(gate: Gate) -> None:
    jay, other = await person(gate), await person(gate)
    page = await jay._page("/passkeys/begin", name="laptop")
    fields = {"nonce": page["nonce"], "creation": jay.device.create(page["creation"])}
    assert (await other.post("/passkeys/register", **fields)).status == 403
    assert (await jay.post("/passkeys/register", **fields)).status == 403
    assert await lines(gate) == []


@pytest.mark.parametrize("bent", [{"origin": "https://evil.example"}, {"type": "webauthn.get"}, {"challenge": "AAAA"}])
async def test_what_was_made_for_elsewhere_is_not_registered(gate: Gate, bent: dict[str, str]) -> None:
    jay = await person(gate)
    page = await jay._page("/passkeys/begin", name="laptop")
    fields = {"nonce": page["nonce"], "creation": jay.device.create(page["creation"], **bent)}
    assert (await jay.post("/passkeys/register", **fields)).status == 403
    assert await lines(gate) == []


async def test_what_is_asked_of_an_authenticator(gate: Gate) -> None:
    jay = await person(gate)
    options = json.loads((await jay._page("/passkeys/begin", name="laptop"))["creation"])
    assert options["rp"]["id"] == "gate.example"
    assert options["attestation"] == "none"
    assert options["authenticatorSelection"]["userVerification"] == "required"
    assert "jay" not in options["user"]["id"]


async def test_nobody_removes_anothers(gate: Gate) -> None:
    jay, eve = await person(gate), await person(gate, "eves")
    await jay.register()
    ((_, body),) = await lines(gate)
    await eve.post("/passkeys/remove", credential=body["credential"])
    assert len(await lines(gate)) == 1


async def test_an_account_has_ten_passkeys_and_no_more(gate: Gate) -> None:
    jay = await senior(gate)
    for _ in range(9):
        assert (await jay.register(Device(), voucher=jay.device)).status == 303
    assert "as many as one account can have" in await (await jay.browser.get("/passkeys")).text()
    assert (await jay.post("/passkeys/begin", name="x")).status == 303
    assert len([kind for kind, _ in await lines(gate) if kind == "passkey"]) == 10


@pytest.mark.parametrize("url", ["https://203.0.113.7", "http://gate.example", "https://[2001:db8::1]:8443"])
async def test_where_browsers_give_no_passkeys_the_pages_say_so(url: str, app_key: str, tmp_path: Path) -> None:
    given = settings(app_key, public_url=url, client_id="Iv23", client_secret="c" * 40)
    async with opened(given, tmp_path / "gate") as gate:
        await judged(gate)
        jay = Person(gate=gate, browser=gate.browser())
        await jay.sign_in("jays")
        for path in ("/passkeys", PATH):
            assert "whoever runs Countersign sets <code>PUBLIC_URL</code>" in await (await jay.browser.get(path)).text()
        assert (await jay.browser.post("/passkeys/begin", origin=url)).status in (404, 405)


async def test_the_name_of_a_passkey_is_escaped(gate: Gate) -> None:
    jay = await person(gate)
    page = await jay._page("/passkeys/begin", name="laptop")
    fields = {"nonce": page["nonce"], "creation": jay.device.create(page["creation"]), "name": "<script>x</script>"}
    await jay.post("/passkeys/register", **fields)
    assert "<script>x" not in await (await jay.browser.get("/passkeys")).text()
