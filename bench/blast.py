"""How fast the blast radius is judged: 200 changed files, and 3,000 paths against all patterns, on one core.

Run from the project's folder: `python -m bench.blast`. Figures are processor time, the best of several runs.
"""

from __future__ import annotations

import time
from collections.abc import Callable

from bot.core.blast.assess import assess
from bot.core.blast.kinds import fold_path
from bot.core.pull import Blob, ChangedFile, FileStatus
from bot.data.infra import load_infra

RUNS = 5

TERRAFORM = """resource "aws_instance" "web_{number}" {{
  ami           = "ami-0123456789"
  instance_type = "{size}"
  subnet_id     = aws_subnet.main.id
  tags = {{
    Name = "web-${{var.environment}}-{number}"
  }}
  lifecycle {{
    ignore_changes = [ami]
  }}
}}
"""
MANIFEST = """apiVersion: apps/v1
kind: Deployment
metadata:
  name: web-{number}
spec:
  replicas: 3
  selector: {{matchLabels: {{app: web}}}}
  template:
    metadata: {{labels: {{app: web}}}}
    spec:
      containers:
        - {{name: web, image: "web:{size}", ports: [{{containerPort: 80}}]}}
---
"""
TEMPLATE = """  Queue{number}:
    Type: AWS::SQS::Queue
    Properties:
      QueueName: !Sub "${{Stage}}-{number}"
      VisibilityTimeout: {size}
"""
WORKFLOW = """  job-{number}:
    runs-on: ubuntu-24.04
    permissions: {{contents: read}}
    steps:
      - uses: actions/checkout@v5
      - name: Test
        run: |
          make setup
          make test SHARD={size}
"""
MIGRATION = """CREATE TABLE orders_{number} (id bigint PRIMARY KEY, total numeric NOT NULL, note text DEFAULT 'none');
CREATE INDEX orders_{number}_total ON orders_{number} (total); -- of all
ALTER TABLE orders_{number} ADD COLUMN size integer DEFAULT {size};
"""
# Path, head of the text, what stands twelve times in it.
MAKERS = (
    ("services/team-{folder}/stack_{number}.tf", "", TERRAFORM),
    ("services/team-{folder}/stack_{number}.yaml", "", MANIFEST),
    (".github/workflows/build-{number}.yml", "on: pull_request\njobs:\n", WORKFLOW),
    ("services/team-{folder}/stack_{number}.template", "AWSTemplateFormatVersion: 2010-09-09\nResources:\n", TEMPLATE),
    ("services/team-{folder}/migrations/{number}_orders.sql", "", MIGRATION),
)


def changed_files(count: int) -> tuple[ChangedFile, ...]:
    """Files of 1 to 4 KB a side, as many of each language, every object edited, five files a folder."""
    files = []
    for number in range(count):
        place, head, body = MAKERS[number % len(MAKERS)]
        sides = [head + "".join(body.format(number=n, size=size) for n in range(12)) for size in ("1", "2")]
        path = place.format(folder=number // 5, number=number)
        base, after = (Blob(sha="", mode="100644", size=len(text), text=text) for text in sides)
        files.append(ChangedFile(path=path, old_path=path, status=FileStatus.MODIFIED, base=base, head=after))
    return tuple(files)


def best_of(work: Callable[[], object]) -> float:
    times = []
    for _ in range(RUNS):
        start = time.process_time()
        work()
        times.append(time.process_time() - start)
    return min(times)


def main() -> None:
    infra = load_infra()
    files = changed_files(200)
    size = sum(len(side.text or "") for file in files for side in (file.base, file.head) if side)
    paths = [fold_path(f"services/team-{n % 97}/deploy/templates/file_{n}.yaml") for n in range(3000)]
    judged = best_of(lambda: assess(files, (), infra))
    matched = best_of(lambda: [infra.kinds.paths.hits(path) for path in paths])
    kinds = " ".join(found.kind for found in assess(files, (), infra).kinds)
    print(f"kinds: {kinds}")
    print(f"judge 200 changed files ({size / 1e6:.1f} MB both sides): {judged:.3f} s (goal 1 s)")
    print(f"3,000 paths x {infra.kinds.paths.size} patterns: {matched:.3f} s (goal 0.1 s)")


if __name__ == "__main__":
    main()
