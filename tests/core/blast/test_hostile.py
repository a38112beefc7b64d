"""The law: two sides of nearly a megabyte are judged within seconds, whatever stands in them."""

from __future__ import annotations

import time
from collections.abc import Callable

import pytest

from tests.core.blast.judged import rules

POD = "apiVersion: v1\nkind: Pod\n"
TEMPLATE = "AWSTemplateFormatVersion: 2010-09-09\nResources:\n"
LISTED = "      - {Action: 's3:aN', Resource: WORD}\n"
OBJECT = "---\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: oN}\ndata: {a: WORD}\n"
WORKFLOW = ".github/workflows/a.yml"
SIZE = 1_000_000


def of(line: str) -> str:
    """`line` over and over, N as 0, 1, …, up to SIZE characters."""
    return "".join(line.replace("N", str(number)) for number in range(SIZE // (len(line) + 4)))


def sides(line: str, old: str, new: str, before: str = "", after: str = "") -> tuple[str, str]:
    """Two texts of many lines that differ in each by one word."""
    base, head = (before + of(line.replace("WORD", word)) + after for word in (old, new))
    return base, head


# Made only when they are run: together they are forty megabytes.
HOSTILE: dict[str, tuple[str, Callable[[], tuple[str, str]]]] = {
    "breaks": ("a.yaml", lambda: (POD, f"{POD}{{{{x}}}}\n" + "---\n" * 200_000)),
    "actions": ("a.yaml", lambda: (POD, POD + "{{" * 400_000)),
    "owners": ("CODEOWNERS", lambda: sides("/WORDN @x\n", "a", "b")),
    "services": ("compose.yaml", lambda: sides("  WORDN: {image: x}\n", "s", "t", "services:\n")),
    "commands": ("deploy.sh", lambda: ("terraform apply x\n", "terraform apply x\n" + "kubectl delete x;" * 55_000)),
    "instances": ("a.tf", lambda: sides("resource x aN {\n  for_each = local.WORDN\n}\n", "a", "b")),
    "grants": ("a.tf", lambda: sides("resource aws_iam_role_policy WORDN {\n  role = a\n}\n", "a", "b")),
    "guards": (
        "a.tf",
        lambda: sides("bN {\n deletion_protection = WORD\n}\n", "true", "false", "resource x y {\n", "}\n"),
    ),
    "quotes": ("a.tf", lambda: ("a = 1\n", '"${' * 300_000)),
    "commas": ("a.tf", lambda: ("a = 1\n", "a = [" + "1," * 490_000 + "]\n")),
    "objects": ("a.yaml", lambda: sides(OBJECT, "x", "y")),
    "templated": ("a.yaml", lambda: sides(OBJECT, '"{{ x }}"', '"{{ y }}"')),
    "prune": (
        "a.yaml",
        lambda: sides("  aN: {prune: WORD}\n", "false", "true", "apiVersion: v1\nkind: Application\nspec:\n"),
    ),
    "containers": (
        "a.yaml",
        lambda: (f"{POD}spec:\n  containers:\n" + of("  - {name: cN, securityContext: {runAsNonRoot: true}}\n"), POD),
    ),
    "resources": ("a.template", lambda: sides("  AN: {Type: WORD}\n", "AWS::S3::Bucket", "AWS::SQS::Queue", TEMPLATE)),
    "statements": ("a.template", lambda: sides(LISTED, "a", "b", f"{TEMPLATE}  A:\n    Statement:\n")),
    "jobs": (WORKFLOW, lambda: sides("  jN: {steps: [{run: make test WORD}]}\n", "x", "y", "on: push\njobs:\n")),
    "steps": (WORKFLOW, lambda: sides("    - run: testN WORD\n", "", "|| true", "jobs:\n  a:\n    steps:\n")),
    "pipeline": (".gitlab-ci.yml", lambda: sides("aN: {allow_failure: WORD}\n", "false", "true")),
    "tables": ("migrations/1_a.sql", lambda: ("", of("DROP TABLE tN;\n"))),
    "literals": ("migrations/1_a.sql", lambda: ("", "'\\" * 490_000)),
}


@pytest.mark.slow
@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_texts_are_judged_in_time(name: str) -> None:
    """In processor time. A change may hold twice as much as one of these (bounds.MAX_TOTAL_BYTES)."""
    path, make = HOSTILE[name]
    base, head = make()
    start = time.process_time()
    rules((path, base, head))
    assert time.process_time() - start < 8
