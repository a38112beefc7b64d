"""What the gate can do on GitHub. Each write can be repeated without harm."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from bot.core.decision import Conclusion


class AnnotationLevel(StrEnum):
    NOTICE = "notice"
    WARNING = "warning"
    FAILURE = "failure"


@dataclass(frozen=True, slots=True, kw_only=True)
class Annotation:
    """`line` and `column` count from 1; without a column the whole line is meant."""

    path: str
    line: int
    level: AnnotationLevel
    title: str
    message: str
    column: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Button:
    """A check run's button: label ≤ 20, description ≤ 40, identifier ≤ 20 characters."""

    label: str
    description: str
    identifier: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckRun:
    """A completed check run as GitHub should show it, within GitHub's limits.

    `external_id` is `pull number:digest of all the rest` (`group:…` on a merge group's commit): equal ids mean that
    nothing needs to be written.
    """

    name: str
    head_sha: str
    conclusion: Conclusion
    title: str
    summary: str
    annotations: tuple[Annotation, ...]
    buttons: tuple[Button, ...]
    details_url: str
    external_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PostCheck:
    check: CheckRun


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestReview:
    """Exactly one of `login` and `team` (slug) is non-empty."""

    number: int
    login: str = ""
    team: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class AddLabel:
    number: int
    label: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RemoveLabel:
    number: int
    label: str


class Reaction(StrEnum):
    """An accepted command gets THUMBS_UP, a refused one THUMBS_DOWN and a reply."""

    THUMBS_UP = "+1"
    THUMBS_DOWN = "-1"


@dataclass(frozen=True, slots=True, kw_only=True)
class React:
    comment_id: int
    reaction: Reaction


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """A comment on the pull request. `key` is stable, so that a repeated write is told from a new one."""

    number: int
    key: str
    body: str


Write = PostCheck | RequestReview | AddLabel | RemoveLabel | React | Reply


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerDeployment:
    """What a waiting deployment is told: `comment` alone while it waits, or that it may go. It is never rejected."""

    run_id: int
    environment: str
    comment: str
    approves: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class PostedCheck:
    """A check run of ours that stands on a commit; `conclusion` is "" while it is not completed."""

    id: int
    name: str
    head_sha: str
    external_id: str
    conclusion: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Posted:
    """What stands on GitHub now, as far as the gate would write it.

    `check` is the latest run of our App with our name on the head. `foreign` names runs and statuses that other
    Apps or people posted under our name. `refused_reviewers` were refused by GitHub at this head, `asked_reviewers`
    were asked by us at this head, whatever became of the request. `replied` and `reacted` are
    the keys and comment ids already answered.
    """

    check: PostedCheck | None = None
    foreign: tuple[str, ...] = ()
    labels: frozenset[str] = frozenset()
    requested: frozenset[str] = frozenset()
    requested_teams: frozenset[str] = frozenset()
    refused_reviewers: frozenset[str] = frozenset()
    asked_reviewers: frozenset[str] = frozenset()
    replied: frozenset[str] = frozenset()
    reacted: frozenset[int] = frozenset()
