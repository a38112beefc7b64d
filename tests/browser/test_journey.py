"""What a newcomer does in the first two minutes: the junior is refused, a senior opens the gate, a push closes it."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.async_api import Page, expect

pytestmark = pytest.mark.browser

SCREENSHOT = Path(__file__).parent.parent.parent / "docs" / "images" / "blocked-pull-request.png"


async def act_as(page: Page, login: str) -> None:
    await page.get_by_role("button", name=login).first.click()


async def say(page: Page, text: str) -> None:
    await page.get_by_label("Comment").fill(text)
    await page.get_by_role("button", name="Comment", exact=True).click()


async def test_the_gate_opens_for_a_senior_and_closes_on_a_push(sandbox: str, page: Page) -> None:
    await page.goto(sandbox)
    await page.get_by_role("link", name="Tag the checkout instances for the cost report").click()
    merge = page.get_by_role("button", name="Merge pull request")
    await expect(page.locator(".check h2")).to_contain_text("Waiting for 1 senior")
    await expect(merge).to_be_disabled()

    await act_as(page, "jay")
    await say(page, "/approve-ai")
    await expect(page.locator(".timeline")).to_contain_text("countersign")
    await expect(merge).to_be_disabled()

    await act_as(page, "sam")
    await say(page, "/approve-ai")
    await expect(page.get_by_text("All required checks have passed")).to_be_visible()
    await expect(merge).to_be_enabled()

    await act_as(page, "jay")
    await page.locator(".side summary", has_text="terraform/compute.tf").click()
    await page.get_by_label("Content of terraform/compute.tf").fill("# nothing left\n")
    await page.get_by_role("button", name="Commit and push").click()
    await expect(page.get_by_text("Merging is blocked")).to_be_visible()
    await expect(merge).to_be_disabled()


async def test_the_screenshot_of_the_readme(sandbox: str, page: Page) -> None:
    await page.goto(sandbox)
    await page.get_by_role("link", name="Give the orders database more room").click()
    await expect(page.locator(".check h2")).to_contain_text("Waiting for")
    SCREENSHOT.parent.mkdir(parents=True, exist_ok=True)
    await page.set_viewport_size({"width": 1280, "height": 1180})
    await page.wait_for_function("Array.from(document.images).every((one) => one.complete && one.naturalWidth > 0)")
    await page.screenshot(path=SCREENSHOT)
    assert SCREENSHOT.stat().st_size


async def test_one_click_signs_in_and_shows_the_record(sandbox: str, page: Page) -> None:
    """The browser's own rule for forms must let the sign-in lead from GitHub to the App."""
    await page.goto(sandbox)
    await page.get_by_role("link", name="Tag the checkout instances for the cost report").click()
    await expect(page.locator(".check h2")).to_contain_text("Waiting for 1 senior")
    await page.get_by_role("link", name="The record of this pull request").first.click()
    await page.get_by_role("main").get_by_role("button", name="sam").click()
    await expect(page.get_by_role("heading", level=2, name="Record")).to_be_visible()
    await expect(page.get_by_role("heading", level=1)).to_contain_text("Tag the checkout instances")
    await page.get_by_role("link", name="Countersign").click()
    await expect(page.get_by_role("heading", name="Waiting for a senior")).to_be_visible()
    await page.get_by_role("button", name="Sign out").click()
    await expect(page.get_by_text("You are signed out.")).to_be_visible()
