"""What protects a repository, as GitHub tells it; what GitHub did not tell is None, or named in `unknown`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum


class Enforcement(StrEnum):
    """EVALUATE only watches, as DISABLED does."""

    ACTIVE = "active"
    EVALUATE = "evaluate"
    DISABLED = "disabled"


@dataclass(frozen=True, slots=True, kw_only=True)
class RequiredCheck:
    """A check that must pass. `app_id` is the App it must come from, None anybody who can write."""

    context: str
    app_id: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Bypass:
    """Somebody whom a rule does not stop. `kind` is GitHub's word ("OrganizationAdmin", "RepositoryRole", "Team",
    "Integration", "DeployKey", "User"); `name` is what a reader knows it by, "" when it has only the number.
    """

    kind: str
    id: int | None = None
    mode: str = "always"
    name: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reviewer:
    """A team that must approve changes to some files, by gitignore-style patterns."""

    team_id: int
    approvals: int
    patterns: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class PullRule:
    """That changes come by pull request only. `approvals` is GitHub's own count, which may be nought.

    `bypass` are those who need no pull request though the rest of the guard stops them.
    """

    approvals: int = 0
    dismisses_stale: bool = False
    last_push_approval: bool = False
    reviewers: tuple[Reviewer, ...] = ()
    bypass: tuple[Bypass, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Guard:
    """One ruleset as it binds one branch, or the branch's classic protection (`is_classic`).

    `source` names who owns it ("acme", "acme/shop"). `bypass` is None when GitHub did not tell it.
    """

    name: str
    source: str
    id: int = 0
    is_classic: bool = False
    is_strict: bool = False
    checks: tuple[RequiredCheck, ...] = ()
    pull: PullRule | None = None
    forbids_force_push: bool = False
    forbids_deletion: bool = False
    has_merge_queue: bool = False
    bypass: tuple[Bypass, ...] | None = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Idle:
    """A ruleset that asks for checks and binds nobody, because it is not active."""

    name: str
    enforcement: Enforcement
    contexts: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Branch:
    """One branch that the gate is meant for. `unknown` are sentences about what GitHub did not tell of it."""

    name: str
    guards: tuple[Guard, ...] = ()
    is_default: bool = False
    unknown: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Team:
    """A team (`org/slug`) that the policy names. `members` are logins, None when they could not be read.

    `may_push` are the members who can push to the repository, however they came by it; `has_write` whether the
    team itself was given write, without which GitHub asks it for no review.
    """

    name: str
    id: int = 0
    members: frozenset[str] | None = None
    may_push: frozenset[str] | None = None
    has_write: bool | None = None
    is_secret: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Workflows:
    """What GitHub Actions may do by default."""

    may_approve: bool
    may_write: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Repository:
    """One repository of an installation. `paths` is its whole tree on the default branch, None when not told whole.

    `pushers` are the logins of the people who can push, `maintainers` those with more; None when not known.
    """

    name: str
    branches: tuple[Branch, ...]
    id: int = 0
    idle: tuple[Idle, ...] = ()
    workflows: Workflows | None = None
    paths: tuple[str, ...] | None = None
    teams: tuple[Team, ...] = ()
    pushers: frozenset[str] | None = None
    maintainers: frozenset[str] | None = None
    has_rules: bool = True
    unknown: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Grants:
    """What the App or one of its installations was given: permission → level, and the events it hears."""

    permissions: Mapping[str, str] = field(default_factory=dict)
    events: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class Installed:
    """One installation and where it is."""

    account: str
    grants: Grants
    is_suspended: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Webhook:
    """Where GitHub sends events. `delivered` and `failed` count the newest deliveries, by their last attempt."""

    url: str
    has_secret: bool
    is_json: bool
    checks_certificate: bool
    delivered: int = 0
    failed: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class App:
    """The App as GitHub has it. `webhook` is None when it could not be read."""

    slug: str
    grants: Grants
    installed: tuple[Installed, ...]
    webhook: Webhook | None = None
    unknown: tuple[str, ...] = ()
