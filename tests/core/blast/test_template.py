"""The law: what no parser could read is said, whatever the language; a template by nature is read best effort."""

from __future__ import annotations

import pytest

from bot.core.blast.assess import assess
from bot.core.blast.language import Source
from bot.core.blast.template import read_text
from bot.core.finding import Confidence, Tier
from bot.data.infra import load_infra
from tests.core.blast.files import changed
from tests.core.blast.judged import unread

GARBAGE = "a: [1\nb: }{\n"
POLICY = '{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:Get*", "Resource": "*"}]}\n'
HELMFILE = 'releases:\n- name: a\n- name: b\n{{ if eq .Environment.Name "prod" }}\n- name: c\n{{ end }}\n'

READABLE = {
    "values.yaml": "a: 1\n",
    "charts/x/Chart.yaml": "name: x\n",
    "kustomization.yaml": "resources: [a.yaml]\n",
    "playbooks/a.yml": "- hosts: all\n  tasks: []\n",
    "compose.yaml": "services: {}\n",
    ".gitlab-ci.yml": "a: {script: [x]}\n",
    ".github/workflows/a.yml": "on: push\njobs: {}\n",
    ".pre-commit-config.yaml": "repos: []\n",
    ".checkov.yaml": "skip-check: []\n",
    ".gitleaks.toml": "title = 'x'\n",
    ".snyk": "ignore: {}\n",
    "Pulumi.yaml": "name: x\nruntime: yaml\n",
    "Dockerfile": "FROM a\nUSER app\n",
    "policy.json": POLICY,
}


@pytest.mark.parametrize("path", READABLE)
def test_a_file_that_can_no_longer_be_read_is_said_and_high(path: str) -> None:
    good = READABLE[path]
    assert unread((path, good, f"# an edit\n{good}" if path != "policy.json" else f"{good}\n")) == ()
    bad = GARBAGE if path != "policy.json" else f"{POLICY}]"
    for base, head in ((good, bad), (bad, good), (None, bad)):
        blast = assess((changed(path, base, head),), (), load_infra())
        assert (len(blast.incomplete), blast.tier >= Tier.HIGH) == (1, True), (base, head)


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("values.yaml", "a: {{ x }}: [\n"),
        ("playbooks/a.yml", "- hosts: all\n  tasks:\n  {% if x %}\n  - [\n"),
        ("policy.json", f"${{x}}{POLICY}]"),
        ("kustomization.yaml", "- a list\n"),
        ("Dockerfile", "FROM a\nRUN cat <<EOF\nUSER root\n"),
        ("Dockerfile", "FROM a\n{{ if x }}\nUSER root\n"),
    ],
)
def test_the_marks_of_a_template_are_no_excuse(path: str, text: str) -> None:
    assert len(unread((path, READABLE[path], text))) >= 1


def test_actions_that_change_in_a_policy_are_said() -> None:
    base = POLICY.replace('"s3:Get*"', "${actions}")
    assert unread(("policy.json", base, base.replace('"*"', '"b"'))) == ()
    assert len(unread(("policy.json", base, base.replace("${actions}", "${more}")))) == 1


def test_a_template_by_nature_is_judged_best_effort_and_says_so() -> None:
    blast = assess((changed("helmfile.yaml", HELMFILE, HELMFILE.replace("- name: a\n", "")),), (), load_infra())
    (effect,) = blast.effects
    assert (effect.confidence, blast.incomplete) == (Confidence.LOW, ())
    assert effect.reason.endswith("as far as a template can be read")


def test_a_grant_in_a_templated_policy_is_of_low_confidence() -> None:
    base = POLICY.replace('"*"', "${arn}")
    head = base.replace('"s3:Get*"', '"s3:*"')
    (effect,) = assess((changed("policy.json", base, head),), (), load_infra()).effects
    assert (effect.rule, effect.confidence) == ("policy-grant-added", Confidence.LOW)


def test_lines_stay_those_of_the_file() -> None:
    text = read_text(Source(path="a", text="{{ if x\n}}\na: 1\n---\n{{ end }}\nb: 2\n"))
    assert [mapping.lines for mapping in text.mappings] == [{"a": 3}, {"b": 6}]


@pytest.mark.parametrize("mark", ["---\n", "--- # a note\n", "---\r\n", "--- \n"])
def test_the_line_after_a_document_mark_is_read(mark: str) -> None:
    text = read_text(Source(path="a", text=f"{mark}a: 1\n{{{{ if x }}}}\n{mark}b: 2\n"))
    assert [mapping.lines for mapping in text.mappings] == [{"a": 2}, {"b": 5}]


@pytest.mark.parametrize(
    "head",
    [
        "FROM a\nUSER app\nRUN cat <<EOF\nUSER root\nEOF\n",
        "FROM a\nUSER app\nRUN x \\\n  # a note\n\n  USER root\n",
        "# escape=`\nFROM a\nRUN x `\n  nonsense\nUSER app\n",
        "FROM a\nUSER app\nRUN echo $((1<<10)) <<<word\n",
    ],
)
def test_continued_lines_and_here_documents_are_no_instructions(head: str) -> None:
    blast = assess((changed("Dockerfile", READABLE["Dockerfile"], head),), (), load_infra())
    assert (blast.effects, blast.incomplete) == ((), ())
