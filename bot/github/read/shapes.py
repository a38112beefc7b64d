"""The answer of the Pull query, typed where it is used; a null node is a node that was lost."""

from __future__ import annotations

from datetime import datetime
from typing import Generic, TypeVar

import msgspec

from bot.core.pull import PullState, ReviewState
from bot.github.read.accounts import Account, LinkedUser
from bot.github.read.commits import ToldCommit

Node = TypeVar("Node")


class Oid(msgspec.Struct, frozen=True):
    oid: str


class PageInfo(msgspec.Struct, frozen=True, rename="camel"):
    has_next_page: bool
    end_cursor: str | None


class Page(msgspec.Struct, Generic[Node], frozen=True, rename="camel"):
    """One page of a list. The timeline counts what its filter lets through as `filteredCount`."""

    nodes: tuple[Node | None, ...]
    page_info: PageInfo
    total_count: int | None = None
    filtered_count: int | None = None


class Nodes(msgspec.Struct, Generic[Node], frozen=True, rename="camel"):
    """A list that is asked for once. `total_count` is None where it was not asked."""

    nodes: tuple[Node | None, ...]
    total_count: int | None = None


class ToldBlob(msgspec.Struct, frozen=True, rename="camel"):
    """GraphQL's Blob; an object of another type has none of these."""

    byte_size: int | None = None
    is_binary: bool | None = None
    is_truncated: bool | None = None
    text: str | None = None


class TreeEntry(msgspec.Struct, frozen=True):
    """`mode` is git's mode as a number, `type` one of blob, tree, commit. `object` is null for a submodule."""

    oid: str
    mode: int
    type: str
    object: ToldBlob | None

    @property
    def octal_mode(self) -> str:
        return f"{self.mode:06o}"


class BaseTip(msgspec.Struct, frozen=True):
    oid: str
    policy: TreeEntry | None = None


class BaseRef(msgspec.Struct, frozen=True):
    target: BaseTip | None


class Label(msgspec.Struct, frozen=True):
    name: str


class RequestedReviewer(msgspec.Struct, frozen=True):
    login: str | None = None
    slug: str | None = None


class ReviewRequest(msgspec.Struct, frozen=True, rename="camel"):
    requested_reviewer: RequestedReviewer | None


class ContentEdit(msgspec.Struct, frozen=True, rename="camel"):
    """One writing of a body; `diff` is the whole text. Who can edit it can delete an earlier one from the history."""

    diff: str | None
    deleted_at: datetime | None


class CommitNode(msgspec.Struct, frozen=True):
    commit: ToldCommit


class ReviewNode(msgspec.Struct, frozen=True, rename="camel"):
    full_database_id: int | str
    state: ReviewState
    submitted_at: datetime | None
    author: Account | None
    commit: Oid | None


class ReactionGroup(msgspec.Struct, frozen=True, rename="camel"):
    content: str
    viewer_has_reacted: bool


class CommentNode(msgspec.Struct, frozen=True, rename="camel"):
    full_database_id: int | str
    body: str
    last_edited_at: datetime | None
    viewer_did_author: bool
    author: Account | None
    reaction_groups: tuple[ReactionGroup, ...] | None


class TimelineNode(msgspec.Struct, frozen=True, rename="camel"):
    typename: str = msgspec.field(name="__typename")
    actor: Account | None = None
    before_commit: Oid | None = None
    previous_title: str | None = None


class HeadRepository(msgspec.Struct, frozen=True, rename="camel"):
    name_with_owner: str


class ToldPull(msgspec.Struct, frozen=True, rename="camel"):
    """A pull request; the last five lists are absent on later pages once they were whole."""

    number: int
    title: str
    body: str
    state: PullState
    is_draft: bool
    author: Account | None
    base_ref_name: str
    base_ref_oid: str
    head_ref_name: str
    head_ref_oid: str
    is_cross_repository: bool
    head_repository: HeadRepository | None
    changed_files: int
    base_ref: BaseRef | None
    assignees: Nodes[LinkedUser]
    labels: Nodes[Label] | None
    review_requests: Nodes[ReviewRequest] | None
    last_edited_at: datetime | None
    user_content_edits: Page[ContentEdit] | None = None
    commits: Page[CommitNode] | None = None
    reviews: Page[ReviewNode] | None = None
    comments: Page[CommentNode] | None = None
    timeline_items: Page[TimelineNode] | None = None


class ToldRepository(msgspec.Struct, frozen=True, rename="camel"):
    database_id: int
    name_with_owner: str
    notes: Oid | None
    pull_request: ToldPull | None


class OrganisationTip(msgspec.Struct, frozen=True):
    oid: str
    root: TreeEntry | None = None
    folder: TreeEntry | None = None


class OrganisationBranch(msgspec.Struct, frozen=True):
    target: OrganisationTip | None


class OrganisationRepository(msgspec.Struct, frozen=True, rename="camel"):
    """The organisation's `.github` repository; without a default branch it is empty."""

    name_with_owner: str
    default_branch_ref: OrganisationBranch | None


class PullAnswer(msgspec.Struct, frozen=True):
    repository: ToldRepository | None
    organisation: OrganisationRepository | None
