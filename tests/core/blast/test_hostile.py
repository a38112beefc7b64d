"""The law: a text of nearly a megabyte is judged in time that grows with its length, whatever stands in it."""

from __future__ import annotations

import time

import pytest

from tests.core.blast.judged import rules

POD = "apiVersion: v1\nkind: Pod\n"
OWNED = "".join(f"/a{number} @x\n" for number in range(40_000))


@pytest.mark.slow
@pytest.mark.parametrize(
    "path, base, head",
    [
        ("a.yaml", POD, f"{POD}{{{{x}}}}\n" + "---\n" * 200_000),
        ("a.yaml", POD, POD + "{{" * 400_000),
        ("CODEOWNERS", OWNED, OWNED.replace("a", "b")),
        ("compose.yaml", "services: {}\n", "services:\n" + "".join(f"  s{n}: {{image: x}}\n" for n in range(30_000))),
        ("deploy.sh", "terraform apply x\n", "terraform apply x\n" + "kubectl delete x;" * 55_000),
    ],
    ids=["breaks", "actions", "owners", "services", "commands"],
)
def test_hostile_texts_are_judged_in_time(path: str, base: str, head: str) -> None:
    start = time.process_time()
    rules((path, base, head))
    assert time.process_time() - start < 20
