"""Challenges that are posed to one session for one matter, and what its answer is worth."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from bot.jobs import Evaluate, encode_job
from bot.passkeys import Kept, Passkey, challenge, of_use, standing_passkeys, subject_of
from bot.store.entries import Arrival, Due, Entry
from bot.store.queue import Store
from bot.web.authenticator import Authenticator, Proof
from bot.web.sessions import SignedIn

CHALLENGE_SECONDS = 300
APPROVE = "approve"
REGISTER = "register"


@dataclass(frozen=True, slots=True, kw_only=True)
class Posed:
    nonce: str
    challenge: bytes


class Ceremonies:
    """`clock` gives Unix seconds."""

    def __init__(self, store: Store, authenticator: Authenticator, clock: Callable[[], float]) -> None:
        self._store = store
        self._authenticator = authenticator
        self._clock = clock

    def now(self) -> int:
        return int(self._clock())

    async def passkeys(self, account: int) -> tuple[Passkey, ...]:
        """All that stand, whether they count yet or not."""
        entries = await self._store.entries(subject_of(account))
        return standing_passkeys((entry.kind, entry.body) for entry in entries)

    async def pose(self, signed_in: SignedIn, purpose: str, about: str) -> Posed:
        """A challenge for `purpose` on the matter `about`, good for five minutes and one answer of this session."""
        nonce, now = secrets.token_urlsafe(32), self._clock()
        matter = f"{purpose}:{about}"
        await self._store.pose_challenge(
            nonce, session=signed_in.session_digest, matter=matter, until=now + CHALLENGE_SECONDS, now=now
        )
        return Posed(nonce=nonce, challenge=challenge(purpose, signed_in.id, about, nonce))

    async def take(self, signed_in: SignedIn, purpose: str, about: str, nonce: str) -> bytes | None:
        """The challenge that was posed so; None when it was not, was answered before, or took too long."""
        matter = f"{purpose}:{about}"
        good = await self._store.take_challenge(nonce, signed_in.session_digest, matter, self._clock())
        return challenge(purpose, signed_in.id, about, nonce) if good else None

    async def prove(self, signed_in: SignedIn, challenge: bytes, answer: str) -> Proof | None:
        """Which passkey that counts signed the challenge; None when none did."""
        return self._authenticator.proven(answer, challenge, await self.counting(signed_in.id), signed_in.id)

    async def counting(self, account: int) -> tuple[Passkey, ...]:
        return tuple(one for one in await self.passkeys(account) if one.counts(self._clock()))

    async def record(self, nonce: str, lines: Sequence[Kept], *, ring: Evaluate | None = None) -> None:
        """Write (subject, memory) lines down and ring the bell of a pull request, in one transaction."""
        entries = tuple(
            Entry(subject=subject, kind=memory.kind.value, key=memory.key, at=memory.at, body=memory.body)
            for subject, memory in lines
        )
        body = "\n".join(entry.body for entry in entries)
        arrival = Arrival(
            delivery=f"page:{nonce}",
            event="page",
            digest=f"sha256:{hashlib.sha256(body.encode()).hexdigest()}",
            due=()
            if ring is None
            else (Due(subject=ring.subject, work=encode_job(ring), installation=ring.installation_id),),
            entries=entries,
        )
        await self._store.accept(arrival)


def use_of(proof: Proof, nonce: str, account: int, at: int) -> Kept:
    return subject_of(account), of_use(proof.passkey, proof.sign_count, nonce, at)
