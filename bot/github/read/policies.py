"""The texts of the policy files, as the base commit and the organisation hold them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from bot.core.policy.model import Fault, Policy, PolicyError
from bot.core.pull import SYMLINK_MODE
from bot.github.read.shapes import TreeEntry
from bot.github.read.told import Told

REPOSITORY_PATH = ".github/countersign.yml"
ORGANISATION_PATH = "countersign.yml"
LARGEST_POLICY = 256 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class PolicyText:
    """A policy file that exists. `source` says where ("acme/shop:.github/countersign.yml@1a2b3c4d5e6f")."""

    text: str
    source: str


Choose = Callable[[PolicyText | None, PolicyText | None], Policy | PolicyError]
"""The organisation's file and the repository's file, each None when there is none, to the policy that holds.

Called in this order: `choose(organisation, repository)`.
"""


def choose_policy(told: Told, choose: Choose) -> Policy | PolicyError:
    """The policy that holds. A file that is there but cannot be read is a broken policy, never a missing one."""
    organisation, repository = _organisation(told), _repository(told)
    for file in (organisation, repository):
        if isinstance(file, PolicyError):
            return file
    assert not isinstance(organisation, PolicyError)  # noqa: S101 - returned above
    assert not isinstance(repository, PolicyError)  # noqa: S101 - returned above
    return choose(organisation, repository)


def _repository(told: Told) -> PolicyText | PolicyError | None:
    base = told.pull.base_ref.target if told.pull.base_ref else None
    if base is None:
        source = f"{told.repository.name_with_owner}:{REPOSITORY_PATH}"
        return _unreadable(source, "the base branch is gone")
    return _read(base.policy, told.repository.name_with_owner, REPOSITORY_PATH, base.oid)


def _organisation(told: Told) -> PolicyText | PolicyError | None:
    """`countersign.yml`, else `.github/countersign.yml` of the organisation's `.github` repository."""
    branch = told.organisation.default_branch_ref if told.organisation else None
    if told.organisation is None or branch is None:
        return None
    name = told.organisation.name_with_owner
    if branch.target is None:
        return _unreadable(f"{name}:{ORGANISATION_PATH}", "its commit was not told")
    if branch.target.root is not None:
        return _read(branch.target.root, name, ORGANISATION_PATH, branch.target.oid)
    return _read(branch.target.folder, name, REPOSITORY_PATH, branch.target.oid)


def _read(entry: TreeEntry | None, repository: str, path: str, commit: str) -> PolicyText | PolicyError | None:
    if entry is None:
        return None
    source = f"{repository}:{path}@{commit[:12]}"
    blob = entry.object
    if entry.type != "blob" or entry.octal_mode == SYMLINK_MODE or blob is None:
        return _unreadable(source, "expected a plain file")
    if (blob.byte_size or 0) > LARGEST_POLICY:
        return _unreadable(source, f"expected at most {LARGEST_POLICY // 1024} KiB")
    if blob.is_truncated is not False or blob.text is None:
        return _unreadable(source, "expected a text file in UTF-8")
    return PolicyText(text=blob.text, source=source)


def _unreadable(source: str, message: str) -> PolicyError:
    return PolicyError(source=source, faults=(Fault(line=1, column=1, message=f"policy file: {message}"),))
