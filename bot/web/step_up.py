"""Approving with a passkey, on the page of the pull request: exactly what that page showed, and once."""

from __future__ import annotations

from http import HTTPStatus

import aiohttp_jinja2
import structlog
from aiohttp import web

from bot.jobs import Intake
from bot.passkeys import Approvable, approval_with
from bot.store.queue import Store
from bot.web.authenticator import Authenticator
from bot.web.ceremony import APPROVE, Ceremonies, use_of
from bot.web.forms import read_form
from bot.web.guard import Guard, Opened
from bot.web.record import Effect, decisions_of, effects_of, last_approvable
from bot.web.sign_in import say

log = structlog.get_logger()


class StepUp:
    """`site_url` is where people see GitHub."""

    def __init__(
        self, store: Store, guard: Guard, ceremonies: Ceremonies, authenticator: Authenticator, *, site_url: str
    ) -> None:
        self._store = store
        self._guard = guard
        self._ceremonies = ceremonies
        self._authenticator = authenticator
        self._site_url = site_url

    async def ask(self, request: web.Request) -> web.Response:
        """Shows what would be approved, and the challenge that stands for it."""
        opened = await self._guard.pull(request)
        signed_in = opened.signed_in
        what = await self._what(opened, (await read_form(request, signed_in)).get("digest", ""))
        if what is None:
            return say(request, HTTPStatus.CONFLICT, _MOVED, signed_in, back=opened.path)
        counting = await self._ceremonies.counting(signed_in.id)
        if not counting:
            return say(request, HTTPStatus.FORBIDDEN, _NO_PASSKEY, signed_in, back="/passkeys")
        posed = await self._ceremonies.pose(signed_in, APPROVE, what.digest)
        context = {
            "signed_in": signed_in,
            "pull": opened.shown,
            "path": opened.path,
            "what": what,
            "effects": await self._effects(opened),
            "nonce": posed.nonce,
            "assertion": self._authenticator.assertion(posed.challenge, counting),
        }
        return aiohttp_jinja2.render_template("approve.html", request, context)

    async def approve(self, request: web.Request) -> web.Response:
        """Records the approval as said, whoever says it: whether that person may is for the judgement."""
        opened = await self._guard.pull(request)
        signed_in = opened.signed_in
        fields = await read_form(request, signed_in)
        nonce, digest = fields.get("nonce", ""), fields.get("digest", "")
        challenge = await self._ceremonies.take(signed_in, APPROVE, digest, nonce)
        what = await self._what(opened, digest)
        if challenge is None or what is None:
            return say(request, HTTPStatus.CONFLICT, _MOVED, signed_in, back=opened.path)
        proof = await self._ceremonies.prove(signed_in, challenge, fields.get("assertion", ""))
        if proof is None:
            return say(request, HTTPStatus.FORBIDDEN, _NOT_PROVEN, signed_in, back=opened.path)
        now = self._ceremonies.now()
        said = approval_with(
            proof.passkey,
            account=signed_in.id,
            login=signed_in.login,
            repository_id=opened.place.repository_id,
            number=opened.place.number,
            what=what,
            nonce=nonce,
            at=now,
        )
        lines = [*Intake(statements=(said,)).memories(now), use_of(proof, nonce, signed_in.id, now)]
        await self._ceremonies.record(nonce, lines, ring=opened.place)
        log.info("approved with a passkey", account=signed_in.id, subject=opened.place.subject)
        raise web.HTTPSeeOther(opened.path)

    async def _what(self, opened: Opened, digest: str) -> Approvable | None:
        """What would be approved now, if it still is what the page showed."""
        what = last_approvable(await self._store.entries(opened.place.subject))
        return what if what is not None and what.digest == digest else None

    async def _effects(self, opened: Opened) -> list[tuple[Effect, str]]:
        decisions = decisions_of(await self._store.entries(opened.place.subject))
        url = f"{self._site_url}/{opened.shown.owner}/{opened.shown.name}"
        return effects_of(url, decisions[-1][1] if decisions else None)


_MOVED = "The change, its base or its policy moved on, or this took too long: read the page anew, then approve that."
_NO_PASSKEY = "You have no passkey that counts: register one, and approve once it does."
_NOT_PROVEN = (
    "Not approved: the authenticator did not verify that it was you, or the passkey is not one of yours that count. "
    "Begin again, and unlock the authenticator by its PIN, fingerprint or face."
)
