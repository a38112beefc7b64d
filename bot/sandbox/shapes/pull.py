"""JSON of pull requests and what hangs on them: reviews, comments, reactions, labels."""

from __future__ import annotations

from bot.sandbox import difference
from bot.sandbox.objects import Account, Comment, Json, Label, PullRequest, Reaction, Repository, Review
from bot.sandbox.shapes.people import app, maybe_timestamp, team, timestamp, user
from bot.sandbox.shapes.repository import repository, repository_url
from bot.sandbox.world import World, node_id

_CONTENTS = ("+1", "-1", "laugh", "hooray", "confused", "heart", "rocket", "eyes")


def label(world: World, one: Repository, it: Label) -> Json:
    return {
        "id": it.id,
        "node_id": node_id("LA", it.id),
        "url": f"{repository_url(world, one)}/labels/{it.name}",
        "name": it.name,
        "color": it.color,
        "default": False,
        "description": it.description,
    }


def _side(world: World, one: Repository, ref: str, sha: str) -> Json:
    return {
        "label": f"{one.owner.login}:{ref}",
        "ref": ref,
        "sha": sha,
        "user": user(world, one.owner),
        "repo": repository(world, one),
    }


def _links(world: World, pull: PullRequest) -> Json:
    url = f"{repository_url(world, pull.repository)}/pulls/{pull.number}"
    issue = f"{repository_url(world, pull.repository)}/issues/{pull.number}"
    return {
        "self": url,
        "html": page_url(world, pull),
        "issue": issue,
        "comments": f"{issue}/comments",
        "review_comments": f"{url}/comments",
        "review_comment": f"{repository_url(world, pull.repository)}/pulls/comments{{/number}}",
        "commits": f"{url}/commits",
        "statuses": f"{repository_url(world, pull.repository)}/statuses/{pull.head_sha}",
    }


def page_url(world: World, pull: PullRequest) -> str:
    return f"{world.url}/{pull.repository.full_name}/pull/{pull.number}"


def simple_pull(world: World, pull: PullRequest) -> Json:
    links = _links(world, pull)
    page = links["html"]
    return {
        "url": links["self"],
        "id": pull.id,
        "node_id": node_id("PR", pull.id),
        "html_url": page,
        "diff_url": f"{page}.diff",
        "patch_url": f"{page}.patch",
        **{
            f"{name}_url": links[name]
            for name in ("issue", "commits", "comments", "review_comments", "review_comment", "statuses")
        },
        "number": pull.number,
        "state": pull.state,
        "locked": False,
        "active_lock_reason": None,
        "title": pull.title,
        "user": user(world, pull.author),
        "body": pull.body or None,
        "labels": [label(world, pull.repository, one) for one in pull.labels],
        "milestone": None,
        "created_at": timestamp(pull.created_at),
        "updated_at": timestamp(pull.updated_at),
        "closed_at": maybe_timestamp(pull.closed_at),
        "merged_at": maybe_timestamp(pull.merged_at),
        "merge_commit_sha": pull.merge_sha,
        "assignee": None,
        "assignees": [],
        "requested_reviewers": [user(world, one) for one in pull.requested_reviewers],
        "requested_teams": [team(world, one) for one in pull.requested_teams],
        "draft": pull.draft,
        "head": _side(world, pull.head_repository, pull.head_ref, pull.head_sha),
        "base": _side(world, pull.repository, pull.base_ref, pull.base_sha),
        "_links": {name: {"href": target} for name, target in links.items()},
        "author_association": world.association(pull.repository, pull.author),
        "auto_merge": None,
    }


def full_pull(world: World, pull: PullRequest) -> Json:
    files, commits = difference.files(pull), difference.commits(pull)
    mergeable = None if pull.merged else not difference.conflicts(pull)
    return simple_pull(world, pull) | {
        "merged": pull.merged,
        "mergeable": mergeable,
        "rebaseable": mergeable,
        "mergeable_state": difference.state(world, pull).lower(),
        "merged_by": user(world, pull.merged_by) if pull.merged_by else None,
        "comments": len(pull.comments),
        "review_comments": 0,
        "maintainer_can_modify": False,
        "commits": len(commits),
        "additions": sum(file.additions for file in files),
        "deletions": sum(file.deletions for file in files),
        "changed_files": len(files),
    }


def review(world: World, pull: PullRequest, one: Review, *, lower: bool = False) -> Json:
    """One review; webhooks spell the state in lower case, the API in capitals."""
    page = f"{page_url(world, pull)}#pullrequestreview-{one.id}"
    api = f"{repository_url(world, pull.repository)}/pulls/{pull.number}"
    return {
        "id": one.id,
        "node_id": node_id("PRR", one.id),
        "user": user(world, one.author),
        "body": one.body,
        "state": one.state.lower() if lower else one.state,
        "html_url": page,
        "pull_request_url": api,
        "_links": {"html": {"href": page}, "pull_request": {"href": api}},
        "submitted_at": timestamp(one.submitted_at),
        "commit_id": one.commit_sha,
        "author_association": world.association(pull.repository, one.author),
    }


def reactions(url: str, found: list[Reaction]) -> Json:
    counts = {content: sum(one.content == content for one in found) for content in _CONTENTS}
    return {"url": f"{url}/reactions", "total_count": len(found), **counts}


def comment(world: World, pull: PullRequest, one: Comment) -> Json:
    api = repository_url(world, pull.repository)
    return {
        "id": one.id,
        "node_id": node_id("IC", one.id),
        "url": f"{api}/issues/comments/{one.id}",
        "html_url": f"{page_url(world, pull)}#issuecomment-{one.id}",
        "issue_url": f"{api}/issues/{pull.number}",
        "user": user(world, one.author),
        "body": one.body,
        "created_at": timestamp(one.created_at),
        "updated_at": timestamp(one.updated_at),
        "author_association": world.association(pull.repository, one.author),
        "performed_via_github_app": app(world, one.app) if one.app else None,
        "reactions": reactions(f"{api}/issues/comments/{one.id}", one.reactions),
    }


def reaction(world: World, one: Reaction) -> Json:
    return {
        "id": one.id,
        "node_id": node_id("REA", one.id),
        "user": user(world, one.author),
        "content": one.content,
        "created_at": timestamp(one.created_at),
    }


def issue(world: World, pull: PullRequest) -> Json:
    """The pull request as the issue that GitHub keeps for it."""
    url = f"{repository_url(world, pull.repository)}/issues/{pull.number}"
    page = page_url(world, pull)
    return {
        "url": url,
        "repository_url": repository_url(world, pull.repository),
        "labels_url": f"{url}/labels{{/name}}",
        "comments_url": f"{url}/comments",
        "events_url": f"{url}/events",
        "timeline_url": f"{url}/timeline",
        "html_url": page,
        "id": pull.id + 1,
        "node_id": node_id("I", pull.id + 1),
        "number": pull.number,
        "title": pull.title,
        "user": user(world, pull.author),
        "labels": [label(world, pull.repository, one) for one in pull.labels],
        "state": pull.state,
        "locked": False,
        "active_lock_reason": None,
        "assignee": None,
        "assignees": [],
        "milestone": None,
        "comments": len(pull.comments),
        "created_at": timestamp(pull.created_at),
        "updated_at": timestamp(pull.updated_at),
        "closed_at": maybe_timestamp(pull.closed_at),
        "author_association": world.association(pull.repository, pull.author),
        "body": pull.body or None,
        "draft": pull.draft,
        "performed_via_github_app": None,
        "reactions": reactions(url, []),
        "pull_request": {
            "url": f"{repository_url(world, pull.repository)}/pulls/{pull.number}",
            "html_url": page,
            "diff_url": f"{page}.diff",
            "patch_url": f"{page}.patch",
            "merged_at": maybe_timestamp(pull.merged_at),
        },
    }


def permissions(role: str) -> Json:
    """The five booleans GitHub shows beside a role."""
    order = ("read", "triage", "write", "maintain", "admin")
    names = ("pull", "triage", "push", "maintain", "admin")
    reached = order.index(role) if role in order else -1
    return {name: place <= reached for place, name in enumerate(names)}


def collaborator(world: World, account: Account, role: str) -> Json:
    return user(world, account) | {"role_name": role, "permissions": permissions(role)}
