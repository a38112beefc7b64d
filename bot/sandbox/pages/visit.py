"""A visitor's session: who they act as, the token that guards their forms, and one message to show."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field

from aiohttp import web

COOKIE = "sandbox_session"
MOST_SESSIONS = 1000


@dataclass(slots=True, kw_only=True)
class Visit:
    """One browser. `login` is the account acted as; `notice` is shown once."""

    session: str
    login: str
    notice: str = ""
    refused: bool = False
    new: bool = False


@dataclass(slots=True)
class Visits:
    """The sessions of this process; the oldest go when there are too many."""

    first: str
    _secret: bytes = field(default_factory=lambda: secrets.token_bytes(32))
    _known: dict[str, Visit] = field(default_factory=dict)

    def of(self, cookies: Mapping[str, str]) -> Visit:
        found = self._known.get(cookies.get(COOKIE, ""))
        if found is None:
            found = Visit(session=secrets.token_urlsafe(24), login=self.first, new=True)
            self._known[found.session] = found
            while len(self._known) > MOST_SESSIONS:
                del self._known[next(iter(self._known))]
        return found

    def form_token(self, visit: Visit) -> str:
        return hmac.new(self._secret, visit.session.encode(), hashlib.sha256).hexdigest()

    def check(self, visit: Visit, form: Mapping[str, object]) -> None:
        """Refuse a form that this process did not hand to this browser."""
        if visit.new or not hmac.compare_digest(str(form.get("token", "")).encode(), self.form_token(visit).encode()):
            raise web.HTTPForbidden(text="this form has expired: go back, reload the page and try again")

    def keep(self, visit: Visit, response: web.StreamResponse) -> None:
        if visit.new:
            response.set_cookie(COOKIE, visit.session, httponly=True, samesite="Strict", path="/")
            visit.new = False
