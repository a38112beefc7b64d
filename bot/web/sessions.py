"""Who is visiting: an encrypted cookie names a session that stands in the database, or a sign-in under way."""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
from collections.abc import Callable
from typing import Any, TypeVar

import msgspec
from aiohttp import web
from aiohttp_session.cookie_storage import EncryptedCookieStorage
from cryptography.fernet import Fernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from bot.settings import Settings
from bot.store.queue import Store
from bot.web.ports import Visitor

# GitHub asks nobody twice who has authorised the App, so that a short life costs one redirect.
SESSION_SECONDS = 3600
# GitHub's codes live as long.
PENDING_SECONDS = 600

Shape = TypeVar("Shape")


class SignedIn(msgspec.Struct, frozen=True):
    """`since` and `until` in Unix seconds. `form_token` goes into every form, which is refused without it."""

    id: int
    login: str
    session: str
    since: float
    until: float
    form_token: str

    @property
    def visitor(self) -> Visitor:
        return Visitor(id=self.id, login=self.login)

    @property
    def session_digest(self) -> str:
        return hashlib.sha256(self.session.encode()).hexdigest()


class Pending(msgspec.Struct, frozen=True):
    """A sign-in under way: `state` comes back from GitHub, `verifier` is PKCE's, `target` the page that was wanted."""

    state: str
    verifier: str
    target: str
    until: float


def session_storage(settings: Settings) -> EncryptedCookieStorage:
    """The key is derived from the client secret, so that a new secret ends every session.

    `__Host-` keeps other hosts of the same domain from planting a cookie; it asks for Secure.
    https://developer.mozilla.org/en-US/docs/Web/HTTP/Reference/Headers/Set-Cookie#cookie_prefixes
    """
    secure = settings.public_url.startswith("https://")
    return EncryptedCookieStorage(
        _key(settings.client_secret),
        cookie_name="__Host-countersign" if secure else "countersign",
        max_age=SESSION_SECONDS,
        secure=secure,
        httponly=True,
        samesite="Lax",
    )


def _key(secret: str) -> Fernet:
    derived = HKDF(algorithm=SHA256(), length=32, salt=None, info=b"countersign session cookie")
    return Fernet(base64.urlsafe_b64encode(derived.derive(secret.encode())))


class Sessions:
    """Reads and writes the cookie, without the library's middleware: what a browser holds is replaced as a whole.

    `clock` gives Unix seconds. A cookie is never emptied: the library's deletion of one lacks Secure, and browsers
    ignore that for `__Host-`. Whichever session a replaced cookie named is over: no copy of it lives on.
    """

    def __init__(self, storage: EncryptedCookieStorage, store: Store, clock: Callable[[], float]) -> None:
        self._storage = storage
        self._store = store
        self._clock = clock

    async def signed_in(self, request: web.Request) -> SignedIn | None:
        """The account that signed in with this browser, None when none did, it signed out, or its time is up."""
        told = await self._read(request, "signed_in", SignedIn)
        if told is None or told.until <= self._clock():
            return None
        stands = await self._store.session_stands(told.session_digest, told.id, self._clock())
        return told if stands else None

    async def pending(self, request: web.Request, state: str) -> Pending | None:
        """The sign-in that this browser began with this state."""
        told = await self._read(request, "pending", Pending)
        if told is None or told.until <= self._clock():
            return None
        return told if hmac.compare_digest(told.state.encode(), state.encode("utf-8", "replace")) else None

    def begin(self, target: str) -> Pending:
        return Pending(
            state=secrets.token_urlsafe(32),
            verifier=secrets.token_urlsafe(64),
            target=target,
            until=self._clock() + PENDING_SECONDS,
        )

    async def remember(self, request: web.Request, response: web.Response, pending: Pending) -> None:
        await self._write(request, response, "pending", msgspec.to_builtins(pending))

    async def open(self, request: web.Request, response: web.Response, visitor: Visitor) -> None:
        """A session of its own for every sign-in: none that somebody knew before becomes a signed-in one."""
        now = self._clock()
        signed_in = SignedIn(
            id=visitor.id,
            login=visitor.login,
            session=secrets.token_urlsafe(32),
            since=now,
            until=now + SESSION_SECONDS,
            form_token=secrets.token_urlsafe(32),
        )
        await self._store.open_session(signed_in.session_digest, visitor.id, signed_in.until, now)
        await self._write(request, response, "signed_in", msgspec.to_builtins(signed_in))

    async def close(self, request: web.Request, response: web.Response) -> None:
        await self._write(request, response, "signed_in", None)

    async def close_all(self, request: web.Request, response: web.Response, account: int) -> None:
        """Every session of the account, wherever its cookie was copied to."""
        await self._store.close_sessions(account)
        await self.close(request, response)

    async def _read(self, request: web.Request, name: str, shape: type[Shape]) -> Shape | None:
        """None also for what another release may have written otherwise."""
        try:
            session = await self._storage.load_session(request)
            return msgspec.convert(session.get(name), shape)
        except (ValueError, msgspec.ValidationError):
            return None

    async def _write(self, request: web.Request, response: web.Response, name: str, value: Any) -> None:
        before = await self._read(request, "signed_in", SignedIn)
        if before is not None:
            await self._store.close_session(before.session_digest)
        session = await self._storage.new_session()
        session[name] = value
        await self._storage.save_session(request, response, session)
