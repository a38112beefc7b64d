"""What GitHub knows, as plain mutable records: accounts, repositories, pull requests, checks, rules, Apps."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from bot.sandbox.git import GitRepository

Json = dict[str, Any]

ROLES = ("none", "read", "triage", "write", "maintain", "admin")
PASSING = frozenset({"success", "neutral", "skipped"})


class Refusal(Exception):  # noqa: N818 - GitHub refuses; that is an answer, not an error of ours
    """GitHub says no: an HTTP status, its message, and for validation errors the list of them."""

    def __init__(self, status: int, message: str, errors: tuple[Json | str, ...] = ()) -> None:
        super().__init__(message)
        self.status = status
        self.message = message
        self.errors = errors


@dataclass(eq=False, slots=True, kw_only=True)
class Account:
    """A user, bot or organisation. `kind` is GitHub's type; bots' logins end in `[bot]`.

    `rulesets` are an organisation's own, for its repositories.
    """

    id: int
    login: str
    kind: str = "User"
    name: str = ""
    suspended: bool = False
    created_at: int = 0
    rulesets: dict[int, Ruleset] = field(default_factory=dict)

    @property
    def email(self) -> str:
        return f"{self.id}+{self.login}@users.noreply.github.com"


@dataclass(eq=False, slots=True, kw_only=True)
class Team:
    """A team; `members` maps login → role, `repositories` full name → repository role."""

    id: int
    organization: Account
    slug: str
    name: str
    parent: Team | None = None
    privacy: str = "closed"
    members: dict[str, str] = field(default_factory=dict)
    repositories: dict[str, str] = field(default_factory=dict)
    created_at: int = 0


@dataclass(eq=False, slots=True, kw_only=True)
class Label:
    id: int
    name: str
    color: str = "ededed"
    description: str = ""


@dataclass(eq=False, slots=True, kw_only=True)
class Reaction:
    id: int
    author: Account
    content: str
    created_at: int


@dataclass(eq=False, slots=True, kw_only=True)
class Comment:
    """A comment on the conversation. `editor` is who edited it last, None when nobody did."""

    id: int
    author: Account
    body: str
    created_at: int
    updated_at: int
    app: App | None = None
    editor: Account | None = None
    edited_at: int | None = None
    minimized: bool = False
    reactions: list[Reaction] = field(default_factory=list)


@dataclass(eq=False, slots=True, kw_only=True)
class Review:
    """One review. `state` in GitHub's capitals; PENDING until it is submitted."""

    id: int
    author: Account
    state: str
    body: str
    commit_sha: str
    submitted_at: int
    editor: Account | None = None
    edited_at: int | None = None


@dataclass(eq=False, slots=True, kw_only=True)
class TimelineEvent:
    """Something that happened to a pull request; `kind` is the GraphQL type's name, `facts` its own fields."""

    kind: str
    actor: Account
    created_at: int
    facts: dict[str, Any] = field(default_factory=dict)


@dataclass(eq=False, slots=True, kw_only=True)
class Writing:
    """One writing of a pull request's body; deleted from the history it has no `text` any more."""

    at: int
    editor: Account
    text: str | None
    deleted_at: int | None = None


@dataclass(eq=False, slots=True, kw_only=True)
class PullRequest:
    """A pull request. `base_sha` follows the base branch while open; `merge_sha` is set by merging.

    `bodies` holds every writing of the body, oldest first; empty until it is edited once.
    """

    id: int
    repository: Repository
    number: int
    author: Account
    title: str
    body: str
    base_ref: str
    head_repository: Repository
    head_ref: str
    head_sha: str
    created_at: int
    updated_at: int
    base_sha: str = ""
    state: str = "open"
    draft: bool = False
    merge_sha: str | None = None
    merged_at: int | None = None
    merged_by: Account | None = None
    closed_at: int | None = None
    editor: Account | None = None
    edited_at: int | None = None
    bodies: list[Writing] = field(default_factory=list)
    labels: list[Label] = field(default_factory=list)
    reviews: list[Review] = field(default_factory=list)
    comments: list[Comment] = field(default_factory=list)
    requested_reviewers: list[Account] = field(default_factory=list)
    requested_teams: list[Team] = field(default_factory=list)
    timeline: list[TimelineEvent] = field(default_factory=list)

    @property
    def merged(self) -> bool:
        return self.merged_at is not None


@dataclass(eq=False, slots=True, kw_only=True)
class CheckSuite:
    id: int
    app: App
    head_sha: str
    created_at: int
    updated_at: int


@dataclass(eq=False, slots=True, kw_only=True)
class CheckRun:
    """One check run of one App on one commit; `output` and `annotations` as the App sent them."""

    id: int
    suite: CheckSuite
    name: str
    head_sha: str
    status: str = "queued"
    conclusion: str | None = None
    external_id: str = ""
    details_url: str = ""
    started_at: int | None = None
    completed_at: int | None = None
    title: str | None = None
    summary: str | None = None
    text: str | None = None
    annotations: list[Json] = field(default_factory=list)
    actions: list[Json] = field(default_factory=list)

    @property
    def app(self) -> App:
        return self.suite.app


@dataclass(eq=False, slots=True, kw_only=True)
class Status:
    """A commit status; `app_id` tells which App set it, None for a user."""

    id: int
    sha: str
    context: str
    state: str
    creator: Account
    app_id: int | None
    created_at: int
    description: str | None = None
    target_url: str | None = None


@dataclass(eq=False, slots=True, kw_only=True)
class Ruleset:
    """A ruleset. `conditions`, `rules` and `bypass_actors` are kept as the API spells them.

    `source` is the repository's full name or the organisation's login.
    """

    id: int
    name: str
    enforcement: str
    target: str
    conditions: Json
    rules: list[Json]
    bypass_actors: list[Json]
    created_at: int
    updated_at: int
    source: str = ""

    @property
    def source_type(self) -> str:
        return "Repository" if "/" in self.source else "Organization"


@dataclass(eq=False, slots=True, kw_only=True)
class Protection:
    """The classic protection of one branch. `checks` are context and App (None: the one that set it last).

    `reviews` are GitHub's own words for required reviews, None when pull requests are not required.
    """

    branch: str
    checks: list[tuple[str, int | None]] = field(default_factory=list)
    strict: bool = False
    enforce_admins: bool = False
    reviews: Json | None = None
    allow_force_pushes: bool = False
    allow_deletions: bool = False


@dataclass(eq=False, slots=True, kw_only=True)
class Activity:
    """One move of a branch: a push, force-push, creation, deletion or merge, and who did it."""

    id: int
    kind: str
    ref: str
    before: str
    after: str
    actor: Account
    created_at: int


@dataclass(eq=False, slots=True, kw_only=True)
class QueueEntry:
    """A pull request in a merge queue; `head_sha` is the commit that holds it and all before it, on `base_sha`."""

    id: int
    pull: PullRequest
    enqueuer: Account
    enqueued_at: int
    base_sha: str
    head_sha: str

    @property
    def ref(self) -> str:
        return f"gh-readonly-queue/{self.pull.base_ref}/pr-{self.pull.number}-{self.base_sha}"


@dataclass(eq=False, slots=True, kw_only=True)
class Artifact:
    """What a workflow run left behind; `archive` is the zip as it is downloaded."""

    id: int
    name: str
    archive: bytes
    created_at: int


@dataclass(eq=False, slots=True, kw_only=True)
class WorkflowRun:
    """One run of a workflow, completed. `head_sha` is the head of the branch; `sha` and `ref` are what the run was of:
    for a pull request the merge of its head into its base, that GitHub made for the purpose.
    """

    id: int
    event: str
    path: str
    head_repository: Repository
    head_ref: str
    head_sha: str
    ref: str
    sha: str
    actor: Account
    created_at: int
    pull: PullRequest | None = None
    artifacts: list[Artifact] = field(default_factory=list)


@dataclass(eq=False, slots=True, kw_only=True)
class Repository:
    """A repository on top of a bare git repository. `collaborators` maps login → role.

    `protections` maps branch → its classic protection; `workflow_permissions` is what GitHub Actions may do by
    default; `has_rules` is false for a private repository under a plan without rules.
    """

    id: int
    owner: Account
    name: str
    git: GitRepository
    created_at: int
    default_branch: str = "main"
    private: bool = True
    archived: bool = False
    parent: Repository | None = None
    pushed_at: int = 0
    collaborators: dict[str, str] = field(default_factory=dict)
    labels: dict[str, Label] = field(default_factory=dict)
    pulls: dict[int, PullRequest] = field(default_factory=dict)
    suites: list[CheckSuite] = field(default_factory=list)
    runs: list[CheckRun] = field(default_factory=list)
    statuses: list[Status] = field(default_factory=list)
    rulesets: dict[int, Ruleset] = field(default_factory=dict)
    protections: dict[str, Protection] = field(default_factory=dict)
    workflow_permissions: Json = field(
        default_factory=lambda: {"default_workflow_permissions": "read", "can_approve_pull_request_reviews": False}
    )
    has_rules: bool = True
    activities: list[Activity] = field(default_factory=list)
    workflow_runs: list[WorkflowRun] = field(default_factory=list)
    queue: list[QueueEntry] = field(default_factory=list)

    @property
    def full_name(self) -> str:
        return f"{self.owner.login}/{self.name}"


@dataclass(eq=False, slots=True, kw_only=True)
class App:
    """A GitHub App: what it may do, what it is told of, and the key its JWTs are signed with.

    `client_secret` and `callback_url` are for signing people in; without a callback URL nobody can.
    """

    id: int
    slug: str
    name: str
    owner: Account
    bot: Account
    public_key: str
    permissions: dict[str, str]
    events: list[str]
    created_at: int
    client_secret: str
    callback_url: str = ""

    @property
    def client_id(self) -> str:
        return f"Iv23li{self.id:014d}"


@dataclass(eq=False, slots=True, kw_only=True)
class Installation:
    """An App installed on an account, for all its repositories or the selected ones.

    `accepted` are the permissions its owner agreed to, None for all that the App asks.
    """

    id: int
    app: App
    account: Account
    created_at: int
    repositories: list[Repository] | None = None
    suspended_at: int | None = None
    accepted: dict[str, str] | None = None

    @property
    def permissions(self) -> dict[str, str]:
        return self.app.permissions if self.accepted is None else self.accepted

    def covers(self, repository: Repository) -> bool:
        if self.suspended_at is not None or repository.owner is not self.account:
            return False
        return self.repositories is None or repository in self.repositories
