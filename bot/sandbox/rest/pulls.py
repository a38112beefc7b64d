"""Pull requests: reading, opening, editing, reviewing and merging them."""

from __future__ import annotations

from bot.sandbox import difference
from bot.sandbox.actions import merging, pulls, talking
from bot.sandbox.objects import PullRequest, Refusal, Repository, Review
from bot.sandbox.rest.call import Answer, Call, routes
from bot.sandbox.shapes import people, pull, repository
from bot.sandbox.world import found

MOST_FILES = 3000
MOST_COMMITS = 250
MOST_DIFF_FILES = 300


def list_pulls(call: Call) -> Answer:
    state, base, head = call.query.get("state", "open"), call.query.get("base"), call.query.get("head")
    chosen = [
        one
        for one in call.repository.pulls.values()
        if state in {"all", one.state}
        and base in {None, one.base_ref}
        and head in {None, f"{one.head_repository.owner.login}:{one.head_ref}"}
    ]
    keys = {"updated": lambda one: one.updated_at}
    chosen.sort(key=keys.get(call.query.get("sort", ""), lambda one: one.number))
    if call.query.get("direction", "asc" if "sort" in call.query else "desc") == "desc":
        chosen.reverse()
    return call.page(chosen, lambda one: pull.simple_pull(call.world, one))


def get_pull(call: Call) -> Answer:
    one = call.pull
    if "diff" in call.accept:
        if len(difference.files(one)) > MOST_DIFF_FILES:
            raise Refusal(406, "Sorry, the diff exceeded the maximum number of files (300).")
        return Answer(body=one.repository.git.patch_text(difference.merge_base(one) or one.base_sha, one.head_sha))
    return Answer(body=pull.full_pull(call.world, one))


def create_pull(call: Call) -> Answer:
    body = call.body
    owner, _, branch = body["head"].rpartition(":")
    source = _fork(call, owner) if owner else call.repository
    one = pulls.open_pull(
        call.world,
        call.repository,
        author=call.actor,
        title=body["title"],
        head=branch,
        base=body["base"],
        body=body.get("body") or "",
        draft=body.get("draft", False),
        head_repository=source,
    )
    return Answer(status=201, body=pull.full_pull(call.world, one))


def _fork(call: Call, owner: str) -> Repository:
    if owner.lower() == call.repository.owner.login.lower():
        return call.repository
    named = (one for one in call.world.repositories.values() if one.owner.login.lower() == owner.lower())
    return found(next((one for one in named if one.parent is call.repository), None))


def update_pull(call: Call) -> Answer:
    one, body = call.pull, call.body
    _needs_write(call, one)
    pulls.edit(
        call.world, one, editor=call.actor, title=body.get("title"), body=body.get("body"), base=body.get("base")
    )
    if body.get("state") == "closed":
        pulls.close(call.world, one, actor=call.actor)
    if body.get("state") == "open":
        pulls.reopen(call.world, one, actor=call.actor)
    return Answer(body=pull.full_pull(call.world, one))


def _needs_write(call: Call, one: PullRequest) -> None:
    if call.caller.installation is None and call.actor is not one.author:
        role = "triage"
        if not call.world.can(one.repository, call.actor, role):
            raise Refusal(403, "Must have push access to edit a pull request.")


def list_files(call: Call) -> Answer:
    one = call.pull
    return call.page(
        difference.files(one)[:MOST_FILES],
        lambda file: repository.changed_file(call.world, one.repository, one.head_sha, file),
    )


def list_commits(call: Call) -> Answer:
    one = call.pull
    return call.page(
        difference.commits(one)[:MOST_COMMITS], lambda commit: repository.commit(call.world, one.repository, commit)
    )


def list_reviews(call: Call) -> Answer:
    one = call.pull
    return call.page(one.reviews, lambda it: pull.review(call.world, one, it))


def create_review(call: Call) -> Answer:
    if "event" not in call.body:
        raise Refusal(422, "Unprocessable Entity", ("Pending reviews are not kept by this GitHub; send an event",))
    it = talking.review(
        call.world,
        call.pull,
        author=call.actor,
        event=call.body["event"],
        body=call.body.get("body", ""),
        commit_sha=call.body.get("commit_id", ""),
    )
    return Answer(body=pull.review(call.world, call.pull, it))


def _review(call: Call) -> Review:
    number = call.number("review_id")
    return found(next((one for one in call.pull.reviews if one.id == number), None))


def get_review(call: Call) -> Answer:
    return Answer(body=pull.review(call.world, call.pull, _review(call)))


def update_review(call: Call) -> Answer:
    it = _review(call)
    talking.edit_review(call.world, call.pull, it, editor=call.actor, body=call.body["body"])
    return Answer(body=pull.review(call.world, call.pull, it))


def dismiss_review(call: Call) -> Answer:
    it = _review(call)
    talking.dismiss(call.world, call.pull, it, actor=call.actor, message=call.body["message"])
    return Answer(body=pull.review(call.world, call.pull, it))


def list_requested(call: Call) -> Answer:
    users = [people.user(call.world, one) for one in call.pull.requested_reviewers]
    teams = [people.team(call.world, one) for one in call.pull.requested_teams]
    return Answer(body={"users": users, "teams": teams})


def request_reviewers(call: Call) -> Answer:
    logins, slugs = call.body.get("reviewers", []), call.body.get("team_reviewers", [])
    pulls.request_reviewers(call.world, call.pull, logins, slugs, actor=call.actor)
    return Answer(status=201, body=pull.simple_pull(call.world, call.pull))


def remove_reviewers(call: Call) -> Answer:
    logins, slugs = call.body.get("reviewers", []), call.body.get("team_reviewers", [])
    pulls.remove_reviewers(call.world, call.pull, logins, slugs, actor=call.actor)
    return Answer(body=pull.simple_pull(call.world, call.pull))


def merge(call: Call) -> Answer:
    sha = merging.merge(
        call.world,
        call.pull,
        actor=call.actor,
        app=call.caller.app,
        expected_sha=call.body.get("sha"),
        method=call.body.get("merge_method", "merge"),
        title=call.body.get("commit_title", ""),
        message=call.body.get("commit_message", ""),
    )
    return Answer(body={"sha": sha, "merged": True, "message": "Pull Request successfully merged"})


_PULLS = "/repos/{owner}/{repo}/pulls"
_PULL = f"{_PULLS}/{{pull_number}}"
ROUTES = routes(
    [
        ("GET", _PULLS, list_pulls, "pull_requests:read"),
        ("POST", _PULLS, create_pull, "pull_requests:write"),
        ("GET", _PULL, get_pull, "pull_requests:read"),
        ("PATCH", _PULL, update_pull, "pull_requests:write"),
        ("GET", f"{_PULL}/files", list_files, "pull_requests:read"),
        ("GET", f"{_PULL}/commits", list_commits, "pull_requests:read"),
        ("GET", f"{_PULL}/reviews", list_reviews, "pull_requests:read"),
        ("POST", f"{_PULL}/reviews", create_review, "pull_requests:write"),
        ("GET", f"{_PULL}/reviews/{{review_id}}", get_review, "pull_requests:read"),
        ("PUT", f"{_PULL}/reviews/{{review_id}}", update_review, "pull_requests:write"),
        ("PUT", f"{_PULL}/reviews/{{review_id}}/dismissals", dismiss_review, "pull_requests:write"),
        ("GET", f"{_PULL}/requested_reviewers", list_requested, "pull_requests:read"),
        ("POST", f"{_PULL}/requested_reviewers", request_reviewers, "pull_requests:write"),
        ("DELETE", f"{_PULL}/requested_reviewers", remove_reviewers, "pull_requests:write"),
        ("PUT", f"{_PULL}/merge", merge, "contents:write"),
    ]
)
