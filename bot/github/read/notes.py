"""Git notes on the commits, under `refs/notes/ai`, where tools record who wrote which lines."""

from __future__ import annotations

from dataclasses import dataclass

import msgspec

from bot.github.client import Client, shaped
from bot.github.read.documents import Selection, compose, repository_arguments
from bot.github.read.told import Told

NOTES_REF = "refs/notes/ai"
_BATCH = 50


class _Note(msgspec.Struct, frozen=True, rename="camel"):
    """GraphQL's Blob; an object of another type has none of these."""

    byte_size: int | None = None
    is_truncated: bool | None = None
    text: str | None = None


class _Answer(msgspec.Struct, frozen=True):
    repository: dict[str, object]


@dataclass(frozen=True, slots=True, kw_only=True)
class Notes:
    """Commit id → the texts of its notes. `lost` names notes that are there but were not told whole."""

    texts: dict[str, tuple[str, ...]]
    lost: tuple[str, ...]


async def read_notes(client: Client, told: Told) -> Notes:
    """The notes on the pull request's commits; one more query for every 50 commits, and only if the ref exists."""
    texts: dict[str, tuple[str, ...]] = {}
    lost: list[str] = []
    shas = [commit.oid for commit in told.commits] if told.repository.notes else []
    for start in range(0, len(shas), _BATCH):
        batch = shas[start : start + _BATCH]
        text, variables = compose(_select(batch), Selection(arguments=repository_arguments(told.owner, told.name)))
        answer = shaped(await client.query(text, variables), _Answer).repository
        for index, sha in enumerate(batch):
            for field in (f"flat{index}", f"fan{index}"):
                note = answer.get(field)
                if note is None:
                    continue
                read = shaped(note, _Note)
                if read.text is None or read.is_truncated is not False:
                    lost.append(f"commit {sha[:8]}: its note cannot be read")
                else:
                    texts[sha] = (*texts.get(sha, ()), read.text)
    return Notes(texts=texts, lost=tuple(lost))


def _select(shas: list[str]) -> Selection:
    """A note stands under its commit's id; a large collection is fanned out as `ab/cd…`."""
    fields = []
    arguments: dict[str, tuple[str, str | int | None]] = {}
    for index, sha in enumerate(shas):
        for field, path in ((f"flat{index}", sha), (f"fan{index}", f"{sha[:2]}/{sha[2:]}")):
            arguments[field] = ("String!", f"{NOTES_REF}:{path}")
            fields.append(f"{field}: object(expression: ${field}) {{ ...NoteText }}")
    return Selection(repository="\n".join(fields), arguments=arguments, fragments=("note",))
