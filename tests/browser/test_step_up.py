"""A passkey in a real browser: registered, used, and worth nothing when the authenticator verifies nobody."""

from __future__ import annotations

import pytest
from playwright.async_api import CDPSession, Page, expect

pytestmark = pytest.mark.browser

STORY = "Let the office reach the orders database"
SEEN = "Waiting for 1 senior with a passkey"


async def authenticator(page: Page, *, verifies: bool) -> tuple[CDPSession, str]:
    """A device in the browser. https://chromedevtools.github.io/devtools-protocol/tot/WebAuthn/"""
    session = await page.context.new_cdp_session(page)
    await session.send("WebAuthn.enable")
    options = {"protocol": "ctap2", "transport": "internal", "hasResidentKey": True, "hasUserVerification": True}
    added = await session.send(
        "WebAuthn.addVirtualAuthenticator",
        {"options": {**options, "isUserVerified": verifies, "automaticPresenceSimulation": True}},
    )
    return session, added["authenticatorId"]


async def open_record(sandbox: str, page: Page, login: str) -> str:
    """From the list to the check, its record, and one click to sign in. The address of the pull request on GitHub."""
    await page.goto(sandbox)
    await page.get_by_role("link", name=STORY).click()
    await expect(page.locator(".check h2")).to_contain_text(SEEN)
    address = page.url
    await page.get_by_role("link", name="The record of this pull request").first.click()
    await page.get_by_role("main").get_by_role("button", name=login).click()
    await expect(page.get_by_role("heading", level=1)).to_contain_text(STORY)
    return address


async def register(page: Page) -> None:
    await page.get_by_role("link", name="Passkeys").click()
    await page.get_by_label("Name").fill("laptop")
    await page.get_by_role("button", name="Register a passkey").click()
    await page.get_by_role("button", name="Create the passkey").click()


async def test_a_senior_registers_a_passkey_and_opens_the_gate_with_it(sandbox: str, page: Page) -> None:
    await authenticator(page, verifies=True)
    address = await open_record(sandbox, page, "sam")
    record = page.url
    await page.get_by_role("link", name="terraform/network.tf:9").click()
    await expect(page.locator("tr:target")).to_contain_text("0.0.0.0/0")
    await page.goto(record)
    await register(page)
    await expect(page.get_by_role("cell", name="laptop", exact=True)).to_be_visible()
    await page.goto(record)
    await page.get_by_role("button", name="Approve with a passkey").click()
    await expect(page.get_by_role("heading", name="Approve exactly this change")).to_be_visible()
    await page.get_by_role("button", name="Approve with your passkey").click()
    await expect(page.get_by_role("heading", name="What people said")).to_be_visible()
    await page.goto(address)
    await expect(page.get_by_text("All required checks have passed")).to_be_visible()
    await expect(page.get_by_role("button", name="Merge pull request")).to_be_enabled()
    await page.goto(record)
    await expect(page.get_by_text("sam with a passkey")).to_be_visible()


async def test_an_authenticator_that_verifies_nobody_registers_nothing(sandbox: str, page: Page) -> None:
    await authenticator(page, verifies=False)
    await open_record(sandbox, page, "sam")
    await register(page)
    await expect(page.get_by_role("status")).to_contain_text("Nothing was sent")
    await page.goto(page.url.partition("/passkeys")[0] + "/passkeys")
    await expect(page.get_by_text("You have none.")).to_be_visible()


async def test_a_passkey_whose_device_stops_verifying_approves_nothing(sandbox: str, page: Page) -> None:
    session, device = await authenticator(page, verifies=True)
    address = await open_record(sandbox, page, "mira")
    record = page.url
    await register(page)
    await expect(page.get_by_role("cell", name="laptop", exact=True)).to_be_visible()
    await session.send("WebAuthn.setUserVerified", {"authenticatorId": device, "isUserVerified": False})
    await page.goto(record)
    await page.get_by_role("button", name="Approve with a passkey").click()
    await page.get_by_role("button", name="Approve with your passkey").click()
    await expect(page.get_by_role("status")).to_contain_text("Nothing was sent")
    await page.goto(address)
    await expect(page.get_by_text("Merging is blocked")).to_be_visible()


async def test_without_scripts_the_page_says_what_is_missing(sandbox: str, page: Page) -> None:
    await authenticator(page, verifies=True)
    await open_record(sandbox, page, "sam")
    record = page.url
    await register(page)
    await expect(page.get_by_role("cell", name="laptop", exact=True)).to_be_visible()
    browser = page.context.browser
    assert browser is not None
    plain = await browser.new_context(java_script_enabled=False, storage_state=await page.context.storage_state())
    other = await plain.new_page()
    await other.goto(record)
    await other.get_by_role("button", name="Approve with a passkey").click()
    await expect(other.get_by_text("Passkeys need JavaScript")).to_be_visible()
    await expect(other.get_by_role("button", name="Approve with your passkey")).to_be_hidden()
