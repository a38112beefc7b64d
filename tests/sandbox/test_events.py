"""Every webhook that the embedded GitHub sends is one that GitHub publishes, in the published shape."""

from __future__ import annotations

from bot.sandbox import events
from bot.sandbox.actions import checking, people, pulls, pushing
from tests.sandbox.judge import Judge
from tests.shop import Shop


def told(judge: Judge) -> set[str]:
    return {f"{event}.{payload['action']}" if "action" in payload else event for event, payload in judge.webhooks}


async def test_what_happens_to_a_pull_request_is_told(shop: Shop, judge: Judge) -> None:
    shop.ops.branch(shop.repository, "next")
    pull = shop.change({"README.md": "# Ours\n"})
    shop.jay.edit(pull, title="Better", body="Because", base="next")
    shop.jay.set_draft(pull, draft=True)
    shop.jay.set_draft(pull, draft=False)
    shop.jay.label(pull, "urgent")
    shop.jay.unlabel(pull, "urgent")
    pulls.request_reviewers(shop.world, pull, ["sam"], ["senior-engineers"], actor=shop.jay.account)
    pulls.remove_reviewers(shop.world, pull, ["sam"], ["senior-engineers"], actor=shop.jay.account)
    shop.jay.close(pull)
    shop.jay.reopen(pull)
    shop.jay.commit(shop.repository, "change", {"README.md": "# Mine\n"}, message="More")
    shop.sam.merge(pull)
    pushing.delete_branch(shop.world, shop.repository, "change", actor=shop.jay.account)
    actions = ("opened", "edited", "converted_to_draft", "ready_for_review", "labeled", "unlabeled", "review_requested")
    more = ("review_request_removed", "closed", "reopened", "synchronize")
    assert {f"pull_request.{action}" for action in (*actions, *more)} <= told(judge)
    changes = next(p["changes"] for _, p in judge.webhooks if p.get("action") == "edited")
    assert changes["base"]["ref"] == {"from": "main"}
    assert (changes["title"], changes["body"]) == ({"from": "Change the shop"}, {"from": ""})


async def test_what_people_say_is_told(shop: Shop, judge: Judge) -> None:
    pull = shop.change({"README.md": "# Ours\n"})
    comment = shop.jay.comment(pull, "one")
    shop.sam.edit_comment(pull, comment, "two")
    shop.sam.delete_comment(pull, comment)
    review = shop.sam.approve(pull, "yes")
    shop.sam.dismiss(pull, review, "no")
    edited = next(p for event, p in judge.webhooks if event == "issue_comment" and p["action"] == "edited")
    assert (edited["sender"]["login"], edited["comment"]["user"]["login"]) == ("sam", "jay")
    assert edited["changes"] == {"body": {"from": "one"}}
    said = {"issue_comment.created", "issue_comment.edited", "issue_comment.deleted"}
    assert said | {"pull_request_review.submitted", "pull_request_review.dismissed"} <= told(judge)


async def test_checks_and_statuses_are_told(shop: Shop, judge: Judge) -> None:
    pull = shop.change({"README.md": "# Ours\n"})
    action = {"label": "Approve", "description": "Approve this", "identifier": "approve"}
    wanted = {"name": "countersign/main", "head_sha": pull.head_sha, "status": "in_progress", "actions": [action]}
    run = checking.create_run(shop.world, shop.repository, shop.github.app, wanted)
    checking.update_run(shop.world, shop.repository, run, {"conclusion": "action_required"})
    shop.sam.press(pull, run, "approve")
    shop.sam.rerequest(pull, run)
    checking.rerequest_suite(shop.world, shop.repository, run.suite, actor=shop.sam.account)
    status = {"state": "success", "context": "ci"}
    checking.set_status(shop.world, shop.repository, pull.head_sha, status, creator=shop.sam.account, app=None)
    runs = {f"check_run.{name}" for name in ("created", "completed", "requested_action", "rerequested")}
    assert runs | {"check_suite.rerequested", "status", "push"} <= told(judge)


async def test_a_button_is_told_to_the_apps_own_alone(shop: Shop, judge: Judge) -> None:
    pull = shop.change({"README.md": "# Ours\n"})
    wanted = {"name": "ci", "head_sha": pull.head_sha, "conclusion": "success"}
    run = checking.create_run(shop.world, shop.repository, shop.github.actions_app, wanted)
    shop.sam.rerequest(pull, run)
    assert "check_run.completed" in told(judge)
    assert "check_run.rerequested" not in told(judge)


async def test_who_belongs_where_is_told(shop: Shop, judge: Judge) -> None:
    organization, world = shop.organization, shop.world
    people.leave_team(world, shop.seniors, shop.sue.account, actor=organization)
    people.stop_collaborating(world, shop.repository, shop.jay.account, actor=organization)
    people.collaborate(world, shop.repository, shop.jay.account, "write", actor=organization)
    events.team(world, shop.seniors, "created", organization)
    other = shop.github.add_repository("acme/other")
    some = shop.github.install("acme", repositories=["acme/shop"])
    people.add_to_installation(world, some, other, actor=organization)
    people.remove_from_installation(world, some, other, actor=organization)
    people.suspend(world, some, actor=organization)
    people.unsuspend(world, some, actor=organization)
    people.uninstall(world, some, actor=organization)
    installations = {f"installation.{action}" for action in ("created", "suspend", "unsuspend", "deleted")}
    assert installations | {"installation_repositories.added", "installation_repositories.removed"} <= told(judge)
    assert {"membership.removed", "member.added", "member.removed", "team.created"} <= told(judge)


async def test_a_push_tells_the_paths_of_each_commit(shop: Shop, judge: Judge) -> None:
    shop.commit_to_main({"README.md": "# Ours\n", "new.md": "new\n", "terraform/main.tf": None})
    (commit,) = [payload for event, payload in judge.webhooks if event == "push"][-1]["commits"]
    assert (commit["added"], commit["modified"], commit["removed"]) == (
        ["new.md"],
        ["README.md"],
        ["terraform/main.tf"],
    )
