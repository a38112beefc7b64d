"""The pages show what the ledger holds, escaped, and let the browser run nothing."""

from __future__ import annotations

from bot.store.entries import Due, Entry, Shown
from tests.web.conftest import Sender

HOSTILE = "<script>alert(1)</script>"


async def put(sender: Sender) -> None:
    await sender.store.ring([Due(subject="pull:1:2", work="{}")])
    lease = await sender.store.lease()
    assert lease is not None
    entry = Entry(subject="pull:1:2", kind="decision", key="1", at=1_000_000, body=f'{{"title":"{HOSTILE}"}}')
    shown = Shown(
        subject="pull:1:2",
        owner="acme",
        name="shop",
        number=2,
        title=HOSTILE,
        verdict="pending",
        headline="Waiting for 1 senior",
        waiting=True,
        changed_at=1_000_000,
    )
    await sender.store.append(lease, [entry], shown)
    await sender.store.put_back(lease, 60, f"failed: {HOSTILE}")


async def test_the_first_page_lists_what_waits_and_what_fails(sender: Sender) -> None:
    await put(sender)
    response = await sender.client.get("/")
    text = await response.text()
    assert "Waiting for 1 senior" in text
    assert '"/acme/shop/pull/2"' in text
    assert "failed: " in text
    assert HOSTILE not in text
    assert "1970-01-12 13:46:40Z" in text
    assert "default-src 'none'" in response.headers["Content-Security-Policy"]


async def test_a_pull_requests_page_shows_its_record(sender: Sender) -> None:
    await put(sender)
    text = await (await sender.client.get("/acme/shop/pull/2")).text()
    assert "decision" in text
    assert "Waiting for 1 senior" in text
    assert HOSTILE not in text


async def test_an_empty_queue_says_so(sender: Sender) -> None:
    assert "Nothing waits" in await (await sender.client.get("/")).text()


async def test_what_was_never_looked_at_has_no_page(sender: Sender) -> None:
    for path in ("/acme/shop/pull/3", "/acme/shop/pull/0", "/acme/shop/pull/99999999999999999999", "/nowhere"):
        assert (await sender.client.get(path)).status == 404


async def test_health_readiness_and_numbers_are_told(sender: Sender) -> None:
    await put(sender)
    assert (await sender.client.get("/healthz")).status == 200
    assert (await sender.client.get("/readyz")).status == 200
    text = await (await sender.client.get("/metrics")).text()
    assert "countersign_due 1.0" in text
    assert "countersign_due_failing 1.0" in text


async def test_without_its_database_the_app_lives_but_is_not_ready(sender: Sender) -> None:
    await sender.store.close()
    assert (await sender.client.get("/healthz")).status == 200
    response = await sender.client.get("/readyz")
    assert (response.status, await response.text()) == (503, "not ready: database\n")


async def test_the_style_sheet_is_served(sender: Sender) -> None:
    assert (await sender.client.get("/static/style.css")).status == 200
