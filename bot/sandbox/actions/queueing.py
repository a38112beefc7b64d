"""The merge queue: each entry's commit holds the pull requests before it, and merges once its checks pass."""

from __future__ import annotations

from bot.sandbox import difference, events, rules
from bot.sandbox.actions.pulls import add_event
from bot.sandbox.actions.pushing import push
from bot.sandbox.objects import Account, Json, PullRequest, QueueEntry, Refusal, Repository
from bot.sandbox.shapes import repository as shapes
from bot.sandbox.world import World


def enqueue(world: World, pull: PullRequest, *, actor: Account) -> QueueEntry:
    """Add the pull request at the end of its base's queue. Refusal while its own checks do not pass."""
    if not world.can(pull.repository, actor, "write"):
        raise Refusal(403, "Must have push access to add a pull request to the merge queue.")
    missing = rules.missing(world, pull)
    if pull.draft or pull.state != "open" or missing:
        raise Refusal(405, "Pull Request is not mergeable\n\n" + "\n\n".join(missing))
    return _append(world, pull, actor)


def _append(world: World, pull: PullRequest, actor: Account) -> QueueEntry:
    ahead = entries(pull.repository, pull.base_ref)
    base = ahead[-1].head_sha if ahead else pull.base_sha
    head = pull.repository.git.write_merge(
        ours=base,
        theirs=pull.head_sha,
        message=f"Merge pull request #{pull.number} from {pull.head_repository.owner.login}/{pull.head_ref}",
        author=world.signature(actor),
    )
    if head is None:
        raise Refusal(405, "Pull Request is not mergeable")
    entry = QueueEntry(
        id=world.new_id(), pull=pull, enqueuer=actor, enqueued_at=world.now(), base_sha=base, head_sha=head
    )
    pull.repository.queue.append(entry)
    pull.repository.git.set_ref(f"refs/heads/{entry.ref}", head)
    add_event(world, pull, "AddedToMergeQueueEvent", actor)
    events.pull_request(world, pull, "enqueued", actor)
    events.merge_group(world, pull.repository, _group(entry), "checks_requested", actor)
    return entry


def entries(where: Repository, branch: str) -> list[QueueEntry]:
    """The queue of one branch, the first to merge first."""
    return [entry for entry in where.queue if entry.pull.base_ref == branch]


def _group(entry: QueueEntry) -> Json:
    commit = entry.pull.repository.git.commit(entry.head_sha)
    return {
        "head_sha": entry.head_sha,
        "head_ref": f"refs/heads/{entry.ref}",
        "base_sha": entry.base_sha,
        "base_ref": f"refs/heads/{entry.pull.base_ref}",
        "head_commit": shapes.simple_commit(commit),
    }


def settle(world: World, where: Repository, sha: str) -> None:
    """A check was posted on a commit: merge what passes at the front of its queue, take out what fails there."""
    waiting = next((entry for entry in where.queue if entry.head_sha == sha), None)
    while waiting is not None and (queue := entries(where, waiting.pull.base_ref)):
        states = _states(queue[0])
        if all(state == "passing" for state in states):
            _merge(world, queue[0])
        elif "failing" in states:
            remove(world, queue[0].pull, reason="invalidated", said="CI_FAILURE")
        else:
            return


def _states(entry: QueueEntry) -> list[str]:
    """Of the checks that the base branch requires; without any there is nothing to wait for."""
    where = entry.pull.repository
    return [
        rules.check_state(where, entry.head_sha, check["context"], check.get("integration_id"))
        for parameters in rules.rules(where, entry.pull.base_ref, "required_status_checks")
        for check in parameters.get("required_status_checks", [])
    ]


def _merge(world: World, entry: QueueEntry) -> None:
    pull, where = entry.pull, entry.pull.repository
    where.queue.remove(entry)
    where.git.delete_ref(f"refs/heads/{entry.ref}")
    pull.state, pull.merged_at, pull.closed_at = "closed", world.now(), world.now()
    pull.merge_sha, pull.merged_by = entry.head_sha, entry.enqueuer
    push(world, where, pull.base_ref, entry.head_sha, pusher=entry.enqueuer, merging="merge_queue_merge")
    add_event(world, pull, "MergedEvent", entry.enqueuer, commit=entry.head_sha, mergeRefName=pull.base_ref)
    events.pull_request(world, pull, "closed", entry.enqueuer)
    events.merge_group(world, where, _group(entry), "destroyed", entry.enqueuer, reason="merged")


def remove(world: World, pull: PullRequest, *, reason: str = "dequeued", said: str = "MANUAL") -> None:
    """Take a pull request out of its queue, and build the groups behind it anew without it."""
    where = pull.repository
    queue = entries(where, pull.base_ref)
    place = next((index for index, entry in enumerate(queue) if entry.pull is pull), None)
    if place is None:
        return
    gone = queue[place:]
    for entry in gone:
        where.queue.remove(entry)
        where.git.delete_ref(f"refs/heads/{entry.ref}")
        events.merge_group(world, where, _group(entry), "destroyed", entry.enqueuer, reason=reason)
    events.pull_request(world, pull, "dequeued", gone[0].enqueuer, reason=said)
    for entry in gone[1:]:
        if difference.branch_tip(entry.pull.head_repository, entry.pull.head_ref) == entry.pull.head_sha:
            _append(world, entry.pull, entry.enqueuer)
