"""Ansible: tasks that delete what others keep data in, networks opened to everybody, commands that destroy."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

import re2

from bot.core.blast.commands import Command, commands_in, new_commands
from bot.core.blast.infra import Infra
from bot.core.blast.language import Change, Declared, Judgement, Source, Span, Stack, effect_of
from bot.core.blast.template import Text, read_text, unread_holes, unread_texts
from bot.core.blast.yamls import Mapping, Node, Scalar, Sequence, leaves
from bot.core.finding import Confidence, Effect, Side

# Modules whose `state: absent` deletes infrastructure or data, by their names without the collection.
_KEEPERS = re2.compile(
    r"^(?:ec2|rds|s3|elb|efs|route53|iam|cloudformation|lambda|dynamodb|azure_rm|gcp|gc|digital_ocean|hcloud|os|"
    r"vmware|proxmox|k8s|helm|docker_volume|docker_stack|postgresql_(?:db|schema|table)|mysql_db|mongodb|"
    r"lvol|lvg|zfs|parted)(?:_\w+)?$"
)
_SHELLS = frozenset({"shell", "command", "raw", "script", "win_shell", "win_command"})
_OPEN = frozenset({"0.0.0.0/0", "::/0"})
_ABSENT = frozenset({"absent", "deleted", "terminated"})


class Ansible:
    name = "Ansible"
    kinds = frozenset({"ansible"})
    span = Span.PULL

    def judge(self, stack: Stack, infra: Infra) -> Judgement:
        effects: list[Effect] = []
        faults: list[str] = []
        base: list[Command] = []
        head: list[Command] = []
        for change in stack.changes:
            before, after = (read_text(_yaml(source)) for source in (change.base, change.head))
            faults += unread_texts((before, after))
            # A chart's template may look like a play; what it declares is judged elsewhere.
            faults += () if "helm-template" in change.kinds else unread_holes(before, after)
            base += _commands(before)
            head += _commands(after)
            if before.path and after.path and not change.is_new and not change.is_gone:
                effects += _more(change, before, after, infra)
        effects += new_commands(base, head, infra, kind="ansible", confidence=Confidence.MEDIUM)
        return Judgement(effects=tuple(effects), unread=tuple(dict.fromkeys(faults)))


def _yaml(source: Source | None) -> Source | None:
    """Inventories and settings in other formats hold no tasks."""
    return source if source and source.path.endswith((".yml", ".yaml")) else None


def _tasks(text: Text) -> Iterator[tuple[str, Node]]:
    """(module without collection, arguments) of every task, plays and blocks opened."""
    waiting: list[Node] = list(text.documents)
    while waiting:
        node = waiting.pop()
        if isinstance(node, Sequence):
            waiting.extend(node.items)
        elif isinstance(node, Mapping):
            for key, child in node.entries.items():
                if key in ("tasks", "pre_tasks", "post_tasks", "handlers", "block", "rescue", "always"):
                    waiting.append(child)
                else:
                    yield key.rpartition(".")[2], child


def _more(change: Change, base: Text, head: Text, infra: Infra) -> Iterator[Effect]:
    before, after = tuple(_tasks(base)), tuple(_tasks(head))
    for module, line in _new(_deletions(before), _deletions(after)):
        reason = f"a task of `{module}` now deletes what it manages"
        yield _effect(change, module, line, "ansible-deletes", reason=reason, infra=infra)
    for address, line in _new(_openings(before), _openings(after)):
        reason = f"a rule now lets in {address.rpartition(' ')[2]} ({address.rpartition(' ')[0]})"
        yield _effect(change, address, line, "ansible-network-opened", reason=reason, infra=infra)


def _new(before: list[tuple[str, int]], after: list[tuple[str, int]]) -> Iterator[tuple[str, int]]:
    known = Counter(name for name, _ in before)
    for name, line in after:
        if known[name] > 0:
            known[name] -= 1
        else:
            yield name, line


def _deletions(tasks: tuple[tuple[str, Node], ...]) -> list[tuple[str, int]]:
    found = []
    for module, arguments in tasks:
        if _KEEPERS.search(module) and isinstance(arguments, Mapping) and arguments.text("state") in _ABSENT:
            found.append((module, arguments.line))
    return found


def _openings(tasks: tuple[tuple[str, Node], ...]) -> list[tuple[str, int]]:
    """Ingress rules for everybody, each told by its protocol and ports; egress opens nothing to others."""
    found = []
    for module, arguments in tasks:
        rules = arguments.items("rules") if isinstance(arguments, Mapping) else ()
        for rule in rules:
            texts = dict(leaves(rule))
            everybody = next((scalar for scalar in texts.values() if scalar.text in _OPEN), None)
            if everybody is not None:
                ports = [texts[name].text for name in ("proto", "from_port", "to_port", "ports") if name in texts]
                found.append((f"{module} {'/'.join(ports)} {everybody.text}", everybody.line))
    return found


def _commands(text: Text) -> Iterator[Command]:
    for module, arguments in _tasks(text):
        if module in _SHELLS:
            command = arguments.get("cmd") if isinstance(arguments, Mapping) else arguments
            if isinstance(command, Scalar):
                yield from commands_in(command.text, text.path, command.line + ("\n" in command.text))


def _effect(change: Change, address: str, line: int, rule: str, *, reason: str, infra: Infra) -> Effect:
    declared = Declared(address=address, type="task", path=change.path, line=line)
    return effect_of(infra, rule, declared, kind="ansible", side=Side.HEAD, reason=reason)
