"""A person with a browser and an authenticator on the pages of the gate."""

from __future__ import annotations

import html
import json
import re
from dataclasses import dataclass, field
from typing import Any

from aiohttp import ClientResponse

from bot.jobs import Evaluate, encode_job
from bot.store.entries import Due, Entry, Shown
from tests.device import Device
from tests.web.conftest import Browser, Gate

PATH = "/acme/shop/pull/2"
PLACE = Evaluate(installation_id=3, repository_id=1, owner="acme", name="shop", number=2)
DIGEST = "sha256:" + "d" * 64
DAY = 24 * 3600


def decision(**changes: Any) -> dict[str, Any]:
    """A decision's line as the worker writes it."""
    return {
        "verdict": "pending",
        "conclusion": "action_required",
        "title": "Waiting for 1 senior with a passkey (of @jay): replaces aws_db_instance.orders",
        "mode": "enforce",
        "policy": {"source": "acme/shop", "faults": []},
        "provenance": {
            "level": "explicit",
            "evidence": [
                {"rule": "trailer", "agent": "claude-code", "strength": "explicit", "involvement": "authored"}
                | {"where": "commit aaaaaaaa", "text": "Co-Authored-By: Claude", "past": True}
            ],
            "declaration": "none",
            "contradicted": False,
            "disputed_by": None,
        },
        "blast": {
            "tier": "critical",
            "kinds": ["terraform"],
            "paths": {"terraform": ["terraform/db main.tf"]},
            "effects": [
                {"effect": "replace", "kind": "terraform", "address": "aws_db_instance.orders", "side": "head"}
                | {"path": "terraform/db main.tf", "line": 7, "reason": "`orders` is `created` anew"}
                | {"confidence": "high", "rule": "tf-replace", "source": "plan"}
            ],
            "reasons": [],
            "incomplete": [],
        },
        "requirement": {
            "seniors": 1,
            "from": [],
            "step_up": True,
            "rules": ["critical"],
            "declaration": False,
            "demands": [{"rule": "critical", "seniors": 1, "from": ["acme/sre"], "step_up": True}],
        },
        "approvals": {
            "counted": [],
            "void": [{"who": "eve", "why": "gave it for commit `bbbbbbbb`"}],
            "missing": ["1 senior with a passkey"],
            "eligible": ["Jay"],
            "incomplete": [],
            "blocked_by": [],
            "broke_glass": "",
        },
        "incomplete": [],
        "notes": [],
        "owed_reviews": [],
        "head_sha": "a" * 40,
        "base_ref": "main",
        "state": "OPEN",
        "pull_title": "Give the database more room",
        "merge_base": "b" * 40,
        "diff_digest": "sha256:" + "1" * 64,
        "policy_digest": "sha256:" + "2" * 64,
        "approval_digest": DIGEST,
        **changes,
    }


async def judged(gate: Gate, *more: Entry, place: Evaluate = PLACE, **changes: Any) -> None:
    """The pull request with a decision, at rest, as the worker leaves it."""
    told = decision(**changes)
    await gate.store.ring([Due(subject=place.subject, work=encode_job(place))])
    lease = await gate.store.lease()
    assert lease is not None
    entry = Entry(
        subject=place.subject, kind="decision", key=str(lease.fence), at=int(gate.clock()), body=json.dumps(told)
    )
    shown = Shown(
        subject=place.subject,
        owner=place.owner,
        name=place.name,
        number=place.number,
        title=told["pull_title"],
        verdict=told["verdict"],
        headline=told["title"],
        waiting=told["verdict"] == "pending",
        changed_at=int(gate.clock()),
    )
    await gate.store.append(lease, [entry, *more], shown)
    await gate.store.finish(lease)


async def said(gate: Gate, place: Evaluate = PLACE) -> list[dict[str, Any]]:
    """What the ledger holds as said of the pull request."""
    return [json.loads(one.body) for one in await gate.store.entries(place.subject) if one.kind == "statement"]


@dataclass
class Person:
    gate: Gate
    browser: Browser
    device: Device = field(default_factory=Device)

    async def post(self, path: str, **fields: str) -> ClientResponse:
        token = {"token": await self.browser.form_token()}
        return await self.browser.post(path, **{**token, **fields})

    async def sign_in(self, code: str) -> None:
        """As the account behind a code of the gate's doors; the code stays good."""
        visitor = self.gate.doors.codes[code]
        await self.browser.sign_in(code)
        self.gate.doors.codes[code] = visitor

    async def register(self, device: Device | None = None, *, voucher: Device | None = None) -> ClientResponse:
        """A passkey from its first form to its last; `voucher` answers where another passkey is asked for."""
        page = await self._page("/passkeys/begin", name="laptop")
        fields = {"nonce": page["nonce"], "name": page["name"]}
        fields["creation"] = (device or self.device).create(page["creation"])
        if page["assertion"] and voucher:
            fields["assertion"] = voucher.get(page["assertion"])
        return await self.post("/passkeys/register", **fields)

    async def ask(self, path: str = PATH, digest: str = DIGEST) -> dict[str, str]:
        """What the page of the challenge holds."""
        return await self._page(f"{path}/approve", digest=digest)

    async def approve(self, path: str = PATH, *, device: Device | None = None, **bent: Any) -> ClientResponse:
        page = await self.ask(path)
        return await self.answer(page, (device or self.device).get(page["assertion"], **bent), path)

    async def answer(self, page: dict[str, str], assertion: str, path: str = PATH) -> ClientResponse:
        fields = {"nonce": page["nonce"], "digest": page["digest"], "assertion": assertion}
        return await self.post(f"{path}/approve/passkey", **fields)

    async def _page(self, path: str, **fields: str) -> dict[str, str]:
        response = await self.post(path, **fields)
        text = await response.text()
        assert response.status == 200, text
        found = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', text))
        data = {name: html.unescape(value) for name, value in re.findall(r'data-(\w+)="([^"]*)"', text)}
        return {**found, "creation": "", "assertion": "", **data}


async def person(gate: Gate, code: str = "jays") -> Person:
    found = Person(gate=gate, browser=gate.browser())
    await found.sign_in(code)
    return found


async def senior(gate: Gate) -> Person:
    """Jay, whose passkey counts, signed in anew."""
    jay = await person(gate)
    assert (await jay.register()).status == 303
    gate.clock.time += DAY
    await jay.sign_in("jays")
    return jay
