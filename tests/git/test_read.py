"""Two revisions of a real repository become exactly the pull request they would be."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.core.pull import ActorKind, FileStatus
from bot.git.command import GitError
from bot.git.read import Reading, Supplied, read_policy, read_pull
from bot.git.source import open_source
from tests.git.workbench import EXECUTABLE, SUBMODULE, SYMLINK, Workbench


def read(bench: Workbench, base: str = "main", head: str = "topic", supplied: Supplied | None = None) -> Reading:
    with open_source(bench.path) as source:
        clone = source.clone
        return read_pull(source, clone.resolve(base), clone.resolve(head), supplied or Supplied())


def test_the_diff_starts_from_the_merge_base_not_from_the_tip_of_the_base(bench: Workbench) -> None:
    fork = bench.commit({"a.tf": b"one\n", "b.tf": b"one\n"})
    bench.commit({"a.tf": b"two\n"}, branch="topic", parents=[fork])
    tip = bench.commit({"b.tf": b"two\n"})
    pull = read(bench).pull
    assert [file.path for file in pull.files] == ["a.tf"]
    assert (pull.merge_base, pull.base_sha, pull.base_ref, pull.head_ref) == (fork, tip, "main", "topic")
    file = pull.files[0]
    assert file.base is not None
    assert file.head is not None
    assert (file.base.text, file.head.text) == ("one\n", "two\n")
    assert pull.incomplete == ()


def test_commits_run_oldest_first_with_whole_messages(bench: Workbench) -> None:
    bench.commit({"a": b"0"})
    fork = bench.git("rev-parse", "main")
    first = bench.commit({"a": b"1"}, branch="topic", parents=[fork], message="First\n\nBody.\n\nAssisted-by: X\n")
    second = bench.commit({"a": b"2"}, branch="topic", message="Second\n")
    commits = read(bench).pull.commits
    assert [commit.sha for commit in commits] == [first, second]
    assert commits[0].message == "First\n\nBody.\n\nAssisted-by: X\n"
    assert commits[1].parents == (first,)
    assert (commits[0].author.name, commits[0].committer.email) == ("Ann Author", "cy@example.com")


def test_every_kind_of_change_is_told_apart(bench: Workbench) -> None:
    text = b"".join(b"line %d\n" % number for number in range(20))
    submodule = (SUBMODULE, b"1" * 40)
    bench.commit({"gone": b"x", "kept": b"x", "old": text, "tool": b"x", "target": b"kept", "sub": submodule})
    bench.commit(
        {
            "gone": None,
            "kept": b"y",
            "old": None,
            "new": text + b"more\n",
            "tool": (EXECUTABLE, b"x"),
            "target": (SYMLINK, b"kept"),
            "fresh": b"z",
            "link": (SYMLINK, b"../../etc/passwd"),
            "sub": (SUBMODULE, b"2" * 40),
        },
        branch="topic",
        parents=[bench.git("rev-parse", "main")],
    )
    files = {file.path: file for file in read(bench).pull.files}
    assert {path: file.status for path, file in files.items()} == {
        "gone": FileStatus.REMOVED,
        "kept": FileStatus.MODIFIED,
        "new": FileStatus.RENAMED,
        "tool": FileStatus.CHANGED,
        "target": FileStatus.CHANGED,
        "fresh": FileStatus.ADDED,
        "link": FileStatus.ADDED,
        "sub": FileStatus.MODIFIED,
    }
    assert files["new"].old_path == "old"
    heads = {path: file.head for path, file in files.items()}
    assert heads["gone"] is None
    assert heads["tool"] is not None
    assert heads["tool"].mode == "100755"
    assert heads["link"] is not None
    assert (heads["link"].mode, heads["link"].text) == ("120000", "../../etc/passwd")
    assert heads["sub"] is not None
    assert (heads["sub"].mode, heads["sub"].sha, heads["sub"].text) == ("160000", "2" * 40, None)


@pytest.mark.parametrize(
    ("raw", "shown"),
    [
        (b"with\nnewline.tf", "with\nnewline.tf"),
        (b'with"quote\\and\ttab.tf', 'with"quote\\and\ttab.tf'),
        ("café/数据库.tf".encode(), "café/数据库.tf"),
        (b"latin-\xe9.tf", "latin-\\xe9.tf"),
        (b"--option.tf", "--option.tf"),
        (b":(glob)**.tf", ":(glob)**.tf"),
    ],
)
def test_any_path_is_read_under_its_own_name(bench: Workbench, raw: bytes, shown: str) -> None:
    fork = bench.commit({"a": b"0"})
    bench.commit({raw: b"content"}, branch="topic", parents=[fork])
    (file,) = read(bench).pull.files
    assert file.path == shown
    assert file.head is not None
    assert file.head.text == "content"


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"x" * (1024 * 1024), ""),
        (b"x" * (1024 * 1024 + 1), "1.0 MiB, over the limit of 1 MiB"),
        (b"\x7fELF\0\0", "binary"),
        ("name: \x00".encode("utf-16"), "binary"),
    ],
)
def test_what_is_not_read_says_why(bench: Workbench, content: bytes, why: str) -> None:
    fork = bench.commit({"a": b"0"})
    bench.commit({"big.tf": content}, branch="topic", parents=[fork])
    (file,) = read(bench).pull.files
    assert file.head is not None
    assert (file.head.text is None, file.head.unread) == (bool(why), why)
    assert file.head.size == len(content)


def test_bytes_that_are_no_utf8_are_replaced_not_refused(bench: Workbench) -> None:
    fork = bench.commit({"a": b"0"})
    bench.commit({"a": b"caf\xe9"}, branch="topic", parents=[fork])
    (file,) = read(bench).pull.files
    assert file.head is not None
    assert file.head.text == "caf\ufffd"


def test_more_files_than_github_lists_are_all_read(bench: Workbench) -> None:
    fork = bench.commit({"a": b"0"})
    bench.commit({f"m/{number}.yaml": b"%d\n" % number for number in range(3001)}, branch="topic", parents=[fork])
    pull = read(bench).pull
    assert len(pull.files) == 3001
    assert pull.incomplete == ()


def test_content_smuggled_into_a_merge_commit_is_part_of_the_diff(bench: Workbench) -> None:
    fork = bench.commit({"main.tf": b"safe\n", "docs": b"0"})
    side = bench.commit({"docs": b"1"}, branch="topic", parents=[fork])
    other = bench.commit({"docs2": b"1"}, branch="other", parents=[fork])
    bench.commit({"main.tf": b"smuggled\n", "docs2": b"1"}, branch="topic", parents=[side, other])
    pull = read(bench).pull
    assert [file.path for file in pull.files] == ["docs", "docs2", "main.tf"]
    assert {commit.sha for commit in pull.commits} >= {side, other}


def test_an_octopus_merge_keeps_all_its_parents(bench: Workbench) -> None:
    fork = bench.commit({"a": b"0"})
    tips = [bench.commit({name: b"1"}, branch=name, parents=[fork]) for name in ("one", "two", "three")]
    bench.commit({"two": b"1", "three": b"1"}, branch="topic", parents=tips)
    pull = read(bench).pull
    assert pull.commits[-1].parents == tuple(tips)
    assert [file.path for file in pull.files] == ["one", "three", "two"]
    assert len(pull.commits) == 4


@pytest.mark.parametrize(("base", "head"), [("main", "main"), ("main", "main~1"), ("topic", "main")])
def test_a_head_that_the_base_contains_is_empty_and_said_so(bench: Workbench, base: str, head: str) -> None:
    bench.commit({"a": b"0"})
    bench.commit({"a": b"1"})
    bench.commit({"a": b"2"}, branch="topic", parents=[bench.git("rev-parse", "main")])
    reading = read(bench, base, head)
    assert (reading.pull.files, reading.pull.commits) == ((), ())
    assert reading.notices == ("the base already contains the head: there is nothing to judge",)


def test_several_merge_bases_are_said(bench: Workbench) -> None:
    root = bench.commit({"a": b"0"})
    left = bench.commit({"left": b"1"}, parents=[root])
    right = bench.commit({"right": b"1"}, branch="topic", parents=[root])
    bench.commit({"right": b"1"}, parents=[left, right])
    bench.commit({"left": b"1", "more": b"1"}, branch="topic", parents=[right, left])
    reading = read(bench)
    assert "2 merge bases" in reading.notices[0]
    assert reading.pull.merge_base in (left, right)


def test_limited_rename_detection_is_said(bench: Workbench) -> None:
    def text(number: int) -> bytes:
        return b"".join(b"%d %d\n" % (number, line) for line in range(12))

    fork = bench.commit({f"old/{number}": text(number) for number in range(1010)})
    moved: dict[str | bytes, bytes | tuple[str, bytes] | None] = {f"old/{number}": None for number in range(1010)}
    moved |= {f"new/x{number}": text(number) + b"end\n" for number in range(1010)}
    bench.commit(moved, branch="topic", parents=[fork])
    reading = read(bench)
    assert reading.notices == ("renames were found by name and identity only: more than 1000 candidates",)
    assert len(reading.pull.files) == 2020


def test_notes_of_tools_are_read_with_their_commit(bench: Workbench) -> None:
    fork = bench.commit({"a": b"0"})
    noted = bench.commit({"a": b"1"}, branch="topic", parents=[fork])
    bench.commit({"a": b"2"}, branch="topic")
    bench.note(noted, "tool: example\n")
    commits = read(bench).pull.commits
    assert commits[0].notes == ("tool: example\n",)
    assert commits[1].notes == ()


def test_a_note_that_is_too_large_makes_the_facts_incomplete(bench: Workbench) -> None:
    fork = bench.commit({"a": b"0"})
    noted = bench.commit({"a": b"1"}, branch="topic", parents=[fork])
    bench.note(noted, "x" * (1024 * 1024 + 1))
    assert read(bench).pull.incomplete == (f"commit {noted[:8]}: its note cannot be read",)


def test_a_commit_that_is_too_large_makes_the_facts_incomplete(bench: Workbench) -> None:
    fork = bench.commit({"a": b"0"})
    large = bench.commit({"a": b"1"}, branch="topic", parents=[fork], message="x" * (1024 * 1024))
    pull = read(bench).pull
    assert pull.commits == ()
    assert pull.incomplete == (f"commit {large[:8]}: over the limit of 1 MiB",)


def test_what_git_does_not_know_is_taken_from_the_caller(bench: Workbench) -> None:
    fork = bench.commit({"a": b"0"})
    bench.commit({"a": b"1"}, branch="topic", parents=[fork])
    told = Supplied(author="helper[bot]", head_ref="bot/x", title="T", body="B", labels=("ai",))
    pull = read(bench, supplied=told).pull
    assert (pull.author.login, pull.author.kind) == ("helper[bot]", ActorKind.BOT)
    assert (pull.head_ref, pull.title, pull.body, pull.labels) == ("bot/x", "T", "B", ("ai",))


def test_without_a_caller_the_author_is_unknown(bench: Workbench) -> None:
    fork = bench.commit({"a": b"0"})
    bench.commit({"a": b"1"}, branch="topic", parents=[fork])
    assert read(bench).pull.author.kind is ActorKind.GHOST


def test_the_policy_is_the_base_commits(bench: Workbench) -> None:
    bench.commit({".github/countersign.yml": b"version: 1\n"})
    bench.commit(
        {".github/countersign.yml": b"mode: shadow\n"}, branch="topic", parents=[bench.git("rev-parse", "main")]
    )
    with open_source(bench.path) as source:
        assert read_policy(source, source.clone.resolve("main")) == "version: 1\n"


def test_no_policy_in_the_base_commit_is_none(bench: Workbench) -> None:
    bench.commit({"a": b"0"})
    with open_source(bench.path) as source:
        assert read_policy(source, source.clone.resolve("main")) is None


def test_a_folder_in_the_place_of_the_policy_is_refused(bench: Workbench) -> None:
    bench.commit({".github/countersign.yml/x": b"0"})
    with open_source(bench.path) as source, pytest.raises(GitError, match="expected a file"):
        read_policy(source, source.clone.resolve("main"))


def test_unrelated_histories_have_no_merge_base(bench: Workbench) -> None:
    bench.commit({"a": b"0"})
    bench.commit({"a": b"1"}, branch="topic", parents=[])
    with pytest.raises(GitError, match="there is no merge base"):
        read(bench)


@pytest.mark.parametrize("revision", ["nowhere", "", "--all", "main^{tree}", "main:a", "0" * 40, "ma\nin", "f" * 40])
def test_an_unknown_revision_is_named(bench: Workbench, revision: str) -> None:
    bench.commit({"a": b"0"})
    with pytest.raises(GitError, match="unknown revision") as raised:
        read(bench, head=revision)
    assert repr(revision) in str(raised.value)
    assert "\n" not in str(raised.value)


def test_a_path_that_is_no_repository_is_named(tmp_path: Path) -> None:
    with pytest.raises(GitError, match="is not a git repository"), open_source(tmp_path):
        pass
    with pytest.raises(GitError, match="is not a directory"), open_source(tmp_path / "nowhere"):
        pass


def test_remote_branches_and_folders_below_the_top_work_too(bench: Workbench) -> None:
    fork = bench.commit({"a": b"0"})
    head = bench.commit({"a": b"1"}, branch="topic", parents=[fork])
    bench.git("update-ref", "refs/remotes/origin/tool/topic", head)
    below = bench.path / "some" / "folder"
    below.mkdir(parents=True)
    pull = read(Workbench(below), fork, "origin/tool/topic").pull
    assert (pull.base_ref, pull.head_ref, pull.head_sha) == (fork[:12], "tool/topic", head)


def test_a_child_of_the_base_is_read_like_any_other_range(bench: Workbench) -> None:
    """The short cut for a commit and its parent must not lose what a merge brought in."""
    fork = bench.commit({"a": b"0"})
    side = bench.commit({"side": b"1"}, branch="side", parents=[fork])
    merge = bench.commit({"side": b"1"}, branch="topic", parents=[fork, side])
    merged = read(bench, fork, merge).pull
    assert (merged.merge_base, [commit.sha for commit in merged.commits]) == (fork, [side, merge])
    single = read(bench, fork, side).pull
    assert (single.merge_base, [commit.sha for commit in single.commits]) == (fork, [side])
