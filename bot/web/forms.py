"""What a form must bring before anything changes: our own origin, the session's token, and a bounded size."""

from __future__ import annotations

import hmac
from collections.abc import Awaitable, Callable, Mapping

from aiohttp import hdrs, web
from aiohttp.typedefs import Middleware
from yarl import URL

from bot.web.sessions import SignedIn

# An authenticator's answer is a few kilobytes.
LARGEST_FORM = 1 << 16
_READING = frozenset({hdrs.METH_GET, hdrs.METH_HEAD})
# No form can put, and no script of another origin without being allowed to: what is put here brings a token, no cookie.
_NO_FORM = _READING | {hdrs.METH_PUT}
_FORM = "application/x-www-form-urlencoded"

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


def only_own_forms(public_url: str, *, except_for: str) -> Middleware:
    """Refuses whatever could change something and does not come from a page of `public_url`.

    Browsers name the origin of every form that is posted; `except_for` is the path that GitHub's servers post to.
    https://fetch.spec.whatwg.org/#origin-header
    """
    own = str(URL(public_url).origin())

    @web.middleware
    async def check(request: web.Request, handler: Handler) -> web.StreamResponse:
        is_none = request.method in _NO_FORM or request.path == except_for
        if not is_none and request.headers.getall(hdrs.ORIGIN, []) != [own]:
            raise web.HTTPForbidden(text=f"this form is not from a page of {own}\n")
        return await handler(request)

    return check


async def read_form(request: web.Request, signed_in: SignedIn) -> Mapping[str, str]:
    """The fields of a form that this very session was handed. HTTPForbidden, or 4xx for what no page of ours sends."""
    if request.content_type != _FORM or request.content_length is None:
        raise web.HTTPUnsupportedMediaType(text=f"Content-Type: expected {_FORM}\n")
    if request.content_length > LARGEST_FORM:
        raise web.HTTPRequestEntityTooLarge(max_size=LARGEST_FORM, actual_size=request.content_length)
    fields = {name: value for name, value in (await request.post()).items() if isinstance(value, str)}
    token = fields.pop("token", "").encode("utf-8", "replace")
    if not hmac.compare_digest(token, signed_in.form_token.encode()):
        raise web.HTTPForbidden(text="this form is not from a page of this session: open the page anew\n")
    return fields
