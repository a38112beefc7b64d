"""The law: a repository's protections that are kept as files and grow weaker are found; stronger ones are not."""

from __future__ import annotations

import pytest

from tests.core.blast.judged import rules, unread

SETTINGS = """branches:
- name: main
  protection:
    enforce_admins: true
    required_pull_request_reviews:
      required_approving_review_count: 2
    required_status_checks:
      strict: true
      contexts: [test, lint]
"""
RULESET = """{"name": "main", "enforcement": "active", "bypass_actors": [],
 "rules": [{"type": "deletion"}, {"type": "pull_request", "parameters": {"required_approving_review_count": 1}}]}
"""


@pytest.mark.parametrize(
    ("path", "base", "old", "new"),
    [
        (".github/settings.yml", SETTINGS, "enforce_admins: true", "enforce_admins: false"),
        (".github/settings.yml", SETTINGS, "    enforce_admins: true\n", ""),
        (".github/settings.yml", SETTINGS, "review_count: 2", "review_count: 1"),
        (".github/settings.yml", SETTINGS, "[test, lint]", "[test]"),
        (".github/settings.yml", SETTINGS, SETTINGS[SETTINGS.index("  protection") :], "  protection: null\n"),
        (".github/settings.yml", SETTINGS, SETTINGS, "branches: []\n"),
        (".github/rulesets/main.json", RULESET, '"active"', '"disabled"'),
        (".github/rulesets/main.json", RULESET, '{"type": "deletion"}, ', ""),
        (".github/rulesets/main.json", RULESET, '"bypass_actors": []', '"bypass_actors": [{"actor_id": 5}]'),
    ],
)
def test_less_protection_is_found(path: str, base: str, old: str, new: str) -> None:
    assert old in base
    assert rules((path, base, base.replace(old, new))) == {"protection-weakened"}


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("review_count: 2", "review_count: 3"),
        ("[test, lint]", "[lint, test, types]"),
        ("- name: main", "# a\n- name: main"),
    ],
)
def test_more_protection_is_no_effect(old: str, new: str) -> None:
    assert rules((".github/settings.yml", SETTINGS, SETTINGS.replace(old, new))) == set()


def test_a_file_of_protections_that_goes_or_is_no_yaml_is_told() -> None:
    assert rules((".github/rulesets/main.json", RULESET, None)) == {"protection-weakened"}
    assert len(unread((".github/settings.yml", SETTINGS, "a: [\n"))) == 1
