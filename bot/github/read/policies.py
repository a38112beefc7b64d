"""The texts of the policy files, as the base commit and the organisation hold them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from bot.core.policy.model import Fault, Policy, PolicyError
from bot.core.policy.proposal import Proposal, Texts, propose
from bot.core.policy.requirement import ORGANISATION_PATHS, POLICY_PATH
from bot.core.pull import SYMLINK_MODE, ChangedFile
from bot.github.read.shapes import BaseTip, OrganisationRepository, TreeEntry
from bot.github.read.told import Told

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


_File = PolicyText | PolicyError | None


def choose_policy(told: Told, choose: Choose) -> Policy | PolicyError:
    """The policy that holds for a pull request."""
    return choose_policy_of(told.repository.name_with_owner, _base(told), told.organisation, choose)


def choose_policy_of(
    repository: str, base: BaseTip | None, organisation: OrganisationRepository | None, choose: Choose
) -> Policy | PolicyError:
    """The policy that holds at `base`, the tip of a branch of `repository`.

    A file that is there but cannot be read is a broken policy, never a missing one.
    """
    return _chosen(_organisation(organisation), _repository(repository, base), choose)


def propose_policy(told: Told, files: tuple[ChangedFile, ...], choose: Choose) -> Proposal | None:
    """The policy as `files` would leave it, merged like the one in force; None when they leave it alone."""
    name, commit = told.repository.name_with_owner, told.pull.head_ref_oid
    is_own = told.organisation is not None and told.organisation.name_with_owner.casefold() == name.casefold()

    def merged(texts: Texts) -> Policy | PolicyError:
        head = {path: None if text is None else _text(text, name, path, commit) for path, text in texts.items()}
        organisation = {**_organisation(told.organisation), **(head if is_own else {})}
        own = head[POLICY_PATH] if POLICY_PATH in head else _repository(name, _base(told))
        return _chosen(organisation, own, choose)

    return propose(files, ORGANISATION_PATHS if is_own else (POLICY_PATH,), merged)


def _chosen(organisation: Mapping[str, _File], repository: _File, choose: Choose) -> Policy | PolicyError:
    """Of the organisation's files `countersign.yml` goes before `.github/countersign.yml`."""
    first = organisation.get(ORGANISATION_PATH) or organisation.get(POLICY_PATH)
    if isinstance(first, PolicyError):
        return first
    return repository if isinstance(repository, PolicyError) else choose(first, repository)


def _base(told: Told) -> BaseTip | None:
    return told.pull.base_ref.target if told.pull.base_ref else None


def _repository(name_with_owner: str, base: BaseTip | None) -> _File:
    if base is None:
        return _unreadable(f"{name_with_owner}:{POLICY_PATH}", "the base branch is gone")
    return _read(base.policy, name_with_owner, POLICY_PATH, base.oid)


def _organisation(told: OrganisationRepository | None) -> dict[str, _File]:
    """The files of the organisation's `.github` repository, by path."""
    branch = told.default_branch_ref if told else None
    if told is None or branch is None:
        return {}
    name, tip = told.name_with_owner, branch.target
    if tip is None:
        return {ORGANISATION_PATH: _unreadable(f"{name}:{ORGANISATION_PATH}", "its commit was not told")}
    return {
        ORGANISATION_PATH: _read(tip.root, name, ORGANISATION_PATH, tip.oid),
        POLICY_PATH: _read(tip.folder, name, POLICY_PATH, tip.oid),
    }


def _read(entry: TreeEntry | None, repository: str, path: str, commit: str) -> PolicyText | PolicyError | None:
    if entry is None:
        return None
    source = _source(repository, path, commit)
    blob = entry.object
    if entry.type != "blob" or entry.octal_mode == SYMLINK_MODE or blob is None:
        return _unreadable(source, "expected a plain file")
    if (blob.byte_size or 0) > LARGEST_POLICY:
        return _unreadable(source, f"expected at most {LARGEST_POLICY // 1024} KiB")
    if blob.is_truncated is not False or blob.text is None:
        return _unreadable(source, "expected a text file in UTF-8")
    return PolicyText(text=blob.text, source=source)


def _text(text: str, repository: str, path: str, commit: str) -> PolicyText:
    return PolicyText(text=text, source=_source(repository, path, commit))


def _source(repository: str, path: str, commit: str) -> str:
    return f"{repository}:{path}@{commit[:12]}"


def _unreadable(source: str, message: str) -> PolicyError:
    return PolicyError(source=source, faults=(Fault(line=1, column=1, message=f"policy file: {message}"),))
