"""Workflow runs: on which commit GitHub lets them run, and what they leave behind."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping

from bot.sandbox import events
from bot.sandbox.objects import Account, Artifact, PullRequest, Refusal, WorkflowRun
from bot.sandbox.world import World


def pack(files: Mapping[str, bytes]) -> bytes:
    """The zip that an upload of these files becomes."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for path, content in files.items():
            archive.writestr(path, content)
    return packed.getvalue()


def run(
    world: World, pull: PullRequest, *, event: str, path: str, archives: Mapping[str, bytes], actor: Account
) -> WorkflowRun:
    """A completed run for the head of a pull request, with its artifacts by name as zips.

    https://docs.github.com/en/actions/reference/workflows-and-actions/events-that-trigger-workflows
    """
    where = pull.repository
    ref, sha = _ran_on(world, pull, event, actor)
    done = WorkflowRun(
        id=world.new_id(),
        event=event,
        path=path,
        head_repository=pull.head_repository,
        head_ref=pull.head_ref,
        head_sha=pull.head_sha,
        ref=ref,
        sha=sha,
        actor=actor,
        created_at=world.now(),
        pull=pull,
        artifacts=[
            Artifact(id=world.new_id(), name=name, archive=archive, created_at=world.now())
            for name, archive in archives.items()
        ],
    )
    where.workflow_runs.append(done)
    events.workflow_run(world, where, done, "completed", actor)
    return done


def _ran_on(world: World, pull: PullRequest, event: str, actor: Account) -> tuple[str, str]:
    """GITHUB_REF and GITHUB_SHA: a merge made for the purpose, the base's tip, or the branch itself."""
    if event == "pull_request_target":
        return f"refs/heads/{pull.base_ref}", pull.base_sha
    if event != "pull_request":
        return f"refs/heads/{pull.head_ref}", pull.head_sha
    merge = pull.repository.git.write_merge(
        ours=pull.base_sha,
        theirs=pull.head_sha,
        message=f"Merge {pull.head_sha} into {pull.base_sha}",
        author=world.signature(actor),
    )
    if merge is None:
        raise Refusal(409, "Workflows do not run on pull_request activity if the pull request has a merge conflict.")
    pull.repository.git.set_ref(f"refs/pull/{pull.number}/merge", merge)
    return f"refs/pull/{pull.number}/merge", merge
