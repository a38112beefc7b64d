"""Builds real git repositories, hostile ones too: any path, mode, parent and author."""

from __future__ import annotations

import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

FILE = "100644"
EXECUTABLE = "100755"
SYMLINK = "120000"
SUBMODULE = "160000"

Content = bytes | tuple[str, bytes] | None
ENVIRONMENT = {"GIT_CONFIG_NOSYSTEM": "1", "GIT_CONFIG_GLOBAL": "/dev/null", "PATH": "/usr/local/bin:/usr/bin:/bin"}


@dataclass(frozen=True)
class Workbench:
    """A repository under construction; `path` holds it, with a work tree that nothing is checked out to."""

    path: Path

    @classmethod
    def start(cls, path: Path) -> Workbench:
        path.mkdir(parents=True)
        bench = cls(path)
        bench.git("init", "-q", "-b", "main", ".")
        return bench

    def git(self, *arguments: str, stdin: bytes = b"") -> str:
        done = subprocess.run(
            ["git", *arguments], cwd=self.path, env=ENVIRONMENT, input=stdin, capture_output=True, check=True
        )
        return done.stdout.decode("utf-8", "surrogateescape").strip()

    def commit(
        self,
        files: Mapping[str | bytes, Content],
        *,
        branch: str = "main",
        parents: Sequence[str] | None = None,
        message: str | bytes = "A change",
        author: str = "Ann Author <ann@example.com>",
    ) -> str:
        """Commit `files` on top of the first parent, by default the branch's tip; None removes a path.

        A tuple is `(mode, content)`; a submodule's content is the commit it points at. Returns the commit's id.
        """
        body = message.encode() if isinstance(message, str) else message
        lines = [f"commit refs/heads/{branch}\nauthor {author} 1767225600 +0000\n".encode()]
        lines.append(b"committer Cy Committer <cy@example.com> 1767225600 +0000\n")
        lines.append(b"data %d\n%s\n" % (len(body), body))
        lines += [
            f"{word} {sha}\n".encode() for word, sha in zip(_words(), self._parents(branch, parents), strict=False)
        ]
        lines += [_change(path, content) for path, content in files.items()]
        self.git("fast-import", "--quiet", "--force", "--date-format=raw-permissive", stdin=b"".join(lines))
        return self.git("rev-parse", f"refs/heads/{branch}")

    def commit_object(self, raw: bytes) -> str:
        """Write the bytes of a commit as they are, however odd."""
        return self.git("hash-object", "-t", "commit", "-w", "--stdin", "--literally", stdin=raw)

    def note(self, commit: str, text: str) -> None:
        identity = ("-c", "user.name=n", "-c", "user.email=n@example.com")
        self.git(*identity, "notes", "--ref=ai", "add", "-F", "-", commit, stdin=text.encode())

    def _parents(self, branch: str, parents: Sequence[str] | None) -> Sequence[str]:
        if parents is not None:
            return parents
        tip = self.git("for-each-ref", "--format=%(objectname)", f"refs/heads/{branch}")
        return [tip] if tip else []


def _words() -> list[str]:
    return ["from"] + ["merge"] * 20


def _change(path: str | bytes, content: Content) -> bytes:
    raw = path.encode() if isinstance(path, str) else path
    quoted = b'"' + b"".join(b"\\%03o" % byte for byte in raw) + b'"'
    if content is None:
        return b"D %s\n" % quoted
    mode, data = content if isinstance(content, tuple) else (FILE, content)
    if mode == SUBMODULE:
        return b"M 160000 %s %s\n" % (data, quoted)
    return b"M %s inline %s\ndata %d\n%s\n" % (mode.encode(), quoted, len(data), data)
