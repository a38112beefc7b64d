"""REST answers what GitHub's description promises, to those who may ask."""

from __future__ import annotations

import pytest

from bot.sandbox.actions import checking
from tests.sandbox.client import Client
from tests.shop import Shop

REPO = "/repos/acme/shop"
READS = [
    "/installation/repositories",
    REPO,
    f"{REPO}/branches",
    f"{REPO}/activity?ref=refs/heads/change&per_page=100",
    f"{REPO}/pulls",
    f"{REPO}/pulls?state=all&per_page=1",
    f"{REPO}/pulls/1",
    f"{REPO}/pulls/1/files",
    f"{REPO}/pulls/1/commits",
    f"{REPO}/pulls/1/reviews",
    f"{REPO}/pulls/1/requested_reviewers",
    f"{REPO}/issues/1",
    f"{REPO}/issues/1/comments",
    f"{REPO}/issues/1/labels",
    f"{REPO}/labels",
    f"{REPO}/compare/main...change",
    f"{REPO}/commits",
    f"{REPO}/commits/change",
    f"{REPO}/commits/change/check-runs",
    f"{REPO}/commits/change/check-suites",
    f"{REPO}/commits/change/status",
    f"{REPO}/commits/change/statuses",
    f"{REPO}/commits/change/branches-where-head",
    f"{REPO}/commits/change/pulls",
    f"{REPO}/tags",
    f"{REPO}/git/trees/change?recursive=1",
    f"{REPO}/git/matching-refs/heads",
    f"{REPO}/git/ref/heads/main",
    f"{REPO}/contents/terraform/main.tf?ref=change",
    f"{REPO}/contents/",
    f"{REPO}/contents/terraform",
    f"{REPO}/collaborators",
    f"{REPO}/collaborators/jay/permission",
    f"{REPO}/rules/branches/main",
    f"{REPO}/rulesets",
    f"{REPO}/actions/permissions/workflow",
    f"{REPO}/teams",
    "/orgs/acme",
    "/orgs/acme/teams",
    "/orgs/acme/teams/senior-engineers",
    "/orgs/acme/teams/senior-engineers/members",
    "/orgs/acme/teams/senior-engineers/memberships/sam",
    "/orgs/acme/teams/senior-engineers/teams",
    "/orgs/acme/memberships/sam",
    "/users/jay",
    "/rate_limit",
]


@pytest.fixture
def busy(shop: Shop) -> Shop:
    """A shop where a bit of everything has happened."""
    shop.require_check()
    pull = shop.change({"terraform/main.tf": "# gone\n", "docs/a.md": "a\n", "README.md": None})
    comment = shop.jay.comment(pull, "please look")
    shop.jay.edit_comment(pull, comment, "please look again")
    shop.jay.label(pull, "ai-assisted")
    review = shop.sam.review(pull, "REQUEST_CHANGES", "no")
    shop.sam.dismiss(pull, review, "seen")
    shop.sue.approve(pull)
    run = checking.create_run(
        shop.world,
        shop.repository,
        shop.github.app,
        {
            "name": "countersign/main",
            "head_sha": pull.head_sha,
            "conclusion": "action_required",
            "output": {"title": "Waiting", "summary": "for a senior", "annotations": [_NOTE]},
            "actions": [{"label": "Approve", "description": "Approve this change", "identifier": "approve"}],
        },
    )
    shop.sam.press(pull, run, "approve")
    shop.sam.rerequest(pull, run)
    checking.set_status(
        shop.world,
        shop.repository,
        pull.head_sha,
        {"state": "success", "context": "ci"},
        creator=shop.jay.account,
        app=None,
    )
    return shop


_NOTE = {"path": "terraform/main.tf", "start_line": 1, "end_line": 1, "annotation_level": "failure", "message": "gone"}


async def test_every_read_answers_as_described(busy: Shop, client: Client) -> None:
    token = await client.installation_token()
    for path in READS:
        reply = await client.ask("GET", path, token)
        assert reply.status == 200, (path, reply.body)
    run = busy.repository.runs[0]
    assert (await client.ask("GET", f"{REPO}/check-runs/{run.id}/annotations", token)).body[0]["message"] == "gone"


async def test_files_and_comparison_are_those_of_git(busy: Shop, client: Client) -> None:
    token = await client.installation_token()
    files = (await client.ask("GET", f"{REPO}/pulls/1/files", token)).body
    assert [(file["filename"], file["status"]) for file in files] == [
        ("README.md", "removed"),
        ("docs/a.md", "added"),
        ("terraform/main.tf", "modified"),
    ]
    assert files[2]["patch"].startswith("@@ -1,4 +1 @@\n-resource")
    compared = (await client.ask("GET", f"{REPO}/compare/main...change", token)).body
    assert compared["merge_base_commit"]["sha"] == busy.repository.git.resolve("main")
    assert (compared["status"], compared["ahead_by"], len(compared["files"])) == ("ahead", 1, 3)


async def test_who_pushed_to_a_branch_is_told(busy: Shop, client: Client) -> None:
    token = await client.installation_token()
    moves = (await client.ask("GET", f"{REPO}/activity?ref=refs/heads/change", token)).body
    assert [(move["activity_type"], move["actor"]["login"]) for move in moves] == [
        ("push", "jay"),
        ("branch_creation", "jay"),
    ]
    assert (await client.ask("GET", f"/repositories/{busy.repository.id}", token)).body["full_name"] == "acme/shop"


async def test_a_list_longer_than_a_page_links_to_the_next(busy: Shop, client: Client) -> None:
    token = await client.installation_token()
    pull = busy.repository.pulls[1]
    for number in range(4):
        busy.jay.comment(pull, f"comment {number}")
    first = await client.ask("GET", f"{REPO}/issues/1/comments?per_page=2", token)
    assert 'page=2>; rel="next"' in first.headers["Link"]
    assert 'page=3>; rel="last"' in first.headers["Link"]
    last = await client.ask("GET", f"{REPO}/issues/1/comments?per_page=2&page=3", token)
    assert [one["body"] for one in last.body] == ["comment 3"]


async def test_an_unchanged_answer_is_not_sent_twice(busy: Shop, client: Client) -> None:
    token = await client.installation_token()
    first = await client.ask("GET", f"{REPO}/pulls/1", token)
    again = await client.ask("GET", f"{REPO}/pulls/1", token, headers={"If-None-Match": first.headers["ETag"]})
    assert again.status == 304
    busy.jay.comment(busy.repository.pulls[1], "changed")
    third = await client.ask("GET", f"{REPO}/pulls/1", token, headers={"If-None-Match": first.headers["ETag"]})
    assert third.status == 200
