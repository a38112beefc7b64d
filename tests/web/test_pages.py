"""The pages show what the ledger holds to those who can read it on GitHub, escaped, and nothing to anybody else."""

from __future__ import annotations

import json

import pytest

from bot.core.memory import Kind
from bot.jobs import AuditBranch, Evaluate, Sweep, encode_job
from bot.store import queue
from bot.store.entries import Due, Entry, Shown
from tests.web.conftest import Browser, Gate

HOSTILE = "<script>alert(1)</script>"
PATHS = ("/", "/acme/shop/pull/2")


def work(*, installation: int = 3, repository: int = 1, name: str = "shop") -> str:
    return encode_job(
        Evaluate(installation_id=installation, repository_id=repository, owner="acme", name=name, number=2)
    )


async def put(gate: Gate, job: str = "", *, repository: int = 1, name: str = "shop", owes: bool = False) -> None:
    """A pull request that waits, whose last look failed, in a repository."""
    subject = f"pull:{repository}:2"
    await gate.store.ring([Due(subject=subject, work=job or work(repository=repository, name=name))])
    lease = await gate.store.lease()
    assert lease is not None
    entry = Entry(subject=subject, kind="decision", key="1", at=1_000_000, body=f'{{"title":"{HOSTILE}"}}')
    shown = Shown(
        subject=subject,
        owner="acme",
        name=name,
        number=2,
        title=HOSTILE,
        verdict="pending",
        headline=f"Waiting for 1 senior of {name}",
        waiting=True,
        changed_at=1_000_000,
        owes=owes,
    )
    await gate.store.append(lease, [entry], shown)
    await gate.store.put_back(lease, 60, f"failed: {HOSTILE} of {name}")


async def signed_in(gate: Gate, code: str = "jays") -> Browser:
    browser = gate.browser()
    assert (await browser.sign_in(code)).status == 303
    return browser


async def test_the_first_page_lists_what_waits_and_what_fails(gate: Gate) -> None:
    await put(gate)
    response = await (await signed_in(gate)).get("/")
    text = await response.text()
    assert "Waiting for 1 senior" in text
    assert '"/acme/shop/pull/2"' in text
    assert "acme/shop#2" in text
    assert "failed: " in text
    assert HOSTILE not in text
    assert "1970-01-12 13:46:40Z" in text
    assert "default-src 'none'" in response.headers["Content-Security-Policy"]
    assert response.headers["Cache-Control"] == "no-store"


async def test_a_pull_requests_page_shows_its_record(gate: Gate) -> None:
    await put(gate)
    text = await (await (await signed_in(gate)).get("/acme/shop/pull/2")).text()
    assert "decision" in text
    assert "Waiting for 1 senior" in text
    assert HOSTILE not in text


async def test_an_empty_queue_says_so(gate: Gate) -> None:
    assert "Nothing waits" in await (await (await signed_in(gate)).get("/")).text()


async def test_what_was_never_looked_at_has_no_page(gate: Gate) -> None:
    browser = await signed_in(gate)
    for path in ("/acme/shop/pull/3", "/acme/shop/pull/0", "/acme/shop/pull/99999999999999999999", "/nowhere"):
        assert (await browser.get(path)).status == 404


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("method", ["GET", "HEAD"])
async def test_who_is_not_signed_in_is_sent_to_sign_in_and_learns_nothing(gate: Gate, path: str, method: str) -> None:
    await put(gate)
    for asked in (path, "/acme/none/pull/2"):
        response = await gate.client.request(method, asked, allow_redirects=False)
        assert response.status == 303
        assert response.headers["Location"].startswith("/login?next=/")
        assert "shop" not in await response.text() or asked == path
    assert gate.doors.asked == []


@pytest.mark.parametrize("path", ["/", "/acme/shop/pull/2", "/login", "/login/callback?code=x&state=y", "/logout"])
@pytest.mark.parametrize("method", ["GET", "HEAD", "POST", "PUT"])
async def test_without_sign_in_every_page_is_shut_and_says_how_to_open_it(shut: Gate, path: str, method: str) -> None:
    await put(shut)
    response = await shut.client.request(method, path)
    assert response.status == 403
    assert method == "HEAD" or "CLIENT_ID" in await response.text()
    assert "shop" not in await response.text()


async def test_a_stranger_gets_the_same_answer_as_for_what_is_not_there(gate: Gate) -> None:
    await put(gate)
    browser = await signed_in(gate, "eves")
    hidden, absent = await browser.get("/acme/shop/pull/2"), await browser.get("/acme/none/pull/2")
    assert (hidden.status, await hidden.text()) == (404, await absent.text()) == (404, await hidden.text())
    text = await (await browser.get("/")).text()
    assert "shop" not in text
    assert "failed" not in text


async def test_nobody_reads_across_repositories(gate: Gate) -> None:
    await put(gate)
    await put(gate, repository=4, name="vault")
    browser = await signed_in(gate)
    assert (await browser.get("/acme/shop/pull/2")).status == 200
    assert (await browser.get("/acme/vault/pull/2")).status == 404
    text = await (await browser.get("/")).text()
    assert "shop" in text
    assert "vault" not in text


async def test_nobody_reads_across_installations(gate: Gate) -> None:
    await put(gate, work(installation=8))
    browser = await signed_in(gate)
    assert (await browser.get("/acme/shop/pull/2")).status == 404
    assert "shop" not in await (await browser.get("/")).text()


@pytest.mark.parametrize("job", ["{}", "no json", work(repository=9), encode_job(Sweep(installation_id=3))])
async def test_a_record_whose_repository_is_not_certain_is_shown_to_nobody(gate: Gate, job: str) -> None:
    gate.doors.readers.add((5, 3, 9))
    await put(gate, job)
    browser = await signed_in(gate)
    assert (await browser.get("/acme/shop/pull/2")).status == 404
    assert "shop" not in await (await browser.get("/")).text()


async def test_while_github_does_not_answer_nothing_is_shown(gate: Gate) -> None:
    await put(gate)
    browser = await signed_in(gate)
    gate.doors.is_down = True
    response = await browser.get("/acme/shop/pull/2")
    assert response.status == 503
    assert HOSTILE not in await response.text()
    text = await (await browser.get("/")).text()
    assert "shop" not in text
    assert "not every repository could be asked" in text
    gate.doors.is_down = False
    assert (await browser.get("/acme/shop/pull/2")).status == 200


async def test_access_that_was_taken_away_ends_within_a_minute(gate: Gate) -> None:
    await put(gate)
    browser = await signed_in(gate)
    assert (await browser.get("/acme/shop/pull/2")).status == 200
    gate.doors.readers.clear()
    gate.clock.time += 61
    assert (await browser.get("/acme/shop/pull/2")).status == 404
    assert gate.doors.asked == [1, 1]


async def test_one_account_is_not_answered_for_another(gate: Gate) -> None:
    await put(gate)
    assert (await (await signed_in(gate)).get("/acme/shop/pull/2")).status == 200
    assert (await (await signed_in(gate, "eves")).get("/acme/shop/pull/2")).status == 404


async def test_more_repositories_than_one_page_asks_about_are_said(gate: Gate) -> None:
    for repository in range(1, 103):
        await put(gate, repository=repository, name=f"shop-{repository}")
    text = await (await (await signed_in(gate)).get("/")).text()
    assert len(gate.doors.asked) == 100
    assert "not every repository could be asked" in text


@pytest.mark.parametrize("login", [HOSTILE, '"><img src=x onerror=alert(1)>'])
async def test_a_login_is_escaped_too(gate: Gate, login: str) -> None:
    gate.doors.codes["odd"] = type(gate.doors.codes["jays"])(id=5, login=login)
    await put(gate)
    assert login not in await (await (await signed_in(gate, "odd")).get("/")).text()


async def test_health_and_readiness_are_told_to_anybody(shut: Gate) -> None:
    assert (await shut.client.get("/healthz")).status == 200
    assert (await shut.client.get("/readyz")).status == 200


async def test_the_numbers_are_told_to_the_bearer_of_their_token(gate: Gate) -> None:
    await put(gate)
    response = await gate.client.get("/metrics", headers={"Authorization": f"Bearer {'m' * 32}"})
    text = await response.text()
    assert "countersign_due 1.0" in text
    assert "countersign_due_failing 1.0" in text


@pytest.mark.parametrize("header", ["", "Bearer ", "Bearer mm", f"Basic {'m' * 32}", "m" * 32, "Bearer é"])
async def test_the_numbers_are_shut_without_their_token(gate: Gate, shut: Gate, header: str) -> None:
    for asked, status in ((gate, 401), (shut, 403)):
        response = await asked.client.get("/metrics", headers={"Authorization": header} if header else {})
        assert response.status == status
        assert "countersign_due" not in await response.text()


async def test_without_its_database_the_app_lives_but_is_not_ready(shut: Gate) -> None:
    await shut.store.close()
    assert (await shut.client.get("/healthz")).status == 200
    response = await shut.client.get("/readyz")
    assert (response.status, await response.text()) == (503, "not ready: database\n")


async def test_the_style_sheet_is_served(shut: Gate) -> None:
    assert (await shut.client.get("/static/style.css")).status == 200


async def test_an_owed_review_is_shown_on_both_pages_to_those_who_may_read(gate: Gate) -> None:
    await put(gate)
    browser = await signed_in(gate)
    for path in PATHS:
        assert "owed" not in await (await browser.get(path)).text()
    await put(gate, owes=True)
    assert "Reviews owed" in await (await browser.get("/")).text()
    assert "review owed" in await (await browser.get("/acme/shop/pull/2")).text()
    assert "Reviews owed" not in await (await (await signed_in(gate, "eves")).get("/")).text()


async def put_incident(gate: Gate, *, reviewed: bool = False) -> None:
    """A push past the gate, in the repository that jay can read."""
    job = AuditBranch(installation_id=3, repository_id=1, owner="acme", name="shop", branch="main")
    await gate.store.ring([Due(subject=job.subject, work=encode_job(job))])
    lease = await gate.store.lease()
    assert lease is not None
    body = json.dumps({"why": f"pushed {HOSTILE}", "move": {"after": "c" * 40, "actor": "mallory"}})
    kinds = (Kind.INCIDENT, Kind.INCIDENT_REVIEWED) if reviewed else (Kind.INCIDENT,)
    entries = [Entry(subject=job.subject, kind=kind.value, key="5", at=1_000_000, body=body) for kind in kinds]
    await gate.store.append(lease, entries)
    await gate.store.finish(lease)


async def test_what_landed_past_the_gate_is_shown_to_those_who_can_read_the_repository(gate: Gate) -> None:
    await put_incident(gate)
    text = await (await (await signed_in(gate)).get("/")).text()
    assert "Landed past the gate" in text
    assert "by mallory" in text
    assert HOSTILE not in text
    assert "mallory" not in await (await (await signed_in(gate, "eves")).get("/")).text()


async def test_a_reviewed_incident_leaves_the_page_and_the_numbers(gate: Gate) -> None:
    headers = {"Authorization": f"Bearer {'m' * 32}"}
    await put_incident(gate)
    async with gate.client.get("/metrics", headers=headers) as response:
        assert "countersign_incidents 1.0" in await response.text()
    await put_incident(gate, reviewed=True)
    assert "mallory" not in await (await (await signed_in(gate)).get("/")).text()
    async with gate.client.get("/metrics", headers=headers) as response:
        assert "countersign_incidents 0.0" in await response.text()


def test_the_store_looks_for_what_the_ledger_calls_an_incident() -> None:
    assert (Kind.INCIDENT.value, Kind.INCIDENT_REVIEWED.value) == (queue.INCIDENT, queue.INCIDENT_REVIEWED)
