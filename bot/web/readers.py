"""Who may read what, as GitHub says it: asked for each repository, and believed for a minute."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Iterable, Mapping
from dataclasses import dataclass

from cachetools import TTLCache

from bot.github.errors import GitHubError
from bot.jobs import Placed, Sweep, decode_job
from bot.web.ports import Visitor

BELIEVED_SECONDS = 60.0
MOST_ANSWERS = 50_000
# One page asks about so many repositories and no more, so many at a time.
MOST_REPOSITORIES = 100
AT_ONCE = 8


# Account, its login, installation, repository.
_Question = tuple[int, str, int, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Readable:
    """The repositories, by id, that were found readable; `whole` is false when some could not be asked about."""

    repositories: frozenset[int]
    whole: bool


class Readers:
    """`clock` gives seconds. What GitHub did not answer is not remembered.

    However many requests ask the same at the same time, GitHub is asked once: a stranger who loads a page over and over
    must not use up what GitHub lets the installation ask.
    """

    def __init__(
        self, may_read: Callable[[Visitor, Placed], Coroutine[None, None, bool]], clock: Callable[[], float]
    ) -> None:
        self._may_read = may_read
        self._answers: TTLCache[_Question, bool] = TTLCache(maxsize=MOST_ANSWERS, ttl=BELIEVED_SECONDS, timer=clock)
        self._asking: dict[_Question, asyncio.Future[bool]] = {}

    async def may(self, visitor: Visitor, place: Placed) -> bool:
        """Whether the visitor can read the repository now, or could within the last minute. GitHubError: unknown."""
        key = (visitor.id, visitor.login, place.installation_id, place.repository_id)
        known = self._answers.get(key)
        if known is not None:
            return known
        if key not in self._asking:
            self._asking[key] = asyncio.ensure_future(self._may_read(visitor, place))
            self._asking[key].add_done_callback(lambda _: self._asking.pop(key))
        answer = self._answers[key] = await asyncio.shield(self._asking[key])
        return answer

    async def readable(self, visitor: Visitor, places: Iterable[Placed]) -> Readable:
        """Which of the repositories the visitor can read; what could not be asked about counts as not readable."""
        apart = {place.repository_id: place for place in places}
        asked = list(apart.values())[:MOST_REPOSITORIES]
        turns = asyncio.Semaphore(AT_ONCE)

        async def ask(place: Placed) -> bool | None:
            async with turns:
                try:
                    return await self.may(visitor, place)
                except GitHubError:
                    return None

        answers = await asyncio.gather(*map(ask, asked))
        return Readable(
            repositories=frozenset(
                place.repository_id for place, answer in zip(asked, answers, strict=True) if answer is True
            ),
            whole=len(asked) == len(apart) and None not in answers,
        )


def place_of(subject: str, works: Mapping[str, str]) -> Placed | None:
    """Where a subject belongs, None when that is not known for certain; then nobody may read of it."""
    try:
        job = decode_job(works.get(subject, ""))
    except ValueError:
        return None
    return None if isinstance(job, Sweep) or job.subject != subject else job
