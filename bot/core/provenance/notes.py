"""What a git note under `refs/notes/ai` attests: which tools wrote lines of the commit.

Format: https://github.com/git-ai-project/git-ai, authorship 3.0.0, with the sessions of version 1.4.
"""

from __future__ import annotations

import json
from dataclasses import dataclass

LONGEST_NOTE = 1 << 20
"""Characters of a note that are read; a longer one counts as unread."""

_HUMAN = "h_"
_SESSION = "s_"


@dataclass(frozen=True, slots=True, kw_only=True)
class Attestation:
    """One attested line of the note, as it stands there, and the tool it resolves to (`unknown` when unnamed)."""

    tool: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Note:
    """The attestations of AI in a note, the first of each tool. `unread` says what could not be read, "" if all was.

    A note without attestations says that no AI wrote anything.
    """

    attestations: tuple[Attestation, ...] = ()
    unread: str = ""


def parse_note(text: str) -> Note | None:
    """Read one note; None when the text is no authorship note at all. Never raises."""
    if len(text) > LONGEST_NOTE:
        return Note(unread=f"a note of {len(text):,} characters, over the limit of {LONGEST_NOTE:,}")
    head, divider, metadata = text.replace("\r\n", "\n").partition("\n---\n")
    if not divider:
        head, metadata = ("", text) if text.lstrip().startswith("{") else (text, "")
    if not metadata.lstrip().startswith("{"):
        return None
    try:
        document = json.loads(metadata)
    except (ValueError, RecursionError):
        return Note(unread="a note whose metadata is no JSON")
    if not isinstance(document, dict) or not str(document.get("schema_version", "")).startswith("authorship/"):
        return None
    return _resolved(head, document)


def _resolved(head: str, document: dict[str, object]) -> Note:
    """The attested keys that stand for AI; a key that resolves to nothing is neither human nor read."""
    found: dict[str, Attestation] = {}
    unread = ""
    for line in head.split("\n"):
        key = line.split()[0] if line[:1] in (" ", "\t") and line.strip() else ""
        if not key or key.startswith(_HUMAN):
            continue
        tool = _tool(key, document)
        if tool is None:
            unread = "a note with an attestation that its metadata does not explain"
        else:
            found.setdefault(tool, Attestation(tool=tool, text=line.strip()))
    return Note(attestations=tuple(found.values()), unread=unread)


def _tool(key: str, document: dict[str, object]) -> str | None:
    """The tool of an attested key, None when the metadata does not have the key."""
    table = document.get("sessions" if key.startswith(_SESSION) else "prompts")
    entry = table.get(key.partition("::")[0]) if isinstance(table, dict) else None
    if entry is None:
        return None
    agent = entry.get("agent_id") if isinstance(entry, dict) else None
    tool = agent.get("tool") if isinstance(agent, dict) else None
    return tool if isinstance(tool, str) and tool else "unknown"
