"""The law: objects are compared by identity over the whole change; what lives on unharmed is no effect."""

from __future__ import annotations

import pytest

from bot.core.blast.assess import assess
from bot.core.finding import Confidence
from bot.data.infra import load_infra
from tests.core.blast.files import changed
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


SECURE = """apiVersion: apps/v1
kind: DaemonSet
metadata: {name: agent}
spec:
  selector: {matchLabels: {app: agent}}
  template:
    metadata: {labels: {app: agent}}
    spec:
      automountServiceAccountToken: false
      containers:
      - name: agent
        image: a
        securityContext:
          runAsUser: 1000
          seccompProfile: {type: RuntimeDefault}
          capabilities: {drop: [ALL]}
      - {name: side, image: b, securityContext: {runAsNonRoot: true}}
"""
POLICY = """apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: n}
spec: {podSelector: {}, ingress: [{from: [{ipBlock: {cidr: 10.0.0.0/8}}]}]}
"""
BALANCER = """apiVersion: v1
kind: Service
metadata: {name: s}
spec: {type: LoadBalancer, loadBalancerSourceRanges: [10.0.0.0/8]}
"""
JOB = """apiVersion: batch/v1
kind: Job
metadata: {name: j}
spec: {template: {metadata: {labels: {a: b}}, spec: {containers: [{name: x, image: "x:1"}]}}}
"""
ARGO = """apiVersion: argoproj.io/v1alpha1
kind: Application
metadata: {name: a, annotations: {argocd.argoproj.io/sync-options: Prune=false}}
spec: {destination: {namespace: shop, server: x}}
"""


@pytest.mark.parametrize(
    ("base", "old", "new", "rule"),
    [
        (SECURE, "runAsUser: 1000", "runAsUser: 0", "kubernetes-power-added"),
        (SECURE, "RuntimeDefault", "Unconfined", "kubernetes-guard-weakened"),
        (SECURE, "          seccompProfile: {type: RuntimeDefault}\n", "", "kubernetes-guard-weakened"),
        (SECURE, "{drop: [ALL]}", "{drop: [NET_RAW]}", "kubernetes-guard-weakened"),
        (SECURE, "automountServiceAccountToken: false", "hostNetwork: true", "kubernetes-power-added"),
        (SECURE, "runAsNonRoot: true", "runAsNonRoot: false", "kubernetes-guard-weakened"),
        (BUDGET, "minAvailable: 1", "minAvailable: 0", "kubernetes-guard-weakened"),
        (BUDGET, "minAvailable: 1", "maxUnavailable: 1", ""),
        (BUDGET, "minAvailable: 1", "minAvailable: 50%", ""),
        (POLICY, "10.0.0.0/8", "0.0.0.0/0", "kubernetes-service-exposed"),
        (POLICY, "{from: [{ipBlock: {cidr: 10.0.0.0/8}}]}", "{}", "kubernetes-service-exposed"),
        (POLICY, "10.0.0.0/8", "10.0.0.0/16", ""),
        (BALANCER, ", loadBalancerSourceRanges: [10.0.0.0/8]", "", "kubernetes-service-exposed"),
        (BALANCER, "10.0.0.0/8", "'::/0'", "kubernetes-service-exposed"),
        (ARGO, "Prune=false", "PruneLast=true", "kubernetes-guard-weakened"),
        (ARGO, "namespace: shop", "namespace: store", "kubernetes-object-renamed"),
        (JOB, "x:1", "x:2", ""),
    ],
)
def test_one_field_makes_the_difference(base: str, old: str, new: str, rule: str) -> None:
    found = rules(("k8s/a.yaml", base, base.replace(old, new)))
    assert rule in found if rule else found == set()


def test_a_container_that_goes_takes_its_own_guards_along() -> None:
    head = SECURE.replace("      - {name: side, image: b, securityContext: {runAsNonRoot: true}}\n", "")
    assert rules(("k8s/a.yaml", SECURE, head)) == set()
    renamed = SECURE.replace("{name: side, image: b, securityContext: {runAsNonRoot: true}}", "{name: other, image: b}")
    assert rules(("k8s/a.yaml", SECURE, renamed)) == {"kubernetes-guard-weakened"}


def test_containers_may_change_their_order() -> None:
    first, second = SECURE.split("      containers:\n")[1].split("      - {name: side")
    head = SECURE.replace(f"{first}      - {{name: side{second}", f"      - {{name: side{second}{first}")
    assert head != SECURE
    assert rules(("k8s/a.yaml", SECURE, head)) == set()


def test_a_job_is_said_to_be_made_again_by_its_true_field() -> None:
    (effect,) = assess((changed("a.yaml", JOB, JOB.replace("x:1", "x:2")),), (), load_infra()).effects
    assert (effect.confidence, effect.line) == (Confidence.LOW, 4)
    assert effect.reason == "`spec.template` of `Job/j` cannot be changed in place"


def test_a_patch_that_deletes_removes_when_it_comes_and_not_when_it_goes() -> None:
    patch = "apiVersion: v1\nkind: Service\nmetadata: {name: s}\n$patch: delete\n"
    assert effects(("o/delete.yaml", None, patch)) == {("kubernetes-object-removed", "Service/s")}
    assert effects(("o/delete.yaml", patch, None)) == set()
    inline = "resources: [a]\npatches:\n- patch: |\n    kind: Service\n    metadata: {name: s}\n    $patch: delete\n"
    assert rules(("kustomization.yaml", "resources: [a]\n", inline)) == {"kustomize-resource-removed"}
    assert rules(("kustomization.yaml", inline, "resources: [a]\n")) == set()


def test_lines_are_those_of_what_is_new_or_gone() -> None:
    base = "resources:\n- a.yaml\n- b.yaml\n"
    found = assess((changed("kustomization.yaml", base, "resources:\n- a.yaml\n"),), (), load_infra()).effects
    assert [one.line for one in found] == [3]
    head = ROLE.replace("- {apiGroups", "- {apiGroups: [apps], resources: [x], verbs: [get]}\n- {apiGroups")
    assert [one.line for one in assess((changed("a.yaml", ROLE, head),), (), load_infra()).effects] == [5]


def test_a_capability_is_no_more_than_being_privileged() -> None:
    base = SECURE.replace("runAsUser: 1000", "privileged: true")
    head = SECURE.replace("runAsUser: 1000", "privileged: false").replace(
        "{drop: [ALL]}", "{drop: [ALL], add: [NET_ADMIN]}"
    )
    assert rules(("a.yaml", base, head)) == set()
    assert rules(("a.yaml", SECURE, head)) == {"kubernetes-power-added"}
