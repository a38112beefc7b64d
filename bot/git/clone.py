"""A local clone, its objects read through an empty repository of our own, so that none of its settings count.

A repository's configuration can name programs (`core.fsmonitor`, `diff.external`, `core.sshCommand`, hooks, filters),
its replace refs and grafts can show other objects than those that were pushed. Only names are resolved where that
configuration is in sight, by `rev-parse`, which runs none of these; all else sees nothing but the objects.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from bot.git.command import SCRUBBED, GitError, Output, run_git

# git refuses repositories of other owners because their configuration could run code; see above why it cannot here.
# https://git-scm.com/docs/git-config#Documentation/git-config.txt-safedirectory
_TRUST = "[safe]\n\tdirectory = *\n\tbareRepository = all\n"
_INERT = ("-c", "core.fsmonitor=false", "-c", f"core.hooksPath={os.devnull}", "-c", "core.commitGraph=false")
_DEEPEN = "run `git fetch --unshallow` first"


@dataclass(frozen=True, slots=True, kw_only=True)
class Revision:
    """A commit and the full name of the ref it was asked for by (`refs/heads/topic`), "" when it was none."""

    sha: str
    ref: str

    @property
    def branch(self) -> str:
        """The branch's name, a remote's name left out; "" when the revision was no branch."""
        if self.ref.startswith("refs/heads/"):
            return self.ref.removeprefix("refs/heads/")
        if self.ref.startswith("refs/remotes/"):
            return self.ref.removeprefix("refs/remotes/").partition("/")[2]
        return ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Clone:
    """`path` is the directory as given, `shallow` the commits at which the history was cut off."""

    path: Path
    shallow: frozenset[str]
    naming: Mapping[str, str]
    reading: Mapping[str, str]

    @property
    def name(self) -> str:
        """The directory's name, for the reader."""
        resolved = self.path.resolve()
        return (resolved.parent if resolved.name == ".git" else resolved).name.removesuffix(".git")

    def read(self, *arguments: str) -> Output:
        """Run git on the objects alone; refs of the clone are unknown here, name objects by their id."""
        return run_git((*_INERT, *arguments), self.reading)

    def resolve(self, revision: str) -> Revision:
        """The commit that `revision` names. GitError when it names none."""
        sha = self.find(f"{revision}^{{commit}}") if _is_safe(revision) else None
        if sha is None:
            hint = f"; this clone is shallow and may lack it: {_DEEPEN}" if self.shallow else ""
            raise GitError(f"unknown revision {revision!r} in {self.path}{hint}")
        return Revision(sha=sha, ref=self._name("--symbolic-full-name", revision) or "")

    def find(self, revision: str) -> str | None:
        """The id of the object that `revision` names, None when there is none."""
        return self._name(revision)

    def require_whole_history(self, base: str, head: str) -> None:
        """GitError when the clone's history is cut off between two commits and where they forked."""
        if not self.shallow:
            return
        between = self.read("rev-list", "--end-of-options", f"{base}...{head}")
        if not between.good or not self.shallow.isdisjoint(between.stdout.decode("ascii").split()):
            raise GitError(f"{self.path} is a shallow clone that lacks the base of this change: {_DEEPEN}")

    def _name(self, *arguments: str) -> str | None:
        *options, revision = arguments
        output = run_git(
            ("-C", str(self.path), *_INERT, "rev-parse", "--verify", "--quiet", *options, "--end-of-options", revision),
            self.naming,
        )
        return output.stdout.decode("utf-8", "backslashreplace").strip() or None if output.good else None


@contextmanager
def open_clone(path: Path) -> Iterator[Clone]:
    """Open the repository at `path` or above it. GitError when there is none."""
    with tempfile.TemporaryDirectory(prefix="countersign-") as scratch:
        trust = Path(scratch, "trust")
        trust.write_text(_TRUST)
        naming = {**SCRUBBED, "GIT_CONFIG_GLOBAL": str(trust)}
        objects = _ask(path, naming, "--git-path", "objects")
        form = os.fsdecode(_ask(path, naming, "--show-object-format"))
        mirror = Path(scratch, "mirror.git")
        made = run_git(
            ("init", "--quiet", "--bare", "--template=", f"--object-format={form}", str(mirror)),
            {**SCRUBBED, "GIT_CONFIG_GLOBAL": os.devnull},
        )
        if not made.good:
            raise GitError(f"cannot prepare to read {path}: {made.stderr}")
        yield Clone(
            path=path,
            shallow=_copy_shallow(Path(os.fsdecode(_ask(path, naming, "--git-path", "shallow"))), mirror),
            naming=naming,
            reading={
                **SCRUBBED,
                "GIT_CONFIG_GLOBAL": os.devnull,
                "GIT_DIR": str(mirror),
                "GIT_OBJECT_DIRECTORY": os.fsdecode(objects),
            },
        )


def _ask(path: Path, naming: Mapping[str, str], *question: str) -> bytes:
    if not path.is_dir():
        raise GitError(f"{path} is not a directory")
    output = run_git(("-C", str(path), *_INERT, "rev-parse", "--path-format=absolute", *question), naming)
    if not output.good:
        raise GitError(f"{path} is not a git repository")
    return output.stdout.removesuffix(b"\n")


def _copy_shallow(shallow: Path, mirror: Path) -> frozenset[str]:
    """Copies the list of cut-off commits, without which git takes the history for damaged."""
    if not shallow.is_file():
        return frozenset()
    shutil.copyfile(shallow, mirror / "shallow")
    return frozenset(shallow.read_text("ascii").split())


def _is_safe(revision: str) -> bool:
    return bool(revision) and not revision.startswith("-") and revision.isprintable()
