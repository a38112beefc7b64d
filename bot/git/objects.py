"""Objects of a clone by their ids, through two long-lived `cat-file` processes."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from bot.git.clone import Clone
from bot.git.command import GitError, start_git


@dataclass(frozen=True, slots=True, kw_only=True)
class Header:
    """`kind` is git's object type (`blob`, `commit`, …), `size` in bytes."""

    kind: str
    size: int


class ObjectReader:
    """Reads headers and contents. Every answer is awaited before the next question, so that no pipe fills up."""

    def __init__(self, headers: subprocess.Popen[bytes], contents: subprocess.Popen[bytes]) -> None:
        self._headers = headers
        self._contents = contents

    def header(self, sha: str) -> Header | None:
        """Type and size, None when the clone does not have the object."""
        return _parse_header(_ask(self._headers, sha))

    def content(self, sha: str) -> bytes:
        """The whole object. Look at the header first: nothing bounds the size here. GitError when it is missing."""
        header = _parse_header(_ask(self._contents, sha))
        if header is None:
            raise GitError(f"object {sha} is missing from this clone")
        assert self._contents.stdout is not None  # noqa: S101 - the pipe was asked for at the start
        content = self._contents.stdout.read(header.size)
        if len(content) != header.size or self._contents.stdout.read(1) != b"\n":
            raise GitError(f"object {sha} of this clone is damaged")
        return content


@contextmanager
def open_objects(clone: Clone) -> Iterator[ObjectReader]:
    """Start both processes, and end them."""
    with _cat_file(clone, "--batch-check") as headers, _cat_file(clone, "--batch") as contents:
        yield ObjectReader(headers, contents)


@contextmanager
def _cat_file(clone: Clone, mode: str) -> Iterator[subprocess.Popen[bytes]]:
    process = start_git(("cat-file", mode), clone.reading, stdin=subprocess.PIPE, stderr=subprocess.DEVNULL)
    with process:
        try:
            yield process
        finally:
            process.kill()


def _ask(process: subprocess.Popen[bytes], sha: str) -> bytes:
    assert process.stdin is not None  # noqa: S101 - the pipe was asked for at the start
    assert process.stdout is not None  # noqa: S101 - the pipe was asked for at the start
    try:
        process.stdin.write(sha.encode("ascii") + b"\n")
        process.stdin.flush()
    except BrokenPipeError as error:
        raise GitError(f"git stopped while reading object {sha}") from error
    line = process.stdout.readline()
    if not line.endswith(b"\n"):
        raise GitError(f"git stopped while reading object {sha}")
    return line


def _parse_header(line: bytes) -> Header | None:
    words = line.split()
    if len(words) != 3 or not words[2].isdigit():  # noqa: PLR2004 - `<sha> <type> <size>`, else `<sha> missing`
        return None
    return Header(kind=words[1].decode("ascii"), size=int(words[2]))
