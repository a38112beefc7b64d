"""The pages: what waits for a senior, and the record of one pull request. They show, and change nothing."""

from __future__ import annotations

import datetime as dt
import json
from dataclasses import dataclass

import aiohttp_jinja2
from aiohttp import web

from bot.store.entries import Entry
from bot.store.queue import Store

MOST_WAITING = 500
MOST_FAILING = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordLine:
    """One ledger entry as a reader sees it. `at` is ISO 8601, `body` indented JSON."""

    at: str
    kind: str
    key: str
    body: str


class Pages:
    def __init__(self, store: Store) -> None:
        self._store = store

    async def waiting(self, request: web.Request) -> web.Response:
        """One more is asked for than is shown, so that the page can say that there are more."""
        shown = await self._store.waiting(MOST_WAITING + 1)
        context = {
            "pulls": [(one, _iso(one.changed_at)) for one in shown[:MOST_WAITING]],
            "more": len(shown) > MOST_WAITING,
            "failing": await self._store.failing(MOST_FAILING),
            "backlog": await self._store.backlog(),
        }
        return aiohttp_jinja2.render_template("waiting.html", request, context)

    async def pull(self, request: web.Request) -> web.Response:
        place = request.match_info
        shown = await self._store.find_shown(place["owner"], place["name"], int(place["number"]))
        if shown is None:
            raise web.HTTPNotFound(text="no pull request of this name has been looked at\n")
        entries = await self._store.entries(shown.subject)
        context = {"pull": shown, "changed_at": _iso(shown.changed_at), "lines": [_line(one) for one in entries]}
        return aiohttp_jinja2.render_template("pull.html", request, context)


def _line(entry: Entry) -> RecordLine:
    body = json.dumps(json.loads(entry.body), indent=2, ensure_ascii=False)
    return RecordLine(at=_iso(entry.at), kind=entry.kind, key=entry.key, body=body)


def _iso(seconds: int) -> str:
    return dt.datetime.fromtimestamp(seconds, tz=dt.UTC).strftime("%Y-%m-%d %H:%M:%SZ")
