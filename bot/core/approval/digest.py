"""The digest of exactly what changed: paths, modes and contents of both sides, as git names them."""

from __future__ import annotations

import hashlib
import json

import re2

from bot.core.approval.records import Binding
from bot.core.pull import Blob, ChangedFile, FileStatus

# SHA-1 and SHA-256 object names; all zeros is git's word for "no object".
_OBJECT_NAME = re2.compile(r"[0-9a-f]{40}|[0-9a-f]{64}")
_HAS_BASE = frozenset({FileStatus.MODIFIED, FileStatus.REMOVED, FileStatus.RENAMED, FileStatus.COPIED}) | {
    FileStatus.CHANGED
}
_HAS_HEAD = frozenset(FileStatus) - {FileStatus.REMOVED}


def diff_digest(files: tuple[ChangedFile, ...]) -> str | None:
    """`sha256:` of the three-dot diff, the same in any order of `files`; None when a blob's name is not known.

    Equal digests mean byte-identical old and new contents, which is stricter than identical hunks. An unknown mode
    is part of the digest as such: see `modes_known`.
    """
    if not all(_is_known(file) for file in files):
        return None
    rows = sorted([file.status.value, file.old_path, file.path, *_side(file.base), *_side(file.head)] for file in files)
    # ASCII escapes keep lone surrogates, which git's paths may decode to, encodable.
    canonical = json.dumps(rows, ensure_ascii=True, separators=(",", ":"))
    return f"sha256:{hashlib.sha256(canonical.encode()).hexdigest()}"


def approval_digest(repository_id: int, number: int, binding: Binding) -> str:
    """`sha256:` of exactly what an approval is bound to, as a page shows it and a passkey signs it."""
    rows = [
        repository_id,
        number,
        binding.head_sha,
        binding.base_ref,
        binding.merge_base,
        binding.diff_digest,
        binding.policy_digest,
        binding.tier.word,
    ]
    canonical = json.dumps(rows, ensure_ascii=True, separators=(",", ":"))
    return f"sha256:{hashlib.sha256(canonical.encode()).hexdigest()}"


def modes_known(files: tuple[ChangedFile, ...]) -> bool:
    """Whether equal digests also mean equal modes on both sides of every file."""
    return all(blob.mode for file in files for blob in (file.base, file.head) if blob)


def _is_known(file: ChangedFile) -> bool:
    base_fits = (file.base is not None) == (file.status in _HAS_BASE)
    head_fits = (file.head is not None) == (file.status in _HAS_HEAD)
    return base_fits and head_fits and all(_is_named(blob) for blob in (file.base, file.head) if blob)


def _is_named(blob: Blob) -> bool:
    return bool(_OBJECT_NAME.fullmatch(blob.sha)) and bool(blob.sha.strip("0"))


def _side(blob: Blob | None) -> list[str]:
    return [blob.mode, blob.sha] if blob else ["", ""]
