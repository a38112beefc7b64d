"""How many landed changes a second `backtest` judges: python bench/backtest.py [REPOSITORY ...] [--limit N]

Without a repository it builds one of 500 squash merges (Terraform, Kubernetes and text; every third is AI-assisted).
"""

from __future__ import annotations

import argparse
import statistics
import subprocess
import sys
import tempfile
import time
from itertools import islice
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))

from bot.cli.local import decide_without_people
from bot.core.policy.default import BUILT_IN
from bot.data import load_catalogue
from bot.git.history import first_parent_line
from bot.git.read import read_pull
from bot.git.source import open_source

LANDINGS = 500


def build(path: Path) -> None:
    """A linear history by one `fast-import`; the content is the same on every machine."""
    subprocess.run(["git", "init", "-q", "-b", "main", str(path)], check=True)
    stream = b"".join(commit(number) for number in range(LANDINGS + 1))
    subprocess.run(["git", "-C", str(path), "fast-import", "--quiet"], input=stream, check=True)


def commit(number: int) -> bytes:
    trailer = "\n\nCo-Authored-By: Claude <noreply@anthropic.com>\n" if number % 3 == 0 else "\n"
    message = f"Change {number} (#{number}){trailer}".encode()
    who = f"Ann <ann@example.com> {1767225600 + number * 3600} +0000\n".encode()
    files = {
        f"infra/stack{number % 7}/main.tf": terraform(number),
        f"deploy/app{number % 11}.yaml": kubernetes(number),
        f"docs/page{number % 13}.md": b"text\n" * (number % 50 + 1),
    }
    head = b"commit refs/heads/main\nauthor " + who + b"committer " + who
    return head + data(message) + b"".join(b"M 100644 inline %s\n" % p.encode() + data(t) for p, t in files.items())


def data(content: bytes) -> bytes:
    return b"data %d\n%s\n" % (len(content), content)


def terraform(number: int) -> bytes:
    kept = [name for name in range(20) if (name + number) % 20]
    block = 'resource "aws_db_instance" "n{}" {{\n  identifier = "n{}"\n  allocated_storage = {}\n}}\n'
    return "\n".join(block.format(name, name, number) for name in kept).encode()


def kubernetes(number: int) -> bytes:
    document = "apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: web{}\nspec:\n  replicas: {}\n"
    return "---\n".join(document.format(name, number % 5 + 1) for name in range(10)).encode()


def measure(path: Path, limit: int | None) -> None:
    catalogue = load_catalogue()
    spent = []
    with open_source(path) as source:
        for landing in islice(first_parent_line(source, source.clone.resolve("HEAD")), limit):
            started = time.perf_counter()
            reading = read_pull(source, *landing.range, landing.supplied)
            decide_without_people(reading.pull, BUILT_IN, catalogue)
            spent.append(time.perf_counter() - started)
    if len(spent) < 2:
        print(f"{path}: fewer than two landed changes")
        return
    p99 = statistics.quantiles(spent, n=100)[98]
    print(
        f"{path}: {len(spent)} changes in {sum(spent):.1f} s, {len(spent) / sum(spent):.0f} a second, "
        f"median {1000 * statistics.median(spent):.1f} ms, p99 {1000 * p99:.0f} ms, worst {1000 * max(spent):.0f} ms"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("repositories", nargs="*", type=Path)
    parser.add_argument("--limit", type=int)
    arguments = parser.parse_args()
    for path in arguments.repositories:
        measure(path, arguments.limit)
    if not arguments.repositories:
        with tempfile.TemporaryDirectory() as scratch:
            path = Path(scratch, "built")
            build(path)
            measure(path, arguments.limit)


if __name__ == "__main__":
    main()
