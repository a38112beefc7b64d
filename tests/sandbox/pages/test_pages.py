"""The pages show what GitHub would show, and their forms do only what GitHub would allow."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Mapping

import aiohttp
import pytest

from bot.sandbox.actions import checking, pulls
from bot.sandbox.embedded import EmbeddedGitHub
from bot.sandbox.objects import PullRequest
from bot.sandbox.pages.text import markdown, patch_lines


class Visitor:
    """A browser without a screen: keeps cookies, and fills in forms with the token of the page it saw last."""

    def __init__(self, github: EmbeddedGitHub, session: aiohttp.ClientSession) -> None:
        self.github = github
        self.session = session
        self.token = ""

    async def see(self, path: str) -> str:
        async with self.session.get(self.github.url + path) as answer:
            assert answer.status == 200, path
            assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
            html = await answer.text()
        found = re.search(r'name="token" value="(\w+)"', html)
        assert found
        self.token = found[1]
        return html

    async def send(self, address: str, /, **fields: str) -> int:
        form: Mapping[str, str] = {"token": self.token, **fields}
        async with self.session.post(self.github.url + address, data=form, allow_redirects=False) as answer:
            return answer.status

    async def act_as(self, login: str) -> None:
        await self.see("/")
        assert await self.send("/act-as", login=login) == 303


@pytest.fixture
async def visitor(github: EmbeddedGitHub) -> AsyncIterator[Visitor]:
    github.seed()
    # The server is reached by number, for which cookies are kept only when asked.
    jar = aiohttp.CookieJar(unsafe=True)
    async with aiohttp.ClientSession(cookie_jar=jar) as session:
        yield Visitor(github, session)


def database_pull(github: EmbeddedGitHub) -> PullRequest:
    repository = github.world.repository("acme/storefront")
    return next(pull for pull in repository.pulls.values() if pull.head_ref == "bigger-database")


def address(pull: PullRequest) -> str:
    return f"/acme/storefront/pull/{pull.number}"


async def test_every_page_of_every_pull_request_opens(visitor: Visitor, github: EmbeddedGitHub) -> None:
    index = await visitor.see("/")
    for pull in github.world.repository("acme/storefront").pulls.values():
        assert pull.title.split(">")[0] in index.replace("&gt;", ">")
        assert "Merging is blocked" in await visitor.see(address(pull))
        assert 'class="diff"' in await visitor.see(f"{address(pull)}/files")


async def test_a_link_to_a_line_leads_to_it(visitor: Visitor, github: EmbeddedGitHub) -> None:
    pull = database_pull(github)
    html = await visitor.see(f"/acme/storefront/blob/{pull.head_sha}/terraform/database.tf")
    assert re.search(r'<tr id="L2">.*orders_v2', html)
    for missing in ("none/terraform/database.tf", f"{pull.head_sha}/terraform", f"{pull.head_sha}/../x", "main/x"):
        async with visitor.session.get(f"{github.url}/acme/storefront/blob/{missing}") as answer:
            assert answer.status == 404, missing


async def test_the_check_is_shown_with_summary_annotations_and_buttons(
    visitor: Visitor, github: EmbeddedGitHub
) -> None:
    pull = database_pull(github)
    note = {
        "path": "terraform/database.tf",
        "start_line": 2,
        "end_line": 2,
        "annotation_level": "failure",
        "message": "gone",
    }
    action = {"label": "Approve", "description": "Approve this change", "identifier": "approve"}
    output = {"title": "Waiting for a senior", "summary": "## Why\n\n<b>bold</b>", "annotations": [note]}
    wanted = {"name": "countersign/main", "head_sha": pull.head_sha, "conclusion": "action_required"}
    checking.create_run(github.world, pull.repository, github.app, wanted | {"output": output, "actions": [action]})
    html = await visitor.see(address(pull))
    assert "Waiting for a senior" in html
    assert "<h2>Why</h2>" in html
    assert "&lt;b&gt;bold" in html
    assert "terraform/database.tf:2" in html
    assert 'value="approve"' in html
    assert "gone" in await visitor.see(f"{address(pull)}/files")


async def test_a_form_without_its_token_does_nothing(visitor: Visitor, github: EmbeddedGitHub) -> None:
    pull = database_pull(github)
    await visitor.see(address(pull))
    visitor.token = "forged"
    assert await visitor.send(f"{address(pull)}/comment", body="hello") == 403
    async with (
        aiohttp.ClientSession() as stranger,
        stranger.post(github.url + f"{address(pull)}/comment", data={"body": "hello"}) as answer,
    ):
        assert answer.status == 403
    assert not pull.comments


async def test_people_act_as_whom_they_chose(visitor: Visitor, github: EmbeddedGitHub) -> None:
    pull = database_pull(github)
    await visitor.act_as("sam")
    await visitor.see(address(pull))
    assert await visitor.send(f"{address(pull)}/comment", body="/approve-ai") == 303
    assert await visitor.send(f"{address(pull)}/review", event="APPROVE", body="fine") == 303
    assert [comment.author.login for comment in pull.comments] == ["sam"]
    assert [(one.author.login, one.state) for one in pull.reviews] == [("sam", "APPROVED")]
    assert "approved these changes" in await visitor.see(address(pull))


async def test_the_merge_button_is_refused_by_the_server_too(visitor: Visitor, github: EmbeddedGitHub) -> None:
    pull = database_pull(github)
    html = await visitor.see(address(pull))
    assert re.search(r"<button class=\"go\" disabled>Merge pull request", html)
    assert await visitor.send(f"{address(pull)}/merge", head=pull.head_sha) == 303
    assert "Required status check &#34;countersign/main&#34; is expected." in await visitor.see(address(pull))
    assert pull.state == "open"


async def test_pushing_moves_the_head_and_changes_the_fingerprint(visitor: Visitor, github: EmbeddedGitHub) -> None:
    pull, before = database_pull(github), database_pull(github).head_sha
    await visitor.see(address(pull))
    async with visitor.session.get(github.url + f"{address(pull)}/state") as answer:
        old = (await answer.json())["fingerprint"]
    fields = {"path": "terraform/database.tf", "content": "# all gone\r\n", "message": "Tidy", "claude": "1"}
    assert await visitor.send(f"{address(pull)}/push", **fields) == 303
    assert pull.head_sha != before
    assert "Co-Authored-By: Claude" in pull.repository.git.commit(pull.head_sha).message
    async with visitor.session.get(github.url + f"{address(pull)}/state") as answer:
        assert (await answer.json())["fingerprint"] != old


async def test_whom_a_review_is_asked_of_is_told(visitor: Visitor, github: EmbeddedGitHub) -> None:
    pull = database_pull(github)
    actor = github.app.bot
    pulls.request_reviewers(github.world, pull, ["sam"], ["sre-leads"], actor=actor)
    github.person("mira").label(pull, "urgent")
    html = await visitor.see(address(pull))
    assert "requested a review from <strong>sam" in html
    assert "acme/sre-leads" in html
    assert "urgent" in html


async def test_amending_force_pushes(visitor: Visitor, github: EmbeddedGitHub) -> None:
    pull, before = database_pull(github), database_pull(github).head_sha
    await visitor.see(address(pull))
    assert await visitor.send(f"{address(pull)}/amend", message="Only me") == 303
    assert pull.timeline[-1].facts == {"beforeCommit": before, "afterCommit": pull.head_sha}
    assert "force-pushed" in await visitor.see(address(pull))


@pytest.mark.parametrize("back", ["//evil.example", "/\\evil.example", "https://evil.example"])
async def test_no_form_leads_elsewhere(visitor: Visitor, github: EmbeddedGitHub, back: str) -> None:
    await visitor.see("/")
    form = {"token": visitor.token, "login": "sam", "back": back}
    async with visitor.session.post(github.url + "/act-as", data=form, allow_redirects=False) as answer:
        assert answer.headers["Location"] == "/"


@pytest.mark.parametrize("text", ["<script>alert(1)</script>", "[x](javascript:alert(1))", "![x](data:text/html,x)"])
def test_markdown_makes_nothing_that_runs(text: str) -> None:
    html = str(markdown(text))
    assert "<script" not in html
    assert 'href="javascript' not in html
    assert 'src="data:text/html' not in html


def test_a_comment_in_markdown_is_hidden_as_on_github() -> None:
    assert str(markdown("Not accepted.\n\n<!-- countersign:reply:comment:7 -->")) == "<p>Not accepted.</p>\n"


def test_a_patch_is_numbered_on_both_sides() -> None:
    rows = [(line.kind, line.old, line.new) for line in patch_lines("@@ -3,2 +3,2 @@ x\n a\n-b\n+c")]
    assert rows == [("hunk", None, None), ("same", 3, 3), ("removed", 4, None), ("added", None, 4)]


def test_only_a_line_feed_ends_a_line_of_a_patch() -> None:
    rows = list(patch_lines("@@ -1 +1,2 @@\n-a\x0cb\u2028c\r\n+d\n+e\n\\ No newline at end of file"))
    assert [line.kind for line in rows] == ["hunk", "removed", "added", "added", "more"]
    assert rows[1].text == "-a\x0cb\u2028c\r"


async def test_the_deployments_of_a_repository_wait_beside_what_the_app_says(visitor: Visitor) -> None:
    repository = visitor.github.world.repository("acme/storefront")
    path = "/acme/storefront/deployments"
    assert f'href="{path}"' in await visitor.see("/")
    assert "Nothing was deployed yet" in await visitor.see(path)
    assert await visitor.send(path, ref="main", environment="production") == 303
    (one,) = visitor.github.world.deployments.of(repository)
    assert (one.state, one.sha, one.creator.login) == ("waiting", repository.git.resolve("main"), "jay")
    assert "No answer yet" in await visitor.see(path)
    one.reports.append("waits for <b>one</b> senior")
    html = await visitor.see(path)
    assert "senior" in html
    assert "<b>one" not in html
    assert await visitor.send(path, ref="nowhere", environment="production") == 303
    assert "No ref found for: nowhere" in await visitor.see(path)
    assert await visitor.send(path, ref="main") == 400
