"""What a pull request changes, worked out by git: merge base, commits, files, conflicts, and GitHub's merge state."""

from __future__ import annotations

from bot.sandbox import rules
from bot.sandbox.git import EMPTY_TREE, Commit, FileDiff, Signature
from bot.sandbox.objects import PullRequest, Repository
from bot.sandbox.world import World


def merge_base(pull: PullRequest) -> str | None:
    return pull.repository.git.merge_base(pull.base_sha, pull.head_sha)


def commits(pull: PullRequest) -> tuple[Commit, ...]:
    """The commits on the head that the base does not have, oldest first."""
    return pull.repository.git.history(pull.head_sha, without=pull.base_sha)


def files(pull: PullRequest) -> tuple[FileDiff, ...]:
    """The three-dot difference: from the merge base to the head."""
    return compare(pull.repository, pull.base_sha, pull.head_sha)


def compare(repository: Repository, base: str, head: str) -> tuple[FileDiff, ...]:
    return repository.git.diff(repository.git.merge_base(base, head) or EMPTY_TREE, head)


def own_files(repository: Repository, commit: Commit) -> tuple[FileDiff, ...]:
    """What one commit changes against its first parent."""
    return repository.git.diff(commit.parents[0] if commit.parents else EMPTY_TREE, commit.sha)


def trial_merge(pull: PullRequest) -> str | None:
    """The test merge commit of base and head, None on a conflict; the same pair always gives the same commit."""
    git = pull.repository.git
    who = Signature(name="GitHub", email="noreply@github.com", time=git.commit(pull.head_sha).committer.time)
    message = f"Merge {pull.head_sha} into {pull.base_sha}"
    return git.write_merge(ours=pull.base_sha, theirs=pull.head_sha, message=message, author=who)


def conflicts(pull: PullRequest) -> bool:
    return not pull.merged and trial_merge(pull) is None


def state(world: World, pull: PullRequest) -> str:
    """GraphQL's mergeStateStatus."""
    if pull.state == "closed":
        return "UNKNOWN"
    if conflicts(pull):
        return "DIRTY"
    if pull.draft:
        return "DRAFT"
    missing = rules.missing(world, pull)
    if missing:
        return "BEHIND" if missing == ["Head branch is out of date."] else "BLOCKED"
    runs = rules.latest_runs(pull.repository, pull.head_sha)
    bad_run = any(run.status != "completed" or run.conclusion not in {"success", "neutral", "skipped"} for run in runs)
    return "UNSTABLE" if bad_run else "CLEAN"


def branch_tip(repository: Repository, branch: str) -> str | None:
    return repository.git.ref(f"refs/heads/{branch}")


def pulls_with(repository: Repository, sha: str) -> list[PullRequest]:
    """The merged pull requests that brought a commit, or else the open ones that hold it."""
    pulls = [one for one in repository.pulls.values() if _holds(one, sha)]
    merged = [one for one in pulls if one.merged]
    return merged or [one for one in pulls if one.state == "open"]


def _holds(pull: PullRequest, sha: str) -> bool:
    return sha == pull.merge_sha or any(commit.sha == sha for commit in commits(pull))
