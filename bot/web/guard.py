"""Who asks, and whether they can read what they ask for; every page passes here."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import structlog
from aiohttp import web

from bot.github.errors import GitHubError
from bot.jobs import Evaluate, Placed
from bot.store.entries import Shown
from bot.store.queue import Store
from bot.web.readers import Readable, Readers, place_of
from bot.web.sessions import Sessions, SignedIn

log = structlog.get_logger()


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened:
    """One pull request, and somebody who can read it."""

    signed_in: SignedIn
    shown: Shown
    place: Evaluate

    @property
    def path(self) -> str:
        return f"/{self.shown.owner}/{self.shown.name}/pull/{self.shown.number}"


class Guard:
    """Every request asks anew who looks and what that account can read on GitHub."""

    def __init__(self, store: Store, sessions: Sessions, readers: Readers) -> None:
        self._store = store
        self._sessions = sessions
        self._readers = readers

    async def signed_in(self, request: web.Request, wanted: str | None = None) -> SignedIn:
        """Whoever is not is sent to sign in, and comes back to `wanted`, by default this page."""
        signed_in = await self._sessions.signed_in(request)
        if signed_in is None:
            target = request.path if wanted is None else wanted
            raise web.HTTPSeeOther(request.app.router["login"].url_for().with_query(next=target))
        return signed_in

    async def pull(self, request: web.Request) -> Opened:
        """404 for what is not there and for what this account cannot read, told in the same words."""
        where = request.match_info
        owner, name, number = where["owner"], where["name"], where["number"]
        signed_in = await self.signed_in(request, f"/{owner}/{name}/pull/{number}")
        shown = await self._store.find_shown(owner, name, int(number))
        place = (await self.places([shown.subject])).get(shown.subject) if shown else None
        if shown is None or not isinstance(place, Evaluate) or not await self._may(signed_in, place):
            raise web.HTTPNotFound(text="there is no such record, or you cannot read its repository\n")
        return Opened(signed_in=signed_in, shown=shown, place=place)

    async def readable(self, signed_in: SignedIn, places: Sequence[Placed]) -> Readable:
        return await self._readers.readable(signed_in.visitor, places)

    async def places(self, subjects: Sequence[str]) -> dict[str, Placed]:
        """Subject → where it belongs; what is not known for certain is missing."""
        works = await self._store.works(subjects)
        found = {subject: place_of(subject, works) for subject in subjects}
        return {subject: place for subject, place in found.items() if place is not None}

    async def _may(self, signed_in: SignedIn, place: Placed) -> bool:
        try:
            return await self._readers.may(signed_in.visitor, place)
        except GitHubError as error:
            log.warning("could not ask who may read", subject=place.subject, error=type(error).__name__)
            raise web.HTTPServiceUnavailable(
                text="GitHub does not say whether you can read this; try again\n"
            ) from error
