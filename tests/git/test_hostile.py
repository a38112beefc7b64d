"""Nothing inside a repository runs a program, reaches the network or changes which objects are judged."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from bot.git.command import GitError
from bot.git.read import Reading, Supplied, read_pull
from bot.git.source import open_source
from tests.git.workbench import ENVIRONMENT, Workbench


def read(path: Path, base: str = "main", head: str = "topic") -> Reading:
    with open_source(path) as source:
        return read_pull(source, source.clone.resolve(base), source.clone.resolve(head), Supplied())


@pytest.fixture
def fork(bench: Workbench) -> str:
    fork = bench.commit({"a.tf": b"0\n", ".gitattributes": b"*.tf diff=evil filter=evil\n"})
    bench.commit({"a.tf": b"1\n"}, branch="topic", parents=[fork])
    return fork


def test_programs_named_in_the_configuration_do_not_run(bench: Workbench, fork: str, tmp_path: Path) -> None:
    trace = tmp_path / "ran"
    evil = tmp_path / "evil"
    evil.write_text(f'#!/bin/sh\necho "$0 $@" >> {trace}\n')
    evil.chmod(0o755)
    for key in (
        "core.fsmonitor", "core.sshCommand", "core.pager", "core.editor", "core.gitProxy", "core.askPass",
        "core.alternateRefsCommand", "diff.external", "diff.evil.textconv", "diff.evil.command", "filter.evil.smudge",
        "filter.evil.clean", "filter.evil.process", "gpg.program", "gpg.ssh.program", "credential.helper",
        "uploadpack.packObjectsHook", "pager.diff-tree", "alias.diff-tree", "alias.rev-parse", "sequence.editor",
    ):  # fmt: skip
        bench.git("config", key, str(evil))
    bench.git("config", "log.showSignature", "true")
    hooks = bench.path / ".git" / "hooks"
    hooks.mkdir(exist_ok=True)
    for hook in ("post-checkout", "reference-transaction", "post-index-change", "fsmonitor-watchman"):
        (hooks / hook).symlink_to(evil)
    bench.git("diff", fork, "topic")
    assert trace.exists(), "the trap is set"
    trace.unlink()
    assert [file.path for file in read(bench.path).pull.files] == ["a.tf"]
    assert not trace.exists()


def test_a_partial_clone_fetches_nothing_and_says_what_is_missing(bench: Workbench, fork: str, tmp_path: Path) -> None:
    bench.git("config", "uploadpack.allowFilter", "true")
    clone = tmp_path / "partial"
    subprocess.run(
        ["git", "clone", "-q", "--bare", "--filter=blob:none", bench.path.as_uri(), str(clone)],
        env=ENVIRONMENT,
        check=True,
    )
    trace = tmp_path / "ran"
    evil = tmp_path / "evil"
    evil.write_text(f"#!/bin/sh\ntouch {trace}\n")
    evil.chmod(0o755)
    partial = Workbench(clone)
    partial.git("config", "remote.origin.uploadpack", str(evil))
    with pytest.raises(subprocess.CalledProcessError):
        partial.git("cat-file", "-p", "topic:a.tf")
    assert trace.exists(), "the trap is set"
    trace.unlink()
    (file,) = read(clone, fork).pull.files
    assert file.base is not None
    assert file.head is not None
    assert (file.base.text, file.base.unread, file.head.unread) == (None, *["missing from this clone"] * 2)
    with pytest.raises(GitError, match="unknown revision"):
        read(clone, "1" * 40)
    assert not trace.exists()


def test_a_rename_that_cannot_be_looked_for_is_a_removal_and_an_addition(bench: Workbench, tmp_path: Path) -> None:
    fork = bench.commit({"old.tf": b"1\n2\n3\n4\n"})
    bench.commit({"old.tf": None, "new.tf": b"1\n2\n3\n4\n5\n"}, branch="topic", parents=[fork])
    clone = tmp_path / "partial"
    bench.git("config", "uploadpack.allowFilter", "true")
    subprocess.run(
        ["git", "clone", "-q", "--bare", "--filter=blob:none", bench.path.as_uri(), str(clone)],
        env=ENVIRONMENT,
        check=True,
    )
    reading = read(clone)
    assert [(file.path, file.status.value) for file in reading.pull.files] == [
        ("new.tf", "added"),
        ("old.tf", "removed"),
    ]
    assert reading.notices == ("renames were not looked for: contents that this needs are missing from the clone",)


def test_replace_refs_and_grafts_do_not_change_what_is_judged(bench: Workbench, fork: str) -> None:
    topic = bench.git("rev-parse", "topic")
    harmless = bench.commit({"docs": b"harmless\n"}, branch="decoy", parents=[fork])
    bench.git("replace", topic, harmless)
    (bench.path / ".git" / "info").mkdir(exist_ok=True)
    (bench.path / ".git" / "info" / "grafts").write_text(f"{topic}\n")
    pull = read(bench.path).pull
    assert (pull.head_sha, [file.path for file in pull.files]) == (topic, ["a.tf"])


def test_a_repository_of_another_owner_is_read(bench: Workbench, fork: str) -> None:
    if os.geteuid() != 0:
        pytest.skip("only root can give a directory away")
    for folder, _, files in os.walk(bench.path):
        for name in (".", *files):
            os.chown(Path(folder, name), 12345, 12345)
    assert read(bench.path, fork).pull.files


def test_the_callers_environment_does_not_reach_git(
    bench: Workbench, fork: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("GIT_DIR", str(tmp_path / "elsewhere"))
    monkeypatch.setenv("GIT_EXTERNAL_DIFF", "/bin/false")
    monkeypatch.setenv("GIT_CONFIG_COUNT", "1")
    monkeypatch.setenv("GIT_CONFIG_KEY_0", "core.bare")
    monkeypatch.setenv("GIT_CONFIG_VALUE_0", "not a boolean")
    assert [file.path for file in read(bench.path, fork).pull.files] == ["a.tf"]


def shallow(bench: Workbench, tmp_path: Path, depth: int) -> Path:
    clone = tmp_path / "shallow"
    subprocess.run(
        ["git", "clone", "-q", "--bare", f"--depth={depth}", "--no-single-branch", bench.path.as_uri(), str(clone)],
        env=ENVIRONMENT,
        check=True,
    )
    return clone


def test_a_shallow_clone_that_lacks_the_base_is_refused(bench: Workbench, fork: str, tmp_path: Path) -> None:
    bench.commit({"b": b"1"})
    clone = shallow(bench, tmp_path, depth=1)
    with pytest.raises(GitError, match=r"shallow clone that lacks the base .* `git fetch --unshallow`"):
        read(clone)
    with pytest.raises(GitError, match=r"unknown revision .* shallow and may lack it"):
        read(clone, fork)


def test_a_shallow_clone_deep_enough_is_judged(bench: Workbench, fork: str, tmp_path: Path) -> None:
    bench.commit({"b": b"1"})
    reading = read(shallow(bench, tmp_path, depth=2))
    assert reading.pull.merge_base == fork
    assert [file.path for file in reading.pull.files] == ["a.tf"]


def test_a_damaged_repository_is_one_sentence(bench: Workbench, fork: str) -> None:
    tree = bench.git("rev-parse", "topic^{tree}")
    loose = bench.path / ".git" / "objects" / tree[:2] / tree[2:]
    loose.chmod(0o600)
    loose.write_bytes(b"rubbish")
    with pytest.raises(GitError, match="cannot compare") as raised:
        read(bench.path, fork)
    assert "\n" not in str(raised.value)


def test_a_repository_with_sha256_names_is_read(tmp_path: Path) -> None:
    path = tmp_path / "modern"
    path.mkdir()
    bench = Workbench(path)
    bench.git("init", "-q", "-b", "main", "--object-format=sha256", ".")
    fork = bench.commit({"a": b"0"})
    bench.commit({"a": b"1"}, branch="topic", parents=[fork])
    assert len(read(path).pull.head_sha) == 64


def test_a_linked_work_tree_and_a_bare_repository_are_read(bench: Workbench, fork: str, tmp_path: Path) -> None:
    bench.git("worktree", "add", "-q", str(tmp_path / "linked"), "topic")
    assert read(tmp_path / "linked", fork, "HEAD").pull.head_ref == "topic"
    assert read(bench.path / ".git", fork).pull.files
