"""The pages: what waits for a senior, and the record of one pull request. They show, and change nothing."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

import aiohttp_jinja2
from aiohttp import hdrs, web

from bot.jobs import Placed
from bot.passkeys import Passkey
from bot.settings import Settings
from bot.store.entries import Entry
from bot.store.ledger import Line
from bot.store.queue import Store
from bot.web.ceremony import Ceremonies
from bot.web.guard import Guard, Opened
from bot.web.record import (
    MOST_LINES,
    decisions_of,
    effects_of,
    last_approvable,
    line_document,
    said_in,
    shown_line,
)
from bot.web.sessions import SignedIn
from bot.web.words import iso

MOST_WAITING = 500
MOST_FAILING = 50
MOST_INCIDENTS = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class IncidentLine:
    """What landed past the gate, as a reader sees it. `at` is ISO 8601."""

    at: str
    place: Placed
    why: str
    commit: str
    actor: str


class Pages:
    """`settings` say where people see GitHub, and whether browsers give passkeys to these pages."""

    def __init__(self, store: Store, guard: Guard, ceremonies: Ceremonies, settings: Settings) -> None:
        self._store = store
        self._guard = guard
        self._ceremonies = ceremonies
        self._site_url = settings.site_url
        self._takes_passkeys = bool(settings.passkey_host)

    async def waiting(self, request: web.Request) -> web.Response:
        """One more is asked for than is shown, so that the page can say that there are more."""
        signed_in = await self._guard.signed_in(request)
        shown = await self._store.waiting(MOST_WAITING + 1)
        owing = await self._store.owing(MOST_WAITING + 1)
        failing = await self._store.failing(MOST_FAILING)
        incidents = await self._store.open_incidents(MOST_INCIDENTS + 1)
        subjects = [one.subject for one in (*shown[:MOST_WAITING], *owing[:MOST_WAITING])]
        subjects += [*(one[0] for one in failing), *(one.subject for one in incidents)]
        places = await self._guard.places(subjects)
        readable = await self._guard.readable(signed_in, tuple(places.values()))
        open_ = {subject for subject, place in places.items() if place.repository_id in readable.repositories}
        context = {
            "signed_in": signed_in,
            "fresh_passkeys": await self._fresh_passkeys(signed_in),
            "pulls": [(one, iso(one.changed_at)) for one in shown[:MOST_WAITING] if one.subject in open_],
            "more": len(shown) > MOST_WAITING,
            "whole": readable.whole,
            "owing": [one for one in owing[:MOST_WAITING] if one.subject in open_],
            "more_owing": len(owing) > MOST_WAITING,
            "incidents": [
                _incident(one, places[one.subject]) for one in incidents[:MOST_INCIDENTS] if one.subject in open_
            ],
            "more_incidents": len(incidents) > MOST_INCIDENTS,
            "failing": [(places[subject], *rest) for subject, *rest in failing if subject in open_],
        }
        return aiohttp_jinja2.render_template("waiting.html", request, context)

    async def pull(self, request: web.Request) -> web.Response:
        """The record: a page, or with `?format=json` the lines of the ledger as they stand."""
        opened = await self._guard.pull(request)
        lines = await self._store.lines(opened.place.subject)
        if _wants_json(request):
            return web.json_response(_document(opened, lines), dumps=_dumps)
        return aiohttp_jinja2.render_template("pull.html", request, await self._context(opened, lines))

    async def _context(self, opened: Opened, lines: tuple[Line, ...]) -> dict[str, Any]:
        entries = [line.entry for line in lines]
        decisions = decisions_of(entries)
        latest = decisions[-1][1] if decisions else None
        shown = opened.shown
        repository_url = f"{self._site_url}/{shown.owner}/{shown.name}"
        return {
            "signed_in": opened.signed_in,
            "fresh_passkeys": await self._fresh_passkeys(opened.signed_in),
            "pull": shown,
            "takes_passkeys": self._takes_passkeys,
            "path": opened.path,
            "pull_url": f"{repository_url}/pull/{shown.number}",
            "changed_at": iso(shown.changed_at),
            "decision": latest,
            "effects": effects_of(repository_url, latest),
            "decisions": decisions,
            "said": said_in(entries),
            "what": last_approvable(entries),
            "lines": [shown_line(line) for line in lines[-MOST_LINES:]],
            "left_out": max(0, len(lines) - MOST_LINES),
        }

    async def _fresh_passkeys(self, signed_in: SignedIn) -> list[tuple[Passkey, str]]:
        """Those that do not count yet: their owner shall see them wherever they look."""
        now = self._ceremonies.now()
        known = await self._ceremonies.passkeys(signed_in.id)
        return [(one, iso(one.counts_from)) for one in known if not one.counts(now)]


def _incident(entry: Entry, place: Placed) -> IncidentLine:
    told = json.loads(entry.body)
    move = told.get("move", {})
    return IncidentLine(
        at=iso(entry.at),
        place=place,
        why=told.get("why", ""),
        commit=move.get("after", "")[:12],
        actor=move.get("actor", ""),
    )


def _wants_json(request: web.Request) -> bool:
    accepted = request.headers.get(hdrs.ACCEPT, "")
    return request.query.get("format") == "json" or ("application/json" in accepted and "text/html" not in accepted)


def _document(opened: Opened, lines: tuple[Line, ...]) -> dict[str, Any]:
    shown = opened.shown
    decisions = [json.loads(line.entry.body) for line in lines if line.entry.kind == "decision"]
    return {
        "owner": shown.owner,
        "name": shown.name,
        "number": shown.number,
        "title": shown.title,
        "verdict": shown.verdict,
        "headline": shown.headline,
        "decision": decisions[-1] if decisions else None,
        "lines": [line_document(line) for line in lines],
    }


def _dumps(value: object) -> str:
    return json.dumps(value, ensure_ascii=True, indent=1) + "\n"
