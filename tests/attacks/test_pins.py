"""A commit that only a fork holds does not pass under the name of the repository it was forked from."""

from __future__ import annotations

import pytest

from bot.sandbox.actions import people
from bot.sandbox.git import Signature
from bot.sandbox.objects import PullRequest, Repository
from tests.journey import POLICY, Journey

WORKFLOW = "on: push\njobs:\n  test:\n    runs-on: ubuntu-latest\n    steps:\n      - uses: actions/checkout@{}\n"
CRITICAL = "  - {name: critical whoever wrote it, when: {tier: critical}, require: {seniors: 1}}\n"


@pytest.fixture
def action(journey: Journey) -> Repository:
    """Somebody else's public action with a release and a maintenance branch."""
    shop = journey.shop
    shop.commit_to_main({".github/countersign.yml": POLICY + CRITICAL})
    where = shop.github.add_repository("actions/checkout", private=False)
    people.join_organization(shop.world, where.owner, shop.ops.account, role="admin")
    sha = shop.ops.commit(where, "main", {"action.yml": "name: checkout\n"}, message="Check out")
    where.git.set_ref("refs/tags/v4", stray(where, sha))
    where.git.set_ref("refs/heads/v3", stray(where, sha))
    return where


def stray(where: Repository, parent: str) -> str:
    """A commit that no branch and no tag holds, as one that was pushed to a fork."""
    author = Signature(name="mallory", email="mallory@example.com", time=1_800_000_000)
    tree = where.git.commit(parent).tree
    count = len(where.git.refs("refs/"))
    return where.git.write_tree_commit(tree=tree, parents=[parent], message=f"Commit {count}", author=author)


async def judged(journey: Journey, sha: str) -> tuple[PullRequest, str]:
    pull = journey.shop.change({".github/workflows/ci.yml": WORKFLOW.format(sha)})
    await journey.rest()
    run = journey.runs(pull)[-1]
    return pull, f"{run.conclusion} {run.summary}"


async def test_129_a_commit_of_a_fork_asks_a_senior_whoever_pinned_it(journey: Journey, action: Repository) -> None:
    main = action.git.resolve("main")
    assert main
    _, told = await judged(journey, stray(action, main))
    assert told.startswith("action_required")
    assert "workflow-pin-unreachable" in told


@pytest.mark.parametrize("ref", ["refs/heads/main", "refs/heads/v3", "refs/tags/v4"])
async def test_129_a_commit_of_a_branch_or_tag_passes(journey: Journey, action: Repository, ref: str) -> None:
    sha = dict(action.git.refs("refs/"))[ref]
    _, told = await judged(journey, sha)
    assert told.startswith("success")
    assert "workflow-pin-unreachable" not in told


async def test_129_what_cannot_be_looked_up_is_said(journey: Journey) -> None:
    _, told = await judged(journey, "b" * 40)
    assert "could not be read" in told
