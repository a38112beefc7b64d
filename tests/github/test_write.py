"""A write leaves on GitHub what the plan says, and can be done twice."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from bot.core.decision import Conclusion
from bot.core.pull import Repository
from bot.core.writes import (
    AddLabel,
    Annotation,
    AnnotationLevel,
    Button,
    CheckRun,
    PostCheck,
    React,
    Reaction,
    RemoveLabel,
    Reply,
    RequestReview,
)
from bot.github.client import Client
from bot.github.errors import Forbidden
from bot.github.reply import key_of, with_key
from bot.github.write import Written, apply
from bot.sandbox.objects import PullRequest
from tests.github.looking import look_at
from tests.shop import Shop

ANNOTATION = Annotation(path="terraform/main.tf", line=1, level=AnnotationLevel.WARNING, title="t", message="m")


@pytest.fixture
def pull(shop: Shop) -> PullRequest:
    return shop.change({"terraform/main.tf": "# changed\n"})


@pytest.fixture
def repository(shop: Shop) -> Repository:
    return Repository(id=shop.repository.id, owner="acme", name="shop")


def check_for(pull: PullRequest, annotations: int = 0, conclusion: Conclusion = Conclusion.SUCCESS) -> CheckRun:
    return CheckRun(
        name="countersign/main",
        head_sha=pull.head_sha,
        conclusion=conclusion,
        title="Approved",
        summary="All is well.",
        annotations=(ANNOTATION,) * annotations,
        buttons=(Button(label="Approve", description="Approve exactly this head", identifier="approve"),),
        details_url="",
        external_id=f"{pull.number}:digest",
    )


def runs(shop: Shop) -> list[Any]:
    return sorted(shop.repository.runs, key=lambda run: run.id)


@pytest.mark.parametrize("annotations", [0, 50, 51, 101])
async def test_a_check_run_is_posted_with_all_annotations(
    client: Client, shop: Shop, pull: PullRequest, repository: Repository, annotations: int
) -> None:
    await apply(client, repository, PostCheck(check=check_for(pull, annotations)))
    (run,) = runs(shop)
    assert (run.status, run.conclusion, len(run.annotations)) == ("completed", "success", annotations)
    assert run.external_id == f"{pull.number}:digest"


async def test_a_success_is_followed_and_not_rewritten(
    client: Client, shop: Shop, pull: PullRequest, repository: Repository
) -> None:
    await apply(client, repository, PostCheck(check=check_for(pull)))
    stands = (await look_at(client, shop, pull)).facts.posted.check
    shut = replace(check_for(pull, conclusion=Conclusion.FAILURE), external_id="1:other")
    await apply(client, repository, PostCheck(check=shut), stands)
    assert [run.conclusion for run in runs(shop)] == ["success", "failure"]
    latest = (await look_at(client, shop, pull)).facts.posted.check
    assert latest is not None
    assert (latest.conclusion, latest.external_id) == ("failure", "1:other")


async def test_a_review_is_asked_for(client: Client, shop: Shop, pull: PullRequest, repository: Repository) -> None:
    for write in (
        RequestReview(number=pull.number, login="sam"),
        RequestReview(number=pull.number, team="senior-engineers"),
    ):
        assert await apply(client, repository, write) == Written()
    posted = (await look_at(client, shop, pull)).facts.posted
    assert posted.requested == {"sam"}
    assert posted.requested_teams == {"senior-engineers"}


@pytest.mark.parametrize(("login", "team"), [("nobody", ""), ("jay", ""), ("", "no-team")])
async def test_a_reviewer_whom_github_refuses_is_reported(
    client: Client, pull: PullRequest, repository: Repository, login: str, team: str
) -> None:
    write = RequestReview(number=pull.number, login=login, team=team)
    assert await apply(client, repository, write) == Written(refused_reviewer=login or team)


async def test_labels_come_and_go_and_may_be_gone_already(
    client: Client, shop: Shop, pull: PullRequest, repository: Repository
) -> None:
    label = "needs senior/approval?"
    for write in (AddLabel(number=pull.number, label=label), AddLabel(number=pull.number, label="ai-assisted")):
        await apply(client, repository, write)
    for _ in range(2):
        await apply(client, repository, RemoveLabel(number=pull.number, label=label))
    assert (await look_at(client, shop, pull)).facts.posted.labels == {"ai-assisted"}


async def test_reactions_and_replies_are_known_again(
    client: Client, shop: Shop, pull: PullRequest, repository: Repository
) -> None:
    said = shop.sue.comment(pull, "/approve-ai")
    for _ in range(2):
        await apply(client, repository, React(comment_id=said.id, reaction=Reaction.THUMBS_UP))
    written = await apply(client, repository, Reply(number=pull.number, key=f"comment:{said.id}", body="No."))
    posted = (await look_at(client, shop, pull)).facts.posted
    assert posted.reacted == {said.id}
    assert posted.replied == {f"comment:{said.id}"}
    assert written.comment_id is not None


async def test_a_copied_mark_is_no_reply_of_ours(client: Client, shop: Shop, pull: PullRequest) -> None:
    shop.jay.comment(pull, with_key("No.", "comment:1"))
    assert (await look_at(client, shop, pull)).facts.posted.replied == frozenset()


async def test_a_comment_that_was_deleted_needs_no_reaction(
    client: Client, pull: PullRequest, repository: Repository
) -> None:
    assert pull.number
    assert await apply(client, repository, React(comment_id=1, reaction=Reaction.THUMBS_DOWN)) == Written()


async def test_what_github_does_not_do_is_raised(
    client: Client, shop: Shop, pull: PullRequest, repository: Repository
) -> None:
    shop.installation.app.permissions["checks"] = "read"
    shop.repository.archived = True
    with pytest.raises(Forbidden):
        await apply(client, repository, PostCheck(check=check_for(pull)))


def test_a_mark_is_read_back_only_from_the_end() -> None:
    assert key_of(with_key("text", "comment:9:status")) == "comment:9:status"
    assert key_of(f"{with_key('text', 'comment:9')}\nmore") == ""
    assert key_of("text") == ""
