"""One account and all it can do by hand: what the pages offer to visitors and the tests use to tell their stories."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from bot.sandbox import difference
from bot.sandbox.actions import checking, deploying, merging, pulls, pushing, queueing, running, talking
from bot.sandbox.deployed import Deployment
from bot.sandbox.git import Change, Signature
from bot.sandbox.objects import (
    Account,
    CheckRun,
    Comment,
    PullRequest,
    QueueEntry,
    Repository,
    Review,
    WorkflowRun,
)
from bot.sandbox.world import World

Files = Mapping[str, str | bytes | None] | Sequence[Change]


class Person:
    """Acts as one account. Whatever GitHub would refuse raises `Refusal`."""

    def __init__(self, world: World, account: Account) -> None:
        self.world = world
        self.account = account

    def branch(self, repository: Repository, name: str, *, start: str = "") -> None:
        """A new branch at another branch's tip, the default branch's unless said otherwise."""
        tip = repository.git.resolve(start or repository.default_branch)
        if tip is not None:
            pushing.push(self.world, repository, name, tip, pusher=self.account)

    def commit(
        self,
        repository: Repository,
        branch: str,
        files: Files,
        *,
        message: str,
        author: Signature | None = None,
        committer: Signature | None = None,
        onto: str | None = None,
    ) -> str:
        """Commit and push; `onto` another commit than the branch's tip is a force-push. The new SHA."""
        return pushing.commit(
            self.world,
            repository,
            branch,
            files,
            message=message,
            pusher=self.account,
            author=author,
            committer=committer,
            onto=onto,
        )

    def push(self, repository: Repository, branch: str, sha: str) -> None:
        pushing.push(self.world, repository, branch, sha, pusher=self.account)

    def run_workflow(
        self,
        pull: PullRequest,
        *,
        event: str = "pull_request",
        path: str = ".github/workflows/plan.yml",
        artifacts: Mapping[str, Mapping[str, bytes]] | None = None,
    ) -> WorkflowRun:
        """Let a workflow run for the pull request; artifact name → the files in it, by their paths."""
        packed = {name: running.pack(files) for name, files in (artifacts or {}).items()}
        return running.run(self.world, pull, event=event, path=path, archives=packed, actor=self.account)

    def open(
        self,
        repository: Repository,
        head: str,
        *,
        title: str,
        body: str = "",
        base: str = "",
        draft: bool = False,
        head_repository: Repository | None = None,
    ) -> PullRequest:
        return pulls.open_pull(
            self.world,
            repository,
            author=self.account,
            title=title,
            head=head,
            base=base or repository.default_branch,
            body=body,
            draft=draft,
            head_repository=head_repository,
        )

    def edit(
        self, pull: PullRequest, *, title: str | None = None, body: str | None = None, base: str | None = None
    ) -> None:
        pulls.edit(self.world, pull, editor=self.account, title=title, body=body, base=base)

    def delete_edit(self, pull: PullRequest, number: int) -> None:
        """Delete one writing of the body from its history; only pages can do that, there is no event."""
        pull.bodies[number].text, pull.bodies[number].deleted_at = None, self.world.now()

    def close(self, pull: PullRequest) -> None:
        pulls.close(self.world, pull, actor=self.account)

    def reopen(self, pull: PullRequest) -> None:
        pulls.reopen(self.world, pull, actor=self.account)

    def set_draft(self, pull: PullRequest, *, draft: bool) -> None:
        pulls.set_draft(self.world, pull, draft=draft, actor=self.account)

    def label(self, pull: PullRequest, *names: str) -> None:
        pulls.add_labels(self.world, pull, list(names), actor=self.account)

    def unlabel(self, pull: PullRequest, name: str) -> None:
        pulls.remove_label(self.world, pull, name, actor=self.account)

    def comment(self, pull: PullRequest, body: str) -> Comment:
        return talking.comment(self.world, pull, author=self.account, body=body)

    def edit_comment(self, pull: PullRequest, comment: Comment, body: str) -> None:
        talking.edit_comment(self.world, pull, comment, editor=self.account, body=body)

    def delete_comment(self, pull: PullRequest, comment: Comment) -> None:
        talking.delete_comment(self.world, pull, comment, actor=self.account)

    def review(self, pull: PullRequest, event: str, body: str = "", *, commit_sha: str = "") -> Review:
        """`event` is APPROVE, REQUEST_CHANGES or COMMENT."""
        return talking.review(self.world, pull, author=self.account, event=event, body=body, commit_sha=commit_sha)

    def approve(self, pull: PullRequest, body: str = "") -> Review:
        return self.review(pull, "APPROVE", body)

    def dismiss(self, pull: PullRequest, review: Review, message: str) -> None:
        talking.dismiss(self.world, pull, review, actor=self.account, message=message)

    def press(self, pull: PullRequest, run: CheckRun, identifier: str) -> None:
        """Press one of the buttons of a check run."""
        checking.press(self.world, pull.repository, run, identifier, actor=self.account)

    def rerequest(self, pull: PullRequest, run: CheckRun) -> None:
        checking.rerequest(self.world, pull.repository, run, actor=self.account)

    def merge(self, pull: PullRequest, *, method: str = "merge", expected_sha: str | None = None) -> str:
        return merging.merge(self.world, pull, actor=self.account, method=method, expected_sha=expected_sha)

    def enqueue(self, pull: PullRequest) -> QueueEntry:
        """Add the pull request to its base branch's merge queue."""
        return queueing.enqueue(self.world, pull, actor=self.account)

    def dequeue(self, pull: PullRequest) -> None:
        queueing.remove(self.world, pull)

    def deploy(self, repository: Repository, environment: str, ref: str) -> Deployment:
        """Start the workflow that deploys, by hand, on a branch, tag or commit."""
        return deploying.deploy(self.world, repository, environment, ref, actor=self.account)

    def rebase(self, pull: PullRequest) -> str:
        """Put the pull request's whole change as one commit on the base's tip, and force-push it."""
        where, tip = pull.repository, pull.head_sha
        tree = difference.trial_merge(pull)
        last = where.git.commit(tip)
        sha = where.git.write_tree_commit(
            tree=where.git.commit(tree or tip).tree,
            parents=[pull.base_sha],
            message=last.message,
            author=self.world.signature(self.account),
        )
        self.push(pull.head_repository, pull.head_ref, sha)
        return sha
