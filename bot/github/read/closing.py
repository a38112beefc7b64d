"""The last word of a look: that the pull request is still the one that was read, and what stands on its head."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any

import msgspec

from bot.core.pull import PullState
from bot.core.render import check_name
from bot.core.writes import Posted
from bot.github.client import shaped
from bot.github.errors import HeadMoved, Unreadable
from bot.github.read.checks import Suite, is_app, latest_own_run
from bot.github.read.documents import Selection, repository_arguments
from bot.github.read.shapes import Nodes, ReviewRequest
from bot.github.read.told import Told
from bot.github.reply import key_of


class _Creator(msgspec.Struct, frozen=True):
    login: str


class _Context(msgspec.Struct, frozen=True):
    state: str
    creator: _Creator | None


class _Status(msgspec.Struct, frozen=True):
    context: _Context | None


class _Owner(msgspec.Struct, frozen=True, rename="camel"):
    database_id: int


class _Associated(msgspec.Struct, frozen=True, rename="camel"):
    number: int
    state: PullState
    head_ref_oid: str
    base_ref_name: str
    base_repository: _Owner | None


class _Commit(msgspec.Struct, frozen=True, rename="camel"):
    associated_pull_requests: Nodes[_Associated] | None
    check_suites: Nodes[Suite] | None
    status: _Status | None


class _OpenPull(msgspec.Struct, frozen=True, rename="camel"):
    number: int
    head_ref_oid: str
    base_ref_name: str
    review_requests: Nodes[ReviewRequest] | None


class _PullNow(msgspec.Struct, frozen=True, rename="camel"):
    head_ref_oid: str
    base_ref_name: str
    state: PullState


class _Repository(msgspec.Struct, frozen=True, rename="camel"):
    pull_request: _PullNow | None
    pull_requests: Nodes[_OpenPull]
    posted: _Commit | None


def select_closing(told: Told) -> Selection:
    return Selection(
        repository="...Closing",
        arguments={
            **repository_arguments(told.owner, told.name),
            "number": ("Int!", told.pull.number),
            "head": ("GitObjectID!", told.pull.head_ref_oid),
            "checkName": ("String!", check_name(told.pull.base_ref_name)),
        },
        fragments=("closing",),
    )


class Closing:
    """The answer to `select_closing`. HeadMoved when the pull request is not the one that was read any more."""

    def __init__(self, told: Told, repository: Mapping[str, Any]) -> None:
        answer = shaped(repository, _Repository)
        now, pull = answer.pull_request, told.pull
        if now is None or (now.head_ref_oid, now.base_ref_name, now.state) != (
            pull.head_ref_oid,
            pull.base_ref_name,
            pull.state,
        ):
            raise HeadMoved(f"{told.owner}/{told.name}#{pull.number} changed while it was read")
        if answer.posted is None:
            raise Unreadable("the head commit was not told")
        self._told = told
        self._open = [node for node in answer.pull_requests.nodes if node]
        self._open_lost = None in answer.pull_requests.nodes
        self._commit = answer.posted

    def posted(self, app_id: int, refused_reviewers: frozenset[str]) -> Posted:
        pull = self._told.pull
        asked = [node.requested_reviewer for node in _present(pull.review_requests) if node.requested_reviewer]
        return Posted(
            check=latest_own_run(
                self._commit.check_suites,
                app_id,
                check_name(pull.base_ref_name),
                pull.head_ref_oid,
            ),
            foreign=tuple(sorted(self._foreign(app_id))),
            labels=frozenset(label.name for label in _present(pull.labels)),
            requested=frozenset(reviewer.login for reviewer in asked if reviewer.login),
            requested_teams=frozenset(reviewer.slug for reviewer in asked if reviewer.slug),
            refused_reviewers=refused_reviewers,
            replied=self._replied(),
            reacted=self._reacted(),
        )

    def siblings(self) -> tuple[int, ...]:
        """Other open pull requests with this very head and base branch: they share the check run.

        Base names are compared without case, as GitHub compares the names of required statuses.
        """
        pull = self._told.pull
        repository_id = self._told.repository.database_id
        same = [node for node in self._open if node.head_ref_oid == pull.head_ref_oid]
        base = pull.base_ref_name.casefold()
        numbers = {node.number for node in same if node.base_ref_name.casefold() == base}
        for node in _present(self._commit.associated_pull_requests):
            here = node.base_repository is not None and node.base_repository.database_id == repository_id
            alike = (node.head_ref_oid, node.base_ref_name.casefold()) == (pull.head_ref_oid, base)
            if here and alike and node.state is PullState.OPEN:
                numbers.add(node.number)
        return tuple(sorted(numbers - {pull.number}))

    def open_requests(self) -> dict[str, int]:
        """Reviews each login (lower case) is asked for, over the 100 open pull requests touched last."""
        reviewers = (
            request.requested_reviewer
            for node in self._open
            for request in _present(node.review_requests)
            if request.requested_reviewer
        )
        return dict(Counter(reviewer.login.lower() for reviewer in reviewers if reviewer.login))

    def lost(self) -> tuple[str, ...]:
        lists: tuple[tuple[str, Nodes[Any] | None], ...] = (
            ("labels", self._told.pull.labels),
            ("review requests", self._told.pull.review_requests),
            ("pull requests with this head", self._commit.associated_pull_requests),
            ("check suites on this head", self._commit.check_suites),
        )
        cut = [
            what
            for what, nodes in lists
            if nodes is None or None in nodes.nodes or len(nodes.nodes) != nodes.total_count
        ]
        return tuple(f"{what}: not all were told" for what in (*cut, *(["open pull requests"] * self._open_lost)))

    def _foreign(self, app_id: int) -> set[str]:
        suites = [suite for suite in _present(self._commit.check_suites) if not is_app(suite, app_id)]
        found = {
            f"check run by the App {suite.app.slug if suite.app else 'ghost'}"
            for suite in suites
            if _present(suite.check_runs)
        }
        context = self._commit.status.context if self._commit.status else None
        if context is not None:
            found.add(f"status by {context.creator.login if context.creator else 'ghost'}")
        return found

    def _replied(self) -> frozenset[str]:
        """Keys of our own comments only: anybody can write down a marker that they have seen."""
        bodies = (comment.body for comment in self._told.comments if comment.viewer_did_author)
        return frozenset(key for key in map(key_of, bodies) if key)

    def _reacted(self) -> frozenset[int]:
        answers = ("THUMBS_UP", "THUMBS_DOWN")
        return frozenset(
            int(comment.full_database_id)
            for comment in self._told.comments
            if any(group.viewer_has_reacted and group.content in answers for group in comment.reaction_groups or ())
        )


def _present(nodes: Nodes[Any] | None) -> list[Any]:
    return [node for node in nodes.nodes if node is not None] if nodes else []
