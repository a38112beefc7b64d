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
MAKERS = (
    ("tf", "", TERRAFORM),
    ("yaml", "", MANIFEST),
    ("template", "AWSTemplateFormatVersion: 2010-09-09\nResources:\n", TEMPLATE),
)


def changed_files(count: int) -> tuple[ChangedFile, ...]:
    """Files of about 4 KB a side, every object edited, five files a folder."""
    files = []
    for number in range(count):
        extension, head, body = MAKERS[number % len(MAKERS)]
        sides = [head + "".join(body.format(number=n, size=size) for n in range(12)) for size in ("1", "2")]
        path = f"services/team-{number // 5}/stack_{number}.{extension}"
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
    print(f"judge 200 changed files ({size / 1e6:.1f} MB both sides): {judged:.3f} s (goal 1 s)")
    print(f"3,000 paths x {infra.kinds.paths.size} patterns: {matched:.3f} s (goal 0.1 s)")


if __name__ == "__main__":
    main()
