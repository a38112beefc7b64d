"""A bare git repository driven by the git command line: true commits, trees, merge bases, renames and patches."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache
from pathlib import Path

EMPTY_TREE = "4b825dc642cb6eb9a060e54bf8d69288fbee4904"
REGULAR = "100644"
_SCRATCH_REF = "refs/sandbox/scratch"
_STATUSES = {"A": "added", "M": "modified", "D": "removed", "R": "renamed", "C": "copied", "T": "changed"}
_FULL_SHA = re.compile("[0-9a-f]{40}")
_RECORD = "%H%x00%T%x00%P%x00%an%x00%ae%x00%at%x00%cn%x00%ce%x00%ct%x00%B%x00%x1e"


@dataclass(frozen=True, slots=True, kw_only=True)
class Signature:
    """Who and when, as a commit carries it. `time` in Unix seconds, always written as UTC."""

    name: str
    email: str
    time: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Commit:
    """A commit as git stores it."""

    sha: str
    tree: str
    parents: tuple[str, ...]
    author: Signature
    committer: Signature
    message: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One entry of a tree. `kind` is blob, tree or commit; `size` in bytes, None for anything but a blob."""

    path: str
    mode: str
    kind: str
    sha: str
    size: int | None

    def under(self, prefix: str) -> Entry:
        return replace(self, path=prefix + self.path)


@dataclass(frozen=True, slots=True, kw_only=True)
class FileDiff:
    """One path between two trees. `patch` starts at the first hunk header, None when git shows no hunks."""

    path: str
    old_path: str
    status: str
    mode: str
    sha: str
    patch: str | None

    @property
    def additions(self) -> int:
        return sum(line.startswith("+") for line in (self.patch or "").split("\n"))

    @property
    def deletions(self) -> int:
        return sum(line.startswith("-") for line in (self.patch or "").split("\n"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """What a new commit does to one path: new content, or None to remove it; `old_path` moves a file first."""

    path: str
    content: bytes | None
    mode: str = REGULAR
    old_path: str = ""


class GitRepository:
    """One bare repository. Objects are never collected, so commits pushed away stay readable as on GitHub."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._run("init", "--bare", "--quiet", "--template=", str(path), inside=False)
        # Objects never change, so what was asked of one is kept; a git process each time took most of the time.
        self._content = lru_cache(maxsize=256)(self._read_content)
        self.commit = lru_cache(maxsize=4096)(self._commit)
        self.diff = lru_cache(maxsize=1024)(self._diff)
        self.entry = lru_cache(maxsize=4096)(self._entry)
        self.history = lru_cache(maxsize=1024)(self._history)
        self.merge_base = lru_cache(maxsize=1024)(self._merge_base)
        self.write_merge = lru_cache(maxsize=1024)(self._write_merge)
        # Nobody else moves a ref of it.
        self._refs: dict[str, str] = {}

    @cached_property
    def _git(self) -> str:
        found = shutil.which("git")
        if found is None:
            raise RuntimeError("git: not found on this machine")
        return found

    @cached_property
    def _environment(self) -> dict[str, str]:
        """Nobody's own configuration, so that every machine makes the same commits and patches."""
        return {
            "HOME": str(self.path),
            "LC_ALL": "C.UTF-8",
            "GIT_CONFIG_NOSYSTEM": "1",
            "GIT_CONFIG_GLOBAL": "/dev/null",
        }

    def _run(self, *arguments: str, stdin: bytes = b"", inside: bool = True, good: Sequence[int] = (0,)) -> bytes:
        where = ("-C", str(self.path)) if inside else ()
        done = subprocess.run(  # noqa: S603 - arguments are a list, no shell reads them
            [self._git, *where, *arguments],
            input=stdin,
            capture_output=True,
            check=False,
            env=self._environment,
        )
        if done.returncode not in good:
            raise RuntimeError(f"git {arguments[0]}: {done.stderr.decode(errors='replace').strip()}")
        return done.stdout

    def resolve(self, revision: str) -> str | None:
        """The commit behind a branch, tag, ref or (abbreviated) SHA; None when there is none."""
        if not revision or revision.startswith("-"):
            return None
        branch = self.ref(f"refs/heads/{revision}")
        if branch is not None:
            return branch
        if _FULL_SHA.fullmatch(revision):
            try:
                return self.commit(revision).sha
            except (RuntimeError, LookupError):
                return None
        found = self._run("rev-parse", "--quiet", "--verify", f"{revision}^{{commit}}", good=(0, 1, 128))
        return found.decode().strip() or None

    def refs(self, prefix: str) -> list[tuple[str, str]]:
        """Full ref names that start with `prefix` and the objects they point at, sorted by name."""
        return sorted(pair for pair in self._refs.items() if pair[0].startswith(prefix))

    def ref(self, name: str) -> str | None:
        """What the ref of this full name points at."""
        return self._refs.get(name)

    def set_ref(self, ref: str, sha: str) -> None:
        self._run("update-ref", ref, sha)
        self._refs[ref] = sha

    def delete_ref(self, ref: str) -> None:
        self._run("update-ref", "-d", ref)
        self._refs.pop(ref, None)

    def fetch(self, other: GitRepository, branch: str) -> None:
        """Take over a branch's objects from another repository, as GitHub does for pull requests from forks."""
        self._run("fetch", "--quiet", str(other.path), f"refs/heads/{branch}")

    def write_commit(
        self,
        *,
        parents: Sequence[str],
        changes: Sequence[Change],
        message: str,
        author: Signature,
        committer: Signature | None = None,
    ) -> str:
        """Make a commit on the first parent's tree; moves no branch."""
        stream = [f"reset {_SCRATCH_REF}\n\n".encode()] if not parents else []
        stream.append(f"commit {_SCRATCH_REF}\nmark :1\n".encode())
        stream.append(_person("author", author) + _person("committer", committer or author) + _data(message.encode()))
        stream += [f"{'from' if place == 0 else 'merge'} {sha}\n".encode() for place, sha in enumerate(parents)]
        stream += [_instruction(change) for change in changes]
        stream.append(b"\nget-mark :1\n")
        return self._run("fast-import", "--quiet", "--force", stdin=b"".join(stream)).decode().strip()

    def _write_merge(
        self, *, ours: str, theirs: str, message: str, author: Signature, squash: bool = False
    ) -> str | None:
        """Merge `theirs` into `ours` without moving a branch; None on a conflict."""
        tree = self._run("merge-tree", "--write-tree", "--allow-unrelated-histories", ours, theirs, good=(0, 1))
        if tree.count(b"\n") != 1:
            return None
        return self.write_tree_commit(
            tree=tree.decode().strip(), parents=[ours] if squash else [ours, theirs], message=message, author=author
        )

    def write_tree_commit(self, *, tree: str, parents: Sequence[str], message: str, author: Signature) -> str:
        lines = [f"tree {tree}", *(f"parent {parent}" for parent in parents)]
        who = f"{author.name} <{author.email}> {author.time} +0000"
        text = "\n".join([*lines, f"author {who}", f"committer {who}", "", message])
        return self._run("hash-object", "-t", "commit", "-w", "--stdin", stdin=text.encode()).decode().strip()

    def _commit(self, sha: str) -> Commit:
        for commit in self._commits("--no-walk", sha):
            return commit
        raise LookupError(f"{sha} is no commit")

    def _history(self, tip: str, *, without: str = "", limit: int = 5000) -> tuple[Commit, ...]:
        """Commits reachable from `tip` and not from `without`, both SHAs, parents before children."""
        exclude = [f"^{without}"] if without else []
        return tuple(self._commits("--reverse", "--topo-order", f"--max-count={limit}", tip, *exclude))

    def _commits(self, *arguments: str) -> Iterator[Commit]:
        text = self._run("log", f"--format={_RECORD}", *arguments, "--").decode(errors="replace")
        for record in text.split("\x00\x1e\n"):
            if record:
                yield _parse_commit(record)

    def _merge_base(self, one: str, other: str) -> str | None:
        return self._run("merge-base", one, other, good=(0, 1)).decode().strip() or None

    def is_ancestor(self, old: str, new: str) -> bool:
        return self.merge_base(old, new) == old

    def containing(self, sha: str, branch: str) -> bool:
        tip = self.resolve(branch)
        return tip is not None and self.is_ancestor(sha, tip)

    def tree(self, treeish: str, *, recursive: bool = False) -> list[Entry] | None:
        """The entries of a tree, None when there is no such tree. Recursive listings name the sub-trees too."""
        flags = ("-r", "-t") if recursive else ()
        if self._run("cat-file", "-t", treeish, good=(0, 1, 128)).strip() not in {b"tree", b"commit"}:
            return None
        out = self._run("ls-tree", "-z", "-l", *flags, treeish).decode(errors="replace")
        return [_parse_entry(line) for line in out.split("\x00") if line]

    def _entry(self, commit: str, path: str) -> Entry | None:
        """The entry at one path of the tree of a commit, named by its SHA."""
        out = self._run("--literal-pathspecs", "ls-tree", "-z", "-l", "--", commit, path.rstrip("/")).decode(
            errors="replace"
        )
        return _parse_entry(out.rstrip("\x00")) if out else None

    def blob(self, sha: str) -> bytes | None:
        try:
            return self._content(sha)
        except LookupError:
            return None

    def _read_content(self, sha: str) -> bytes:
        head, _, content = self._run("cat-file", "--batch", stdin=sha.encode() + b"\n").partition(b"\n")
        if head.split()[1:2] != [b"blob"]:
            raise LookupError(f"{sha} is no blob")
        return content.removesuffix(b"\n")

    def _diff(self, old: str, new: str) -> tuple[FileDiff, ...]:
        """Paths that differ between two trees, renames found at git's usual 50 % likeness."""
        flags = ("-r", "-M", "--no-abbrev", old, new)
        raw = self._run("diff-tree", "-z", *flags).decode(errors="replace").rstrip("\x00").split("\x00")
        patches = iter(_split_patches(self._run("diff-tree", "-p", *flags).decode(errors="replace")))
        return tuple(_parse_diffs([part for part in raw if part], patches))

    def patch_text(self, old: str, new: str) -> bytes:
        """The whole difference as a unified diff, in bytes because files need not be UTF-8."""
        return self._run("diff-tree", "-p", "-r", "-M", old, new)


def _person(role: str, who: Signature) -> bytes:
    return f"{role} {who.name} <{who.email}> {who.time} +0000\n".encode()


def _data(content: bytes) -> bytes:
    return b"data %d\n%s\n" % (len(content), content)


def _quoted(path: str) -> str:
    escaped = path.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return f'"{escaped}"'


def _instruction(change: Change) -> bytes:
    move = f"R {_quoted(change.old_path)} {_quoted(change.path)}\n".encode() if change.old_path else b""
    if change.content is None:
        return move or f"D {_quoted(change.path)}\n".encode()
    return move + f"M {change.mode} inline {_quoted(change.path)}\n".encode() + _data(change.content)


def _parse_commit(record: str) -> Commit:
    sha, tree, parents, name, email, time, by, by_email, by_time, message = record.split("\x00", 9)
    return Commit(
        sha=sha,
        tree=tree,
        parents=tuple(parents.split()),
        author=Signature(name=name, email=email, time=int(time)),
        committer=Signature(name=by, email=by_email, time=int(by_time)),
        message=message.rstrip("\n"),
    )


def _parse_entry(line: str) -> Entry:
    facts, path = line.split("\t", 1)
    mode, kind, sha, size = facts.split()
    return Entry(path=path, mode=mode, kind=kind, sha=sha, size=None if size == "-" else int(size))


def _parse_diffs(parts: list[str], patches: Iterator[str | None]) -> Iterator[FileDiff]:
    remaining = iter(parts)
    for facts in remaining:
        old_mode, new_mode, old_sha, new_sha, letter = facts.lstrip(":").split(" ")
        old_path = next(remaining)
        path = next(remaining) if letter[0] in "RC" else old_path
        gone = letter == "D"
        status = "changed" if letter == "M" and old_sha == new_sha else _STATUSES[letter[0]]
        yield FileDiff(
            path=path,
            old_path=old_path,
            status=status,
            mode=old_mode if gone else new_mode,
            sha=old_sha if gone else new_sha,
            patch=_type_change(patches) if letter == "T" else next(patches),
        )


def _type_change(patches: Iterator[str | None]) -> str | None:
    """A file that became a link is shown by git as a removal and an addition."""
    both = [next(patches), next(patches)]
    return "\n".join(patch for patch in both if patch) or None


def _split_patches(text: str) -> list[str | None]:
    """Each file's hunks; a content line never starts with `diff`, because hunk lines carry a sign."""
    return [_hunks(part) for part in ("\n" + text).split("\ndiff --git ")[1:]]


def _hunks(part: str) -> str | None:
    start = part.find("\n@@ ")
    return part[start + 1 :].removesuffix("\n") if start >= 0 else None


def changes_of(files: Mapping[str, str | bytes | None]) -> tuple[Change, ...]:
    """Path → new content (None removes the path) as changes."""
    return tuple(
        Change(path=path, content=content.encode() if isinstance(content, str) else content)
        for path, content in files.items()
    )
