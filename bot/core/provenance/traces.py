"""What the files of a change tell: tool folders, session transcripts, agent-trace records."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator

from bot.core.finding import Strength
from bot.core.provenance.index import Index
from bot.core.provenance.markers import Surface
from bot.core.provenance.signs import Sign, sign_of
from bot.core.pull import ChangedFile, FileStatus

_RECORDS = "agent-trace-file"
"""The rule of the files whose records are read: https://agent-trace.dev/schemas/v1/trace-record.json."""

_MOST_RECORDS = 10_000
_NEW = frozenset({FileStatus.ADDED, FileStatus.MODIFIED, FileStatus.RENAMED, FileStatus.COPIED})


def signs_of_files(files: Iterable[ChangedFile], index: Index) -> Iterator[tuple[Sign, str]]:
    """Each rule once, with the first path it fires on.

    Transcripts and trace records count only where this change brings them; folders of a tool are hints wherever they
    are touched.
    """
    seen: set[str] = set()
    for file in files:
        for path in dict.fromkeys((file.path, file.old_path)):
            for row in index.patterns[Surface.FILE].matching(path):
                is_hint = row.strength is Strength.WEAK
                if row.id in seen or not (is_hint or (file.status in _NEW and path == file.path)):
                    continue
                if row.id == _RECORDS and not _tells_of_ai(file):
                    continue
                seen.add(row.id)
                yield sign_of(row), path


def _tells_of_ai(file: ChangedFile) -> bool:
    """Whether a record that this change adds names an AI contributor; what cannot be read does."""
    if file.head is None or file.head.text is None or (file.base is not None and file.base.text is None):
        return True
    known = frozenset(file.base.text.splitlines()) if file.base is not None and file.base.text else frozenset()
    added = [line for line in file.head.text.splitlines() if line.strip() and line not in known]
    return len(added) > _MOST_RECORDS or any(_is_ai(line) for line in added)


def _is_ai(line: str) -> bool:
    try:
        record = json.loads(line)
    except (ValueError, RecursionError):
        return True
    return any(kind in ("ai", "mixed") for kind in _contributors(record))


def _contributors(record: object) -> Iterator[object]:
    for file in _list(record, "files"):
        for conversation in _list(file, "conversations"):
            yield _kind(conversation)
            for part in _list(conversation, "ranges"):
                yield _kind(part)


def _list(value: object, key: str) -> list[object]:
    found = value.get(key) if isinstance(value, dict) else None
    return found if isinstance(found, list) else []


def _kind(value: object) -> object:
    contributor = value.get("contributor") if isinstance(value, dict) else None
    return contributor.get("type") if isinstance(contributor, dict) else None
