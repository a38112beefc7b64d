"""The parts of GitHub's webhook payloads that are used, strict on those and blind to all others.

Of a key that stands twice the last value counts, for every reader alike: a body is GitHub's once its signature holds.
https://docs.github.com/en/webhooks/webhook-events-and-payloads
"""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

import msgspec

from bot.core.pull import Actor, ActorKind

GHOST = Actor(login="ghost", id=None, kind=ActorKind.GHOST)
# What a JSON number holds exactly, what GraphQL's Int holds, and what can be one step of a path.
Id = Annotated[int, msgspec.Meta(ge=1, le=(1 << 53) - 1)]
Number = Annotated[int, msgspec.Meta(ge=1, le=(1 << 31) - 1)]
Name = Annotated[str, msgspec.Meta(pattern=r"^(?!\.{1,2}$)[^/\x00-\x20]{1,100}$")]

Sha = Annotated[str, msgspec.Meta(pattern=r"^[0-9a-f]{40}$")]


class User(msgspec.Struct, frozen=True):
    login: str
    id: Id
    type: str

    def actor(self) -> Actor:
        known = self.type in ActorKind._value2member_map_
        return Actor(login=self.login, id=self.id, kind=ActorKind(self.type) if known else ActorKind.GHOST)

    def is_human(self) -> bool:
        return self.type == ActorKind.USER


class Installation(msgspec.Struct, frozen=True):
    id: Id


class Owner(msgspec.Struct, frozen=True):
    login: Name


class Repository(msgspec.Struct, frozen=True):
    id: Id
    name: Name
    owner: Owner


class Envelope(msgspec.Struct, frozen=True):
    """What every event of an App has. `action` is "" for events without actions, such as `push`."""

    action: str = ""
    installation: Installation | None = None
    sender: User | None = None


class Branch(msgspec.Struct, frozen=True):
    ref: str


class PullRequest(msgspec.Struct, frozen=True):
    number: Number


class Head(msgspec.Struct, frozen=True):
    sha: Sha


class HeadedPullRequest(msgspec.Struct, frozen=True):
    number: Number
    head: Head


class PullRequestEvent(msgspec.Struct, frozen=True):
    """`before` is the head that a push replaced; `sender` is who pushed it, or opened the pull request."""

    action: str
    repository: Repository
    pull_request: HeadedPullRequest
    sender: User
    before: str = ""


class BasedPullRequest(msgspec.Struct, frozen=True):
    number: Number
    base: Branch


class Review(msgspec.Struct, frozen=True):
    """`user` is null for a deleted account; `commit_id` is the head at the time only while the event is fresh."""

    id: Id
    state: str
    user: User | None = None
    commit_id: str | None = None
    submitted_at: datetime | None = None


class ReviewEvent(msgspec.Struct, frozen=True):
    action: str
    repository: Repository
    pull_request: BasedPullRequest
    review: Review
    sender: User


class Issue(msgspec.Struct, frozen=True):
    """`pull_request` is there only when the issue is a pull request."""

    number: Number
    pull_request: dict[str, object] | None = None


class Comment(msgspec.Struct, frozen=True):
    id: Id
    created_at: datetime
    user: User | None = None
    body: str | None = None
    performed_via_github_app: dict[str, object] | None = None


class CommentEvent(msgspec.Struct, frozen=True):
    action: str
    repository: Repository
    issue: Issue
    comment: Comment
    sender: User


class App(msgspec.Struct, frozen=True):
    id: Id


class CheckRun(msgspec.Struct, frozen=True):
    """`pull_requests` is empty for forks, always."""

    id: Id
    name: str
    head_sha: str
    app: App | None = None
    external_id: str | None = None
    pull_requests: tuple[PullRequest, ...] = ()


class RequestedAction(msgspec.Struct, frozen=True):
    identifier: str


class CheckRunEvent(msgspec.Struct, frozen=True):
    action: str
    repository: Repository
    check_run: CheckRun
    sender: User
    requested_action: RequestedAction | None = None


class CheckSuite(msgspec.Struct, frozen=True):
    pull_requests: tuple[PullRequest, ...] = ()
    app: App | None = None


class CheckSuiteEvent(msgspec.Struct, frozen=True):
    action: str
    repository: Repository
    check_suite: CheckSuite


class MergeGroup(msgspec.Struct, frozen=True):
    """The commit a merge queue wants to merge; which pull requests are in it is not told."""

    head_sha: str
    base_ref: str


class MergeGroupEvent(msgspec.Struct, frozen=True):
    action: str
    repository: Repository
    merge_group: MergeGroup


class RepositoryId(msgspec.Struct, frozen=True):
    id: Id


class Base(msgspec.Struct, frozen=True):
    repo: RepositoryId


class PullRequestOfRun(msgspec.Struct, frozen=True):
    number: Number
    head: Head
    base: Base


class WorkflowRun(msgspec.Struct, frozen=True):
    """`head_sha` is the branch's commit, also where the run was of a merge. Pull requests of forks are never listed."""

    id: Id
    event: str
    head_sha: Sha
    head_repository: RepositoryId | None = None
    pull_requests: tuple[PullRequestOfRun | None, ...] = ()


class WorkflowRunEvent(msgspec.Struct, frozen=True):
    action: str
    repository: Repository
    workflow_run: WorkflowRun


class StatusEvent(msgspec.Struct, frozen=True):
    context: str


class PushedCommit(msgspec.Struct, frozen=True):
    added: tuple[str, ...] = ()
    modified: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()


class PushedRepository(Repository, frozen=True):
    default_branch: str


class PushEvent(msgspec.Struct, frozen=True):
    ref: str
    repository: PushedRepository
    forced: bool = False
    commits: tuple[PushedCommit, ...] = ()


class Deployment(msgspec.Struct, frozen=True):
    sha: Annotated[str, msgspec.Meta(pattern=r"^[0-9a-f]{40,64}$")]
    ref: str


class DeploymentProtectionRuleEvent(msgspec.Struct, frozen=True):
    """GitHub promises only the action and the repository; what waits cannot be answered without all of these."""

    action: str
    repository: Repository
    environment: Annotated[str, msgspec.Meta(min_length=1, max_length=255)]
    deployment_callback_url: str
    deployment: Deployment
