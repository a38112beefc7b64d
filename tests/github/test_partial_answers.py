"""Whatever part of an answer is lost, the look is incomplete or fails: never a smaller truth."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

import pytest

from bot.core.approval.records import Sighting
from bot.core.history import History
from bot.core.pull import ActorKind
from bot.core.roster import Permission
from bot.github.client import Client
from bot.github.errors import Forbidden, HeadMoved, NotFound, PartialAnswer, Unavailable, Unreadable
from tests.github.looking import Altered, look_at
from tests.shop import Shop

Change = Callable[[dict[str, Any]], None]


def pull_of(answer: dict[str, Any]) -> dict[str, Any]:
    """The first answer's pull request; of the last answer an empty one, on which a change has no effect."""
    found: dict[str, Any] = answer["repository"]["pullRequest"]
    return found if "title" in found else copy.deepcopy(EMPTY_PULL)


EMPTY_LIST = {"nodes": [{}, {}], "totalCount": 0, "pageInfo": {}}
LISTS = ("commits", "reviews", "comments", "timelineItems", "labels", "userContentEdits")
EMPTY_PULL: dict[str, Any] = dict.fromkeys(LISTS, EMPTY_LIST)
EMPTY_PULL["commits"] = {"nodes": [{"commit": {"authors": {}, "parents": {}}}], "totalCount": 0}


def drop(name: str) -> Change:
    def change(answer: dict[str, Any]) -> None:
        pull_of(answer)[name]["nodes"].pop()

    return change


def make_null(name: str) -> Change:
    def change(answer: dict[str, Any]) -> None:
        pull_of(answer)[name]["nodes"][0] = None

    return change


def end_early(name: str) -> Change:
    def change(answer: dict[str, Any]) -> None:
        pull_of(answer)[name] = {
            **pull_of(answer)[name],
            "totalCount": 101,
            "pageInfo": {"hasNextPage": True, "endCursor": None},
        }

    return change


def set_pull(name: str, value: Any) -> Change:
    def change(answer: dict[str, Any]) -> None:
        pull_of(answer)[name] = value

    return change


def set_commit(name: str, value: Any) -> Change:
    def change(answer: dict[str, Any]) -> None:
        pull_of(answer)["commits"]["nodes"][0]["commit"][name] = value

    return change


def more_authors(answer: dict[str, Any]) -> None:
    pull_of(answer)["commits"]["nodes"][0]["commit"]["authors"]["totalCount"] = 51


def last(change: Callable[[dict[str, Any]], None]) -> Change:
    def on_last(answer: dict[str, Any]) -> None:
        if "posted" in answer["repository"]:
            change(answer["repository"])

    return on_last


def lose_side(side: str) -> Change:
    return last(lambda repository: repository[side].update(f0=None))


def lose_object(repository: dict[str, Any]) -> None:
    repository["head"]["f0"]["object"] = None


def other_blob(repository: dict[str, Any]) -> None:
    repository["head"]["f0"]["oid"] = "0" * 40


def suites_lost(repository: dict[str, Any]) -> None:
    repository["posted"]["checkSuites"]["totalCount"] = 101


INCOMPLETE: list[tuple[str, Change]] = [
    *((f"a lost node of {name}", drop(name)) for name in ("commits", "reviews", "comments", "labels")),
    *((f"a null node of {name}", make_null(name)) for name in ("commits", "reviews", "comments", "labels")),
    *((f"null for {name}", set_pull(name, None)) for name in ("commits", "reviews", "comments", "timelineItems")),
    ("a lost force-push", drop("timelineItems")),
    ("a list that ends early", end_early("comments")),
    ("a truncated list of labels", set_pull("labels", {"totalCount": 101, "nodes": []})),
    ("a lost edit of the body", drop("userContentEdits")),
    ("a null edit of the body", make_null("userContentEdits")),
    ("no edits of an edited body", set_pull("userContentEdits", None)),
    ("no labels", set_pull("labels", None)),
    ("no review requests", set_pull("reviewRequests", None)),
    ("more files counted", set_pull("changedFiles", 3)),
    ("no base branch", set_pull("baseRef", None)),
    ("more co-authors", more_authors),
    ("a commit without an author", set_commit("author", None)),
    ("a commit without a committer", set_commit("committer", None)),
    ("no base side", lose_side("base")),
    ("no head side", lose_side("head")),
    ("no side at all", last(lambda repository: repository.update(base=None))),
    ("no object", last(lose_object)),
    ("another blob than listed", last(other_blob)),
    ("check suites lost", last(suites_lost)),
    ("no check suites", last(lambda repository: repository["posted"].update(checkSuites=None))),
    ("no associated pull requests", last(lambda repository: repository["posted"].update(associatedPullRequests=None))),
]
RAISED: list[tuple[str, Change, type[Exception]]] = [
    ("no head commit", last(lambda repository: repository.update(posted=None)), Unreadable),
    ("another head", last(lambda repository: repository["pullRequest"].update(headRefOid="0" * 40)), HeadMoved),
    ("another base", last(lambda repository: repository["pullRequest"].update(baseRefName="release")), HeadMoved),
    ("merged meanwhile", last(lambda repository: repository["pullRequest"].update(state="MERGED")), HeadMoved),
    ("no pull request any more", last(lambda repository: repository.update(pullRequest=None)), HeadMoved),
    ("no head", set_pull("headRefOid", None), Unreadable),
    ("no title", set_pull("title", None), Unreadable),
    ("no message", set_commit("message", None), Unreadable),
    ("no parents", set_commit("parents", None), Unreadable),
    ("an unknown state", set_pull("state", "LIMBO"), Unreadable),
    ("an unknown review state", set_pull("reviews", {"nodes": [{"state": "MAYBE"}], "pageInfo": {}}), Unreadable),
    ("no open pull requests", last(lambda repository: repository.update(pullRequests=None)), Unreadable),
]


@pytest.fixture
def pull(shop: Shop) -> Any:
    """A pull request with something in every list."""
    opened = shop.change({"README.md": "# Changed\n"})
    shop.jay.commit(shop.repository, "change", {"README.md": "# Again\n"}, message="Again", onto=opened.base_sha)
    shop.jay.commit(shop.repository, "change", {"README.md": "# Once more\n"}, message="Once more")
    shop.sam.approve(opened)
    shop.sue.comment(opened, "one")
    shop.jay.label(opened, "ai-assisted")
    shop.jay.edit(opened, body="Changed")
    return opened


def altered(client: Client, change: Change) -> Altered:
    def alter(what: str, answer: Any) -> Any:
        if what == "query":
            change(answer)
        return answer

    return Altered(client, alter)


async def test_unaltered_it_is_whole(client: Client, shop: Shop, pull: Any) -> None:
    seen = (await look_at(altered(client, lambda _: None), shop, pull)).facts.pull
    assert seen.incomplete == ()
    assert (len(seen.commits), len(seen.past_commits), len(seen.reviews), len(seen.comments)) == (2, 1, 1, 1)


async def test_every_lost_part_is_said(client: Client, shop: Shop, pull: Any) -> None:
    for name, change in INCOMPLETE:
        seen = (await look_at(altered(client, change), shop, pull)).facts.pull
        assert seen.incomplete, name


async def test_every_broken_part_fails_the_look(client: Client, shop: Shop, pull: Any) -> None:
    for name, change, error in RAISED:
        try:
            await look_at(altered(client, change), shop, pull)
        except error:
            continue
        pytest.fail(name)


def answering(client: Client, path: str, answer: Callable[[Any], Any]) -> Altered:
    return Altered(client, lambda what, told: answer(told) if path in what else told)


def refuse(error: Exception) -> Callable[[Any], Any]:
    def answer(_: Any) -> Any:
        raise error

    return answer


async def test_what_rest_lost_is_said(client: Client, shop: Shop, pull: Any) -> None:
    rows: list[tuple[str, str, Callable[[Any], Any]]] = [
        ("no comparison", "/compare/", refuse(NotFound(404, "No common ancestor"))),
        ("files lost", "/compare/", lambda told: {**told, "files": []}),
        ("commits lost", "/compare/", lambda told: {**told, "total_commits": told["total_commits"] + 1}),
        ("pushers refused", "/collaborators", refuse(Forbidden(403, "no"))),
        ("past commits lost", "per_page=100&page", lambda told: {**told, "commits": []}),
        ("past head lost", "per_page=100&page", refuse(NotFound(404, "no"))),
    ]
    for name, path, answer in rows:
        seen = (await look_at(answering(client, path, answer), shop, pull)).facts.pull
        assert seen.incomplete, name


async def test_who_pushed_matters_as_long_as_something_can_be_merged(client: Client, shop: Shop, pull: Any) -> None:
    refused = answering(client, "/activity", refuse(NotFound(404, "no")))
    assert "GitHub answers 404" in (await look_at(refused, shop, pull)).facts.pull.pushers_unread
    shop.ops.merge(pull)
    assert (await look_at(refused, shop, pull)).facts.pull.pushers_unread == ""


async def test_what_rest_cannot_answer_fails_the_look(client: Client, shop: Shop, pull: Any) -> None:
    rows: list[tuple[str, Callable[[Any], Any], type[Exception]]] = [
        ("/compare/", refuse(Unavailable("502")), Unavailable),
        ("/compare/", lambda told: {**told, "merge_base_commit": None}, Unreadable),
        ("/compare/", lambda told: {**told, "files": [{"filename": "a", "status": "melted"}]}, Unreadable),
        ("/collaborators", lambda _: [{"login": "jay"}], Unreadable),
        ("/collaborators", refuse(Unavailable("502")), Unavailable),
        ("query", refuse(PartialAnswer("part", frozenset({"FORBIDDEN"}))), PartialAnswer),
    ]
    for path, answer, error in rows:
        with pytest.raises(error):
            await look_at(answering(client, path, answer), shop, pull)


async def test_without_a_whole_list_of_pushers_nobody_else_is_known(client: Client, shop: Shop, pull: Any) -> None:
    facts = (await look_at(answering(client, "/collaborators", refuse(Forbidden(403, "no"))), shop, pull)).facts
    assert facts.roster.maintainers is None
    assert facts.roster.permissions == {}


async def test_a_side_that_is_too_much_at_once_is_read_in_halves(client: Client, shop: Shop) -> None:
    pull = shop.change({f"f{number}.tf": f"# {number}\n" for number in range(8)})
    asked: list[int] = []

    def limit(what: str, answer: Any) -> Any:
        files = len(answer["repository"].get("head") or {}) if what == "query" else 0
        asked.append(files)
        if files > 3:
            raise PartialAnswer("too much", frozenset({"RESOURCE_LIMITS_EXCEEDED"}))
        return answer

    seen = (await look_at(Altered(client, limit), shop, pull)).facts.pull
    assert [file.head.text for file in seen.files if file.head] == [f"# {number}\n" for number in range(8)]
    assert seen.incomplete == ()
    assert asked[-1] == 0, "the closing word comes last"


def ghostly(answer: dict[str, Any]) -> None:
    told = pull_of(answer)
    told["author"] = None
    told["reviews"]["nodes"][0]["author"] = None
    told["comments"]["nodes"][0]["author"] = None


async def test_deleted_accounts_are_ghosts(client: Client, shop: Shop, pull: Any) -> None:
    seen = (await look_at(altered(client, ghostly), shop, pull)).facts.pull
    people = [seen.author, seen.reviews[0].author, seen.comments[0].author]
    assert [(person.id, person.kind) for person in people] == [(None, ActorKind.GHOST)] * 3
    assert seen.incomplete == ()


def by_agent(answer: dict[str, Any]) -> None:
    told = pull_of(answer)
    told["author"] = {"__typename": "Bot", "login": "helper", "databaseId": 5}
    told["assignees"] = {"nodes": [{"login": "sam", "databaseId": 7}]}


async def test_an_agents_pull_request_tells_who_asked_for_it(client: Client, shop: Shop, pull: Any) -> None:
    seen = (await look_at(altered(client, by_agent), shop, pull)).facts.pull
    assert (seen.author.login, seen.author.kind) == ("helper[bot]", ActorKind.BOT)
    assert [(requester.login, requester.id) for requester in seen.requesters] == [("sam", 7)]


async def test_a_head_that_was_pushed_away_and_never_judged_must_be_readable(
    client: Client, shop: Shop, pull: Any
) -> None:
    unseen = Sighting(head_sha="0" * 40, base_ref="main", first_seen_at=1, published_at=None)
    seen = (await look_at(client, shop, pull, History(sightings=(unseen,)))).facts.pull
    assert seen.incomplete == ("the earlier head 00000000 cannot be read any more",)


async def test_permissions_are_never_more_than_told(client: Client, shop: Shop, pull: Any) -> None:
    def demote(told: Any) -> Any:
        return [{**one, "role_name": "admin", "permissions": {"push": False, "pull": True}} for one in told]

    roster = (await look_at(answering(client, "/collaborators", demote), shop, pull)).facts.roster
    assert set(roster.permissions.values()) == {Permission.NONE}
    assert roster.maintainers == frozenset()
