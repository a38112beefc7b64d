"""The facts about one pull request, frozen at one head commit."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class ActorKind(StrEnum):
    """GitHub's `__typename` / `type` of an account; GHOST when the account is gone or was not told."""

    USER = "User"
    BOT = "Bot"
    ORGANIZATION = "Organization"
    MANNEQUIN = "Mannequin"
    GHOST = "Ghost"


@dataclass(frozen=True, slots=True, kw_only=True)
class Actor:
    """A GitHub account. `id` is the numeric database id, None when GitHub did not tell it.

    `login` is spelt as REST spells it: bots end in `[bot]` (GraphQL leaves that out, readers add it).
    """

    login: str
    id: int | None
    kind: ActorKind


@dataclass(frozen=True, slots=True, kw_only=True)
class Signatory:
    """A name and e-mail address as a git commit carries them: unauthenticated text."""

    name: str
    email: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Signature:
    """A commit signature. `fingerprint` is `SHA256:…` for SSH keys, the key id for PGP, "" when unknown.

    `verified` is GitHub's word; a local clone cannot tell and says False.
    """

    fingerprint: str
    verified: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Commit:
    """One commit of the pull request. `message` is whole: subject, body and trailers.

    `author_account` and `committer_account` are the accounts GitHub linked, None when it linked none.
    `notes` holds the texts of git notes on the commit (`refs/notes/ai`), oldest first.
    `tree` is the object name of its tree. `authorship` is a digest of who wrote it and when, the same over an amended
    message or a rebase; it can be compared with another, and tells no time. Each is "" when it was not told.
    """

    sha: str
    message: str
    author: Signatory
    committer: Signatory
    parents: tuple[str, ...] = ()
    author_account: Actor | None = None
    committer_account: Actor | None = None
    signature: Signature | None = None
    notes: tuple[str, ...] = ()
    tree: str = ""
    authorship: str = ""


class FileStatus(StrEnum):
    """What happened to a path between merge base and head; GitHub's words (`changed` = only the mode)."""

    ADDED = "added"
    MODIFIED = "modified"
    REMOVED = "removed"
    RENAMED = "renamed"
    COPIED = "copied"
    CHANGED = "changed"


SYMLINK_MODE = "120000"
SUBMODULE_MODE = "160000"
EXECUTABLE_MODE = "100755"


@dataclass(frozen=True, slots=True, kw_only=True)
class Blob:
    """One side of a changed file. `mode` is git's octal mode, "" when unknown; `size` in bytes.

    `text` is the content decoded as UTF-8, undecodable bytes replaced by U+FFFD; None when it was not read,
    and then `unread` says why in a few words ("binary", "1.4 MiB, over the limit of 1 MiB").
    A symbolic link's text is its target; a submodule's text is None and its `sha` the commit it points at.
    """

    sha: str
    mode: str
    size: int
    text: str | None
    unread: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangedFile:
    """One path of the three-dot diff. `old_path` differs from `path` only for renames and copies.

    `base` is None for an added file, `head` is None for a removed one.
    """

    path: str
    old_path: str
    status: FileStatus
    base: Blob | None
    head: Blob | None


class ReviewState(StrEnum):
    """GitHub's review states."""

    APPROVED = "APPROVED"
    CHANGES_REQUESTED = "CHANGES_REQUESTED"
    COMMENTED = "COMMENTED"
    DISMISSED = "DISMISSED"
    PENDING = "PENDING"


@dataclass(frozen=True, slots=True, kw_only=True)
class Review:
    """One submitted review. `commit_sha` is GitHub's word and moves: an input, never the record."""

    id: int
    author: Actor
    state: ReviewState
    commit_sha: str
    submitted_at: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Comment:
    """One comment on the conversation. `edited` is true when anybody ever edited it."""

    id: int
    author: Actor
    edited: bool


class PullState(StrEnum):
    OPEN = "OPEN"
    CLOSED = "CLOSED"
    MERGED = "MERGED"


@dataclass(frozen=True, slots=True, kw_only=True)
class Repository:
    """A repository; `id` is GitHub's database id, 0 for a local clone."""

    id: int
    owner: str
    name: str

    @property
    def full_name(self) -> str:
        return f"{self.owner}/{self.name}"


@dataclass(frozen=True, slots=True, kw_only=True)
class PastContributor:
    """Somebody who had a hand in an earlier head. `id` is None or `login` "" when only the other was known."""

    id: int | None
    login: str
    part: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Pin:
    """A commit of another repository ("actions/checkout") that the change has run. `line` counts from 1 at the head.

    `strange`: no branch or tag of that repository was found to hold it; False: that is not known.
    """

    repository: str
    sha: str
    path: str
    line: int
    strange: bool = False

    @property
    def name(self) -> tuple[str, str]:
        return (self.repository, self.sha)


@dataclass(frozen=True, slots=True, kw_only=True)
class PullRequest:
    """A pull request at one head. Everything that was not read whole is named in `incomplete`.

    `base_sha` is the tip of the base branch, `merge_base` the commit the three-dot diff starts from.
    `commits` run oldest first from merge base to head. `past_commits` were on an earlier head and were
    pushed away. `past_bodies`, `past_titles` and `past_head_refs` are earlier texts of the same fields;
    `deleted_bodies` counts the earlier bodies that somebody deleted from the history, so that none can read them.
    `reviews` is the full history, oldest first. `pushers` are the accounts seen pushing to the head branch;
    `pushers_unread` says why there may be more, "" when all are known: till then nobody can be told not to have pushed.
    `past_contributors` are remembered from earlier looks: who wrote what was squashed since is still not independent.
    `requesters` are the people on whose behalf an agent opened the pull request.
    `pins` are new pins of actions that are not known to belong to the repositories they name.
    `siblings` are other open pull requests of the repository with this very head and base branch.
    An empty `incomplete` claims that every other field is whole.
    """

    repository: Repository
    number: int
    author: Actor
    title: str
    body: str
    state: PullState
    draft: bool
    base_ref: str
    base_sha: str
    merge_base: str
    head_ref: str
    head_sha: str
    labels: tuple[str, ...]
    commits: tuple[Commit, ...]
    files: tuple[ChangedFile, ...]
    past_commits: tuple[Commit, ...] = ()
    past_bodies: tuple[str, ...] = ()
    deleted_bodies: int = 0
    past_titles: tuple[str, ...] = ()
    past_head_refs: tuple[str, ...] = ()
    past_contributors: tuple[PastContributor, ...] = ()
    pushers: tuple[Actor, ...] = ()
    pushers_unread: str = ""
    requesters: tuple[Actor, ...] = ()
    reviews: tuple[Review, ...] = ()
    comments: tuple[Comment, ...] = ()
    pins: tuple[Pin, ...] = ()
    siblings: tuple[int, ...] = ()
    incomplete: tuple[str, ...] = ()
