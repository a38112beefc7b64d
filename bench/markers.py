"""How many commit messages a second are scanned on one core, all rows active: a real history, and one full of AI.

usage: python -m bench.markers [REPOSITORY] [LIMIT]
"""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from bot.core.policy.model import ProvenancePolicy
from bot.core.provenance.find import find_in_commit
from bot.core.pull import Commit, Signatory
from bot.data import load_catalogue

ENOUGH = 20_000
FIELDS = "%H%x1f%an%x1f%ae%x1f%cn%x1f%ce%x1f%B%x1e"
FEW = 2_000
"""Messages of a history that is read again and again to be measured at all."""
GOAL = 20_000
MARKERS, POLICY = load_catalogue().markers, ProvenancePolicy()

# What agents write beneath their commits: `{n}` is new in every message, `{who}` one of a team.
CLOSINGS = (
    "Co-Authored-By: Claude Opus 4.6 <noreply@anthropic.com>\nClaude-Session: https://claude.ai/code/session_01{n}AbCd",
    "Co-authored-by: Cursor <cursoragent@cursor.com>\nSigned-off-by: {who}",
    "🤖 Generated with [Claude Code](https://claude.com/claude-code)\n\nCo-Authored-By: Claude <noreply@anthropic.com>",
    "Amp-Thread-ID: https://ampcode.com/threads/T-{n}-11f0-9a3c\nCo-authored-by: Amp <amp@ampcode.com>",
    "Assisted-by: Frobnicator:frob-2.1\nSigned-off-by: {who}",
    "Co-authored-by: helper[bot] <1234567+helper[bot]@users.noreply.github.com>",
    "Agent-Logs-Url: https://github.com/acme/shop/sessions/{n}-4840-4f73",
    "Reviewed-by: {who}\nCo-authored-by: {who}",
)
TEAM = 40


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


def disclosing(number: int, *, team: int) -> Commit:
    """An agent's commit, unlike any other; its author and the people it names are one of `team`."""
    name, email = f"Sam Doe {number % team}", f"sam{number % team}@example.org"
    closing = CLOSINGS[number % len(CLOSINGS)].format(n=1_000_000 + number, who=f"{name} <{email}>")
    body = f"The pool of queue {number} was too small for {number * 7} messages a minute,\nso that workers waited."
    who = Signatory(name=name, email=email)
    message = f"Resize pool {number}\n\n{body}\n\n{closing}\n"
    return Commit(sha=f"{number:040x}", message=message, author=who, committer=who)


def scan(name: str, commits: Sequence[Commit]) -> None:
    """The first look at every message; the figure is the processor's time, which other work on the machine spoils."""
    started = time.process_time()
    found = sum(bool(find_in_commit(one, POLICY, MARKERS)) for one in commits)
    per_second = len(commits) / (time.process_time() - started)
    distinct = len({one.message for one in commits})
    print(f"{name}: {len(commits):,} messages, {distinct:,} distinct, {found:,} with a sign")
    print(f"  {per_second:,.0f} messages a second on one core, goal {GOAL:,} {verdict(per_second)}")


def verdict(per_second: float) -> str:
    return "met" if per_second >= GOAL else "MISSED"


def main() -> None:
    repository = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parent.parent
    limit = int(sys.argv[2]) if len(sys.argv) > 2 else 100_000
    started = time.perf_counter()
    log(repository, limit, "%B")
    git_seconds = time.perf_counter() - started
    records = log(repository, limit, FIELDS).decode("utf-8", "replace").split("\x1e\n")
    history = [commit(record) for record in records if record.strip()]
    find_in_commit(disclosing(0, team=TEAM), POLICY, MARKERS)
    print(f"{len(MARKERS.markers)} rows, {len(MARKERS.habits)} habits")
    print(f"git log --format=%B: {len(history) / git_seconds:,.0f} messages a second")
    scan(repository.resolve().name, history * -(-ENOUGH // len(history)) if len(history) < FEW else history)
    scan("agents alone", [disclosing(number, team=TEAM) for number in range(1, ENOUGH)])
    scan("agents alone, nobody twice", [disclosing(number, team=ENOUGH) for number in range(ENOUGH, 2 * ENOUGH)])


if __name__ == "__main__":
    main()
