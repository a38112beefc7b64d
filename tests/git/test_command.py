"""git is given bounded time and output, and an environment that is ours alone."""

from __future__ import annotations

import os
from pathlib import Path

from bot.git.command import SCRUBBED, run_git


def test_output_over_the_limit_is_cut_and_said() -> None:
    output = run_git(("version",), SCRUBBED, limit=3)
    assert (output.stdout, output.cut, output.good) == (b"git", True, False)


def test_output_within_the_limit_is_whole() -> None:
    output = run_git(("version",), SCRUBBED)
    assert output.stdout.startswith(b"git version ")
    assert output.good


def test_a_process_that_hangs_is_ended_and_said(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    output = run_git(("hash-object", str(pipe)), SCRUBBED, seconds=0.2)
    assert (output.cut, output.good) == (True, False)


def test_a_failure_is_told_in_gits_words() -> None:
    output = run_git(("cat-file", "-p", "nothing"), {**SCRUBBED, "GIT_DIR": os.devnull})
    assert not output.good
    assert output.stderr.startswith("fatal: ")


def test_no_protocol_is_allowed(tmp_path: Path) -> None:
    for url in (str(tmp_path), "https://example.invalid/x", "ssh://example.invalid/x", "ext::sh -c true"):
        output = run_git(("ls-remote", url), {**SCRUBBED, "GIT_CONFIG_GLOBAL": os.devnull})
        assert "not allowed" in output.stderr, url
