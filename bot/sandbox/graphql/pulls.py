"""Resolvers of pull requests: reviews, comments, timeline, files, requested reviewers."""

from __future__ import annotations

from typing import Any

from bot.sandbox import difference, rules
from bot.sandbox.graphql.node import (
    Look,
    Node,
    Table,
    account,
    commit,
    connection,
    constant,
    plain,
    pull,
    ref,
    repository,
    snake,
)
from bot.sandbox.objects import Account, Comment, PullRequest, Review, Team, TimelineEvent
from bot.sandbox.shapes.people import maybe_timestamp, timestamp
from bot.sandbox.shapes.pull import page_url
from bot.sandbox.world import node_id

_CHANGE_TYPES = {"removed": "DELETED"}
_REACTIONS = {
    "+1": "THUMBS_UP",
    "-1": "THUMBS_DOWN",
    "laugh": "LAUGH",
    "hooray": "HOORAY",
    "confused": "CONFUSED",
    "heart": "HEART",
    "rocket": "ROCKET",
    "eyes": "EYES",
}


def _review(one: PullRequest, it: Review) -> Node:
    return Node(kind="PullRequestReview", it=it, repository=one.repository, pull=one)


def _comment(one: PullRequest, it: Comment) -> Node:
    return Node(kind="IssueComment", it=it, repository=one.repository, pull=one)


def _commits(node: Node, _look: Look, **page: Any) -> Node:
    nodes = [
        Node(kind="PullRequestCommit", it=one, repository=node.repository, pull=node.it)
        for one in difference.commits(node.it)
    ]
    return connection(nodes, field="commits", **page)


def _reviews(node: Node, _look: Look, **arguments: Any) -> Node:
    states, author = arguments.pop("states", None), arguments.pop("author", None)
    chosen = [
        _review(node.it, one)
        for one in node.it.reviews
        if (not states or one.state in states) and author in {None, one.author.login}
    ]
    return connection(chosen, field="reviews", **arguments)


def _latest_reviews(node: Node, look: Look, **arguments: Any) -> Node:
    arguments.pop("writersOnly", None)
    chosen = [_review(node.it, one) for one in rules.standing_reviews(look.world, node.it)]
    return connection(chosen, field="latestOpinionatedReviews", **arguments)


def _comments(node: Node, _look: Look, **arguments: Any) -> Node:
    arguments.pop("orderBy", None)
    return connection([_comment(node.it, one) for one in node.it.comments], field="comments", **arguments)


def _event(one: PullRequest, event: TimelineEvent) -> Node:
    if event.kind == "PullRequestCommit":
        it = one.repository.git.commit(event.facts["sha"])
        return Node(kind="PullRequestCommit", it=it, repository=one.repository, pull=one)
    return Node(kind=event.kind, it=event, repository=one.repository, pull=one)


def timeline(one: PullRequest) -> list[Node]:
    """Everything that happened, oldest first."""
    entries = [(event.created_at, _event(one, event)) for event in one.timeline]
    entries += [(it.submitted_at, _review(one, it)) for it in one.reviews]
    entries += [(it.created_at, _comment(one, it)) for it in one.comments]
    return [node for _, node in sorted(entries, key=lambda entry: entry[0])]


def _timeline(node: Node, _look: Look, **arguments: Any) -> Node:
    kinds = arguments.pop("itemTypes", None)
    arguments.pop("since", None)
    arguments.pop("skip", None)
    chosen = [one for one in timeline(node.it) if not kinds or snake(one.kind).upper() in kinds]
    updated = timestamp(node.it.updated_at)
    return connection(chosen, field="timelineItems", updatedAt=updated, filteredCount=len(chosen), **arguments)


def _files(node: Node, _look: Look, **page: Any) -> Node:
    files = [Node(kind="PullRequestChangedFile", it=one) for one in difference.files(node.it)]
    return connection(files, field="files", **page)


def _requests(node: Node, _look: Look, **page: Any) -> Node:
    asked = [*node.it.requested_reviewers, *node.it.requested_teams]
    return connection([Node(kind="ReviewRequest", it=one) for one in asked], field="reviewRequests", **page)


def _labels(node: Node, _look: Look, **arguments: Any) -> Node | None:
    arguments.pop("orderBy", None)
    return connection([Node(kind="Label", it=one) for one in node.it.labels], field="labels", **arguments)


def _edits(node: Node, _look: Look, **page: Any) -> Node:
    """Newest first; an edit's `diff` holds the whole text, and the first writing counts as an edit."""
    edits = [Node(kind="UserContentEdit", it=one) for one in reversed(node.it.bodies)]
    return connection(edits, field="userContentEdits", **page)


def _state(node: Node, _look: Look) -> str:
    return "MERGED" if node.it.merged else str(node.it.state).upper()


def _mergeable(node: Node, _look: Look) -> str:
    if node.it.state != "open":
        return "UNKNOWN"
    return "CONFLICTING" if difference.conflicts(node.it) else "MERGEABLE"


PULL: Table = {
    **plain("number", "title", "body", "merged"),
    "id": lambda node, _look: node_id("PR", node.it.id),
    "databaseId": lambda node, _look: node.it.id,
    "fullDatabaseId": lambda node, _look: str(node.it.id),
    "url": lambda node, look: page_url(look.world, node.it),
    "state": _state,
    "closed": lambda node, _look: node.it.state != "open",
    "isDraft": lambda node, _look: node.it.draft,
    "mergeable": _mergeable,
    "mergeStateStatus": lambda node, look: difference.state(look.world, node.it),
    "reviewDecision": lambda node, look: rules.review_decision(look.world, node.it),
    "author": lambda node, _look: account(node.it.author),
    "editor": lambda node, _look: account(node.it.editor),
    "createdAt": lambda node, _look: timestamp(node.it.created_at),
    "updatedAt": lambda node, _look: timestamp(node.it.updated_at),
    "closedAt": lambda node, _look: maybe_timestamp(node.it.closed_at),
    "mergedAt": lambda node, _look: maybe_timestamp(node.it.merged_at),
    "mergedBy": lambda node, _look: account(node.it.merged_by),
    "lastEditedAt": lambda node, _look: maybe_timestamp(node.it.edited_at),
    "includesCreatedEdit": lambda node, _look: node.it.edited_at is not None,
    "authorAssociation": lambda node, look: look.world.association(node.repository, node.it.author),
    "isCrossRepository": lambda node, _look: node.it.head_repository is not node.repository,
    "baseRefName": lambda node, _look: node.it.base_ref,
    "baseRefOid": lambda node, _look: node.it.base_sha,
    "baseRef": lambda node, _look: ref(node.repository, node.it.base_ref),
    "headRefName": lambda node, _look: node.it.head_ref,
    "headRefOid": lambda node, _look: node.it.head_sha,
    "headRef": lambda node, _look: ref(node.it.head_repository, node.it.head_ref),
    "headRepository": lambda node, _look: repository(node.it.head_repository),
    "headRepositoryOwner": lambda node, _look: account(node.it.head_repository.owner),
    "baseRepository": lambda node, _look: repository(node.repository),
    "repository": lambda node, _look: repository(node.repository),
    "changedFiles": lambda node, _look: len(difference.files(node.it)),
    "additions": lambda node, _look: sum(file.additions for file in difference.files(node.it)),
    "deletions": lambda node, _look: sum(file.deletions for file in difference.files(node.it)),
    "potentialMergeCommit": lambda node, _look: commit(node.repository, difference.trial_merge(node.it)),
    "mergeCommit": lambda node, _look: commit(node.repository, node.it.merge_sha),
    "labels": _labels,
    "commits": _commits,
    "reviews": _reviews,
    "latestOpinionatedReviews": _latest_reviews,
    "comments": _comments,
    "timelineItems": _timeline,
    "files": _files,
    "reviewRequests": _requests,
    "userContentEdits": _edits,
    "assignees": lambda _node, _look, **page: connection([], field="assignees", **page),
    **constant(maintainerCanModify=False, mergeQueueEntry=None, isInMergeQueue=False, autoMergeRequest=None),
}
PULL_COMMIT: Table = {
    "id": lambda node, _look: f"PRC_{node.pull.id}_{node.it.sha}",
    "commit": lambda node, _look: Node(kind="Commit", it=node.it, repository=node.repository, pull=node.pull),
    "pullRequest": lambda node, _look: pull(node.pull),
}


def _written(kind: str) -> Table:
    """The fields reviews and comments share."""
    return {
        **plain("body"),
        "id": lambda node, _look: node_id(kind, node.it.id),
        "databaseId": lambda node, _look: node.it.id,
        "fullDatabaseId": lambda node, _look: str(node.it.id),
        "author": lambda node, _look: account(node.it.author),
        "editor": lambda node, _look: account(node.it.editor),
        "lastEditedAt": lambda node, _look: maybe_timestamp(node.it.edited_at),
        "includesCreatedEdit": lambda node, _look: node.it.edited_at is not None,
        "authorAssociation": lambda node, look: look.world.association(node.repository, node.it.author),
        "pullRequest": lambda node, _look: pull(node.pull),
    }


REVIEW: Table = {
    **_written("PRR"),
    **plain("state"),
    "submittedAt": lambda node, _look: timestamp(node.it.submitted_at),
    "createdAt": lambda node, _look: timestamp(node.it.submitted_at),
    "authorCanPushToRepository": lambda node, look: look.world.can(node.repository, node.it.author, "write"),
    "commit": lambda node, _look: commit(node.repository, node.it.commit_sha),
    "onBehalfOf": lambda _node, _look, **page: connection([], field="onBehalfOf", **page),
}
COMMENT: Table = {
    **_written("IC"),
    "createdAt": lambda node, _look: timestamp(node.it.created_at),
    "updatedAt": lambda node, _look: timestamp(node.it.updated_at),
    "isMinimized": lambda node, _look: node.it.minimized,
    "url": lambda node, look: f"{page_url(look.world, node.pull)}#issuecomment-{node.it.id}",
    "viewerDidAuthor": lambda node, look: node.it.author is look.caller.account,
    "reactionGroups": lambda node, _look: [
        Node(kind="ReactionGroup", it=(name, [one for one in node.it.reactions if one.content == content]))
        for content, name in _REACTIONS.items()
    ],
}
REACTION_GROUP: Table = {
    "content": lambda node, _look: node.it[0],
    "viewerHasReacted": lambda node, look: any(one.author is look.caller.account for one in node.it[1]),
}
EDIT: Table = {
    "editedAt": lambda node, _look: timestamp(node.it.at),
    "editor": lambda node, _look: account(node.it.editor),
    "diff": lambda node, _look: node.it.text,
    "deletedAt": lambda node, _look: maybe_timestamp(node.it.deleted_at),
}


def _requested(node: Node, _look: Look) -> Node | None:
    return Node(kind="Team", it=node.it) if isinstance(node.it, Team) else account(node.it)


REVIEW_REQUEST: Table = {"requestedReviewer": _requested, **constant(asCodeOwner=False)}
CHANGED_FILE: Table = {
    **plain("path", "additions", "deletions"),
    "changeType": lambda node, _look: _CHANGE_TYPES.get(node.it.status, node.it.status.upper()),
}
LABEL: Table = {**plain("name", "color", "description"), "id": lambda node, _look: node_id("LA", node.it.id)}


def event_field(node: Node, field: str) -> Any:
    """A timeline event's own fact, as the record its GraphQL type promises."""
    value = node.it.facts[field]
    if isinstance(value, Account):
        return account(value)
    if isinstance(value, Team):
        return Node(kind="Team", it=value)
    if isinstance(value, Review):
        return _review(node.pull, value)
    if field in {"beforeCommit", "afterCommit", "commit"}:
        return commit(node.repository, value)
    return Node(kind="Label", it=value) if field == "label" else value


EVENT: Table = {
    "id": lambda node, _look: f"EV_{node.pull.id}_{node.pull.timeline.index(node.it)}",
    "actor": lambda node, _look: account(node.it.actor),
    "createdAt": lambda node, _look: timestamp(node.it.created_at),
    "pullRequest": lambda node, _look: pull(node.pull),
}
