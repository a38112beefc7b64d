"""A passkey on the App's own page opens the gate on GitHub, for whom the policy names and for exactly that change."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from bot.sandbox.embedded import EmbeddedGitHub
from bot.sandbox.objects import PullRequest
from bot.wiring import running_app
from tests.device import Device
from tests.journey import FIRST_RETRY_SECONDS, POLICY, Journey, settings_for
from tests.shop import Shop
from tests.test_visit import free_port
from tests.visitor import Visitor

STRICT = POLICY.replace("require: {seniors: 1}", "require: {seniors: 1, step_up: true}")


@dataclass
class Stepping:
    """An App whose pages take passkeys that count at once, and one pull request that asks for one."""

    journey: Journey
    site: str
    pull: PullRequest

    @property
    def path(self) -> str:
        return f"/acme/shop/pull/{self.pull.number}"

    async def register(self, who: Visitor, device: Device) -> None:
        page = await who.get(f"{self.site}/passkeys")
        page = await who.send(f"{self.site}/passkeys/begin", page.fields("/passkeys/begin"))
        form = page.fields("/passkeys/register")
        done = await who.send(f"{self.site}/passkeys/register", {**form, "creation": device.create(form["creation"])})
        assert done.url.endswith("/passkeys"), done.text

    async def ask(self, who: Visitor, digest: str = "") -> dict[str, str]:
        page = await who.get(f"{self.site}{self.path}")
        action = f"{self.path}/approve"
        fields = {"digest": digest, **page.fields("/logout")} if digest else page.fields(action)
        return (await who.send(f"{self.site}{action}", fields)).fields(f"{action}/passkey")

    async def answer(self, who: Visitor, form: dict[str, str], device: Device) -> str:
        """The page that the visitor ends on, once all is judged."""
        sent = {**form, "assertion": device.get(form["assertion"])}
        assert (await who.send(f"{self.site}{self.path}/approve/passkey", sent)).status == 200
        await self.journey.rest()
        return (await who.get(f"{self.site}{self.path}")).text


@pytest.fixture
async def stepping(github: EmbeddedGitHub, shop: Shop, tmp_path: Path) -> AsyncIterator[Stepping]:
    port = free_port()
    site = f"http://localhost:{port}"
    settings = replace(
        settings_for(github, tmp_path),
        port=port,
        public_url=site,
        client_id=github.app.client_id,
        client_secret=github.app.client_secret,
        passkey_wait_seconds=0,
    )
    async with running_app(settings, sweeps=False, first_retry_seconds=FIRST_RETRY_SECONDS) as app:
        github.set_webhook_url(f"{app.url}/webhook")
        github.set_callback_url(f"{site}/login/callback")
        shop.commit_to_main({".github/countersign.yml": STRICT})
        journey = Journey(shop, app, github, session=None)
        pull = journey.change()
        await journey.rest()
        yield Stepping(journey=journey, site=site, pull=pull)


async def test_nothing_but_the_passkey_opens_the_gate(stepping: Stepping) -> None:
    journey, pull = stepping.journey, stepping.pull
    (run,) = journey.runs(pull)
    assert (
        f"with a passkey, as the policy asks for this change, on [the page of this pull request]({run.details_url})"
        in (run.summary or "")
    )
    journey.shop.sam.comment(pull, "/approve-ai")
    journey.shop.sue.approve(pull)
    await journey.rest()
    assert journey.conclusion(pull) == "action_required"
    device = Device(origin=stepping.site)
    async with Visitor() as sam:
        await sam.sign_in(run.details_url or "", "sam")
        await stepping.register(sam, device)
        page = await stepping.answer(sam, await stepping.ask(sam), device)
    assert journey.conclusion(pull) == "success"
    assert "<b>counts:</b> sam with a passkey" in page
    assert (await journey.app.store.find_fault())[0] == ""


async def test_a_push_shuts_it_again(stepping: Stepping) -> None:
    journey, pull = stepping.journey, stepping.pull
    device = Device(origin=stepping.site)
    async with Visitor() as sam:
        await sam.sign_in(f"{stepping.site}{stepping.path}", "sam")
        await stepping.register(sam, device)
        await stepping.answer(sam, await stepping.ask(sam), device)
    journey.shop.jay.commit(journey.shop.repository, "change", {"terraform/main.tf": "# gone\n"}, message="Go")
    await journey.rest()
    assert journey.conclusion(pull) == "action_required"


async def test_what_changed_under_the_open_page_is_refused_by_the_judgement_itself(stepping: Stepping) -> None:
    """The head stays; the policy, which the passkey signed too, does not."""
    journey, pull = stepping.journey, stepping.pull
    device = Device(origin=stepping.site)
    async with Visitor() as sam:
        await sam.sign_in(f"{stepping.site}{stepping.path}", "sam")
        await stepping.register(sam, device)
        form = await stepping.ask(sam)
        journey.shop.world.hooks.drop = 1000
        journey.shop.commit_to_main(
            {".github/countersign.yml": STRICT + "# stricter still\nreviewers: {request: none}\n"}
        )
        page = await stepping.answer(sam, form, device)
    assert "no longer what the page showed" in page
    assert journey.conclusion(pull) == "action_required"


async def test_the_author_signs_in_vain(stepping: Stepping) -> None:
    device = Device(origin=stepping.site)
    async with Visitor() as jay:
        page = await jay.sign_in(f"{stepping.site}{stepping.path}", "jay")
        assert "Approve with a passkey" not in page.text
        await stepping.register(jay, device)
        lines = await stepping.journey.app.store.lines(stepping.journey.job(stepping.pull).subject)
        digest = next(line.entry.body for line in lines if line.entry.kind == "decision").partition(
            '"approval_digest": "'
        )[2]
        page_text = await stepping.answer(jay, await stepping.ask(jay, digest.partition('"')[0]), device)
    assert "opened this pull request" in page_text
    assert stepping.journey.conclusion(stepping.pull) == "action_required"
