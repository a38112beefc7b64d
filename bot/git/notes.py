"""Git notes under `refs/notes/ai`, where tools record who wrote which lines."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from bot.git.clone import Clone
from bot.git.objects import ObjectReader

NOTES_REF = "refs/notes/ai"
LARGEST_NOTE = 1024 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Notes:
    """Commit id → the note's blob id. `whole` is false when the list could not be read to its end."""

    blobs: Mapping[str, str] = field(default_factory=dict)
    whole: bool = True


def find_notes(clone: Clone) -> Notes:
    """All notes of the clone; none when it has no such ref."""
    tree = clone.find(f"{NOTES_REF}^{{tree}}")
    if tree is None:
        return Notes()
    output = clone.read("ls-tree", "-r", "-z", "--full-tree", "--end-of-options", tree)
    return Notes(blobs=dict(_parse(output.stdout)), whole=output.good)


def read_note(notes: Notes, objects: ObjectReader, sha: str) -> tuple[str, ...] | None:
    """The notes on one commit, () when it has none, None when there is one that cannot be read."""
    blob = notes.blobs.get(sha)
    if blob is None:
        return ()
    header = objects.header(blob)
    if header is None or header.kind != "blob" or header.size > LARGEST_NOTE:
        return None
    return (objects.content(blob).decode("utf-8", "replace"),)


def _parse(listing: bytes) -> list[tuple[str, str]]:
    """`mode type sha TAB path`; a large collection is fanned out as `ab/cd/…`."""
    found = []
    for entry in listing.split(b"\0"):
        description, _, path = entry.partition(b"\t")
        words = description.split()
        if len(words) == 3:  # noqa: PLR2004 - anything else is the piece behind the last NUL
            found.append((path.replace(b"/", b"").decode("ascii", "replace"), words[2].decode("ascii")))
    return found
