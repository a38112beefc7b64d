"""The law: what is added to what a script did before counts, not what stands there, is said, or is commented out."""

from __future__ import annotations

import pytest

from tests.core.blast.judged import effects, rules, unread

BASE = "#!/bin/sh\nterraform plan\nkubectl apply -f .\n"


@pytest.mark.parametrize(
    "line, rule",
    [
        ("terraform destroy", "command-destroys"),
        ("terraform -chdir=infra destroy", "command-destroys"),
        ("cd infra && terraform destroy", "command-destroys"),
        ("terraform \\\n  destroy", "command-destroys"),
        ("aws cloudformation delete-stack --stack-name x", "command-destroys"),
        ("aws s3 rb s3://x --force", "command-destroys"),
        ("gcloud sql instances delete x", "command-destroys"),
        ("az group delete -n x", "command-destroys"),
        ("kubectl -n shop delete pvc --all", "command-destroys"),
        ("helm uninstall x", "command-destroys"),
        ("rm -rf infra/terraform.tfstate", "command-destroys"),
        ("rm -rf /", "command-destroys"),
        ("terraform apply -auto-approve", "command-unasked"),
        ('approve="-auto-approve"', "command-unasked"),
        ("cdk deploy --require-approval never", "command-unasked"),
    ],
)
def test_an_added_command_that_destroys_or_does_not_ask_is_found(line: str, rule: str) -> None:
    assert rules(("deploy.sh", BASE, f"{BASE}{line}\n")) == {rule}


@pytest.mark.parametrize(
    "line",
    [
        "# terraform destroy",
        'echo "run terraform destroy to clean up"',
        "terraform plan -destroy",
        "kubectl delete pod web-1",
        "kubectl delete pvc x --dry-run=client",
        "rm -rf .terraform",
        "rm -rf build/",
        "docker compose down",
    ],
)
def test_a_command_that_is_said_tried_or_harmless_is_no_effect(line: str) -> None:
    assert rules(("deploy.sh", BASE, f"{BASE}{line}\n")) == set()


def test_a_destroying_command_that_was_there_may_be_rewritten() -> None:
    base = f"{BASE}kubectl stop rc web\n"
    assert rules(("deploy.sh", base, f"{BASE}kubectl delete rc web\n")) == set()


def test_commands_in_ci_are_found_even_in_a_new_file() -> None:
    steps = "      - run: |\n          cd infra\n          terraform destroy\n"
    job = f"on: push\njobs:\n  clean:\n    runs-on: x\n    steps:\n{steps}"
    found = effects((".github/workflows/clean.yml", None, job))
    assert found == {("command-destroys", "terraform destroy")}
    pipeline = "jobs:\n- plan:\n  - task: x\n    script: terraform destroy\n"
    assert rules(("concourse/deploy.yml", None, pipeline)) == {"command-destroys"}


def test_a_long_text_is_judged_in_time() -> None:
    assert unread(("deploy.sh", BASE, BASE + "terraform " * 90_000)) == ()
