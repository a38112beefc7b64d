"""The Pull query, asked until every list is whole: what GitHub tells of a pull request and its conversation."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeVar

import msgspec

from bot.github.client import Client, Variables, shaped
from bot.github.errors import Gone, HeadMoved
from bot.github.read.commits import ToldCommit
from bot.github.read.documents import document
from bot.github.read.shapes import (
    CommentNode,
    ContentEdit,
    OrganisationRepository,
    Page,
    PullAnswer,
    ReviewNode,
    TimelineNode,
    ToldPull,
    ToldRepository,
)
from bot.jobs import Evaluate

MOST_PAGES = 30
MOST_REPOSITORIES = 20_000
Node = TypeVar("Node")


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """The first answer, and the lists of all pages. `lost` names what was not told whole."""

    owner: str
    name: str
    repository: ToldRepository
    pull: ToldPull
    organisation: OrganisationRepository | None
    commits: tuple[ToldCommit, ...]
    reviews: tuple[ReviewNode, ...]
    comments: tuple[CommentNode, ...]
    timeline: tuple[TimelineNode, ...]
    edits: tuple[ContentEdit, ...]
    lost: tuple[str, ...]


async def ask(client: Client, job: Evaluate) -> Told:
    """Ask for the job's pull request. Gone when there is none, HeadMoved when it changes between two pages."""
    owner, name = job.owner, job.name
    first = await _first(client, owner, name, job.number)
    if first.repository is None or first.repository.database_id != job.repository_id:
        # The repository was renamed or transferred, and somebody else may have its old name.
        owner, name = await present_name(client, job.repository_id)
        first = await _first(client, owner, name, job.number)
    if first.repository is None or first.repository.pull_request is None:
        raise Gone(f"{job.owner}/{job.name}#{job.number}")
    return await _rest(client, first, first.repository, first.repository.pull_request)


async def _first(client: Client, owner: str, name: str, number: int) -> PullAnswer:
    return await _page(client, owner, name, number, Cursors())


async def present_name(client: Client, repository_id: int) -> tuple[str, str]:
    """Owner and name that the repository has now. Gone when the installation does not have it.

    Among the repositories of the installation: GitHub documents no way to ask for one by its id.
    """
    listed = await client.items("/installation/repositories?per_page=100", "repositories", most=MOST_REPOSITORIES)
    for one in shaped(listed, tuple[_Listed, ...]):
        if one.id == repository_id:
            return one.owner.login, one.name
    raise Gone(f"repository {repository_id}")


class _ListedOwner(msgspec.Struct, frozen=True):
    login: str


class _Listed(msgspec.Struct, frozen=True):
    id: int
    name: str
    owner: _ListedOwner


@dataclass(slots=True, kw_only=True)
class Cursors:
    """Where the next page of each list begins: None at its start, "" when the list is at its end."""

    commits: str | None = None
    reviews: str | None = None
    comments: str | None = None
    timeline: str | None = None
    edits: str | None = None

    def variables(self) -> dict[str, str | bool | None]:
        lists: Mapping[str, str | None] = {
            "commits": self.commits,
            "reviews": self.reviews,
            "comments": self.comments,
            "timeline": self.timeline,
            "edits": self.edits,
        }
        wanted: dict[str, str | bool | None] = {f"want{name.title()}": at != "" for name, at in lists.items()}
        return {**wanted, **{name: at or None for name, at in lists.items()}}

    def is_at_end(self) -> bool:
        return not any(at != "" for at in (self.commits, self.reviews, self.comments, self.timeline, self.edits))


async def _page(client: Client, owner: str, name: str, number: int, cursors: Cursors) -> PullAnswer:
    variables: Variables = {"owner": owner, "name": name, "number": number, **cursors.variables()}
    missing = frozenset({"repository", "repository.pullRequest", "organisation"})
    return shaped(await client.query(document("pull"), variables, may_be_missing=missing), PullAnswer)


class Gathered:
    """The lists as they grow over the pages."""

    def __init__(self) -> None:
        self.cursors = Cursors()
        self.lost: list[str] = []
        self.commits: list[ToldCommit] = []
        self.reviews: list[ReviewNode] = []
        self.comments: list[CommentNode] = []
        self.timeline: list[TimelineNode] = []
        self.edits: list[ContentEdit] = []

    def take(self, pull: ToldPull) -> None:
        at = self.cursors
        self.commits += [node.commit for node in _nodes(pull.commits)]
        at.commits = self._turn("commits", pull.commits, len(self.commits), at.commits)
        self.reviews += _nodes(pull.reviews)
        at.reviews = self._turn("reviews", pull.reviews, len(self.reviews), at.reviews)
        self.comments += _nodes(pull.comments)
        at.comments = self._turn("comments", pull.comments, len(self.comments), at.comments)
        self.timeline += _nodes(pull.timeline_items)
        at.timeline = self._turn("timeline items", pull.timeline_items, len(self.timeline), at.timeline)
        self.edits += _nodes(pull.user_content_edits)
        if pull.user_content_edits is None and at.edits is None:
            at.edits = ""  # null is GitHub's word for a body that nobody edited, too
        at.edits = self._turn("edits of the body", pull.user_content_edits, len(self.edits), at.edits)

    def _turn(self, what: str, page: Page[Node] | None, have: int, at: str | None) -> str:
        """The cursor after `at`, "" at the end; there the number of items must be the one GitHub counts.

        A list that was asked for and is null is lost, not empty.
        """
        if page is None:
            self.lost += [f"{what}: not told"] if at != "" else []
            return ""
        if page.page_info.has_next_page and page.page_info.end_cursor:
            return page.page_info.end_cursor
        total = page.total_count if page.total_count is not None else page.filtered_count
        if have != total:
            self.lost.append(f"{what}: GitHub counts {total}, {have} were told")
        return ""


def _nodes(page: Page[Node] | None) -> list[Node]:
    return [node for node in page.nodes if node is not None] if page else []


async def _rest(client: Client, first: PullAnswer, repository: ToldRepository, pull: ToldPull) -> Told:
    owner, _, name = repository.name_with_owner.partition("/")
    gathered = Gathered()
    gathered.take(pull)
    if pull.user_content_edits is None and pull.last_edited_at is not None:
        gathered.lost.append("the body was edited, and its edits were not told")
    for _ in range(MOST_PAGES):
        if gathered.cursors.is_at_end():
            break
        answer = await _page(client, owner, name, pull.number, gathered.cursors)
        later = answer.repository.pull_request if answer.repository else None
        if later is None or later.head_ref_oid != pull.head_ref_oid:
            raise HeadMoved(f"{repository.name_with_owner}#{pull.number} changed between two pages")
        gathered.take(later)
    else:
        gathered.lost.append(f"the conversation is longer than {MOST_PAGES} pages")
    return Told(
        owner=owner,
        name=name,
        repository=repository,
        pull=pull,
        organisation=first.organisation,
        commits=tuple(gathered.commits),
        reviews=tuple(gathered.reviews),
        comments=tuple(gathered.comments),
        timeline=tuple(gathered.timeline),
        edits=tuple(gathered.edits),
        lost=tuple(gathered.lost),
    )
