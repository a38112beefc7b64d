"""The law: a scanner that checks less is found, one that checks more is not."""

from __future__ import annotations

import pytest

from tests.core.blast.judged import rules

HOOKS = "repos:\n- repo: https://example.com/x\n  rev: v1\n  hooks:\n  - id: gitleaks\n  - id: ruff\n"
LEFTHOOK = "pre-push:\n  commands:\n    lint: {run: make lint}\n    test: {run: make test}\n"
CHECKOV = "skip-check:\n- CKV_1\n"


@pytest.mark.parametrize(
    "path, base, head",
    [
        (".pre-commit-config.yaml", HOOKS, HOOKS.replace("  - id: gitleaks\n", "")),
        (".pre-commit-config.yaml", HOOKS, None),
        (".checkov.yaml", CHECKOV, f"{CHECKOV}- CKV_2\n"),
        (".checkov.yaml", CHECKOV, f"{CHECKOV}soft-fail: true\n"),
        (".trivyignore", "CVE-1\n", "CVE-1\nCVE-2\n"),
        (".gitleaks.toml", "[extend]\n", None),
        (".gitleaks.toml", "[allowlist]\npaths = ['a']\n", "[allowlist]\npaths = ['a', 'b']\n"),
        (".snyk", "ignore: {}\n", "ignore:\n  SNYK-1:\n  - '*': {reason: none}\n"),
        ("lefthook.yml", LEFTHOOK, LEFTHOOK.replace("    lint: {run: make lint}\n", "")),
        (".husky/pre-commit", "npm test\nnpm run lint\n", "npm run lint\n"),
    ],
)
def test_less_checking_is_found(path: str, base: str, head: str | None) -> None:
    assert rules((path, base, head)) == {"scanner-loosened"}


@pytest.mark.parametrize(
    "path, base, head",
    [
        (".pre-commit-config.yaml", HOOKS, HOOKS.replace("v1", "v2")),
        (".pre-commit-config.yaml", HOOKS, f"{HOOKS}  - id: mypy\n"),
        (".checkov.yaml", f"{CHECKOV}- CKV_2\n", CHECKOV),
        (".trivyignore", "CVE-1\n", "# why\nCVE-1\n"),
        (".trivyignore", "CVE-1\n", None),
        (".gitleaks.toml", "title = 'a'\n", "title = 'b'\n[[rules]]\nid = 'more'\n"),
        ("lefthook.yml", LEFTHOOK, LEFTHOOK.replace("make lint", "make lint types")),
    ],
)
def test_an_edit_or_more_checking_is_no_effect(path: str, base: str, head: str | None) -> None:
    assert rules((path, base, head)) == set()
