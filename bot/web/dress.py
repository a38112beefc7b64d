"""What every page has: its templates, its style, and what it promises the browser."""

from __future__ import annotations

from pathlib import Path

import aiohttp_jinja2
import jinja2
from aiohttp import web

from bot.web.words import deed, sentence, way

_HERE = Path(__file__).parent
STATIC = _HERE / "static"


def dress(application: web.Application, *, form_action: str, scripts: str = "") -> None:
    """Give the application its templates and every answer of it the headers.

    `form_action` says where forms may lead, `scripts` from where scripts may come: by default from nowhere.

    https://developer.mozilla.org/en-US/docs/Web/HTTP/Reference/Headers/Content-Security-Policy
    The referrer policy keeps the origin in our own forms, which no-referrer would take out, and tells others nothing.
    """
    headers = {
        "Content-Security-Policy": "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; "
        f"{f'script-src {scripts}; ' if scripts else ''}form-action {form_action}; frame-ancestors 'none'",
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": "same-origin",
        "Cache-Control": "no-store",
    }

    async def harden(_: web.Request, response: web.StreamResponse) -> None:
        response.headers.update(headers)

    application.on_response_prepare.append(harden)
    aiohttp_jinja2.setup(
        application,
        loader=jinja2.FileSystemLoader(_HERE / "templates"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        filters={"sentence": sentence, "deed": deed, "way": way},
    )
