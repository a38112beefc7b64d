"""Attacks by lists that are cut: rows 60, 61, 136 and 137, each one step around the place where something cuts."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from bot.core.blast.assess import assess
from bot.core.finding import Tier
from bot.core.pull import Commit
from bot.data import load_catalogue
from bot.github.client import Client
from bot.github.read.changes import list_changes
from bot.github.read.told import Told, ask
from bot.sandbox.git import Signature
from tests.github.looking import Altered, job_for, look_at
from tests.shop import CLAUDE, TERRAFORM, Shop

OLD = Signature(name="June", email="june@example.org", time=1_000_000_000)


async def told_of(client: Client, shop: Shop, files: int) -> Told:
    """A pull request of which GitHub counts so many changed files."""
    told = await ask(client, job_for(shop, shop.change({"a": "1"}).number))
    pull = msgspec.structs.replace(told.pull, changed_files=files)
    return Told(**{name: getattr(told, name) for name in Told.__dataclass_fields__ if name != "pull"}, pull=pull)


def names(count: int) -> list[dict[str, Any]]:
    return [{"filename": f"f{number:04}", "status": "added", "sha": "1" * 40} for number in range(count)]


@pytest.mark.parametrize("count", [1, 99, 100, 101, 299, 300, 301, 2999])
async def test_060_every_changed_file_is_told(client: Client, shop: Shop, count: int) -> None:
    """A comparison holds 300 at most, and a page of the list 100; GitHub cuts the list at 3000."""
    told = await told_of(client, shop, count)
    changes = await list_changes(listing(client, count), told, told.pull.base_ref_oid)
    assert len(changes.files) == count
    assert changes.lost == ()


@pytest.mark.parametrize(("count", "listed"), [(3000, 3000), (3001, 3000), (301, 300), (300, 299), (2, 1)])
async def test_060_what_may_be_cut_is_lost(client: Client, shop: Shop, count: int, listed: int) -> None:
    told = await told_of(client, shop, count)
    changes = await list_changes(listing(client, listed), told, told.pull.base_ref_oid)
    assert changes.lost


def listing(client: Client, count: int) -> Client:
    def answer(path: str, told: Any) -> Any:
        if "/compare/" in path:
            return {**told, "files": names(min(count, 300))}
        return names(count) if path.endswith("/files?per_page=100") else told

    return Altered(client, answer)


@pytest.mark.slow
async def test_060_the_last_of_many_files_is_judged(client: Client, shop: Shop) -> None:
    """It deletes the database, three hundred files behind the first."""
    harmless = {f"docs/{number:03}.md": "x\n" for number in range(300)}
    pull = shop.change({**harmless, "terraform/main.tf": None})
    seen = (await look_at(client, shop, pull)).facts.pull
    assert seen.incomplete == ()
    assert assess(seen.files, (), load_catalogue().infra).tier is Tier.CRITICAL


def sizes(commits: tuple[Commit, ...]) -> tuple[int, int]:
    return len(commits), sum(CLAUDE in commit.message for commit in commits)


@pytest.mark.slow
@pytest.mark.parametrize("place", [0, 100])
async def test_061_the_agents_commit_is_seen_at_either_end_of_more_than_a_page(
    client: Client, shop: Shop, place: int
) -> None:
    pull = shop.change({"a": "0"}, message=f"One\n\n{CLAUDE}" if place == 0 else "One")
    for number in range(1, 101):
        message = f"More\n\n{CLAUDE}" if number == place else "More"
        shop.jay.commit(shop.repository, "change", {"a": str(number)}, message=message)
    seen = (await look_at(client, shop, pull)).facts.pull
    assert sizes(seen.commits) == (101, 1)
    assert seen.incomplete == ()


async def test_061_a_list_of_commits_that_github_cuts_short_is_incomplete(client: Client, shop: Shop) -> None:
    """GitHub lists 250 at most and then counts no more itself: only the comparison tells."""
    pull = shop.change({"a": "1"}, message=f"One\n\n{CLAUDE}")
    shop.jay.commit(shop.repository, "change", {"b": "1"}, message="Two")

    def cut(what: str, answer: Any) -> Any:
        if what == "query" and "title" in (answer["repository"].get("pullRequest") or {}):
            commits = answer["repository"]["pullRequest"]["commits"]
            commits.update(nodes=commits["nodes"][1:], totalCount=1)
        return answer

    seen = (await look_at(Altered(client, cut), shop, pull)).facts.pull
    assert sizes(seen.commits) == (1, 0)
    assert seen.incomplete == ("commits: 2 lie between base and head, 1 were told",)


async def test_136_no_list_that_is_null_is_an_empty_one(client: Client, shop: Shop) -> None:
    """Every list and every node of every answer, one at a time: the look fails or says that something is missing."""
    shop.commit_to_main({".github/countersign.yml": "version: 1\nseniors: {teams: [acme/senior-engineers]}\n"})
    pull = shop.change({"a": "1"}, message=f"One\n\n{CLAUDE}")
    shop.jay.commit(shop.repository, "change", {"a": "2"}, message="Two", onto=pull.base_sha)
    shop.sam.approve(pull)
    shop.sue.comment(pull, "one")
    shop.jay.edit(pull, body="Changed")
    places = await lists_in(client, shop, pull)
    assert len(places) >= 12
    silent = [place for place in places if not await is_noticed(client, shop, pull, place)]
    assert silent == []


Place = tuple[int, tuple[str | int, ...]]


async def lists_in(client: Client, shop: Shop, pull: Any) -> list[Place]:
    """Each connection and each of its nodes, by the number of the query and the path in its answer."""
    found: list[Place] = []
    queries: list[None] = []

    def walk(value: Any, path: tuple[str | int, ...]) -> None:
        if isinstance(value, dict):
            # How many reviews others are asked for decides whom to ask, and nothing else.
            if "nodes" in value and path[-2:] != (0, "reviewRequests"):
                found.append((len(queries), path))
            for name, one in value.items():
                walk(one, (*path, name))
        elif isinstance(value, list):
            for number, one in enumerate(value):
                found.append((len(queries), (*path, number)))
                walk(one, (*path, number))

    def look(what: str, answer: Any) -> Any:
        if what == "query":
            queries.append(None)
            walk(answer, ())
        return answer

    await look_at(Altered(client, look), shop, pull)
    return found


async def is_noticed(client: Client, shop: Shop, pull: Any, place: Place) -> bool:
    queries: list[None] = []

    def nulled(what: str, answer: Any) -> Any:
        if what == "query":
            queries.append(None)
            if len(queries) == place[0]:
                value = answer
                for step in place[1][:-1]:
                    value = value[step]
                value[place[1][-1]] = None
        return answer

    try:
        seen = await look_at(Altered(client, nulled), shop, pull)
    except Exception:  # noqa: BLE001 - whatever fails a look shuts the gate
        return True
    facts = seen.facts
    return bool(facts.pull.incomplete) or None in facts.roster.teams.values()


async def test_137_the_head_is_what_github_calls_so_and_not_the_latest_commit(client: Client, shop: Shop) -> None:
    """The head is dated twenty years before its parent, and the list is told in another order."""
    pull = shop.change({"a": "1"}, message="One")
    shop.jay.commit(shop.repository, "change", {"terraform/main.tf": TERRAFORM * 2}, message="Two", author=OLD)

    def reorder(what: str, answer: Any) -> Any:
        if what == "query" and "title" in (answer["repository"].get("pullRequest") or {}):
            answer["repository"]["pullRequest"]["commits"]["nodes"].reverse()
        return answer

    for through in (client, Altered(client, reorder)):
        seen = (await look_at(through, shop, pull)).facts.pull
        assert seen.head_sha == pull.head_sha
        assert {file.path for file in seen.files} == {"a", "terraform/main.tf"}
