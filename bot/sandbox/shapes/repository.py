"""JSON of repositories, commits, trees, files and refs."""

from __future__ import annotations

import base64

from bot.sandbox.git import Commit, Entry, FileDiff, Signature
from bot.sandbox.objects import Account, Activity, Json, Repository
from bot.sandbox.shapes.people import timestamp, user
from bot.sandbox.world import World, node_id

# Links of a repository: name → what follows its address, in GitHub's URI template syntax.
_LINKS = {
    "archive": "/{archive_format}{/ref}",
    "assignees": "/assignees{/user}",
    "blobs": "/git/blobs{/sha}",
    "branches": "/branches{/branch}",
    "collaborators": "/collaborators{/collaborator}",
    "comments": "/comments{/number}",
    "commits": "/commits{/sha}",
    "compare": "/compare/{base}...{head}",
    "contents": "/contents/{+path}",
    "contributors": "/contributors",
    "deployments": "/deployments",
    "downloads": "/downloads",
    "events": "/events",
    "forks": "/forks",
    "git_commits": "/git/commits{/sha}",
    "git_refs": "/git/refs{/sha}",
    "git_tags": "/git/tags{/sha}",
    "hooks": "/hooks",
    "issue_comment": "/issues/comments{/number}",
    "issue_events": "/issues/events{/number}",
    "issues": "/issues{/number}",
    "keys": "/keys{/key_id}",
    "labels": "/labels{/name}",
    "languages": "/languages",
    "merges": "/merges",
    "milestones": "/milestones{/number}",
    "notifications": "/notifications{?since,all,participating}",
    "pulls": "/pulls{/number}",
    "releases": "/releases{/id}",
    "stargazers": "/stargazers",
    "statuses": "/statuses/{sha}",
    "subscribers": "/subscribers",
    "subscription": "/subscription",
    "tags": "/tags",
    "teams": "/teams",
    "trees": "/git/trees{/sha}",
}


def repository_url(world: World, one: Repository) -> str:
    return f"{world.api_url}/repos/{one.full_name}"


def repository(world: World, one: Repository) -> Json:
    url, page = repository_url(world, one), f"{world.url}/{one.full_name}"
    counts = ("forks", "forks_count", "stargazers_count", "watchers", "watchers_count")
    open_pulls = sum(pull.state == "open" for pull in one.pulls.values())
    return {
        "id": one.id,
        "node_id": node_id("R", one.id),
        "name": one.name,
        "full_name": one.full_name,
        "owner": user(world, one.owner),
        "private": one.private,
        "visibility": "private" if one.private else "public",
        "html_url": page,
        "description": None,
        "fork": one.parent is not None,
        "url": url,
        **{f"{name}_url": url + tail for name, tail in _LINKS.items()},
        "git_url": f"git://{page.partition('://')[2]}.git",
        "ssh_url": f"git@sandbox:{one.full_name}.git",
        "clone_url": f"{page}.git",
        "svn_url": page,
        "mirror_url": None,
        "homepage": None,
        "language": None,
        "license": None,
        **dict.fromkeys(counts, 0),
        "open_issues": open_pulls,
        "open_issues_count": open_pulls,
        "size": 1,
        "default_branch": one.default_branch,
        **{f"has_{part}": True for part in ("issues", "projects", "wiki", "downloads", "discussions")},
        "has_pages": False,
        "is_template": False,
        "topics": [],
        "archived": one.archived,
        "disabled": False,
        "allow_forking": True,
        "web_commit_signoff_required": False,
        "pushed_at": timestamp(one.pushed_at or one.created_at),
        "created_at": timestamp(one.created_at),
        "updated_at": timestamp(one.pushed_at or one.created_at),
    }


def full_repository(world: World, one: Repository) -> Json:
    owner = {"organization": user(world, one.owner)} if one.owner.kind == "Organization" else {}
    return repository(world, one) | {"subscribers_count": 0, "network_count": 0} | owner


def git_user(signature: Signature) -> Json:
    return {"name": signature.name, "email": signature.email, "date": timestamp(signature.time)}


def verification() -> Json:
    return {"verified": False, "reason": "unsigned", "signature": None, "payload": None, "verified_at": None}


def account_of(world: World, signature: Signature) -> Account | None:
    """The account GitHub links to a commit by its e-mail address."""
    return world.account_by_email(signature.email)


def commit(world: World, one: Repository, git: Commit) -> Json:
    url, page = repository_url(world, one), f"{world.url}/{one.full_name}"
    author, committer = account_of(world, git.author), account_of(world, git.committer)
    return {
        "sha": git.sha,
        "node_id": f"C_{git.sha}",
        "url": f"{url}/commits/{git.sha}",
        "html_url": f"{page}/commit/{git.sha}",
        "comments_url": f"{url}/commits/{git.sha}/comments",
        "commit": {
            "url": f"{url}/git/commits/{git.sha}",
            "author": git_user(git.author),
            "committer": git_user(git.committer),
            "message": git.message,
            "comment_count": 0,
            "tree": {"sha": git.tree, "url": f"{url}/git/trees/{git.tree}"},
            "verification": verification(),
        },
        "author": user(world, author) if author else None,
        "committer": user(world, committer) if committer else None,
        "parents": [
            {"sha": sha, "url": f"{url}/commits/{sha}", "html_url": f"{page}/commit/{sha}"} for sha in git.parents
        ],
    }


def full_commit(world: World, one: Repository, git: Commit, files: tuple[FileDiff, ...]) -> Json:
    added, deleted = sum(file.additions for file in files), sum(file.deletions for file in files)
    return commit(world, one, git) | {
        "stats": {"total": added + deleted, "additions": added, "deletions": deleted},
        "files": [changed_file(world, one, git.sha, file) for file in files[:300]],
    }


def git_commit(world: World, one: Repository, git: Commit) -> Json:
    full = commit(world, one, git)
    inner = full["commit"]
    return {
        "sha": git.sha,
        "node_id": full["node_id"],
        "url": inner["url"],
        "html_url": full["html_url"],
        **{key: inner[key] for key in ("author", "committer", "message", "tree", "verification")},
        "parents": full["parents"],
    }


def simple_commit(git: Commit) -> Json:
    return {
        "id": git.sha,
        "tree_id": git.tree,
        "message": git.message,
        "timestamp": timestamp(git.committer.time),
        "author": {"name": git.author.name, "email": git.author.email},
        "committer": {"name": git.committer.name, "email": git.committer.email},
    }


def changed_file(world: World, one: Repository, head_sha: str, file: FileDiff) -> Json:
    """A diff entry; `patch` is absent where git shows no text hunks, as GitHub leaves it out."""
    page = f"{world.url}/{one.full_name}"
    return (
        {
            "sha": file.sha,
            "filename": file.path,
            "status": file.status,
            "additions": file.additions,
            "deletions": file.deletions,
            "changes": file.additions + file.deletions,
            "blob_url": f"{page}/blob/{head_sha}/{file.path}",
            "raw_url": f"{page}/raw/{head_sha}/{file.path}",
            "contents_url": f"{repository_url(world, one)}/contents/{file.path}?ref={head_sha}",
        }
        | ({"previous_filename": file.old_path} if file.old_path != file.path else {})
        | ({"patch": file.patch} if file.patch is not None else {})
    )


def tree_entry(world: World, one: Repository, entry: Entry) -> Json:
    kind = {"blob": "blobs", "tree": "trees", "commit": "commits"}[entry.kind]
    size = {"size": entry.size} if entry.size is not None else {}
    url = {} if entry.kind == "commit" else {"url": f"{repository_url(world, one)}/git/{kind}/{entry.sha}"}
    return {"path": entry.path, "mode": entry.mode, "type": entry.kind, "sha": entry.sha} | size | url


def contents(world: World, one: Repository, ref: str, entry: Entry) -> Json:
    """What the contents endpoint says of one entry, without a file's content."""
    url, page = repository_url(world, one), f"{world.url}/{one.full_name}"
    kind = {"blob": "file", "tree": "dir", "commit": "submodule"}[entry.kind]
    here = f"{url}/contents/{entry.path}?ref={ref}"
    git = f"{url}/git/{'trees' if kind == 'dir' else 'blobs'}/{entry.sha}"
    html = f"{page}/{'tree' if kind == 'dir' else 'blob'}/{ref}/{entry.path}"
    return {
        "type": "symlink" if entry.mode == "120000" else kind,
        "name": entry.path.rpartition("/")[2],
        "path": entry.path,
        "sha": entry.sha,
        "size": entry.size or 0,
        "url": here,
        "git_url": git,
        "html_url": html,
        "download_url": None if kind != "file" else f"{page}/raw/{ref}/{entry.path}",
        "_links": {"self": here, "git": git, "html": html},
    }


def base64_lines(content: bytes) -> str:
    """Base64 in lines of 60 characters, as GitHub sends it."""
    text = base64.b64encode(content).decode()
    return "".join(text[start : start + 60] + "\n" for start in range(0, len(text), 60))


def ref(world: World, one: Repository, name: str, sha: str) -> Json:
    url = repository_url(world, one)
    return {
        "ref": name,
        "node_id": f"REF_{name}",
        "url": f"{url}/git/{name}",
        "object": {"type": "commit", "sha": sha, "url": f"{url}/git/commits/{sha}"},
    }


def activity(world: World, move: Activity) -> Json:
    return {
        "id": move.id,
        "node_id": node_id("PSH", move.id),
        "before": move.before,
        "after": move.after,
        "ref": move.ref,
        "timestamp": timestamp(move.created_at),
        "activity_type": move.kind,
        "actor": user(world, move.actor),
    }
