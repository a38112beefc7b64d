"""Runs git in an environment of our own making, with bounded time and output."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

TIMEOUT_SECONDS = 300
OUTPUT_LIMIT = 64 * 1024 * 1024
STDERR_LIMIT = 4096

# https://git-scm.com/docs/git#_environment_variables. The caller's environment is not passed on: it could name
# another repository, an external diff or a configuration. An empty GIT_ALLOW_PROTOCOL allows none at all, so that
# a partial clone cannot be made to fetch; older versions of git do not know GIT_NO_LAZY_FETCH.
SCRUBBED: Mapping[str, str] = {
    "GIT_ALLOW_PROTOCOL": "",
    "GIT_ATTR_NOSYSTEM": "1",
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_NO_LAZY_FETCH": "1",
    "GIT_NO_REPLACE_OBJECTS": "1",
    "GIT_OPTIONAL_LOCKS": "0",
    "GIT_PAGER": "cat",
    "GIT_TERMINAL_PROMPT": "0",
    "LC_ALL": "C",
    "PATH": os.defpath,
}


class GitError(Exception):
    """The repository or the revisions cannot be judged; the message is one sentence for the user."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Output:
    """What a git process left. `cut` is true when it was stopped at the output limit or the time limit."""

    code: int
    stdout: bytes
    stderr: str
    cut: bool

    @property
    def good(self) -> bool:
        return self.code == 0 and not self.cut


def find_git() -> str:
    """The absolute path of git, GitError when there is none."""
    found = shutil.which("git")
    if found is None:
        raise GitError("git is not installed or not on the PATH")
    return found


def run_git(
    arguments: Sequence[str],
    environment: Mapping[str, str],
    *,
    limit: int = OUTPUT_LIMIT,
    seconds: float = TIMEOUT_SECONDS,
) -> Output:
    """Run git once. At most `limit` bytes of output are kept and at most `seconds` spent; more is `cut`."""
    with tempfile.TemporaryFile() as complaints:
        process = start_git(arguments, environment, stdin=subprocess.DEVNULL, stderr=complaints.fileno())
        clock = threading.Timer(seconds, process.kill)
        clock.start()
        try:
            stdout = _read(process, limit + 1)
            too_long = len(stdout) > limit
            if too_long:
                process.kill()
            code = process.wait()
            overdue = clock.finished.is_set()
        finally:
            clock.cancel()
            process.kill()
        complaints.seek(0)
        stderr = complaints.read(STDERR_LIMIT).decode("utf-8", "replace").strip()
    return Output(code=code, stdout=stdout[:limit], stderr=stderr, cut=too_long or overdue)


def start_git(
    arguments: Sequence[str],
    environment: Mapping[str, str],
    *,
    stdin: int,
    stderr: int,
) -> subprocess.Popen[bytes]:
    """Start git with exactly `environment`, standard output as a pipe."""
    return subprocess.Popen(  # noqa: S603 - an absolute path and a list of arguments, no shell
        [find_git(), *arguments],
        env=dict(environment),
        stdin=stdin,
        stdout=subprocess.PIPE,
        stderr=stderr,
    )


def _read(process: subprocess.Popen[bytes], limit: int) -> bytes:
    assert process.stdout is not None  # noqa: S101 - the pipe was asked for above
    with process.stdout:
        return process.stdout.read(limit)
