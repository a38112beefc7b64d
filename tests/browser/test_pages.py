"""The pages in a real browser: nothing is blocked by their own policy, and what changes appears by itself."""

from __future__ import annotations

import pytest
from playwright.async_api import Page, expect

from bot.sandbox.actions import checking
from bot.sandbox.embedded import EmbeddedGitHub

pytestmark = pytest.mark.browser


async def test_a_new_check_appears_without_a_reload_and_keeps_what_was_typed(
    page: Page, github: EmbeddedGitHub
) -> None:
    repository = github.seed()
    pull = next(one for one in repository.pulls.values() if one.head_ref == "bigger-database")
    await page.goto(f"{github.url}/acme/storefront/pull/{pull.number}")
    await expect(page.get_by_text("Merging is blocked")).to_be_visible()
    await page.get_by_label("Comment").fill("half a thought")
    wanted = {"name": "countersign/main", "head_sha": pull.head_sha, "conclusion": "success"}
    output = {"title": "Approved by @sam", "summary": "All good"}
    checking.create_run(github.world, repository, github.app, wanted | {"output": output})
    await expect(page.get_by_role("heading", name="Approved by @sam")).to_be_visible()
    await expect(page.get_by_text("All required checks have passed")).to_be_visible()
    await expect(page.get_by_role("button", name="Merge pull request")).to_be_enabled()
    await expect(page.get_by_label("Comment")).to_have_value("half a thought")


async def test_the_switch_changes_who_acts(page: Page, github: EmbeddedGitHub) -> None:
    github.seed()
    await page.goto(f"{github.url}/acme/storefront/pull/1")
    await page.get_by_role("button", name="sam").click()
    await page.get_by_label("Comment").fill("from sam")
    await page.get_by_role("button", name="Comment", exact=True).click()
    await expect(page.get_by_text("from sam")).to_be_visible()
    assert github.world.pull("acme/storefront", 1).comments[0].author.login == "sam"
