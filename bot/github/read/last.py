"""The last questions of a look: file contents in batches, people, and the closing word in the very last query."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import msgspec

from bot.core.pull import ChangedFile
from bot.github.client import Client, shaped
from bot.github.errors import PartialAnswer, TooLarge, Unavailable
from bot.github.read.changes import Change, Changes
from bot.github.read.closing import select_closing
from bot.github.read.contents import ContentReader, select_sides
from bot.github.read.documents import Selection, compose, repository_arguments
from bot.github.read.people import Named, select_people, team_fields, user_fields
from bot.github.read.told import Told

FILES_PER_QUERY = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class LastAnswer:
    """`root` is the whole last answer, `repository` its part about the repository."""

    files: tuple[ChangedFile, ...]
    lost: tuple[str, ...]
    root: dict[str, Any]
    repository: dict[str, Any]


class _Answer(msgspec.Struct, frozen=True):
    repository: dict[str, Any]


class LastQuestions:
    """Asks for contents and people of one pull request."""

    def __init__(self, client: Client, told: Told, changes: Changes, named: Named) -> None:
        self._client = client
        self._told = told
        self._changes = changes
        self._named = named
        self._reader = ContentReader(client, told.owner, told.name)
        self._files: list[ChangedFile] = []
        self._lost: list[str] = []

    async def ask(self) -> LastAnswer:
        """The closing word comes with the last contents, so that nothing was read after it."""
        files = self._changes.files
        cut = max(0, (len(files) - 1) // FILES_PER_QUERY * FILES_PER_QUERY)
        for start in range(0, cut, FILES_PER_QUERY):
            await self._read(files[start : start + FILES_PER_QUERY])
        root = await self._finish(files[cut:])
        return LastAnswer(
            files=tuple(self._files), lost=tuple(self._lost), root=root, repository=shaped(root, _Answer).repository
        )

    async def _finish(self, files: Sequence[Change]) -> dict[str, Any]:
        try:
            root = await self._query(files, select_closing(self._told), select_people(self._named))
        except (TooLarge, Unavailable, PartialAnswer) as error:
            if not files or not _may_be_smaller(error):
                raise
            await self._read(files)
            return await self._query((), select_closing(self._told), select_people(self._named))
        await self._take(files, root)
        return root

    async def _read(self, files: Sequence[Change]) -> None:
        """Half as many at a time where GitHub cannot answer for so many."""
        try:
            root = await self._query(files)
        except (TooLarge, Unavailable, PartialAnswer) as error:
            if len(files) == 1 or not _may_be_smaller(error):
                raise
            middle = len(files) // 2
            await self._read(files[:middle])
            await self._read(files[middle:])
            return
        await self._take(files, root)

    async def _query(self, files: Sequence[Change], *further: Selection) -> dict[str, Any]:
        sides = select_sides(tuple(files), self._changes.merge_base, self._told.pull.head_ref_oid)
        repository = Selection(arguments=repository_arguments(self._told.owner, self._told.name))
        text, variables = compose(repository, sides, *further)
        return await self._client.query(
            text, variables, may_be_missing=user_fields(self._named), may_be_unknown=team_fields(self._named)
        )

    async def _take(self, files: Sequence[Change], root: dict[str, Any]) -> None:
        contents = await self._reader.read(tuple(files), shaped(root, _Answer).repository)
        self._files += contents.files
        self._lost += contents.lost


def _may_be_smaller(error: Exception) -> bool:
    """Whether a smaller question may be answered: GitHub ran out of time or of room, and did not refuse."""
    return not isinstance(error, PartialAnswer) or "RESOURCE_LIMITS_EXCEEDED" in error.kinds
