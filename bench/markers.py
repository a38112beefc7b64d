"""How many commit messages a second are scanned, all rows active, beside reading them with git.

usage: python bench/markers.py [REPOSITORY] [LIMIT]
"""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

from bot.core.policy.model import ProvenancePolicy
from bot.core.provenance.find import find_in_commit
from bot.core.pull import Commit, Signatory
from bot.data import load_catalogue

ENOUGH = 20_000
FIELDS = "%H%x1f%an%x1f%ae%x1f%cn%x1f%ce%x1f%B%x1e"
GOAL = 20_000


def log(repository: Path, limit: int, form: str) -> bytes:
    command = ["git", "-C", str(repository), "log", f"--max-count={limit}", f"--format={form}"]
    return subprocess.run(command, check=True, capture_output=True).stdout


def commit(record: str) -> Commit:
    sha, author, author_email, committer, committer_email, message = record.split("\x1f", 5)
    return Commit(
        sha=sha,
        message=message,
        author=Signatory(name=author, email=author_email),
        committer=Signatory(name=committer, email=committer_email),
    )


def main() -> None:
    repository = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parent.parent
    limit = int(sys.argv[2]) if len(sys.argv) > 2 else 100_000
    started = time.perf_counter()
    log(repository, limit, "%B")
    git_seconds = time.perf_counter() - started
    records = log(repository, limit, FIELDS).decode("utf-8", "replace").split("\x1e\n")
    history = [commit(record) for record in records if record.strip()]
    commits = history * -(-ENOUGH // len(history))
    markers, policy = load_catalogue().markers, ProvenancePolicy()
    find_in_commit(history[0], policy, markers)
    started, busy = time.perf_counter(), time.process_time()
    found = sum(bool(find_in_commit(one, policy, markers)) for one in commits)
    seconds, busy = time.perf_counter() - started, time.process_time() - busy
    per_second = len(commits) / busy
    print(
        f"markers: {len(markers.markers)} rows, {len(commits):,} messages ({len(history):,} distinct), {found:,} found"
    )
    print(f"  scan     {per_second:>10,.0f} messages a second on one core, {len(commits) / seconds:,.0f} by the clock")
    print(f"  git log  {len(history) / git_seconds:>10,.0f} messages a second (--format=%B)")
    print(f"  goal     {GOAL:>10,} {'met' if per_second >= GOAL else 'MISSED'}")


if __name__ == "__main__":
    main()
