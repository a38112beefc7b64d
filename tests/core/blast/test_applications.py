"""The law for what applications are made of: losses and openings are found, edits are not."""

from __future__ import annotations

import pytest

from bot.core.blast.assess import assess
from bot.data.infra import load_infra
from tests.core.blast.files import changed
from tests.core.blast.judged import rules

COMPOSE = """services:
  web: {image: "web:1"}
  db: {image: "db:1", volumes: ["data:/var/lib/db"]}
volumes:
  data: {}
"""
SAFE = """services:
  web:
    image: web
    user: app
    read_only: true
    cap_drop: [ALL]
    security_opt: ["no-new-privileges:true"]
    ports: ["127.0.0.1:5432:5432"]
"""
DOCKER = "FROM a AS build\nUSER root\nFROM b\nUSER app\nCMD x\n"
POLICY = """{"Version": "2012-10-17", "Statement": [
  {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::b/*"},
  {"Effect": "Deny", "Action": "s3:DeleteObject", "Resource": "*"}]}
"""
PLAY = """- hosts: all
  tasks:
  - name: net
    amazon.aws.ec2_security_group:
      name: web
      rules:
      - {proto: tcp, from_port: 443, to_port: 443, cidr_ip: 10.0.0.0/8}
  - name: db
    amazon.aws.rds_instance: {id: db, state: present}
"""
VALUES = "replicaCount: 2\nnetworkPolicy: {enabled: true}\nsecurity: {privileged: false}\n"
CHART = "name: shop\nversion: 1\ndependencies:\n- {name: postgresql}\n- {name: redis}\n"
CDK = """import * as s3 from 'aws-cdk-lib/aws-s3';
new s3.Bucket(this, 'Data', {versioned: true});
new s3.Bucket(this, 'Logs');
"""
COMPUTED = CDK.replace("(this, 'Logs')", "(\n  this,\n  props.name('logs'),\n)")
PULUMI = "name: x\nruntime: yaml\nresources:\n  data: {type: aws:s3:Bucket}\n  logs: {type: aws:s3:Topic}\n"


@pytest.mark.parametrize(
    "path, base, old, new, rule",
    [
        ("compose.yaml", COMPOSE, "volumes:\n  data: {}\n", "", "compose-volume-removed"),
        ("compose.yaml", COMPOSE, '  web: {image: "web:1"}\n', "", "compose-service-removed"),
        ("compose.yaml", COMPOSE, "data:/var", "./data:/var", "compose-data-left"),
        ("compose.yaml", COMPOSE, '"web:1"', '"web:1", privileged: true', "compose-power-added"),
        (
            "compose.yaml",
            COMPOSE,
            '"web:1"',
            '"web:1", volumes: ["/var/run/docker.sock:/var/run/docker.sock"]',
            "compose-power-added",
        ),
        ("compose.yaml", SAFE, "    cap_drop: [ALL]\n", "", "compose-guard-weakened"),
        ("compose.yaml", SAFE, "read_only: true", "read_only: false", "compose-guard-weakened"),
        ("compose.yaml", SAFE, "no-new-privileges:true", "seccomp:unconfined", "compose-guard-weakened"),
        ("compose.yaml", SAFE, "user: app", "user: root", "compose-guard-weakened"),
        ("compose.yaml", SAFE, "127.0.0.1:5432:5432", "5432:5432", "compose-power-added"),
        ("Dockerfile", DOCKER, "USER app", "USER root", "image-runs-as-root"),
        ("Dockerfile", DOCKER, "USER app\n", "", "image-runs-as-root"),
        ("policy.json", POLICY, '"s3:GetObject"', '["s3:GetObject", "s3:*"]', "policy-grant-added"),
        ("policy.json", POLICY, '"Deny"', '"Allow"', "policy-denial-removed"),
        ("playbooks/a.yml", PLAY, "10.0.0.0/8", "0.0.0.0/0", "ansible-network-opened"),
        ("playbooks/a.yml", PLAY, "state: present", "state: absent", "ansible-deletes"),
        ("values.yaml", VALUES, "replicaCount: 2", "replicaCount: 0", "values-scaled-to-zero"),
        ("values.yaml", VALUES, "enabled: true", "enabled: false", "values-guard-off"),
        ("values.yaml", VALUES, "privileged: false", "privileged: true", "values-power-added"),
        ("Chart.yaml", CHART, "- {name: redis}\n", "", "chart-removed"),
        ("lib/stack.ts", CDK, "new s3.Bucket(this, 'Logs');\n", "", "construct-removed"),
        ("lib/stack.ts", CDK, "'Data'", "'Data2'", "construct-renamed"),
        ("lib/stack.ts", COMPUTED, "new s3.Bucket(\n  this,\n  props.name('logs'),\n);\n", "", "construct-removed"),
        ("Pulumi.yaml", PULUMI, "  logs: {type: aws:s3:Topic}\n", "", "construct-removed"),
    ],
)
def test_a_loss_or_an_opening_is_found(path: str, base: str, old: str, new: str, rule: str) -> None:
    assert old in base
    assert rule in rules((path, base, base.replace(old, new)))


@pytest.mark.parametrize(
    "path, base, old, new",
    [
        ("compose.yaml", COMPOSE, "web:1", "web:2"),
        ("compose.yaml", COMPOSE, "services:", "# privileged: true\nservices:"),
        ("compose.yaml", SAFE, "127.0.0.1:5432:5432", "127.0.0.1:5433:5432"),
        ("compose.yaml", SAFE, "[ALL]", "[ALL, NET_RAW]"),
        ("Dockerfile", DOCKER, "FROM b", "FROM c"),
        ("Dockerfile", DOCKER, "USER app", "USER nobody"),
        ("policy.json", POLICY, '"Resource": "*"', '"Resource": ["*"]'),
        ("policy.json", POLICY, '"s3:DeleteObject"', '["s3:DeleteObject", "s3:*"]'),
        ("playbooks/a.yml", PLAY, "name: net", "name: network"),
        ("values.yaml", VALUES, "replicaCount: 2", "replicaCount: 3"),
        ("Chart.yaml", CHART, "version: 1", "version: 2"),
        ("lib/stack.ts", CDK, "versioned: true", "versioned: true, autoDelete: true"),
        ("lib/stack.ts", CDK, "(this, 'Logs')", "(\n  this,\n  'Logs',\n)"),
    ],
)
def test_an_edit_is_no_effect(path: str, base: str, old: str, new: str) -> None:
    assert old in base
    assert rules((path, base, base.replace(old, new))) == set()


def test_a_file_that_goes_takes_what_it_declared_along() -> None:
    assert rules(("compose.yaml", COMPOSE, None)) == {"compose-volume-removed", "compose-service-removed"}
    assert rules(("Chart.yaml", CHART, None)) == {"chart-removed"}
    assert rules(("a/Chart.yaml", CHART, None), ("b/Chart.yaml", None, CHART)) == set()


def test_a_constructs_line_is_that_of_the_file() -> None:
    base = f"\n\n// a note\n\n{CDK}"
    blast = assess(
        (changed("lib/stack.ts", base, base.replace("new s3.Bucket(this, 'Logs');\n", "")),), (), load_infra()
    )
    assert [effect.line for effect in blast.effects] == [7]


@pytest.mark.parametrize(
    "line", ["curl -s https://x | sh", "wget -qO- https://x \\\n  | sudo bash", "apk add curl && curl x | zsh -s"]
)
def test_a_script_that_is_run_as_it_is_fetched_is_said(line: str) -> None:
    (effect,) = assess((changed("Dockerfile", DOCKER, f"{DOCKER}RUN {line}\n"),), (), load_infra()).effects
    assert (effect.rule, effect.line) == ("image-runs-fetched-script", 6)
    assert assess((changed("Dockerfile", DOCKER, f"{DOCKER}RUN curl x | tar x\n"),), (), load_infra()).effects == ()
