"""A look tells the whole truth about a pull request, or says what is missing."""

from __future__ import annotations

import pytest

from bot.core.approval.records import Sighting
from bot.core.history import History
from bot.core.policy.default import BUILT_IN
from bot.core.policy.model import Policy, PolicyError
from bot.core.pull import Actor, ActorKind, FileStatus, PullState, ReviewState
from bot.core.roster import Permission
from bot.github.client import Client
from bot.github.errors import Gone
from bot.github.read.look import look
from bot.sandbox.actions import checking, people, pulls
from bot.sandbox.embedded import EmbeddedGitHub
from bot.sandbox.git import Signature
from tests.github.looking import NOW, choose, job_for, look_at
from tests.sandbox.judge import Judge
from tests.shop import CLAUDE, TERRAFORM, Shop

POLICY = """version: 1
seniors: {teams: [acme/senior-engineers], users: [ops, nobody-there]}
rules:
  - {name: infra, when: {tier: low}, require: {seniors: 1}}
"""


async def test_a_look_reads_both_sides_of_the_change(client: Client, shop: Shop) -> None:
    pull = shop.change({"terraform/main.tf": TERRAFORM.replace("small", "large"), "new.txt": "new\n"})
    seen = (await look_at(client, shop, pull)).facts.pull
    assert seen.incomplete == ()
    assert [(file.path, file.status, file.base is None, file.head is None) for file in seen.files] == [
        ("new.txt", FileStatus.ADDED, True, False),
        ("terraform/main.tf", FileStatus.MODIFIED, False, False),
    ]
    changed = seen.files[1]
    assert changed.base is not None
    assert changed.head is not None
    assert (changed.base.text, changed.head.text) == (TERRAFORM, TERRAFORM.replace("small", "large"))
    assert changed.head.mode == "100644"
    assert changed.head.size == len(TERRAFORM)


async def test_a_rename_keeps_its_old_name_and_a_removal_its_old_content(client: Client, shop: Shop) -> None:
    pull = shop.change({"terraform/main.tf": None, "docs/main.txt": TERRAFORM, "README.md": None})
    removed, renamed = sorted((await look_at(client, shop, pull)).facts.pull.files, key=lambda file: file.path)
    assert (renamed.status, renamed.old_path, renamed.path) == (
        FileStatus.RENAMED,
        "terraform/main.tf",
        "docs/main.txt",
    )
    assert renamed.base is not None
    assert renamed.base.text == TERRAFORM
    assert (removed.path, removed.status, removed.head) == ("README.md", FileStatus.REMOVED, None)


async def test_what_is_not_read_of_a_file_says_why(client: Client, shop: Shop) -> None:
    pull = shop.change({"big.tf": "#" * (1024 * 1024 + 1), "image.png": b"\x89PNG\0\0", "latin.tf": b"# caf\xe9\n"})
    seen = (await look_at(client, shop, pull)).facts.pull
    told = {file.path: (file.head.text, file.head.unread) for file in seen.files if file.head}
    assert told["big.tf"] == (None, "1.0 MiB, over the limit of 1 MiB")
    assert told["image.png"] == (None, "binary")
    assert told["latin.tf"] == ("# caf\ufffd\n", "")


async def test_a_long_text_is_read_to_its_end(client: Client, shop: Shop) -> None:
    text = "# comment\n" * 100_000
    pull = shop.change({"long.tf": text})
    (file,) = (await look_at(client, shop, pull)).facts.pull.files
    assert file.head is not None
    assert file.head.text == text


async def test_commits_carry_whole_messages_and_accounts(client: Client, shop: Shop) -> None:
    stranger = Signature(name="Stranger", email="stranger@example.com", time=1_700_000_000)
    pull = shop.change({"a": "1"}, message=f"Change\n\n{CLAUDE}")
    shop.jay.commit(shop.repository, "change", {"b": "2"}, message="Second", author=stranger, committer=stranger)
    facts = (await look_at(client, shop, pull)).facts
    first, second = facts.pull.commits
    jay = Actor(login="jay", id=shop.jay.account.id, kind=ActorKind.USER)
    assert CLAUDE in first.message
    assert (first.author_account, first.committer_account) == (jay, jay)
    assert (second.author_account, second.author.email) == (None, "stranger@example.com")
    assert second.parents == (first.sha,)
    assert second.sha == facts.pull.head_sha
    assert facts.roster.by_email[shop.jay.account.email.lower()] == jay


async def test_a_merged_change_is_still_told_whole(client: Client, shop: Shop) -> None:
    pull = shop.change({"a": "1"})
    shop.ops.merge(pull)
    seen = (await look_at(client, shop, pull)).facts.pull
    assert [file.path for file in seen.files] == ["a"]
    assert seen.incomplete == ()


async def test_reviews_comments_and_labels_are_told(client: Client, shop: Shop) -> None:
    pull = shop.change({"a": "1"})
    first = shop.sam.review(pull, "REQUEST_CHANGES", "no")
    shop.sam.approve(pull)
    plain, edited = shop.sue.comment(pull, "one"), shop.sue.comment(pull, "two")
    shop.jay.edit_comment(pull, edited, "three")
    shop.jay.label(pull, "ai-assisted")
    shop.ops.dismiss(pull, first, "done")
    seen = (await look_at(client, shop, pull)).facts
    assert [(review.author.login, review.state, review.commit_sha) for review in seen.pull.reviews] == [
        ("sam", ReviewState.DISMISSED, pull.head_sha),
        ("sam", ReviewState.APPROVED, pull.head_sha),
    ]
    assert {comment.id: comment.edited for comment in seen.pull.comments} == {plain.id: False, edited.id: True}
    assert seen.pull.labels == ("ai-assisted",)
    assert seen.posted.labels == {"ai-assisted"}


async def test_earlier_texts_and_pushed_away_commits_are_told(client: Client, shop: Shop) -> None:
    pull = shop.change({"a": "1"}, message=f"First\n\n{CLAUDE}", title="Old title", body="Old body")
    before = pull.head_sha
    shop.jay.edit(pull, title="New title", body="New body")
    shop.jay.commit(shop.repository, "change", {"a": "2"}, message="Clean", onto=pull.base_sha)
    seen = (await look_at(client, shop, pull)).facts.pull
    assert [(commit.sha, CLAUDE in commit.message) for commit in seen.past_commits] == [(before, True)]
    assert [CLAUDE in commit.message for commit in seen.commits] == [False]
    assert seen.past_titles == ("Old title",)
    assert "Old body" in seen.past_bodies
    assert [pusher.login for pusher in seen.pushers] == ["jay"]


async def test_every_edit_of_the_body_is_told_however_often_it_was_edited(client: Client, shop: Shop) -> None:
    pull = shop.change({"a": "1"}, body="The very first")
    for number in range(120):
        shop.jay.edit(pull, body=f"Body {number}")
    seen = (await look_at(client, shop, pull)).facts.pull
    assert len(seen.past_bodies) == 120
    assert "The very first" in seen.past_bodies
    assert (seen.deleted_bodies, seen.incomplete) == (0, ())


async def test_more_edits_than_can_be_read_make_the_look_incomplete(
    client: Client, shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.github.read.told.MOST_PAGES", 1)
    pull = shop.change({"a": "1"}, body="The very first")
    for number in range(250):
        shop.jay.edit(pull, body=f"Body {number}")
    assert (await look_at(client, shop, pull)).facts.pull.incomplete == ("the conversation is longer than 1 pages",)


async def test_a_body_that_was_deleted_from_the_history_is_counted(client: Client, shop: Shop) -> None:
    pull = shop.change({"a": "1"}, body="Generated with Claude Code")
    shop.jay.edit(pull, body="Handmade")
    shop.jay.delete_edit(pull, 0)
    seen = (await look_at(client, shop, pull)).facts.pull
    assert (seen.past_bodies, seen.deleted_bodies, seen.incomplete) == ((), 1, ())


async def test_a_head_that_was_judged_is_not_read_again(client: Client, shop: Shop) -> None:
    pull = shop.change({"a": "1"})
    sighting = Sighting(head_sha=pull.head_sha, base_ref="main", first_seen_at=1, published_at=2)
    shop.jay.commit(shop.repository, "change", {"a": "2"}, message="Clean", onto=pull.base_sha)
    judged = await look_at(client, shop, pull, History(sightings=(sighting,)))
    assert judged.facts.pull.past_commits == ()


async def test_without_a_policy_file_the_maintainers_are_told(client: Client, shop: Shop) -> None:
    told = await look_at(client, shop, shop.change({"a": "1"}))
    assert told.policy == BUILT_IN
    assert told.facts.roster.maintainers is not None
    assert {actor.login for actor in told.facts.roster.maintainers} == {"ops", "sam", "sue"}


async def test_a_policy_file_names_whom_to_look_up(client: Client, shop: Shop) -> None:
    shop.commit_to_main({".github/countersign.yml": POLICY})
    child = shop.world.add_team(shop.organization, "child", parent=shop.seniors)
    newcomer = shop.github.person("newcomer")
    people.join_team(shop.world, child, newcomer.account, actor=shop.organization)
    told = await look_at(client, shop, shop.change({"a": "1"}))
    roster = told.facts.roster
    assert isinstance(told.policy, Policy)
    assert told.policy.source.startswith("acme/shop:.github/countersign.yml@")
    members = roster.teams["acme/senior-engineers"]
    assert members is not None
    assert {actor.login for actor in members} == {"sam", "sue", "newcomer"}
    assert roster.users["nobody-there"] is None
    assert roster.users["ops"] == Actor(login="ops", id=shop.ops.account.id, kind=ActorKind.USER)
    assert roster.maintainers is None
    assert roster.permissions[shop.sam.account.id] == Permission.MAINTAIN
    assert roster.permissions[shop.ops.account.id] == Permission.ADMIN
    assert roster.permissions[shop.jay.account.id] == Permission.WRITE


async def test_somebody_who_may_not_push_is_known_not_to(client: Client, shop: Shop) -> None:
    pull = shop.change({"a": "1"})
    stranger = shop.github.person("stranger")
    people.collaborate(shop.world, shop.repository, stranger.account, "read", actor=shop.organization)
    stranger.comment(pull, "/approve-ai")
    told = await look_at(client, shop, pull)
    assert told.facts.roster.permissions[stranger.account.id] < Permission.WRITE


async def test_a_team_that_cannot_be_read_is_unknown_and_not_empty(client: Client, shop: Shop) -> None:
    text = POLICY.replace("acme/senior-engineers", "acme/no-such-team, elsewhere/team")
    shop.commit_to_main({".github/countersign.yml": text})
    roster = (await look_at(client, shop, shop.change({"a": "1"}))).facts.roster
    assert roster.teams == {"acme/no-such-team": None, "elsewhere/team": None}


@pytest.mark.parametrize("size", [0, 101])
async def test_a_team_is_read_over_all_its_pages(client: Client, shop: Shop, size: int) -> None:
    team = shop.world.add_team(shop.organization, "many")
    for number in range(size):
        people.join_team(shop.world, team, shop.github.person(f"p{number}").account, actor=shop.organization)
    shop.commit_to_main({".github/countersign.yml": POLICY.replace("senior-engineers", "many")})
    members = (await look_at(client, shop, shop.change({"a": "1"}))).facts.roster.teams["acme/many"]
    assert members is not None
    assert len(members) == size


@pytest.mark.parametrize("path", ["countersign.yml", ".github/countersign.yml"])
async def test_the_organisations_policy_is_found(client: Client, shop: Shop, path: str) -> None:
    defaults = shop.github.add_repository("acme/.github")
    shop.ops.commit(defaults, "main", {path: POLICY}, message="Policy")
    policy = (await look_at(client, shop, shop.change({"a": "1"}))).policy
    assert isinstance(policy, Policy)
    assert policy.source.startswith(f"acme/.github:{path}@")


async def test_the_policy_is_the_base_branchs_and_not_the_pull_requests(client: Client, shop: Shop) -> None:
    told = await look_at(client, shop, shop.change({".github/countersign.yml": POLICY}))
    assert told.policy == BUILT_IN


@pytest.mark.parametrize("content", [b"\xff\0\xff", b"#" * 300_000], ids=["binary", "too large"])
async def test_a_policy_that_cannot_be_read_is_broken_and_not_missing(
    client: Client, shop: Shop, content: bytes
) -> None:
    shop.commit_to_main({".github/countersign.yml": content})
    assert isinstance((await look_at(client, shop, shop.change({"a": "1"}))).policy, PolicyError)


async def test_our_check_is_told_from_others_under_its_name(client: Client, shop: Shop, github: EmbeddedGitHub) -> None:
    pull = shop.change({"a": "1"})
    run = {"name": "countersign/main", "head_sha": pull.head_sha, "status": "completed", "conclusion": "success"}
    for external_id in ("12:old", "12:new"):
        checking.create_run(shop.world, shop.repository, github.app, {**run, "external_id": external_id})
    checking.create_run(shop.world, shop.repository, github.actions_app, {**run, "external_id": "12:forged"})
    posted = (await look_at(client, shop, pull)).facts.posted
    assert posted.check is not None
    assert (posted.check.external_id, posted.check.conclusion) == ("12:new", "success")
    assert posted.foreign == ("check run by the App github-actions",)


async def test_a_run_that_is_not_completed_has_no_conclusion(
    client: Client, shop: Shop, github: EmbeddedGitHub
) -> None:
    pull = shop.change({"a": "1"})
    run = {"name": "countersign/main", "head_sha": pull.head_sha, "status": "in_progress"}
    checking.create_run(shop.world, shop.repository, github.app, run)
    posted = (await look_at(client, shop, pull)).facts.posted
    assert posted.check is not None
    assert posted.check.conclusion == ""


async def test_siblings_share_head_and_base(client: Client, shop: Shop) -> None:
    pull = shop.change({"a": "1"})
    shop.jay.branch(shop.repository, "twin", start="change")
    shop.jay.branch(shop.repository, "release", start="main")
    twin = shop.jay.open(shop.repository, "twin", title="Twin")
    shop.jay.open(shop.repository, "twin", title="Elsewhere", base="release")
    assert (await look_at(client, shop, pull)).facts.pull.siblings == (twin.number,)
    shop.jay.close(twin)
    assert (await look_at(client, shop, pull)).facts.pull.siblings == ()


async def test_asked_reviewers_and_their_load_are_told(client: Client, shop: Shop) -> None:
    pull = shop.change({"a": "1"})
    other = shop.change({"b": "1"}, branch="other")
    for one in (pull, other):
        pulls.request_reviewers(shop.world, one, ["sam"], [], actor=shop.jay.account)
    pulls.request_reviewers(shop.world, pull, [], ["senior-engineers"], actor=shop.jay.account)
    facts = (await look_at(client, shop, pull)).facts
    assert facts.posted.requested == {"sam"}
    assert facts.posted.requested_teams == {"senior-engineers"}
    assert facts.roster.open_requests == {"sam": 2}


async def test_a_renamed_repository_is_found_by_its_id(client: Client, shop: Shop) -> None:
    pull = shop.change({"a": "1"})
    told = await look(client, job_for(shop, pull.number, name="old-name"), history=History(), choose=choose, now=NOW)
    assert told.facts.pull.repository.full_name == "acme/shop"


async def test_a_pull_request_that_is_not_there_is_gone(client: Client, shop: Shop) -> None:
    with pytest.raises(Gone):
        await look(client, job_for(shop, 4711), history=History(), choose=choose, now=NOW)


async def test_a_closed_pull_request_is_told_as_closed(client: Client, shop: Shop) -> None:
    pull = shop.change({"a": "1"})
    shop.jay.close(pull)
    assert (await look_at(client, shop, pull)).facts.pull.state is PullState.CLOSED


async def test_git_notes_are_read(client: Client, shop: Shop) -> None:
    pull = shop.change({"a": "1"})
    git = shop.repository.git
    note = shop.ops.commit(shop.repository, "notes", {pull.head_sha: "agent: x\n"}, message="Note", onto=None)
    git.set_ref("refs/notes/ai", note)
    assert (await look_at(client, shop, pull)).facts.pull.commits[0].notes == ("agent: x\n",)


@pytest.mark.parametrize("count", [100, 101])
async def test_comments_are_read_over_all_pages(client: Client, shop: Shop, count: int) -> None:
    pull = shop.change({"a": "1"})
    for number in range(count):
        shop.sue.comment(pull, f"comment {number}")
    seen = (await look_at(client, shop, pull)).facts.pull
    assert len(seen.comments) == count
    assert seen.incomplete == ()


@pytest.mark.parametrize("count", [50, 51])
async def test_files_are_read_over_all_batches(client: Client, shop: Shop, count: int) -> None:
    pull = shop.change({f"f{number:03}.tf": f"# {number}\n" for number in range(count)})
    seen = (await look_at(client, shop, pull)).facts.pull
    assert [file.head.text for file in seen.files if file.head] == [f"# {number}\n" for number in range(count)]
    assert seen.incomplete == ()


@pytest.mark.slow
async def test_more_files_than_a_comparison_tells_are_listed(client: Client, shop: Shop) -> None:
    pull = shop.change({f"f{number:03}.tf": f"# {number}\n" for number in range(301)})
    seen = (await look_at(client, shop, pull)).facts.pull
    assert len(seen.files) == 301
    assert seen.incomplete == ()


async def test_a_typical_look_takes_five_calls(client: Client, shop: Shop, judge: Judge) -> None:
    shop.commit_to_main({".github/countersign.yml": POLICY})
    pull = shop.change({f"f{number}.tf": "# one\n" for number in range(30)})
    for number in range(4):
        shop.jay.commit(shop.repository, "change", {"f1.tf": f"# {number}\n"}, message=f"More {number}")
    for number in range(10):
        shop.sue.comment(pull, f"comment {number}")
    shop.sam.approve(pull)
    shop.sue.review(pull, "COMMENT", "hm")
    await client.get("/installation/repositories")
    before = len(judge.exchanges) + len(judge.queries)
    seen = (await look_at(client, shop, pull)).facts.pull
    assert (len(seen.files), len(seen.commits), len(seen.comments), len(seen.reviews)) == (30, 5, 10, 2)
    assert [pusher.login for pusher in seen.pushers] == ["jay"]
    assert len(judge.exchanges) + len(judge.queries) - before == 5
