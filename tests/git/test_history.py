"""The first-parent line tells what landed, how, and from which branch."""

from __future__ import annotations

import pytest

from bot.git.history import Landing, Way, first_parent_line
from bot.git.read import read_pull
from bot.git.source import open_source
from tests.git.workbench import Workbench


def line(bench: Workbench, tip: str = "main") -> list[Landing]:
    with open_source(bench.path) as source:
        return list(first_parent_line(source, source.clone.resolve(tip)))


def merge(bench: Workbench, message: str) -> str:
    """A branch of one commit, merged into main."""
    tip = bench.git("rev-parse", "main")
    side = bench.commit({"side.tf": message.encode()}, branch="side", parents=[tip], message="On the side")
    return bench.commit({"side.tf": message.encode()}, parents=[tip, side], message=message)


@pytest.mark.parametrize(
    ("message", "number", "head_ref", "title"),
    [
        ("Merge pull request #12 from acme/tool/fix-1\n\nMend the gate\n\nMore", 12, "tool/fix-1", "Mend the gate"),
        ("Merge pull request #12 from acme/fix", 12, "fix", "Merge pull request #12 from acme/fix"),
        ("Merge branch 'tool/x' into main", None, "tool/x", "Merge branch 'tool/x' into main"),
        (
            "Merge remote-tracking branch 'origin/tool/x'",
            None,
            "tool/x",
            "Merge remote-tracking branch 'origin/tool/x'",
        ),
        ("Something else", None, "", "Something else"),
        ("", None, "", ""),
    ],
)
def test_a_merge_tells_its_pull_request(
    bench: Workbench, message: str, number: int | None, head_ref: str, title: str
) -> None:
    bench.commit({"a": b"0"})
    sha = merge(bench, message)
    (landing,) = line(bench)
    assert (landing.sha, landing.way) == (sha, Way.MERGE)
    assert (landing.number, landing.head_ref, landing.title) == (number, head_ref, title)


@pytest.mark.parametrize(
    ("message", "way", "number"),
    [
        ("Mend the gate (#7)", Way.SQUASH, 7),
        ("Mend the gate (#7)\n\n* first\n* second", Way.SQUASH, 7),
        ("Mend (#7) the gate", Way.DIRECT, None),
        ("Mend the gate #7", Way.DIRECT, None),
    ],
)
def test_a_squash_merge_is_told_by_its_number(bench: Workbench, message: str, way: Way, number: int | None) -> None:
    bench.commit({"a": b"0"})
    bench.commit({"a": b"1"}, message=message)
    (landing,) = line(bench)
    assert (landing.way, landing.number) == (way, number)


def test_the_line_runs_newest_first_and_leaves_out_the_root_and_the_branches(bench: Workbench) -> None:
    bench.commit({"a": b"0"})
    first = bench.commit({"a": b"1"}, message="One (#1)")
    second = merge(bench, "Merge pull request #2 from acme/two")
    assert [landing.sha for landing in line(bench)] == [second, first]
    assert {landing.landed_at for landing in line(bench)} == {1767225600}


def test_a_landing_is_judged_by_all_that_it_brought(bench: Workbench) -> None:
    """A merge that brings more than its branch had is seen whole, with the branch's commits."""
    bench.commit({"a": b"0"})
    tip = bench.git("rev-parse", "main")
    side = bench.commit({"docs": b"1"}, branch="side", parents=[tip])
    merged = bench.commit({"docs": b"1", "smuggled.tf": b"x"}, parents=[tip, side], message="Merge branch 'side'")
    with open_source(bench.path) as source:
        (landing,) = first_parent_line(source, source.clone.resolve("main"))
        pull = read_pull(source, *landing.range, landing.supplied).pull
    assert [file.path for file in pull.files] == ["docs", "smuggled.tf"]
    assert [commit.sha for commit in pull.commits] == [side, merged]
    assert pull.head_ref == "side"
