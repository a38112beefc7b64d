"""The merge button: refused while a rule, a conflict or a moved head stands in the way."""

from __future__ import annotations

from bot.sandbox import difference, events, rules
from bot.sandbox.actions.pulls import add_event
from bot.sandbox.actions.pushing import push
from bot.sandbox.objects import Account, App, PullRequest, Refusal
from bot.sandbox.world import World


def merge(
    world: World,
    pull: PullRequest,
    *,
    actor: Account,
    app: App | None = None,
    expected_sha: str | None = None,
    method: str = "merge",
    title: str = "",
    message: str = "",
) -> str:
    """Merge and return the new commit on the base branch; GitHub's 405 or 409 otherwise.

    Raises Refusal 405 when a rule, a draft or a conflict stands in the way, 409 when the head is not the expected one.
    """
    if app is None and not world.can(pull.repository, actor, "write"):
        raise Refusal(403, "Must have push access to merge a pull request.")
    if pull.draft:
        raise Refusal(405, "Pull Request is still a draft")
    if pull.state != "open" or difference.conflicts(pull):
        raise Refusal(405, "Pull Request is not mergeable")
    if expected_sha is not None and expected_sha != pull.head_sha:
        raise Refusal(409, "Head branch was modified. Review and try the merge again.")
    missing = rules.missing(world, pull, actor=actor, app=app)
    if missing:
        raise Refusal(405, "Repository rule violations found\n\n" + "\n\n".join(missing) + "\n\n")
    sha = _merge_commit(world, pull, actor=actor, method=method, title=title, message=message)
    # Merged before its base moves, so that the difference it shows stays the one that was merged.
    pull.state, pull.merged_at, pull.closed_at = "closed", world.now(), world.now()
    pull.merge_sha, pull.merged_by = sha, actor
    push(world, pull.repository, pull.base_ref, sha, pusher=actor, merging="pr_merge")
    add_event(world, pull, "MergedEvent", actor, commit=sha, mergeRefName=pull.base_ref)
    events.pull_request(world, pull, "closed", actor)
    return sha


def _merge_commit(world: World, pull: PullRequest, *, actor: Account, method: str, title: str, message: str) -> str:
    git = pull.repository.git
    if method == "rebase" and git.is_ancestor(pull.base_sha, pull.head_sha):
        return pull.head_sha
    subject = title or (
        f"Merge pull request #{pull.number} from {pull.head_repository.owner.login}/{pull.head_ref}"
        if method == "merge"
        else f"{pull.title} (#{pull.number})"
    )
    merged = git.write_merge(
        ours=pull.base_sha,
        theirs=pull.head_sha,
        message=f"{subject}\n\n{message or pull.title}",
        author=world.signature(actor),
        squash=method != "merge",
    )
    if merged is None:
        raise Refusal(405, "Pull Request is not mergeable")
    return merged
