"""The pages: what waits for a senior, and the record of one pull request. They show, and change nothing."""

from __future__ import annotations

import datetime as dt
import json
from dataclasses import dataclass

import aiohttp_jinja2
import structlog
from aiohttp import web

from bot.github.errors import GitHubError
from bot.jobs import Evaluate
from bot.store.entries import Entry
from bot.store.queue import Store
from bot.web.readers import Readers, place_of
from bot.web.sessions import Sessions, SignedIn

MOST_WAITING = 500
MOST_FAILING = 50

log = structlog.get_logger()


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordLine:
    """One ledger entry as a reader sees it. `at` is ISO 8601, `body` indented JSON."""

    at: str
    kind: str
    key: str
    body: str


class Pages:
    """Every request asks anew who looks and what that account can read on GitHub."""

    def __init__(self, store: Store, sessions: Sessions, readers: Readers) -> None:
        self._store = store
        self._sessions = sessions
        self._readers = readers

    async def waiting(self, request: web.Request) -> web.Response:
        """One more is asked for than is shown, so that the page can say that there are more."""
        signed_in = await self._signed_in(request)
        shown = await self._store.waiting(MOST_WAITING + 1)
        owing = await self._store.owing(MOST_WAITING + 1)
        failing = await self._store.failing(MOST_FAILING)
        subjects = [one.subject for one in (*shown[:MOST_WAITING], *owing[:MOST_WAITING])]
        places = await self._places(subjects + [one[0] for one in failing])
        readable = await self._readers.readable(signed_in.visitor, places.values())
        open_ = {subject for subject, place in places.items() if place.repository_id in readable.repositories}
        context = {
            "signed_in": signed_in,
            "pulls": [(one, _iso(one.changed_at)) for one in shown[:MOST_WAITING] if one.subject in open_],
            "more": len(shown) > MOST_WAITING,
            "whole": readable.whole,
            "owing": [one for one in owing[:MOST_WAITING] if one.subject in open_],
            "more_owing": len(owing) > MOST_WAITING,
            "failing": [(places[subject], *rest) for subject, *rest in failing if subject in open_],
        }
        return aiohttp_jinja2.render_template("waiting.html", request, context)

    async def pull(self, request: web.Request) -> web.Response:
        """404 for what is not there and for what this account cannot read, told in the same words."""
        signed_in = await self._signed_in(request)
        where = request.match_info
        shown = await self._store.find_shown(where["owner"], where["name"], int(where["number"]))
        place = (await self._places([shown.subject])).get(shown.subject) if shown else None
        if shown is None or place is None or not await self._may(signed_in, place):
            raise web.HTTPNotFound(text="there is no such record, or you cannot read its repository\n")
        entries = await self._store.entries(shown.subject)
        context = {
            "signed_in": signed_in,
            "pull": shown,
            "changed_at": _iso(shown.changed_at),
            "lines": [_line(one) for one in entries],
        }
        return aiohttp_jinja2.render_template("pull.html", request, context)

    async def _signed_in(self, request: web.Request) -> SignedIn:
        signed_in = await self._sessions.signed_in(request)
        if signed_in is None:
            raise web.HTTPSeeOther(request.app.router["login"].url_for().with_query(next=request.path))
        return signed_in

    async def _may(self, signed_in: SignedIn, place: Evaluate) -> bool:
        try:
            return await self._readers.may(signed_in.visitor, place)
        except GitHubError as error:
            log.warning("could not ask who may read", subject=place.subject, error=type(error).__name__)
            raise web.HTTPServiceUnavailable(
                text="GitHub does not say whether you can read this; try again\n"
            ) from error

    async def _places(self, subjects: list[str]) -> dict[str, Evaluate]:
        works = await self._store.works(subjects)
        found = {subject: place_of(subject, works) for subject in subjects}
        return {subject: place for subject, place in found.items() if place is not None}


def _line(entry: Entry) -> RecordLine:
    body = json.dumps(json.loads(entry.body), indent=2, ensure_ascii=False)
    return RecordLine(at=_iso(entry.at), kind=entry.kind, key=entry.key, body=body)


def _iso(seconds: int) -> str:
    return dt.datetime.fromtimestamp(seconds, tz=dt.UTC).strftime("%Y-%m-%d %H:%M:%SZ")
