"""The law: a workflow that gains power or loses a check is found; one that is tidied or hardened is not."""

from __future__ import annotations

import pytest

from tests.core.blast.judged import rules, unread

PATH = ".github/workflows/ci.yml"
SHA = "a" * 40
CI = f"""name: CI
on:
  pull_request:
permissions:
  contents: read
jobs:
  test:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@{SHA}
      - name: Unit tests
        run: make test
  deploy:
    needs: [test]
    environment: production
    runs-on: ubuntu-latest
    steps:
      - run: make deploy
"""


@pytest.mark.parametrize(
    "old, new, rule",
    [
        (
            "      - name: Unit tests\n",
            "      - name: Unit tests\n        with: {soft_fail: true}\n",
            "workflow-gate-weakened",
        ),
        (
            "  deploy:\n",
            "  call:\n    uses: a/b/.github/workflows/c.yml@v1\n    secrets: inherit\n  deploy:\n",
            "workflow-permission-added",
        ),
        ("contents: read", "contents: write", "workflow-permission-added"),
        ("contents: read", "contents: read\n  packages: write", "workflow-permission-added"),
        ("permissions:\n  contents: read\n", "permissions: write-all\n", "workflow-permission-added"),
        ("permissions:\n  contents: read\n", "", "workflow-permission-added"),
        ("  pull_request:\n", "  pull_request_target:\n", "workflow-trusts-outsiders"),
        ("        run: make test", "        continue-on-error: true\n        run: make test", "workflow-gate-weakened"),
        ("run: make test", "run: make test || true", "workflow-gate-weakened"),
        ("    environment: production\n", "", "workflow-gate-weakened"),
        ("    needs: [test]\n", "", "workflow-gate-weakened"),
        ("  deploy:\n", "  deploy:\n    if: false\n", "workflow-gate-weakened"),
        (f"@{SHA}", "@v4", "workflow-gate-weakened"),
        ("  pull_request:\n", "  workflow_dispatch:\n", "workflow-check-removed"),
        ("run: make test", "run: echo make test", "workflow-check-removed"),
    ],
)
def test_more_power_or_fewer_checks_are_found(old: str, new: str, rule: str) -> None:
    assert old in CI
    assert rules((PATH, CI, CI.replace(old, new))) == {rule}


@pytest.mark.parametrize(
    "old, new",
    [
        (f"@{SHA}", f"@{'b' * 40} # v5"),
        ("contents: read", "{}"),
        ("    environment: production\n", "    environment:\n      name: production\n"),
        ("  test:\n", "  unit:\n"),
        ("run: make test", "run: make lint test"),
        ("jobs:\n", "concurrency: x\njobs:\n"),
        ("name: CI\n", "# pull_request_target\nname: Checks\n"),
    ],
)
def test_an_edit_or_a_hardening_is_no_effect(old: str, new: str) -> None:
    assert old in CI
    assert rules((PATH, CI, CI.replace(old, new))) == set()


def test_a_check_that_goes_with_its_file_or_its_name_is_found() -> None:
    assert rules((PATH, CI, None)) == {"workflow-check-removed"}
    assert rules((PATH, CI, "\n")) == {"workflow-check-removed"}


def test_a_check_may_move_to_another_file() -> None:
    assert rules((PATH, CI, None), (".github/workflows/checks.yaml", None, CI)) == set()


def test_a_removed_job_is_found() -> None:
    head = CI[: CI.index("  test:")] + CI[CI.index("  deploy:") :].replace("needs: [test]", "needs: []")
    assert "workflow-check-removed" in rules((PATH, CI, head))


LINT = """  lint:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v4
      - uses: actions/setup-node@v4
      - run: npm ci
      - run: npx eslint .
      - run: npx tsc --noEmit
"""
OTHER = """  notify:
    steps:
      - uses: actions/checkout@v4
      - uses: actions/setup-node@v4
      - run: npm ci
      - run: node notify.js
"""


def test_a_check_that_becomes_an_action_is_no_loss() -> None:
    base = CI + LINT.replace("npx eslint .", "pre-commit run").replace("      - run: npx tsc --noEmit\n", "")
    assert rules((PATH, base, base.replace("run: pre-commit run", "uses: acme/actions/pre-commit@v1"))) == set()


@pytest.mark.parametrize(
    "job",
    [
        OTHER,
        OTHER.replace("notify:", "lint-all:"),
        OTHER.replace("notify:", "lint-2:").replace("node notify.js", "echo npx eslint ."),
        OTHER.replace("notify:", "quick:").replace("node notify.js", "echo ok"),
    ],
    ids=["another job", "the name alone", "words that are only printed", "nothing"],
)
def test_a_lost_check_is_not_excused_by_any_new_job(job: str) -> None:
    assert "workflow-check-removed" in rules((PATH, CI + LINT, CI + job))


@pytest.mark.parametrize(
    "job",
    [
        LINT.replace("lint:", "style:"),
        LINT.replace("lint:", "style:").replace("      - run: npx tsc --noEmit\n", ""),
        OTHER.replace("node notify.js", "npx eslint .\n      - run: npx tsc --noEmit"),
        LINT.replace("lint:", "lint-all:").replace("npx eslint .", "npx biome lint").replace("npx tsc --noEmit", "x"),
    ],
    ids=["renamed", "renamed and shortened", "merged", "rewritten under its name"],
)
def test_a_check_that_lives_on_in_another_job_is_no_loss(job: str) -> None:
    assert rules((PATH, CI + LINT, CI + job)) == set()


def test_a_check_that_another_changed_file_also_has_is_lost_all_the_same() -> None:
    release = CI.replace("name: CI", "name: Release")
    found = rules(
        (PATH, CI + LINT, CI), (".github/workflows/release.yml", release, release.replace("make test", "make"))
    )
    assert found == {"workflow-check-removed"}


def test_checks_may_be_split_over_two_files() -> None:
    steps = LINT.split("      - run: npx eslint .\n")
    first = CI + steps[0] + "      - run: npx eslint .\n"
    second = f"name: Types\non: pull_request\njobs:\n{''.join(steps)}".replace("lint:", "types:")
    assert (
        rules((PATH, CI + LINT, first.replace("lint:", "style:")), (".github/workflows/t.yml", None, second)) == set()
    )


def test_a_new_workflow_that_fetches_what_outsiders_send_is_found() -> None:
    new = CI.replace("pull_request:", "pull_request_target:").replace(
        "run: make deploy", 'run: git fetch "${{ github.event.pull_request.head.sha }}"'
    )
    assert rules((PATH, None, new)) == {"workflow-trusts-outsiders"}
    assert rules((PATH, None, CI)) == set()


def test_other_pipelines_are_checks_and_gates() -> None:
    gitlab = "deploy:\n  when: manual\n  environment: prod\n  script: [make deploy]\n"
    assert rules((".travis.yml", "script: make test\n", None)) == {"pipeline-removed"}
    assert rules((".gitlab-ci.yml", gitlab, gitlab.replace("  when: manual\n", ""))) == {"pipeline-gate-weakened"}
    assert rules((".gitlab-ci.yml", gitlab, f"{gitlab}  allow_failure: true\n")) == {"pipeline-gate-weakened"}
    assert rules((".gitlab-ci.yml", gitlab, gitlab.replace("make deploy", "make ship"))) == set()


def test_what_is_no_yaml_is_said() -> None:
    assert len(unread((PATH, CI, f"{CI}  - ["))) == 1


def test_an_action_that_follows_a_branch_is_found() -> None:
    base = CI.replace(f"@{SHA}", "@v4")
    assert rules((PATH, base, base.replace("@v4", "@main"))) == {"workflow-gate-weakened"}
    assert rules((PATH, base, base.replace("@v4", "@v5"))) == set()


@pytest.mark.parametrize("trigger", ["pull_request_target", "workflow_run", "issue_comment"])
def test_what_has_secrets_and_now_fetches_what_outsiders_send_is_found(trigger: str) -> None:
    base = CI.replace("  pull_request:", f"  {trigger}:")
    fetches = f"@{SHA}\n        with: {{ref: '${{{{ github.event.pull_request.head.sha }}}}'}}"
    assert rules((PATH, base, base.replace(f"@{SHA}", fetches))) == {"workflow-trusts-outsiders"}
    assert rules((PATH, CI, CI.replace(f"@{SHA}", fetches))) == set()


def test_a_new_workflow_that_may_write_everything_is_found() -> None:
    text = CI.replace("permissions:\n  contents: read\n", "permissions: write-all\n")
    assert rules((PATH, None, text)) == {"workflow-permission-added"}
    assert rules((PATH, None, CI)) == set()
