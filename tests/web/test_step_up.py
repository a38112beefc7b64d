"""A passkey approves exactly what its page showed: by that person, verified, once, within five minutes."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest

from bot.store.entries import Entry
from tests.device import Device
from tests.web.conftest import Gate
from tests.web.stepping import DAY, DIGEST, PATH, PLACE, Person, decision, judged, person, said, senior


async def is_refused(jay: Person, status: int, **bent: Any) -> None:
    response = await jay.approve(**bent)
    assert response.status == status
    assert await said(jay.gate) == []


async def test_an_approval_is_written_down_as_signed_and_the_bell_is_rung(gate: Gate) -> None:
    await judged(gate)
    jay = await senior(gate)
    response = await jay.approve()
    assert (response.status, response.headers["Location"]) == (303, PATH)
    (statement,) = await said(gate)
    assert (statement["act"], statement["method"]) == ("approve", "step-up")
    assert statement["actor"] == {"login": "jay", "id": 5, "kind": "User"}
    assert (statement["repository_id"], statement["number"]) == (1, 2)
    assert (statement["head_sha"], statement["base_ref"], statement["seen"]) == ("a" * 40, "main", DIGEST)
    lease = await gate.store.lease()
    assert lease is not None
    assert lease.subject == PLACE.subject
    page = await (await jay.browser.get(PATH)).text()
    assert "being judged" in page
    assert await gate.store.find_fault() == ("", 4, (await gate.store.find_fault())[2])


async def test_what_is_signed_is_asked_for_with_the_person_verified(gate: Gate) -> None:
    await judged(gate)
    jay = await senior(gate)
    options = json.loads((await jay.ask())["assertion"])
    assert options["userVerification"] == "required"
    assert options["rpId"] == "gate.example"
    assert [one["id"] for one in options["allowCredentials"]] == [
        base64.urlsafe_b64encode(jay.device.credential).decode().rstrip("=")
    ]
    assert options["challenge"] != json.loads((await jay.ask())["assertion"])["challenge"]


async def test_an_authenticator_that_does_not_verify_the_person_approves_nothing(gate: Gate) -> None:
    await judged(gate)
    jay = await senior(gate)
    jay.device.verifies = False
    await is_refused(jay, 403)
    jay.device.verifies = True
    assert (await jay.approve()).status == 303


@pytest.mark.parametrize(
    "bent",
    [
        {"origin": "https://evil.example"},
        {"origin": "https://gate.example:8443"},
        {"type": "webauthn.create"},
        {"challenge": "AAAA"},
    ],
    ids=str,
)
async def test_a_signature_for_elsewhere_approves_nothing(gate: Gate, bent: dict[str, str]) -> None:
    await judged(gate)
    await is_refused(await senior(gate), 403, **bent)


async def test_another_hosts_passkey_approves_nothing(gate: Gate) -> None:
    await judged(gate)
    jay = await senior(gate)
    page = await jay.ask()
    moved = json.dumps({**json.loads(page["assertion"]), "rpId": "evil.example"})
    assert (await jay.answer(page, jay.device.get(moved))).status == 403
    assert await said(gate) == []


async def test_another_key_under_the_same_name_approves_nothing(gate: Gate) -> None:
    await judged(gate)
    jay = await senior(gate)
    await is_refused(jay, 403, device=Device(credential=jay.device.credential, handle=jay.device.handle, counter=9))


@pytest.mark.parametrize("answer", ["", "{}", "null", "[]", '{"id": 5}', "\x00", "[" * 5_000, "x" * 60_000])
async def test_whatever_is_no_answer_approves_nothing(gate: Gate, answer: str) -> None:
    await judged(gate)
    jay = await senior(gate)
    assert (await jay.answer(await jay.ask(), answer)).status == 403
    assert await said(gate) == []


async def test_a_challenge_takes_one_answer_good_or_bad(gate: Gate) -> None:
    await judged(gate)
    jay = await senior(gate)
    page = await jay.ask()
    good = jay.device.get(page["assertion"])
    assert (await jay.answer(page, "{}")).status == 403
    assert (await jay.answer(page, good)).status == 409
    assert await said(gate) == []
    page = await jay.ask()
    again = jay.device.get(page["assertion"])
    assert (await jay.answer(page, again)).status == 303
    assert (await jay.answer(page, again)).status == 409
    assert len(await said(gate)) == 1


async def test_a_challenge_ends_after_five_minutes(gate: Gate) -> None:
    await judged(gate)
    jay = await senior(gate)
    page = await jay.ask()
    gate.clock.time += 300
    assert (await jay.answer(page, jay.device.get(page["assertion"]))).status == 409
    assert await said(gate) == []


async def test_a_challenge_belongs_to_one_session(gate: Gate) -> None:
    await judged(gate)
    jay = await senior(gate)
    page = await jay.ask()
    other = await person(gate)
    assert (await other.answer(page, jay.device.get(page["assertion"]))).status == 409
    assert await said(gate) == []


async def test_a_challenge_for_another_matter_approves_nothing(gate: Gate) -> None:
    """The signature of one approval cannot be moved to another, nor one that vouched for a passkey."""
    other = "sha256:" + "e" * 64
    await judged(gate)
    jay = await senior(gate)
    page = await jay.ask()
    signed = jay.device.get(page["assertion"])
    await judged(gate, approval_digest=other)
    assert (await jay.answer({**page, "digest": other}, signed)).status == 409
    vouching = await jay._page("/passkeys/begin", name="x")
    assert (await jay.answer({**vouching, "digest": other}, jay.device.get(vouching["assertion"]))).status == 409
    assert await said(gate) == []


@pytest.mark.parametrize(
    "change",
    [
        {"approval_digest": "sha256:" + "e" * 64},
        {"approval_digest": None},
        {"state": "CLOSED"},
        {"merge_base": None},
    ],
    ids=str,
)
async def test_what_moved_on_since_the_page_was_shown_is_not_approved(gate: Gate, change: dict[str, Any]) -> None:
    await judged(gate)
    jay = await senior(gate)
    page = await jay.ask()
    await judged(gate, **change)
    assert (await jay.post(f"{PATH}/approve", digest=DIGEST)).status == 409
    assert (await jay.answer(page, jay.device.get(page["assertion"]))).status == 409
    assert await said(gate) == []


async def test_a_decision_of_an_older_release_offers_nothing_to_approve(gate: Gate) -> None:
    old = {name: value for name, value in decision().items() if name not in ("approval_digest", "merge_base")}
    body = json.dumps(old)
    await judged(gate, Entry(subject=PLACE.subject, kind="decision", key="old", at=1_000_000, body=body))
    jay = await senior(gate)
    assert "Approve with a passkey" not in await (await jay.browser.get(PATH)).text()
    assert (await jay.post(f"{PATH}/approve", digest=DIGEST)).status == 409


async def test_a_counter_that_does_not_move_on_is_a_copy(gate: Gate) -> None:
    await judged(gate)
    jay = await senior(gate)
    jay.device.counter = 50
    assert (await jay.approve()).status == 303
    for counter in (1, 49, 50):
        jay.device.counter = counter
        assert (await jay.approve()).status == 403
    jay.device.counter = 51
    assert (await jay.approve()).status == 303


async def test_an_authenticator_without_a_counter_is_taken(gate: Gate) -> None:
    await judged(gate)
    jay = await person(gate)
    jay.device.counter = 0
    await jay.register()
    gate.clock.time += DAY
    await jay.sign_in("jays")
    for _ in range(2):
        assert (await jay.approve()).status == 303


async def test_the_passkey_of_one_account_is_worth_nothing_to_another(gate: Gate) -> None:
    await judged(gate)
    jay = await senior(gate)
    gate.doors.readers.add((6, 3, 1))
    eve = await person(gate, "eves")
    assert (await eve.post(f"{PATH}/approve", digest=DIGEST)).status == 403
    await eve.register()
    gate.clock.time += DAY
    await eve.sign_in("eves")
    page = await eve.ask()
    assert (await eve.answer(page, jay.device.get(page["assertion"]))).status == 403
    eve.device.handle = jay.device.handle
    assert (await eve.approve()).status == 403
    assert await said(gate) == []


async def test_who_cannot_read_the_repository_learns_and_says_nothing(gate: Gate) -> None:
    await judged(gate)
    jay = await senior(gate)
    page = await jay.ask()
    gate.doors.readers.clear()
    gate.clock.time += 61
    assert (await jay.post(f"{PATH}/approve", digest=DIGEST)).status == 404
    assert (await jay.answer(page, jay.device.get(page["assertion"]))).status == 404
    assert await said(gate) == []


@pytest.mark.parametrize(
    "path", [f"{PATH}/approve", f"{PATH}/approve/passkey", "/passkeys/begin", "/passkeys/register"]
)
async def test_no_other_site_starts_a_ceremony(gate: Gate, path: str) -> None:
    await judged(gate)
    jay = await senior(gate)
    token = await jay.browser.form_token()
    assert (await jay.browser.post(path, origin="https://evil.example", token=token, digest=DIGEST)).status == 403
    assert (await jay.browser.post(path, token="forged", digest=DIGEST)).status == 403
    assert (await jay.browser.get(path)).status == 405


async def test_scripts_come_from_our_own_files_alone(gate: Gate) -> None:
    await judged(gate)
    jay = await senior(gate)
    response = await jay.post(f"{PATH}/approve", digest=DIGEST)
    assert "script-src 'self';" in response.headers["Content-Security-Policy"]
    text = await response.text()
    assert text.count("<script") == text.count('<script src="/static/passkey.js" defer></script>') == 1
    assert "Passkeys need JavaScript" in text
    assert (await jay.browser.get("/static/passkey.js")).status == 200
