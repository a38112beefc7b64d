"""The policy files as the head of a pull request leaves them: their faults, or the policy that would hold."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from bot.core.policy.model import Fault, Policy, PolicyError
from bot.core.policy.parse import parse_policy
from bot.core.pull import SYMLINK_MODE, Blob, ChangedFile, FileStatus

# Stands where bytes were no UTF-8.
_UNDECODABLE = "\ufffd"

Texts = Mapping[str, str | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """`policy` is what would hold after the merge, None when that cannot be told.

    `errors` are the faults of the pull request's own files; the `source` of each is its path in the head.
    """

    policy: Policy | None
    errors: tuple[PolicyError, ...] = ()


def propose(
    files: tuple[ChangedFile, ...], paths: tuple[str, ...], choose: Callable[[Texts], Policy | PolicyError]
) -> Proposal | None:
    """What `files` make of the policy files at `paths`, spelt exactly so; None when they leave them alone.

    `choose` is given the head's text of each changed one, None for one that is gone, once all of them can be used.
    """
    heads = {path: _head_of(path, files) for path in paths if _touches(path, files)}
    if not heads:
        return None
    faults = {path: _faults(path, blob, files) for path, blob in heads.items()}
    errors = tuple(PolicyError(source=path, faults=found) for path, found in faults.items() if found)
    chosen = None if errors else choose({path: blob.text if blob else None for path, blob in heads.items()})
    return Proposal(policy=chosen if isinstance(chosen, Policy) else None, errors=errors)


def _touches(path: str, files: tuple[ChangedFile, ...]) -> bool:
    """A copy leaves its source alone."""
    return any(
        path == file.path
        or (path == file.old_path and file.status is not FileStatus.COPIED)
        or file.path.startswith(f"{path}/")
        for file in files
    )


def _head_of(path: str, files: tuple[ChangedFile, ...]) -> Blob | None:
    return next((file.head for file in files if file.path == path), None)


def _faults(path: str, blob: Blob | None, files: tuple[ChangedFile, ...]) -> tuple[Fault, ...]:
    """None for a file that is gone: a policy may be taken away, but nothing else may stand in its place."""
    if any(file.head is not None and file.path.startswith(f"{path}/") for file in files):
        return (_unreadable("expected a plain file, found a folder"),)
    if blob is None:
        return ()
    if blob.mode == SYMLINK_MODE:
        return (_unreadable("expected a plain file, found a symbolic link"),)
    if blob.text is None:
        return (_unreadable(f"could not be read: {blob.unread}"),)
    if _UNDECODABLE in blob.text:
        return (_unreadable("expected a text file in UTF-8"),)
    parsed = parse_policy(blob.text, path)
    return parsed.faults if isinstance(parsed, PolicyError) else ()


def _unreadable(message: str) -> Fault:
    return Fault(line=1, column=1, message=f"policy file: {message}")
