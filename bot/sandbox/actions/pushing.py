"""Pushing to branches: commits, force-pushes, and the pull requests whose head or base moves with them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from bot.sandbox import difference, events, rules
from bot.sandbox.git import Change, Signature, changes_of
from bot.sandbox.objects import Account, Activity, PullRequest, Refusal, Repository, TimelineEvent
from bot.sandbox.world import World

NO_COMMIT = "0" * 40
_PULL_SHAPED = ("Changes must be made through a pull request.",)


def commit(
    world: World,
    repository: Repository,
    branch: str,
    files: Mapping[str, str | bytes | None] | Sequence[Change],
    *,
    message: str,
    pusher: Account,
    author: Signature | None = None,
    committer: Signature | None = None,
    onto: str | None = None,
) -> str:
    """Commit on the branch's tip (or `onto` another commit, "" for none: a force-push) and push; the new SHA."""
    tip = difference.branch_tip(repository, branch)
    parent = tip if onto is None else onto
    changes = changes_of(files) if isinstance(files, Mapping) else files
    sha = repository.git.write_commit(
        parents=[parent] if parent else [],
        changes=changes,
        message=message,
        author=author or world.signature(pusher),
        committer=committer or author or world.signature(pusher),
    )
    push(world, repository, branch, sha, pusher=pusher)
    return sha


def push(world: World, repository: Repository, branch: str, sha: str, *, pusher: Account, merging: str = "") -> None:
    """Point a branch at a commit, refused where a rule forbids it; open pull requests follow.

    `merging` is GitHub's word for the activity when GitHub itself moves the branch; then no rule is asked again.
    """
    before = difference.branch_tip(repository, branch)
    if before == sha:
        return
    forced = before is not None and not repository.git.is_ancestor(before, sha)
    if not merging:
        _check_rules(world, repository, branch, pusher, forced=forced, exists=before is not None)
    repository.git.set_ref(f"refs/heads/{branch}", sha)
    repository.pushed_at = world.now()
    kind = merging or ("force_push" if forced else "push")
    _remember(world, repository, branch, before=before or NO_COMMIT, after=sha, actor=pusher, kind=kind)
    events.push(world, repository, branch, before=before or NO_COMMIT, after=sha, sender=pusher, forced=forced)
    _move_pulls(world, repository, branch, before=before or NO_COMMIT, sha=sha, pusher=pusher, forced=forced)


def delete_branch(world: World, repository: Repository, branch: str, *, actor: Account) -> None:
    tip = difference.branch_tip(repository, branch)
    if tip is None:
        raise Refusal(422, "Reference does not exist")
    repository.git.delete_ref(f"refs/heads/{branch}")
    _remember(world, repository, branch, before=tip, after=NO_COMMIT, actor=actor, kind="branch_deletion")
    events.push(world, repository, branch, before=tip, after=NO_COMMIT, sender=actor, forced=False)


def _remember(
    world: World, repository: Repository, branch: str, *, before: str, after: str, actor: Account, kind: str
) -> None:
    repository.activities.append(
        Activity(
            id=world.new_id(),
            kind="branch_creation" if before == NO_COMMIT else kind,
            ref=f"refs/heads/{branch}",
            before=before,
            after=after,
            actor=actor,
            created_at=world.now(),
        )
    )


def _check_rules(
    world: World, repository: Repository, branch: str, pusher: Account, *, forced: bool, exists: bool
) -> None:
    if not world.can(repository, pusher, "write"):
        raise Refusal(403, f"Permission to {repository.full_name}.git denied to {pusher.login}.")
    if not exists:
        return
    for ruleset in rules.guarding(repository, branch):
        if rules.bypasses(world, ruleset, repository, pusher, None):
            continue
        kinds = {rule["type"] for rule in ruleset.rules}
        if forced and "non_fast_forward" in kinds:
            raise Refusal(422, "Repository rule violations found\n\nCannot force-push to this branch")
        if kinds & {"pull_request", "required_status_checks"}:
            raise Refusal(422, "Repository rule violations found\n\n" + "\n\n".join(_PULL_SHAPED))


def _move_pulls(
    world: World, repository: Repository, branch: str, *, before: str, sha: str, pusher: Account, forced: bool
) -> None:
    for target in list(world.repositories.values()):
        for pull in list(target.pulls.values()):
            if pull.state != "open":
                continue
            if pull.head_repository is repository and pull.head_ref == branch:
                _synchronize(world, pull, before, sha, pusher, forced=forced)
            elif pull.repository is repository and pull.base_ref == branch:
                pull.base_sha = sha


def _synchronize(world: World, pull: PullRequest, before: str, sha: str, pusher: Account, *, forced: bool) -> None:
    if pull.head_repository is not pull.repository:
        pull.repository.git.fetch(pull.head_repository.git, pull.head_ref)
    old_files = difference.files(pull)
    pull.head_sha, pull.updated_at = sha, world.now()
    pull.repository.git.set_ref(f"refs/pull/{pull.number}/head", sha)
    if forced:
        facts = {"beforeCommit": before, "afterCommit": sha}
        pull.timeline.append(
            TimelineEvent(kind="HeadRefForcePushedEvent", actor=pusher, created_at=world.now(), facts=facts)
        )
    else:
        _remember_commits(world, pull, before, pusher)
    events.pull_request(world, pull, "synchronize", pusher, before=before, after=sha)
    if old_files != difference.files(pull):
        _dismiss_stale(world, pull, pusher)


def _remember_commits(world: World, pull: PullRequest, before: str, pusher: Account) -> None:
    for one in pull.repository.git.history(pull.head_sha, without=before):
        pull.timeline.append(
            TimelineEvent(kind="PullRequestCommit", actor=pusher, created_at=world.now(), facts={"sha": one.sha})
        )


def _dismiss_stale(world: World, pull: PullRequest, pusher: Account) -> None:
    asked = rules.rules(pull.repository, pull.base_ref, "pull_request")
    if any(parameters.get("dismiss_stale_reviews_on_push") for parameters in asked):
        for review in pull.reviews:
            if review.state == "APPROVED":
                review.state = "DISMISSED"
                events.review(world, pull, review, "dismissed", pusher)
