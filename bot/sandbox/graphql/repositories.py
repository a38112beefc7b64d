"""Resolvers of repositories, commits, trees, refs and checks."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from bot.sandbox import difference, rules
from bot.sandbox.git import Commit, Signature
from bot.sandbox.graphql.node import (
    Look,
    Node,
    Table,
    commit,
    connection,
    constant,
    plain,
    pull,
    ref,
    repository,
    user_only,
)
from bot.sandbox.graphql.node import account as account_node
from bot.sandbox.objects import CheckRun, CheckSuite
from bot.sandbox.shapes.people import maybe_timestamp, timestamp
from bot.sandbox.world import node_id

_CO_AUTHOR = re.compile(r"^co-authored-by: ([^<\n]{1,200}) <([^>\n]{1,200})>$", re.IGNORECASE | re.MULTILINE)
_LARGEST_TEXT = 512_000


def _object(node: Node, _look: Look, *, expression: str | None = None, oid: str | None = None) -> Node | None:
    """A commit, tree or blob by `revision:path`, revision or object id."""
    where = node.repository
    revision, colon, path = (expression or oid or "").partition(":")
    sha = where.git.resolve(revision)
    if sha is None:
        content = where.git.blob(revision)
        return None if content is None else Node(kind="Blob", it=(revision, content), repository=where)
    if not colon:
        return commit(where, sha)
    entry = where.git.entry(sha, path) if path else None
    if entry is None:
        return Node(kind="Tree", it=where.git.commit(sha).tree, repository=where) if not path else None
    return _target(where, entry)


def _target(where: Any, entry: Any) -> Node | None:
    if entry.kind == "tree":
        return Node(kind="Tree", it=entry.sha, repository=where)
    content = where.git.blob(entry.sha)
    return None if content is None else Node(kind="Blob", it=(entry.sha, content), repository=where)


def _pull_requests(node: Node, _look: Look, **arguments: Any) -> Node:
    states, base = arguments.pop("states", None), arguments.pop("baseRefName", None)
    head, order = arguments.pop("headRefName", None), arguments.pop("orderBy", None)
    pulls = [
        one
        for one in node.it.pulls.values()
        if (not states or ("MERGED" if one.merged else one.state.upper()) in states)
        and base in {None, one.base_ref}
        and head in {None, one.head_ref}
    ]
    if order and order["direction"] == "DESC":
        pulls.reverse()
    return connection([pull(one) for one in pulls], field="pullRequests", **arguments)


def _refs(node: Node, _look: Look, *, refPrefix: str, **arguments: Any) -> Node:  # noqa: N803 - GitHub's name
    arguments = {name: value for name, value in arguments.items() if name in {"first", "last", "after", "before"}}
    found = node.it.git.refs(refPrefix)
    return connection([Node(kind="Ref", it=pair, repository=node.it) for pair in found], field="refs", **arguments)


def _ref(node: Node, _look: Look, *, qualifiedName: str) -> Node | None:  # noqa: N803 - GitHub's name
    name = qualifiedName if qualifiedName.startswith("refs/") else f"refs/heads/{qualifiedName}"
    sha = node.it.git.ref(name)
    return None if sha is None else Node(kind="Ref", it=(name, sha), repository=node.it)


def _collaborators(node: Node, look: Look, **arguments: Any) -> Node:
    query = arguments.pop("query", None) or ""
    arguments.pop("affiliation", None)
    people = [
        Node(kind="User", it=one, pull=look.world.role(node.it, one).upper())
        for one in look.world.collaborators(node.it)
        if query.lower() in one.login.lower()
    ]
    return connection(people, field="collaborators", **arguments)


def _merge_queue(node: Node, _look: Look, *, branch: str | None = None) -> Node | None:
    """A branch without a waiting pull request is told as one without a queue."""
    found = [entry for entry in node.it.queue if entry.pull.base_ref == (branch or node.it.default_branch)]
    return Node(kind="MergeQueue", it=found, repository=node.it) if found else None


def _queue_entries(node: Node, _look: Look, **arguments: Any) -> Node:
    found = [
        Node(kind="MergeQueueEntry", it=(place, entry), repository=node.repository)
        for place, entry in enumerate(node.it, start=1)
    ]
    return connection(found, field="entries", **arguments)


MERGE_QUEUE: Table = {"entries": _queue_entries}
MERGE_QUEUE_ENTRY: Table = {
    "id": lambda node, _look: node_id("MQE", node.it[1].id),
    "position": lambda node, _look: node.it[0],
    "state": lambda _node, _look: "AWAITING_CHECKS",
    "baseCommit": lambda node, _look: commit(node.repository, node.it[1].base_sha),
    "headCommit": lambda node, _look: commit(node.repository, node.it[1].head_sha),
    "pullRequest": lambda node, _look: pull(node.it[1].pull),
}

REPOSITORY: Table = {
    **plain("name"),
    "isArchived": lambda node, _look: node.it.archived,
    "id": lambda node, _look: node_id("R", node.it.id),
    "databaseId": lambda node, _look: node.it.id,
    "nameWithOwner": lambda node, _look: node.it.full_name,
    "owner": lambda node, _look: account_node(node.it.owner),
    "isPrivate": lambda node, _look: node.it.private,
    "isFork": lambda node, _look: node.it.parent is not None,
    "visibility": lambda node, _look: "PRIVATE" if node.it.private else "PUBLIC",
    "url": lambda node, look: f"{look.world.url}/{node.it.full_name}",
    "defaultBranchRef": lambda node, _look: ref(node.it, node.it.default_branch),
    "pullRequest": lambda node, _look, number: pull(node.it.pulls[number]) if number in node.it.pulls else None,
    "pullRequests": _pull_requests,
    "object": _object,
    "ref": _ref,
    "refs": _refs,
    "collaborators": _collaborators,
    "mergeQueue": _merge_queue,
}

REF: Table = {
    "id": lambda node, _look: f"REF_{node.repository.id}_{node.it[0]}",
    "name": lambda node, _look: node.it[0].split("/", 2)[2],
    "prefix": lambda node, _look: "/".join(node.it[0].split("/", 2)[:2]) + "/",
    "target": lambda node, _look: commit(node.repository, node.it[1]),
    "repository": lambda node, _look: repository(node.repository),
}


def _person(node: Node, signature: Signature) -> Node:
    return Node(kind="GitActor", it=signature, repository=node.repository)


def authors(one: Commit) -> Iterator[Signature]:
    """The author, then whoever the Co-authored-by trailers name."""
    yield one.author
    for name, email in _CO_AUTHOR.findall(one.message):
        yield Signature(name=name, email=email, time=one.author.time)


def _file(node: Node, _look: Look, *, path: str) -> Node | None:
    entry = node.repository.git.entry(node.it.sha, path)
    return None if entry is None else Node(kind="TreeEntry", it=entry, repository=node.repository)


def _suites(node: Node, _look: Look, **arguments: Any) -> Node:
    wanted = arguments.pop("filterBy", None) or {}
    suites = [
        Node(kind="CheckSuite", it=one, repository=node.repository, pull=node.pull)
        for one in node.repository.suites
        if one.head_sha == node.it.sha
        and wanted.get("appId") in {None, one.app.id}
        and wanted.get("checkName") in {None, *_names(node, one)}
    ]
    return connection(suites, field="checkSuites", **arguments)


def _names(node: Node, suite: CheckSuite) -> set[str]:
    return {run.name for run in node.repository.runs if run.suite is suite}


def _runs(node: Node, _look: Look, **arguments: Any) -> Node:
    wanted = arguments.pop("filterBy", None) or {}
    latest = rules.latest_runs(node.repository, node.it.head_sha)
    pool: list[CheckRun] = node.repository.runs if wanted.get("checkType") == "ALL" else latest
    runs = [
        Node(kind="CheckRun", it=run, repository=node.repository)
        for run in pool
        if run.suite is node.it
        and wanted.get("checkName") in {None, run.name}
        and wanted.get("appId") in {None, run.app.id}
        and run.status.upper() in {wanted.get("status") or run.status.upper(), *(wanted.get("statuses") or ())}
    ]
    return connection(runs, field="checkRuns", **arguments)


def _rollup(node: Node, _look: Look) -> Node | None:
    runs = rules.latest_runs(node.repository, node.it.sha)
    return Node(kind="StatusCheckRollup", it=runs, repository=node.repository) if runs else None


def _rollup_state(node: Node, _look: Look) -> str:
    if any(run.status != "completed" for run in node.it):
        return "PENDING"
    return "SUCCESS" if all(run.conclusion in {"success", "neutral", "skipped"} for run in node.it) else "FAILURE"


def _associated(node: Node, _look: Look, **arguments: Any) -> Node:
    arguments.pop("orderBy", None)
    found = difference.pulls_with(node.repository, node.it.sha)
    return connection([pull(one) for one in found], field="associatedPullRequests", **arguments)


def _history(node: Node, _look: Look, **arguments: Any) -> Node:
    page = {name: value for name, value in arguments.items() if name in {"first", "last", "after", "before"}}
    found = reversed(node.repository.git.history(node.it.sha))
    return connection(
        [Node(kind="Commit", it=one, repository=node.repository) for one in found], field="history", **page
    )


def _status(node: Node, _look: Look) -> Node | None:
    found = rules.latest_statuses(node.repository, node.it.sha)
    return Node(kind="Status", it=found, repository=node.repository) if found else None


def _context(node: Node, _look: Look, *, name: str) -> Node | None:
    named = (one for one in node.it if one.context.lower() == name.lower())
    return next((Node(kind="StatusContext", it=one) for one in named), None)


STATUS: Table = {
    "context": _context,
    "contexts": lambda node, _look: [Node(kind="StatusContext", it=one) for one in node.it],
}
STATUS_CONTEXT: Table = {
    **plain("context", "description", "targetUrl"),
    "id": lambda node, _look: node_id("SC", node.it.id),
    "state": lambda node, _look: node.it.state.upper(),
    "creator": lambda node, _look: account_node(node.it.creator),
    "createdAt": lambda node, _look: timestamp(node.it.created_at),
}

COMMIT: Table = {
    **plain("message"),
    "id": lambda node, _look: f"C_{node.it.sha}",
    "oid": lambda node, _look: node.it.sha,
    "abbreviatedOid": lambda node, _look: node.it.sha[:7],
    "messageHeadline": lambda node, _look: node.it.message.split("\n", 1)[0],
    "messageBody": lambda node, _look: node.it.message.partition("\n\n")[2],
    "committedDate": lambda node, _look: timestamp(node.it.committer.time),
    "authoredDate": lambda node, _look: timestamp(node.it.author.time),
    "authoredByCommitter": lambda node, _look: node.it.author.email == node.it.committer.email,
    "author": lambda node, _look: _person(node, node.it.author),
    "committer": lambda node, _look: _person(node, node.it.committer),
    "authors": lambda node, _look, **page: connection(
        [_person(node, one) for one in authors(node.it)], field="authors", **page
    ),
    "parents": lambda node, _look, **page: connection(
        [one for sha in node.it.parents if (one := commit(node.repository, sha))], field="parents", **page
    ),
    "tree": lambda node, _look: Node(kind="Tree", it=node.it.tree, repository=node.repository),
    "repository": lambda node, _look: repository(node.repository),
    "url": lambda node, look: f"{look.world.url}/{node.repository.full_name}/commit/{node.it.sha}",
    "file": _file,
    "checkSuites": _suites,
    "statusCheckRollup": _rollup,
    "status": _status,
    "associatedPullRequests": _associated,
    "history": _history,
    **constant(committedViaWeb=False, signature=None),
}
GIT_ACTOR: Table = {
    **plain("name", "email"),
    "date": lambda node, _look: timestamp(node.it.time),
    "user": lambda node, look: user_only(look.world.account_by_email(node.it.email)),
}
TREE_ENTRY: Table = {
    **plain("path", "size"),
    "mode": lambda node, _look: int(node.it.mode, 8),
    "name": lambda node, _look: node.it.path.rpartition("/")[2],
    "oid": lambda node, _look: node.it.sha,
    "type": lambda node, _look: node.it.kind,
    "object": lambda node, _look: _target(node.repository, node.it),
}
TREE: Table = {
    "id": lambda node, _look: f"T_{node.it}",
    "oid": lambda node, _look: node.it,
    "entries": lambda node, _look: [
        Node(kind="TreeEntry", it=one, repository=node.repository) for one in node.repository.git.tree(node.it) or ()
    ],
}


def _text(node: Node, _look: Look) -> str | None:
    """UTF-8 text of a blob, cut as GitHub cuts it; null when binary."""
    content: bytes = node.it[1]
    return None if _binary(content) else content[:_LARGEST_TEXT].decode(errors="replace")


def _binary(content: bytes) -> bool:
    return b"\x00" in content[:8000]


BLOB: Table = {
    "id": lambda node, _look: f"B_{node.it[0]}",
    "oid": lambda node, _look: node.it[0],
    "byteSize": lambda node, _look: len(node.it[1]),
    "isBinary": lambda node, _look: _binary(node.it[1]),
    "isTruncated": lambda node, _look: len(node.it[1]) > _LARGEST_TEXT,
    "text": _text,
}
CHECK_SUITE: Table = {
    "id": lambda node, _look: node_id("CS", node.it.id),
    "databaseId": lambda node, _look: node.it.id,
    "app": lambda node, _look: Node(kind="App", it=node.it.app),
    "commit": lambda node, _look: commit(node.repository, node.it.head_sha),
    "checkRuns": _runs,
}


def _is_required(node: Node, _look: Look, **arguments: Any) -> bool:
    number = arguments.get("pullRequestNumber")
    one = node.repository.pulls.get(number)
    return one is not None and rules.is_required(one, node.it)


CHECK_RUN: Table = {
    **plain("name", "externalId", "detailsUrl", "title", "summary", "text"),
    "id": lambda node, _look: node_id("CR", node.it.id),
    "databaseId": lambda node, _look: node.it.id,
    "status": lambda node, _look: node.it.status.upper(),
    "conclusion": lambda node, _look: node.it.conclusion and node.it.conclusion.upper(),
    "startedAt": lambda node, _look: maybe_timestamp(node.it.started_at),
    "completedAt": lambda node, _look: maybe_timestamp(node.it.completed_at),
    "isRequired": _is_required,
    "checkSuite": lambda node, _look: Node(kind="CheckSuite", it=node.it.suite, repository=node.repository),
}


ROLLUP: Table = {"state": _rollup_state}
APP: Table = {
    **plain("name", "slug"),
    "databaseId": lambda node, _look: node.it.id,
    "id": lambda node, _look: node_id("A", node.it.id),
}
