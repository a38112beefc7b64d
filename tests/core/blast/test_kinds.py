"""The law: a kind is found by path, by content or by mode, on either side, whatever the case of the name."""

from __future__ import annotations

import pytest

from bot.core.blast.kinds import Kind, kinds_of
from bot.core.pull import ChangedFile, FileStatus
from bot.data.infra import load_infra
from tests.core.blast.files import blob, changed

KINDS = load_infra().kinds


@pytest.mark.parametrize("row", KINDS.rows.values(), ids=lambda row: row.id)
def test_a_row_matches_and_ignores_its_examples(row: Kind) -> None:
    assert row.matches or not row.paths, "expected an example path"
    for path in row.matches:
        assert row.id in KINDS.of_side(path, blob("")), path
    for path in row.ignores:
        assert row.id not in KINDS.of_side(path, blob("")), path


@pytest.mark.parametrize(
    ("name", "path", "text", "kind"),
    [
        (
            "a template by its format version",
            "stacks/x.yaml",
            "AWSTemplateFormatVersion: 2010-09-09\n",
            "cloudformation",
        ),
        ("a template by a resource type", "x.json", '{"R": {\n  "Type": "AWS::S3::Bucket"}}', "cloudformation"),
        ("a manifest", "anything.yml", "apiVersion: apps/v1\nkind: Deployment\n", "kubernetes"),
        ("a manifest behind other text", "x.yaml", "# a note\n---\nkind: Service\napiVersion: v1\n", "kubernetes"),
        ("a chart's template", "x.yaml", "kind: Service\nname: {{ .Values.name }}\n", "helm-template"),
        ("an Argo CD application", "app.yaml", "apiVersion: argoproj.io/v1alpha1\nkind: Application\n", "argocd"),
        ("an IAM policy", "p.json", '{"Version": "2012-10-17", "Statement": []}', "iam-policy-json"),
        ("a CDK app", "lib/stack.ts", "import * as cdk from 'aws-cdk-lib';\n", "cdk"),
        ("an upper-case name", "INFRA/MAIN.TF", "", "terraform"),
        ("a decomposed letter in a folder", "re\u0301gion/main.tf", "", "terraform"),
    ],
)
def test_content_and_path_tell_the_kind(name: str, path: str, text: str, kind: str) -> None:
    assert kind in KINDS.of_side(path, blob(text)), name


def test_a_long_comment_hides_no_kind() -> None:
    text = "#" * 1_000_000 + "\nAWSTemplateFormatVersion: 2010-09-09\n"
    assert "cloudformation" in KINDS.of_side("x.yaml", blob(text))


def test_a_lock_file_that_is_too_large_to_read_is_of_no_kind() -> None:
    assert KINDS.of_side("web/package-lock.json", blob(None, unread="2 MiB")) == frozenset()
    text = '{"R": {\n  "Type": "AWS::S3::Bucket"}}'
    assert "cloudformation" in KINDS.of_side("package-lock.json", blob(text))


def test_content_that_was_not_read_may_be_anything_its_name_allows() -> None:
    assert KINDS.of_side("x.yaml", blob(None, unread="2 MiB")) == {"unread-content"}
    assert KINDS.of_side("x.tf", blob(None, unread="2 MiB")) == {"terraform"}
    assert KINDS.of_side("logo.png", blob(None, unread="binary")) == frozenset()


def test_a_rename_is_of_the_kinds_of_both_names() -> None:
    assert "terraform" in kinds_of(changed("main.txt", "x", "x", old_path="main.tf"), KINDS)
    assert "terraform" in kinds_of(changed("main.tf", "x", "x", old_path="main.txt"), KINDS)


def test_a_documentation_file_is_of_no_kind() -> None:
    assert kinds_of(changed("README.md", "terraform", "apiVersion: v1\nkind: X"), KINDS) == frozenset()


@pytest.mark.parametrize(
    ("name", "before", "after", "kinds"),
    [
        ("a script becomes executable", "100644", "100755", {"executable-bit"}),
        ("a script stays executable", "100755", "100755", set()),
        ("a file becomes a link", "100644", "120000", {"symbolic-link"}),
        ("a submodule moves", "160000", "160000", {"submodule"}),
    ],
)
def test_modes_tell_kinds(name: str, before: str, after: str, kinds: set[str]) -> None:
    file = ChangedFile(
        path="run.py",
        old_path="run.py",
        status=FileStatus.CHANGED,
        base=blob("x", mode=before),
        head=blob("x", mode=after),
    )
    assert kinds_of(file, KINDS) == kinds, name
