"""The page of one's own passkeys: register, and remove.

A stolen session must not bring its own passkey. The first one counts a day after it was registered, and meanwhile every
page of its owner shows it; each further one needs one that counts.
"""

from __future__ import annotations

from http import HTTPStatus

import aiohttp_jinja2
import structlog
from aiohttp import web

from bot.passkeys import Passkey, of_passkey, of_removal, subject_of
from bot.web.authenticator import Authenticator
from bot.web.ceremony import REGISTER, Ceremonies, use_of
from bot.web.forms import read_form
from bot.web.guard import Guard
from bot.web.sessions import SignedIn
from bot.web.sign_in import say
from bot.web.words import iso

PATH = "/passkeys"
# Registering needs a sign-in that is no older.
FRESH_SECONDS = 600
MOST_PASSKEYS = 10
LONGEST_NAME = 60

log = structlog.get_logger()


class PasskeyPages:
    """`wait_seconds`: how long the first passkey of somebody waits until it counts."""

    def __init__(self, guard: Guard, ceremonies: Ceremonies, authenticator: Authenticator, wait_seconds: int) -> None:
        self._guard = guard
        self._ceremonies = ceremonies
        self._authenticator = authenticator
        self._wait_seconds = wait_seconds

    async def show(self, request: web.Request) -> web.Response:
        signed_in = await self._guard.signed_in(request)
        known = await self._ceremonies.passkeys(signed_in.id)
        now = self._ceremonies.now()
        context = {
            "signed_in": signed_in,
            "passkeys": [(one, iso(one.registered_at), iso(one.counts_from), one.counts(now)) for one in known],
            "is_fresh": self._is_fresh(signed_in),
            "takes_passkeys": self._authenticator.is_offered,
            "is_full": len(known) >= MOST_PASSKEYS,
            "wait_hours": self._wait_seconds // 3600,
        }
        return aiohttp_jinja2.render_template("passkeys.html", request, context)

    async def begin(self, request: web.Request) -> web.Response:
        """Poses the challenges of a new passkey, and, where one counts already, of that one beside it."""
        signed_in = await self._guard.signed_in(request, PATH)
        fields = await read_form(request, signed_in)
        known = await self._ceremonies.passkeys(signed_in.id)
        if not self._is_fresh(signed_in) or len(known) >= MOST_PASSKEYS:
            raise web.HTTPSeeOther(PATH)
        counting = await self._ceremonies.counting(signed_in.id)
        if known and not counting:
            return say(request, HTTPStatus.FORBIDDEN, _NOT_YET, signed_in)
        posed = await self._ceremonies.pose(signed_in, REGISTER, "")
        context = {
            "signed_in": signed_in,
            "nonce": posed.nonce,
            "name": fields.get("name", "")[:LONGEST_NAME].strip() or "passkey",
            "creation": self._authenticator.creation(posed.challenge, signed_in.visitor, known),
            "assertion": self._authenticator.assertion(posed.challenge, counting) if counting else "",
        }
        return aiohttp_jinja2.render_template("passkey.html", request, context)

    async def register(self, request: web.Request) -> web.Response:
        signed_in = await self._guard.signed_in(request, PATH)
        fields = await read_form(request, signed_in)
        nonce = fields.get("nonce", "")
        challenge = await self._ceremonies.take(signed_in, REGISTER, "", nonce)
        if challenge is None:
            return say(request, HTTPStatus.FORBIDDEN, _TOO_LATE, signed_in)
        known = await self._ceremonies.passkeys(signed_in.id)
        now = self._ceremonies.now()
        vouched = await self._ceremonies.prove(signed_in, challenge, fields.get("assertion", "")) if known else None
        told = self._authenticator.registered(fields.get("creation", ""), challenge)
        if told is None or (known and vouched is None) or len(known) >= MOST_PASSKEYS:
            return say(request, HTTPStatus.FORBIDDEN, _NOT_PROVEN, signed_in)
        passkey = Passkey(
            credential=told.credential,
            public_key=told.public_key,
            sign_count=told.sign_count,
            name=fields.get("name", "")[:LONGEST_NAME].strip() or "passkey",
            registered_at=now,
            counts_from=now if vouched else now + self._wait_seconds,
            vouched_by=vouched.passkey.credential if vouched else "",
        )
        uses = [use_of(vouched, nonce, signed_in.id, now)] if vouched else []
        await self._ceremonies.record(nonce, [*uses, (subject_of(signed_in.id), of_passkey(passkey))])
        log.info("passkey registered", account=signed_in.id, vouched=vouched is not None)
        raise web.HTTPSeeOther(PATH)

    async def remove(self, request: web.Request) -> web.Response:
        """Needs no passkey: whoever lost theirs begins anew, and waits again until it counts."""
        signed_in = await self._guard.signed_in(request, PATH)
        fields = await read_form(request, signed_in)
        known = await self._ceremonies.passkeys(signed_in.id)
        passkey = next((one for one in known if one.credential == fields.get("credential")), None)
        if passkey is None:
            raise web.HTTPSeeOther(PATH)
        now = self._ceremonies.now()
        removal = (subject_of(signed_in.id), of_removal(passkey, now))
        await self._ceremonies.record(f"remove:{passkey.credential}", [removal])
        log.info("passkey removed", account=signed_in.id)
        raise web.HTTPSeeOther(PATH)

    def _is_fresh(self, signed_in: SignedIn) -> bool:
        return self._ceremonies.now() - signed_in.since <= FRESH_SECONDS


_NOT_YET = "Your passkey does not count yet: add others once it does."
_TOO_LATE = "That took too long, or was answered before. Open your passkeys anew and begin again."
_NOT_PROVEN = (
    "No passkey was registered: the authenticator did not verify that it was you, or a passkey that counts did not "
    "vouch for the new one. Begin again, and unlock the authenticator by its PIN, fingerprint or face."
)
