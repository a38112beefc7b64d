"""What the worst texts cost that a change may hold: seconds of processor time and MiB, each in a process apart.

Run from the project's folder: `python -m bench.bounds`. Each change fills the 4 MiB that are parsed of one.
"""

from __future__ import annotations

import resource
import subprocess
import sys
import time

from bot.core.blast.assess import assess
from bot.core.pull import Blob, ChangedFile, FileStatus
from bot.data.infra import load_infra

ALL = 4_000_000
SIZE = 1_000_000
# Longer programs are not read.
PYTHON_SIZE = 250_000
MANIFEST = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\ndata:\n"
DJANGO = "from django.db import migrations\n"
LAUGHS = "".join(f"  a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]\n" for n in range(1, 30))
MERGES = "".join(f"  a{n}: &a{n} {{<<: [*a{n - 1}, *a{n - 1}]}}\n" for n in range(1, 30_000))
# What → path, head, what is repeated up to SIZE, tail.
WORST = {
    "HCL, a heredoc": ("{n}/a.tf", 'resource "a" "b" {\n  x = <<EOF\n', "a line\n", "EOF\n}\n"),
    "HCL, nested brackets": ("{n}/a.tf", "a = ", "[", "\n"),
    "HCL, an object": ("{n}/a.tf", "a = {", "b=1,", "}\n"),
    "HCL, interpolations": ("{n}/a.tf", 'a = "', "${x}", '"\n'),
    "YAML, a list": ("{n}/a.yaml", MANIFEST, "  - b\n", ""),
    "YAML, a billion laughs": ("{n}/a.yaml", f"{MANIFEST}  a0: &a0 [x]\n{LAUGHS}", "#", "\n"),
    "YAML, nested merges": ("{n}/a.yaml", f"{MANIFEST}  a0: &a0 {{}}\n{MERGES}", "", ""),
    "YAML, a template": ("{n}/a.yaml", f"{MANIFEST}  a: {{{{ x }}}}\n", "---\na: {{ x }}\n", ""),
    "Python, a list": ("{n}/migrations/0001_x.py", f"{DJANGO}x = [", "1,", "]\n"),
    "Python, queries": ("{n}/migrations/0001_x.py", DJANGO, 'op.execute("drop table x")\n', ""),
    "SQL": ("{n}/migrations/1.sql", "", "DROP TABLE t;\n", ""),
    "a Liquibase changelog": ("{n}/liquibase.xml", "<databaseChangeLog>", "<sql>drop table x</sql>", ""),
    "a workflow": (".github/workflows/{n}.yml", "on: push\njobs: {a: {steps: [", "{run: make test},", "]}}"),
    "a CDK program": ("{n}/a.ts", "import * as cdk from 'aws-cdk-lib';\n", "new A(this, 'b');\n", ""),
}


def change_of(name: str) -> tuple[ChangedFile, ...]:
    path, head, part, tail = WORST[name]
    size = PYTHON_SIZE if path.endswith(".py") else SIZE
    text = head + part * ((size - len(head) - len(tail)) // len(part) if part else 0) + tail
    blob = Blob(sha="", mode="100644", size=len(text), text=text)
    paths = [path.format(n=number) for number in range(ALL // size)]
    return tuple(ChangedFile(path=one, old_path=one, status=FileStatus.ADDED, base=None, head=blob) for one in paths)


def measure(name: str) -> str:
    infra, files = load_infra(), change_of(name)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    start = time.process_time()
    blast = assess(files, (), infra)
    seconds = time.process_time() - start
    more = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024
    return f"{name:24} {seconds:5.1f} s  +{more:4.0f} MiB  {blast.tier.word}, {len(blast.incomplete)} unread"


def main() -> None:
    if len(sys.argv) > 1:
        print(measure(sys.argv[1]))
        return
    for name in WORST:
        subprocess.run([sys.executable, "-m", "bench.bounds", name], check=True)


if __name__ == "__main__":
    main()
