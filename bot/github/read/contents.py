"""Both sides of the changed files, within limits; what is not read says why."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import msgspec

from bot.core.pull import SUBMODULE_MODE, Blob, ChangedFile, FileStatus
from bot.github.client import Client, shaped
from bot.github.errors import NotFound
from bot.github.read.changes import Change
from bot.github.read.documents import Selection
from bot.github.read.shapes import TreeEntry

MEBIBYTE = 1024 * 1024
LARGEST_BLOB = MEBIBYTE
LARGEST_TOTAL = 64 * MEBIBYTE
NOT_TOLD = "not told by GitHub"
_BINARY_WINDOW = 8000


def select_sides(changes: tuple[Change, ...], merge_base: str, head: str) -> Selection:
    """Fields for both sides of these files: `base` and `head`, with a field per file (`f0`, `f1` …)."""
    arguments: dict[str, tuple[str, str | int | None]] = {}
    fields: dict[str, list[str]] = {"base": [], "head": []}
    for index, change in enumerate(changes):
        for side, path in _paths(change).items():
            arguments[f"{side}{index}"] = ("String!", path)
            fields[side].append(f"f{index}: file(path: ${side}{index}) {{ ...FileSide }}")
    parts = []
    for side, commit in (("base", merge_base), ("head", head)):
        if fields[side]:
            arguments[f"{side}Commit"] = ("GitObjectID!", commit)
            parts.append(f"{side}: object(oid: ${side}Commit) {{ ... on Commit {{ {' '.join(fields[side])} }} }}")
    return Selection(repository="\n".join(parts), arguments=arguments, fragments=("side",) if parts else ())


def _paths(change: Change) -> dict[str, str]:
    """Which side has the file, and under which name."""
    status = change.file_status
    base = {} if status is FileStatus.ADDED else {"base": change.old_path}
    head = {} if status is FileStatus.REMOVED else {"head": change.filename}
    return {**base, **head}


class _Repository(msgspec.Struct, frozen=True):
    base: dict[str, TreeEntry | None] | None = None
    head: dict[str, TreeEntry | None] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Contents:
    """`lost` names files of which GitHub told less than it should; an unread blob says so itself."""

    files: tuple[ChangedFile, ...]
    lost: tuple[str, ...]


class ContentReader:
    """Turns answers into blobs until `budget` bytes of one pull request are spent."""

    def __init__(self, client: Client, owner: str, name: str, budget: int = LARGEST_TOTAL) -> None:
        self._client = client
        self._owner = owner
        self._name = name
        self._budget = budget

    async def read(self, changes: tuple[Change, ...], repository: Mapping[str, Any]) -> Contents:
        """`repository` is the answer to what `select_sides` asked for these very changes."""
        sides = shaped(repository, _Repository)
        found: list[ChangedFile] = []
        lost: list[str] = []
        for index, change in enumerate(changes):
            paths = _paths(change)
            base = await self._blob((sides.base or {}).get(f"f{index}")) if "base" in paths else None
            head = await self._blob((sides.head or {}).get(f"f{index}")) if "head" in paths else None
            found.append(
                ChangedFile(
                    path=change.filename,
                    old_path=change.old_path,
                    status=change.file_status,
                    base=base,
                    head=head,
                )
            )
            lost += _contradictions(change, base, head)
        return Contents(files=tuple(found), lost=tuple(lost))

    async def _blob(self, entry: TreeEntry | None) -> Blob:
        if entry is None:
            return Blob(sha="", mode="", size=0, text=None, unread=NOT_TOLD)
        mode = entry.octal_mode
        if mode == SUBMODULE_MODE or entry.type == "commit":
            return Blob(sha=entry.oid, mode=SUBMODULE_MODE, size=0, text=None, unread="a submodule's commit")
        told = entry.object
        if entry.type != "blob" or told is None or told.byte_size is None:
            return Blob(sha=entry.oid, mode=mode, size=0, text=None, unread=NOT_TOLD)
        size = told.byte_size
        refusal = self._refuse(size)
        text: str | None = None
        if not refusal:
            # Of a binary GraphQL tells no text, of a long text only the beginning.
            if told.text is not None and told.is_truncated is False:
                text = told.text
            else:
                text, refusal = await self._fetch(entry.oid)
        return Blob(sha=entry.oid, mode=mode, size=size, text=text, unread=refusal)

    def _refuse(self, size: int) -> str:
        if size > LARGEST_BLOB:
            return f"{size / MEBIBYTE:.1f} MiB, over the limit of {LARGEST_BLOB // MEBIBYTE} MiB"
        if size > self._budget:
            return f"the change is over the limit of {LARGEST_TOTAL // MEBIBYTE} MiB"
        self._budget -= size
        return ""

    async def _fetch(self, sha: str) -> tuple[str | None, str]:
        """The text by way of REST, and why there is none. Binary is what git calls so: a NUL near the start."""
        try:
            answer = await self._client.get(
                "/repos/{owner}/{name}/git/blobs/{sha}", owner=self._owner, name=self._name, sha=sha
            )
            content = base64.b64decode(shaped(answer, _RestBlob).content)
        except (NotFound, binascii.Error):
            return None, NOT_TOLD
        if b"\0" in content[:_BINARY_WINDOW]:
            return None, "binary"
        return content.decode("utf-8", "replace"), ""


class _RestBlob(msgspec.Struct, frozen=True):
    content: str


def _contradictions(change: Change, base: Blob | None, head: Blob | None) -> list[str]:
    """A side that is missing, or that is another blob than the list of changes names."""
    lost = [
        f"{change.filename}: its {side} was {NOT_TOLD}"
        for side, blob in (("base", base), ("head", head))
        if blob is not None and blob.unread == NOT_TOLD
    ]
    named = head if change.file_status is not FileStatus.REMOVED else base
    if not lost and named is not None and change.sha is not None and named.sha != change.sha:
        lost.append(f"{change.filename}: GitHub tells two different contents")
    return lost
