"""Opening, editing, closing and labelling pull requests, and asking for reviewers."""

from __future__ import annotations

from typing import Any

from bot.sandbox import difference, events
from bot.sandbox.objects import Account, Json, Label, PullRequest, Refusal, Repository, Team, TimelineEvent, Writing
from bot.sandbox.shapes.people import simple_team, user
from bot.sandbox.shapes.pull import label as label_json
from bot.sandbox.world import World

MOST_REVIEWERS = 15


def open_pull(
    world: World,
    repository: Repository,
    *,
    author: Account,
    title: str,
    head: str,
    base: str,
    body: str = "",
    draft: bool = False,
    head_repository: Repository | None = None,
) -> PullRequest:
    """Open a pull request from a branch of the repository or of a fork."""
    source = head_repository or repository
    head_sha, base_sha = difference.branch_tip(source, head), difference.branch_tip(repository, base)
    for field, sha in (("head", head_sha), ("base", base_sha)):
        if sha is None:
            raise Refusal(422, "Validation Failed", ({"resource": "PullRequest", "field": field, "code": "invalid"},))
    if source is not repository:
        repository.git.fetch(source.git, head)
    _refuse_twin(repository, source, head, base)
    number = max(repository.pulls, default=0) + 1
    pull = PullRequest(
        id=world.new_id(),
        repository=repository,
        number=number,
        author=author,
        title=title,
        body=body,
        base_ref=base,
        head_repository=source,
        head_ref=head,
        head_sha=head_sha or "",
        base_sha=base_sha or "",
        draft=draft,
        created_at=world.now(),
        updated_at=world.now(),
    )
    if not difference.commits(pull):
        message = f"No commits between {base} and {head}"
        raise Refusal(422, "Validation Failed", ({"resource": "PullRequest", "code": "custom", "message": message},))
    repository.pulls[number] = pull
    repository.git.set_ref(f"refs/pull/{number}/head", pull.head_sha)
    for commit in difference.commits(pull):
        add_event(world, pull, "PullRequestCommit", author, sha=commit.sha)
    events.pull_request(world, pull, "opened", author)
    return pull


def _refuse_twin(repository: Repository, source: Repository, head: str, base: str) -> None:
    for pull in repository.pulls.values():
        if pull.state == "open" and (pull.head_repository, pull.head_ref, pull.base_ref) == (source, head, base):
            message = f"A pull request already exists for {source.owner.login}:{head}."
            raise Refusal(
                422, "Validation Failed", ({"resource": "PullRequest", "code": "custom", "message": message},)
            )


def add_event(world: World, pull: PullRequest, kind: str, actor: Account, **facts: Any) -> None:
    pull.timeline.append(TimelineEvent(kind=kind, actor=actor, created_at=world.now(), facts=facts))
    pull.updated_at = world.now()


def edit(
    world: World,
    pull: PullRequest,
    *,
    editor: Account,
    title: str | None = None,
    body: str | None = None,
    base: str | None = None,
) -> None:
    """Change title, body or base branch; one `edited` event says what each was before."""
    changes: Json = {}
    if title is not None and title != pull.title:
        changes["title"] = {"from": pull.title}
        add_event(world, pull, "RenamedTitleEvent", editor, previousTitle=pull.title, currentTitle=title)
        pull.title = title
    if body is not None and body != pull.body:
        changes["body"] = {"from": pull.body}
        if not pull.bodies:
            pull.bodies.append(Writing(at=pull.created_at, editor=pull.author, text=pull.body))
        pull.bodies.append(Writing(at=world.now(), editor=editor, text=body))
        pull.body, pull.editor, pull.edited_at = body, editor, world.now()
    if base is not None and base != pull.base_ref:
        changes["base"] = {"ref": {"from": pull.base_ref}, "sha": {"from": pull.base_sha}}
        _retarget(world, pull, base, editor)
    if changes:
        pull.updated_at = world.now()
        events.pull_request(world, pull, "edited", editor, changes=changes)


def _retarget(world: World, pull: PullRequest, base: str, editor: Account) -> None:
    sha = difference.branch_tip(pull.repository, base)
    if sha is None:
        raise Refusal(422, "Validation Failed", ({"resource": "PullRequest", "field": "base", "code": "invalid"},))
    add_event(world, pull, "BaseRefChangedEvent", editor, previousRefName=pull.base_ref, currentRefName=base)
    pull.base_ref, pull.base_sha = base, sha


def set_draft(world: World, pull: PullRequest, *, draft: bool, actor: Account) -> None:
    if pull.draft != draft:
        pull.draft = draft
        add_event(world, pull, "ConvertToDraftEvent" if draft else "ReadyForReviewEvent", actor)
        events.pull_request(world, pull, "converted_to_draft" if draft else "ready_for_review", actor)


def close(world: World, pull: PullRequest, *, actor: Account) -> None:
    if pull.state == "open":
        pull.state, pull.closed_at = "closed", world.now()
        add_event(world, pull, "ClosedEvent", actor)
        events.pull_request(world, pull, "closed", actor)


def reopen(world: World, pull: PullRequest, *, actor: Account) -> None:
    """Open again at the branch's present tips; a merged pull request stays merged."""
    head_sha = difference.branch_tip(pull.head_repository, pull.head_ref)
    if pull.merged or head_sha is None:
        raise Refusal(422, "Validation Failed", ({"resource": "PullRequest", "field": "state", "code": "invalid"},))
    if pull.state == "closed":
        pull.state, pull.closed_at = "open", None
        pull.head_sha = head_sha
        pull.base_sha = difference.branch_tip(pull.repository, pull.base_ref) or pull.base_sha
        add_event(world, pull, "ReopenedEvent", actor)
        events.pull_request(world, pull, "reopened", actor)


def ensure_label(world: World, repository: Repository, name: str) -> Label:
    return repository.labels.setdefault(name.lower(), Label(id=world.new_id(), name=name))


def add_labels(world: World, pull: PullRequest, names: list[str], *, actor: Account) -> None:
    for name in names:
        label = ensure_label(world, pull.repository, name)
        if label not in pull.labels:
            pull.labels.append(label)
            add_event(world, pull, "LabeledEvent", actor, label=label)
            events.pull_request(world, pull, "labeled", actor, label=label_json(world, pull.repository, label))


def remove_label(world: World, pull: PullRequest, name: str, *, actor: Account) -> None:
    label = next((one for one in pull.labels if one.name.lower() == name.lower()), None)
    if label is None:
        raise Refusal(404, "Label does not exist")
    pull.labels.remove(label)
    add_event(world, pull, "UnlabeledEvent", actor, label=label)
    events.pull_request(world, pull, "unlabeled", actor, label=label_json(world, pull.repository, label))


def request_reviewers(world: World, pull: PullRequest, logins: list[str], slugs: list[str], *, actor: Account) -> None:
    """Ask users and teams for a review; as on GitHub one bad name refuses the whole request."""
    users = [_requestable(world, pull, login) for login in logins]
    teams = [_requestable_team(world, pull, slug) for slug in slugs]
    if len({*pull.requested_reviewers, *users}) + len({*pull.requested_teams, *teams}) > MOST_REVIEWERS:
        raise Refusal(422, f"A maximum of {MOST_REVIEWERS} reviewers can be requested.")
    for one in users:
        if one not in pull.requested_reviewers:
            pull.requested_reviewers.append(one)
            add_event(world, pull, "ReviewRequestedEvent", actor, requestedReviewer=one)
            events.pull_request(world, pull, "review_requested", actor, requested_reviewer=user(world, one))
    for team in teams:
        if team not in pull.requested_teams:
            pull.requested_teams.append(team)
            add_event(world, pull, "ReviewRequestedEvent", actor, requestedReviewer=team)
            events.pull_request(world, pull, "review_requested", actor, requested_team=simple_team(world, team))


def _requestable(world: World, pull: PullRequest, login: str) -> Account:
    account = world.accounts.get(login.lower())
    if account is pull.author:
        raise Refusal(422, "Review cannot be requested from pull request author.")
    if account is None or account.kind != "User" or not world.is_collaborator(pull.repository, account):
        raise Refusal(
            422,
            "Reviews may only be requested from collaborators. One or more of the users or teams "
            f"you specified is not a collaborator of the {pull.repository.full_name} repository.",
        )
    return account


def _requestable_team(world: World, pull: PullRequest, slug: str) -> Team:
    team = world.teams.get((pull.repository.owner.login.lower(), slug.lower()))
    if team is None or team.privacy == "secret" or pull.repository.full_name not in team.repositories:
        raise Refusal(
            422,
            "Reviews may only be requested from collaborators. One or more of the teams "
            f"you specified is not a collaborator of the {pull.repository.full_name} repository.",
        )
    return team


def remove_reviewers(world: World, pull: PullRequest, logins: list[str], slugs: list[str], *, actor: Account) -> None:
    for one in [one for one in pull.requested_reviewers if one.login.lower() in {login.lower() for login in logins}]:
        pull.requested_reviewers.remove(one)
        events.pull_request(world, pull, "review_request_removed", actor, requested_reviewer=user(world, one))
    for team in [one for one in pull.requested_teams if one.slug in slugs]:
        pull.requested_teams.remove(team)
        events.pull_request(world, pull, "review_request_removed", actor, requested_team=simple_team(world, team))
