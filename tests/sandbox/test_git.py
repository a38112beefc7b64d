"""Commits, trees and differences are git's own, whatever the files are called and hold."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.sandbox.git import Change, FileDiff, GitRepository, Signature

WHO = Signature(name="Jay Okafor", email="jay@example.org", time=1_700_000_000)
BODY = "".join(f"line {number}\n" for number in range(30)).encode()


@pytest.fixture
def git(tmp_path: Path) -> GitRepository:
    return GitRepository(tmp_path / "one.git")


def commit(git: GitRepository, *changes: Change, onto: str = "") -> str:
    return git.write_commit(parents=[onto] if onto else [], changes=changes, message="One\n\ntwo", author=WHO)


def only_diff(git: GitRepository, before: Change, *after: Change) -> FileDiff:
    base = commit(git, before)
    (diff,) = git.diff(base, commit(git, *after, onto=base))
    return diff


def test_a_commit_reads_back_as_written(git: GitRepository) -> None:
    sha = commit(git, Change(path="a", content=b"a"))
    read = git.commit(sha)
    assert (read.sha, read.parents, read.author, read.message) == (sha, (), WHO, "One\n\ntwo")


def test_a_rename_keeps_its_old_name(git: GitRepository) -> None:
    base = commit(git, Change(path="terraform/db.tf", content=BODY))
    moved = commit(git, Change(path="docs/db.txt", content=BODY + b"more\n", old_path="terraform/db.tf"), onto=base)
    (diff,) = git.diff(base, moved)
    assert (diff.status, diff.old_path, diff.path, diff.additions) == ("renamed", "terraform/db.tf", "docs/db.txt", 1)


def test_a_pure_rename_has_no_patch(git: GitRepository) -> None:
    diff = only_diff(git, Change(path="a", content=BODY), Change(path="b", content=None, old_path="a"))
    assert (diff.status, diff.patch, diff.additions) == ("renamed", None, 0)


def test_a_binary_file_has_no_patch(git: GitRepository) -> None:
    diff = only_diff(git, Change(path="a", content=b"\x00\x01"), Change(path="a", content=b"\x00\x02"))
    assert (diff.status, diff.patch) == ("modified", None)


def test_a_mode_change_is_told_apart(git: GitRepository) -> None:
    diff = only_diff(git, Change(path="a", content=b"x"), Change(path="a", content=b"x", mode="100755"))
    assert (diff.status, diff.mode, diff.patch) == ("changed", "100755", None)


def test_a_file_that_becomes_a_link_does_not_shift_the_others_patches(git: GitRepository) -> None:
    base = commit(git, Change(path="a", content=b"x\n"), Change(path="b", content=b"x\n"))
    head = commit(git, Change(path="a", content=b"b", mode="120000"), Change(path="b", content=b"y\n"), onto=base)
    link, other = git.diff(base, head)
    assert (link.status, link.mode) == ("changed", "120000")
    assert other.patch == "@@ -1 +1 @@\n-x\n+y"


@pytest.mark.parametrize(
    "path", ["a b", 'quo"te', "back\\slash", "ünï", "tab\tname", "line\nbreak", "-dash", "@@ -1 +1 @@"]
)
def test_odd_names_stay_whole(git: GitRepository, path: str) -> None:
    diff = only_diff(git, Change(path=path, content=b"a\n"), Change(path=path, content=b"b\n"))
    assert (diff.path, diff.patch) == (path, "@@ -1 +1 @@\n-a\n+b")
    sha = commit(git, Change(path=path, content=b"c"))
    entry = git.entry(sha, path)
    assert entry is not None
    assert git.blob(entry.sha) == b"c"


def test_content_that_looks_like_a_diff_is_content(git: GitRepository) -> None:
    tricky = b"diff --git a/x b/x\n@@ -1 +1 @@\n"
    diff = only_diff(git, Change(path="a", content=b"x\n"), Change(path="a", content=tricky))
    assert diff.additions == 2
    assert diff.deletions == 1


def test_a_conflict_makes_no_merge(git: GitRepository) -> None:
    base = commit(git, Change(path="a", content=b"x\n"))
    ours, theirs = (commit(git, Change(path="a", content=text), onto=base) for text in (b"o\n", b"t\n"))
    beside = commit(git, Change(path="b", content=b"b\n"), onto=base)
    assert git.write_merge(ours=ours, theirs=theirs, message="m", author=WHO) is None
    merged = git.write_merge(ours=ours, theirs=beside, message="m", author=WHO)
    assert merged is not None
    assert git.commit(merged).parents == (ours, beside)
    assert git.merge_base(ours, theirs) == base


@pytest.mark.parametrize("revision", ["", "--all", "nothing", "0" * 40, "HEAD~1"])
def test_what_names_no_commit_resolves_to_nothing(git: GitRepository, revision: str) -> None:
    assert git.resolve(revision) is None
    assert git.blob("0" * 40) is None
    assert git.tree("0" * 40) is None
