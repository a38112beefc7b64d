"""A client that this project did not write drives the embedded GitHub."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import TypeVar

import pytest
from github import Auth, Github, GithubException, GithubIntegration

from tests.shop import CLAUDE, Shop

Result = TypeVar("Result")


async def drive(shop: Shop, login: str, act: Callable[[Github], Result]) -> Result:
    """Run blocking PyGithub calls beside the server's event loop."""

    def blocking() -> Result:
        with Github(
            base_url=shop.github.api_url,
            auth=Auth.Token(shop.github.user_token(login)),
            retry=None,
            seconds_between_requests=None,
            seconds_between_writes=None,
        ) as client:
            return act(client)

    return await asyncio.to_thread(blocking)


async def test_it_reads_a_pull_request_whole(shop: Shop) -> None:
    pull = shop.change({"README.md": "# Ours\n", "terraform/main.tf": None}, message=f"Cut\n\n{CLAUDE}", body="why")
    shop.sam.approve(pull, "good")
    shop.jay.comment(pull, "thanks")

    def read(client: Github) -> None:
        one = client.get_repo("acme/shop").get_pull(pull.number)
        assert (one.title, one.body, one.user.login, one.head.sha) == (pull.title, "why", "jay", pull.head_sha)
        assert {file.filename: file.status for file in one.get_files()} == {
            "README.md": "modified",
            "terraform/main.tf": "removed",
        }
        assert [commit.commit.message for commit in one.get_commits()] == [f"Cut\n\n{CLAUDE}"]
        assert [(review.user.login, review.state) for review in one.get_reviews()] == [("sam", "APPROVED")]
        assert [comment.body for comment in one.get_issue_comments()] == ["thanks"]

    await drive(shop, "jay", read)


async def test_it_opens_reviews_and_merges(shop: Shop) -> None:
    shop.jay.branch(shop.repository, "feature")
    shop.jay.commit(shop.repository, "feature", {"README.md": "# Theirs\n"}, message="Theirs")

    def propose(client: Github) -> int:
        return client.get_repo("acme/shop").create_pull(base="main", head="feature", title="Theirs", body="").number

    def approve(client: Github) -> None:
        one = client.get_repo("acme/shop").get_pull(number)
        one.create_review(event="APPROVE", body="yes")
        one.create_issue_comment("merging").create_reaction("+1")
        one.add_to_labels("urgent")
        assert one.merge(sha=one.head.sha).merged

    number = await drive(shop, "jay", propose)
    await drive(shop, "sam", approve)
    assert shop.repository.pulls[number].merged


async def test_it_is_refused_a_blocked_merge(shop: Shop) -> None:
    shop.require_check()
    pull = shop.change({"README.md": "# Ours\n"})

    def merge(client: Github) -> None:
        with pytest.raises(GithubException) as refusal:
            client.get_repo("acme/shop").get_pull(pull.number).merge()
        assert refusal.value.status == 405

    await drive(shop, "sam", merge)


async def test_it_knows_who_may_do_what(shop: Shop) -> None:
    def look(client: Github) -> None:
        repository = client.get_repo("acme/shop")
        assert repository.get_collaborator_permission("jay") == "write"
        assert {one.login for one in repository.get_collaborators()} == {"jay", "ops", "sam", "sue"}
        team = client.get_organization("acme").get_team_by_slug("senior-engineers")
        assert {one.login for one in team.get_members()} == {"sam", "sue"}

    await drive(shop, "ops", look)


async def test_it_signs_in_as_the_app_and_writes_a_check(shop: Shop) -> None:
    pull = shop.change({"README.md": "# Ours\n"})

    def check() -> None:
        auth = Auth.AppAuth(shop.github.app_id, shop.github.private_key)
        integration = GithubIntegration(auth=auth, base_url=shop.github.api_url)
        installation = integration.get_repo_installation("acme", "shop")
        with installation.get_github_for_installation() as client:
            repository = client.get_repo("acme/shop")
            run = repository.create_check_run("ci", pull.head_sha, status="in_progress")
            run.edit(status="completed", conclusion="success", output={"title": "Good", "summary": "All good"})
            assert [one.conclusion for one in repository.get_commit(pull.head_sha).get_check_runs()] == ["success"]
        integration.close()

    await asyncio.to_thread(check)
