"""Repositories and their git data: commits, comparisons, trees, blobs, files, refs."""

from __future__ import annotations

from bot.sandbox import difference, rules
from bot.sandbox.auth import visible
from bot.sandbox.git import EMPTY_TREE
from bot.sandbox.objects import Json, Refusal
from bot.sandbox.rest.call import Answer, Call, routes
from bot.sandbox.shapes import pull, repository
from bot.sandbox.world import found

MOST_FILES = 300
MOST_TREE_ENTRIES = 100_000
LARGEST_FILE = 1 << 20


def get_repository(call: Call) -> Answer:
    return Answer(body=repository.full_repository(call.world, call.repository))


def get_repository_by_id(call: Call) -> Answer:
    """The address that stays when a repository is renamed."""
    number = call.number("repository_id")
    one = found(next((one for one in call.world.repositories.values() if one.id == number), None))
    if not visible(call.world, call.caller, one):
        raise Refusal(404, "Not Found")
    return Answer(body=repository.full_repository(call.world, one))


def list_activities(call: Call) -> Answer:
    """Moves of branches, newest first."""
    one, ref = call.repository, call.query.get("ref")
    chosen = [
        move
        for move in reversed(one.activities)
        if ref in {None, move.ref, move.ref.removeprefix("refs/heads/")}
        and call.query.get("activity_type") in {None, move.kind}
        and call.query.get("actor") in {None, move.actor.login}
    ]
    return call.page(chosen, lambda move: repository.activity(call.world, move), by="after")


def list_branches(call: Call) -> Answer:
    one = call.repository
    url = repository.repository_url(call.world, one)

    def shape(ref: tuple[str, str]) -> Json:
        name, commit = ref[0].removeprefix("refs/heads/"), {"sha": ref[1], "url": f"{url}/commits/{ref[1]}"}
        return {"name": name, "commit": commit, "protected": bool(rules.guarding(one, name))}

    return call.page(one.git.refs("refs/heads/"), shape)


def get_commit(call: Call) -> Answer:
    one, sha = call.repository, call.commit("ref")
    commit = one.git.commit(sha)
    if "diff" in call.accept:
        return Answer(body=one.git.patch_text(commit.parents[0] if commit.parents else EMPTY_TREE, sha))
    return Answer(body=repository.full_commit(call.world, one, commit, difference.own_files(one, commit)))


def list_commits(call: Call) -> Answer:
    one = call.repository
    tip = found(one.git.resolve(call.query.get("sha", one.default_branch)))
    return call.page(reversed(one.git.history(tip)), lambda commit: repository.commit(call.world, one, commit))


def list_commit_pulls(call: Call) -> Answer:
    """Merged pull requests that brought the commit, else the open ones that hold it."""
    sha = call.commit("commit_sha")
    pulls = difference.pulls_with(call.repository, sha)
    return call.page(pulls, lambda one: pull.simple_pull(call.world, one))


def compare(call: Call) -> Answer:
    """Three-dot comparison; files come on the first page only, at most 300."""
    one = call.repository
    base_name, dots, head_name = call.parameters["basehead"].partition("...")
    base, head = (one.git.resolve(name.rpartition(":")[2]) for name in (base_name, head_name))
    if not dots or base is None or head is None:
        raise Refusal(404, "Not Found")
    merge_base = one.git.merge_base(base, head)
    if merge_base is None:
        raise Refusal(404, f"No common ancestor between {base_name} and {head_name}.")
    if "diff" in call.accept:
        return Answer(body=one.git.patch_text(merge_base, head))
    ahead, behind = one.git.history(head, without=base), one.git.history(base, without=head)
    paged = call.page(ahead, lambda commit: repository.commit(call.world, one, commit))
    files = one.git.diff(merge_base, head)[:MOST_FILES] if call.query.get("page", "1") == "1" else ()
    url = f"{repository.repository_url(call.world, one)}/compare/{base_name}...{head_name}"
    page = f"{call.world.url}/{one.full_name}/compare/{base_name}...{head_name}"
    body = {
        "url": url,
        "html_url": page,
        "permalink_url": page,
        "diff_url": f"{page}.diff",
        "patch_url": f"{page}.patch",
        "base_commit": repository.commit(call.world, one, one.git.commit(base)),
        "merge_base_commit": repository.commit(call.world, one, one.git.commit(merge_base)),
        "status": _status(len(ahead), len(behind)),
        "ahead_by": len(ahead),
        "behind_by": len(behind),
        "total_commits": len(ahead),
        "commits": paged.body,
        "files": [repository.changed_file(call.world, one, head, file) for file in files],
    }
    return Answer(body=body, headers=paged.headers)


def _status(ahead: int, behind: int) -> str:
    if ahead and behind:
        return "diverged"
    return "ahead" if ahead else ("behind" if behind else "identical")


def list_tags(call: Call) -> Answer:
    one = call.repository
    url = repository.repository_url(call.world, one)

    def shape(ref: tuple[str, str]) -> Json:
        name, sha = ref[0].removeprefix("refs/tags/"), ref[1]
        page = f"{call.world.url}/{one.full_name}/archive/{name}"
        return {
            "name": name,
            "commit": {"sha": sha, "url": f"{url}/commits/{sha}"},
            "zipball_url": f"{page}.zip",
            "tarball_url": f"{page}.tar.gz",
            "node_id": f"REF_{name}",
        }

    return call.page(one.git.refs("refs/tags/"), shape)


def branches_where_head(call: Call) -> Answer:
    one, sha = call.repository, call.commit("commit_sha")
    url = repository.repository_url(call.world, one)
    tips = [name.removeprefix("refs/heads/") for name, tip in one.git.refs("refs/heads/") if tip == sha]
    commit = {"sha": sha, "url": f"{url}/commits/{sha}"}
    return Answer(body=[{"name": name, "commit": commit, "protected": False} for name in tips])


def get_git_commit(call: Call) -> Answer:
    sha = found(call.repository.git.resolve(call.parameters["commit_sha"]))
    return Answer(body=repository.git_commit(call.world, call.repository, call.repository.git.commit(sha)))


def get_tree(call: Call) -> Answer:
    one, name = call.repository, call.parameters["tree_sha"]
    treeish = one.git.resolve(name) or name
    entries = found(one.git.tree(treeish, recursive=bool(call.query.get("recursive"))))
    shown = [repository.tree_entry(call.world, one, entry) for entry in entries[:MOST_TREE_ENTRIES]]
    url = f"{repository.repository_url(call.world, one)}/git/trees/{name}"
    return Answer(body={"sha": treeish, "url": url, "tree": shown, "truncated": len(entries) > MOST_TREE_ENTRIES})


def get_blob(call: Call) -> Answer:
    one, sha = call.repository, call.parameters["file_sha"]
    content = found(one.git.blob(sha))
    if "raw" in call.accept:
        return Answer(body=content)
    body = {
        "sha": sha,
        "node_id": f"B_{sha}",
        "size": len(content),
        "url": f"{repository.repository_url(call.world, one)}/git/blobs/{sha}",
        "content": repository.base64_lines(content),
        "encoding": "base64",
    }
    return Answer(body=body)


def get_contents(call: Call) -> Answer:
    """A file with its content up to 1 MiB, a directory as a list; larger files come without content."""
    one, path = call.repository, call.parameters["path"].strip("/")
    ref = call.query.get("ref", one.default_branch)
    sha = one.git.resolve(ref)
    if sha is None:
        raise Refusal(404, f"No commit found for the ref {ref}")
    entry = one.git.entry(sha, path) if path else None
    if not path or (entry is not None and entry.kind == "tree"):
        return _directory(call, sha, ref, path)
    file = found(entry)
    body = repository.contents(call.world, one, ref, file)
    if file.kind == "commit":
        return Answer(body=body | {"type": "submodule", "submodule_git_url": one.full_name})
    content = found(one.git.blob(file.sha))
    if "raw" in call.accept:
        return Answer(body=content)
    if body["type"] == "symlink":
        return Answer(body=body | {"target": content.decode(errors="replace")})
    if len(content) > LARGEST_FILE:
        return Answer(body=body | {"content": "", "encoding": "none"})
    return Answer(body=body | {"content": repository.base64_lines(content), "encoding": "base64"})


def _directory(call: Call, sha: str, ref: str, path: str) -> Answer:
    one = call.repository
    entries = found(one.git.tree(f"{sha}:{path}"))
    prefix = f"{path}/" if path else ""
    return Answer(body=[repository.contents(call.world, one, ref, entry.under(prefix)) for entry in entries])


def list_matching_refs(call: Call) -> Answer:
    found_refs = call.repository.git.refs(f"refs/{call.parameters['ref']}")
    return call.page(found_refs, lambda ref: repository.ref(call.world, call.repository, *ref))


def get_ref(call: Call) -> Answer:
    name = f"refs/{call.parameters['ref']}"
    sha = found(call.repository.git.ref(name))
    return Answer(body=repository.ref(call.world, call.repository, name, sha))


_REPO = "/repos/{owner}/{repo}"
ROUTES = routes(
    [
        ("GET", _REPO, get_repository, "metadata:read"),
        ("GET", "/repositories/{repository_id}", get_repository_by_id, "metadata:read"),
        ("GET", f"{_REPO}/activity", list_activities, "contents:read"),
        ("GET", f"{_REPO}/branches", list_branches, "contents:read"),
        ("GET", f"{_REPO}/commits", list_commits, "contents:read"),
        ("GET", f"{_REPO}/commits/{{commit_sha}}/branches-where-head", branches_where_head, "contents:read"),
        ("GET", f"{_REPO}/commits/{{commit_sha}}/pulls", list_commit_pulls, "pull_requests:read"),
        ("GET", f"{_REPO}/tags", list_tags, "metadata:read"),
        ("GET", f"{_REPO}/compare/{{basehead:.+}}", compare, "contents:read"),
        ("GET", f"{_REPO}/git/commits/{{commit_sha}}", get_git_commit, "contents:read"),
        ("GET", f"{_REPO}/git/trees/{{tree_sha:.+}}", get_tree, "contents:read"),
        ("GET", f"{_REPO}/git/blobs/{{file_sha}}", get_blob, "contents:read"),
        ("GET", f"{_REPO}/contents/{{path:.*}}", get_contents, "contents:read"),
        ("GET", f"{_REPO}/git/matching-refs/{{ref:.+}}", list_matching_refs, "contents:read"),
        ("GET", f"{_REPO}/git/ref/{{ref:.+}}", get_ref, "contents:read"),
    ]
)
LAST_ROUTES = routes([("GET", f"{_REPO}/commits/{{ref:.+}}", get_commit, "contents:read")])
