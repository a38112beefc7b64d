"""The law: objects are compared by identity over the whole change; what lives on unharmed is no effect."""

from __future__ import annotations

import pytest

from tests.core.blast.judged import effects, rules, unread

WEB = """apiVersion: apps/v1
kind: Deployment
metadata: {name: web, namespace: shop}
spec:
  replicas: 2
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      containers:
      - {name: web, image: "web:1"}
"""
CLAIM = """apiVersion: v1
kind: PersistentVolumeClaim
metadata: {name: data}
spec: {storageClassName: fast, accessModes: [ReadWriteOnce]}
"""
ROLE = """apiVersion: rbac.authorization.k8s.io/v1
kind: Role
metadata: {name: r}
rules:
- {apiGroups: [""], resources: [pods], verbs: [get, list]}
"""
BUDGET = "apiVersion: policy/v1\nkind: PodDisruptionBudget\nmetadata: {name: b}\nspec: {minAvailable: 1}\n"
FLUX = """apiVersion: kustomize.toolkit.fluxcd.io/v1
kind: Kustomization
metadata: {name: apps}
spec: {path: ./apps, prune: false}
"""
HELM = """apiVersion: v1
kind: ConfigMap
metadata:
  name: {{ template "x.name" . }}-config
  labels:
    {{- include "x.labels" . | nindent 4 }}
data:
  a: {{ .Values.a }}
"""


@pytest.mark.parametrize(
    "base, head, rule",
    [
        (WEB, None, "kubernetes-object-removed"),
        (CLAIM, None, "kubernetes-data-removed"),
        (BUDGET, None, "kubernetes-guard-removed"),
        (WEB, WEB.replace("replicas: 2", "replicas: 0"), "kubernetes-scaled-to-zero"),
        (WEB, WEB.replace("name: web, name", "name: shop, name"), "kubernetes-object-renamed"),
        (WEB, WEB.replace("kind: Deployment", "kind: StatefulSet"), "kubernetes-object-renamed"),
        (WEB, WEB.replace("{app: web}", "{app: shop}"), "kubernetes-immutable-changed"),
        (CLAIM, CLAIM.replace("fast", "slow"), "kubernetes-immutable-changed"),
        (FLUX, FLUX.replace("prune: false", "prune: true"), "kubernetes-guard-weakened"),
        (ROLE, ROLE.replace("get, list", "get, list, delete"), "kubernetes-grant-added"),
        (ROLE, ROLE.replace("[pods]", "['*']"), "kubernetes-grant-added"),
        (
            WEB,
            WEB.replace('"web:1"}', '"web:1", securityContext: {privileged: true}}'),
            "kubernetes-power-added",
        ),
        (None, WEB.replace("    spec:\n", "    spec:\n      hostPID: true\n"), "kubernetes-power-added"),
        (HELM, None, "kubernetes-object-removed"),
    ],
)
def test_a_change_that_loses_weakens_or_opens_is_found(base: str | None, head: str | None, rule: str) -> None:
    assert rules(("k8s/a.yaml", base, head)) == {rule}


@pytest.mark.parametrize(
    "base, head",
    [
        (WEB, WEB.replace("web:1", "web:2")),
        (WEB, f"# kept\n{WEB}"),
        (WEB, WEB.replace(", namespace: shop", "")),
        (None, WEB),
        (ROLE, ROLE.replace("get, list", "get")),
        (ROLE.replace("[pods]", "['*']"), ROLE),
        (FLUX, FLUX.replace("./apps", "./apps/")),
        (HELM, HELM.replace('template "x.name"', 'include "y.name"')),
        (WEB, WEB.replace("    spec:\n", "    spec:\n      securityContext: {runAsNonRoot: true}\n")),
    ],
)
def test_an_edit_or_a_hardening_is_no_effect(base: str | None, head: str | None) -> None:
    assert rules(("k8s/a.yaml", base, head)) == set()


def test_an_object_may_move_to_another_file() -> None:
    assert effects(("a/web.yaml", WEB, None), ("b/web.yaml", None, WEB)) == set()


def test_an_object_of_one_overlay_does_not_hide_the_loss_in_another() -> None:
    assert effects(("a/web.yaml", WEB, None), ("b/web.yaml", WEB, WEB)) == {
        ("kubernetes-object-removed", "Deployment/shop/web")
    }


def test_an_overlays_patch_is_no_object() -> None:
    patch = "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web}\nspec: {replicas: 3}\n"
    assert effects(("overlays/patch.yaml", patch, None)) == set()


def test_a_kustomization_that_builds_less_is_found() -> None:
    base = "resources: [a.yaml, b.yaml]\n"
    assert rules(("kustomization.yaml", base, "resources: [a.yaml]\n")) == {"kustomize-resource-removed"}
    assert rules(("kustomization.yaml", base, "resources: [a.yaml, c/b.yaml]\n")) == set()
    assert rules(("kustomization.yaml", base, f"namePrefix: x-\n{base}")) == {"kustomize-objects-renamed"}


def test_what_is_no_yaml_is_said() -> None:
    assert len(unread(("k8s/a.yaml", WEB, f"{WEB}  - [\n"))) == 1


def test_a_manifest_that_looks_like_a_play_is_judged_as_what_it_declares() -> None:
    gateway = "apiVersion: v1\nkind: Namespace\nmetadata:\n  name: shop\nspec:\n  hosts: [a]\n  ports:\n  - name: b\n"
    assert rules(("a.yaml", gateway, None)) == {"kubernetes-data-removed"}


def test_marks_of_a_template_in_comments_hide_nothing() -> None:
    pod = "kind: Pod\nmetadata: {name: a}\nspec: {containers: [{image: x, securityContext: {privileged: true}}]}\n"
    assert rules(("a.yaml", None, f"# {{{{\napiVersion: v1\n{pod}# }}}}\n")) == {"kubernetes-power-added"}
