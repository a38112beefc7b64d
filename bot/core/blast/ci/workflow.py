"""GitHub Actions workflows as values: triggers, jobs with their effective permissions, steps."""

from __future__ import annotations

import re
from collections.abc import Mapping as ReadOnly
from dataclasses import dataclass

from bot.core.blast.language import Source
from bot.core.blast.yamls import Mapping, Node, Scalar, Sequence

# A job or step named so judges the change: taking it away removes a check.
_CHECKS = re.compile(
    r"(?i)test|lint|check|pre-commit|prek|hadolint|rspec|e2e|scan|codeql|analy[sz]|verif|valid|audit|secur|sast|semgrep|trivy|brakeman|checkov|tfsec|"
    r"gitleaks|snyk|zizmor|review|policy|gate|coverage|mypy|ruff|fmt|format|build"
)
LEVELS = {"none": 0, "read": 1, "write": 2}


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """`name` tells it from its neighbours: its id, its name, the action without version, or its first command."""

    name: str
    uses: str
    run: str
    line: int
    run_line: int
    is_tolerant: bool
    is_off: bool
    inputs: ReadOnly[str, str]

    @property
    def is_check(self) -> bool:
        return is_check(f"{self.name} {self.uses} {self.run[:400]}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """`uses` is a reusable workflow that the job calls, "" for none.

    `permissions` is scope → level after the workflow's default; None when neither says any. `inherits`: the workflow
    that it calls gets every secret.
    """

    id: str
    name: str
    line: int
    uses: str
    permissions: ReadOnly[str, int] | None
    environment: str
    needs: frozenset[str]
    inherits: bool
    is_tolerant: bool
    is_off: bool
    steps: tuple[Step, ...]

    @property
    def is_check(self) -> bool:
        texts = [self.id, self.name, *(step.name for step in self.steps), *(step.run[:200] for step in self.steps)]
        return any(is_check(text) for text in texts)


@dataclass(frozen=True, slots=True, kw_only=True)
class Workflow:
    path: str
    name: str
    triggers: ReadOnly[str, int]
    jobs: ReadOnly[str, Job]
    fault: str = ""

    @property
    def is_check(self) -> bool:
        return is_check(self.name) or any(job.is_check for job in self.jobs.values())


def is_check(text: str) -> bool:
    return bool(_CHECKS.search(text))


def read_workflow(source: Source) -> Workflow:
    documents = source.documents
    root = next(iter(documents.mappings), None)
    if root is None:
        fault = documents.fault or ("no mapping" if source.text.strip() else "")
        return Workflow(path=source.path, name="", triggers={}, jobs={}, fault=fault)
    default = _permissions(root.get("permissions"))
    jobs = root.mapping("jobs")
    return Workflow(
        path=source.path,
        name=root.text("name"),
        triggers=_triggers(root),
        jobs={
            id_: _job(id_, node, jobs.lines.get(id_, node.line), default)
            for id_, node in jobs.entries.items()
            if isinstance(node, Mapping)
        },
        fault=documents.fault,
    )


def _triggers(root: Mapping) -> dict[str, int]:
    # YAML 1.1 readers take the bare key `on` for true; here it stays as it is written.
    node = root.get("on")
    if isinstance(node, Scalar):
        return {node.text: node.line}
    if isinstance(node, Sequence):
        return {item.text: item.line for item in node.items if isinstance(item, Scalar)}
    return dict(node.lines) if isinstance(node, Mapping) else {}


def _permissions(node: Node | None) -> dict[str, int] | None:
    if node is None:
        return None
    if isinstance(node, Scalar):
        level = {"write-all": 2, "read-all": 1}.get(node.text, 0)
        return {"*": level}
    if isinstance(node, Mapping):
        texts = {scope: level.text for scope, level in node.entries.items() if isinstance(level, Scalar)}
        return {scope: LEVELS.get(level, LEVELS["write"]) for scope, level in texts.items()}
    return {}


def _job(id_: str, node: Mapping, line: int, default: dict[str, int] | None) -> Job:
    own = _permissions(node.get("permissions"))
    return Job(
        id=id_,
        name=node.text("name"),
        line=line,
        uses=node.text("uses"),
        permissions=default if own is None else own,
        environment=node.text("environment") or node.text("environment", "name"),
        inherits=node.text("secrets") == "inherit",
        needs=frozenset(item.text for item in node.items("needs") if isinstance(item, Scalar)),
        is_tolerant=node.text("continue-on-error") == "true",
        is_off=_is_off(node),
        steps=tuple(_step(item) for item in node.items("steps") if isinstance(item, Mapping)),
    )


def _step(node: Mapping) -> Step:
    uses, run = node.text("uses"), node.text("run")
    name = node.text("id") or node.text("name") or uses.partition("@")[0] or run.strip().partition("\n")[0]
    return Step(
        name=name,
        uses=uses,
        run=run,
        line=node.line,
        run_line=node.lines.get("run", node.line),
        is_tolerant=node.text("continue-on-error") == "true",
        is_off=_is_off(node),
        inputs={key: item.text for key, item in node.mapping("with").entries.items() if isinstance(item, Scalar)},
    )


def _is_off(node: Mapping) -> bool:
    return node.text("if").replace("${{", "").replace("}}", "").strip() == "false"
