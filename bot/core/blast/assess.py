"""What a change does to infrastructure: kinds, then each language's judgement of each stack, scale, and the tier."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from typing import assert_never

from bot.core.blast.ansible import Ansible
from bot.core.blast.bounds import readable
from bot.core.blast.ci.pipelines import Pipelines
from bot.core.blast.ci.workflows import Workflows
from bot.core.blast.cloudformation.language import CloudFormation
from bot.core.blast.codeowners import Codeowners
from bot.core.blast.commands import Scripts
from bot.core.blast.compose import Compose
from bot.core.blast.constructs.language import Constructs
from bot.core.blast.dockerfile import Dockerfile
from bot.core.blast.governance import Governance
from bot.core.blast.helm import Helm
from bot.core.blast.iam import Policies
from bot.core.blast.infra import Infra
from bot.core.blast.kubernetes.language import Kubernetes
from bot.core.blast.language import Change, Judgement, Language, Span, Stack, TooManyError
from bot.core.blast.migrations.language import Migrations
from bot.core.blast.scale import rebuilt
from bot.core.blast.scanners import Scanners
from bot.core.blast.terraform.language import Terraform
from bot.core.blast.terraform.stacks import modules_of
from bot.core.blast.tier import tier_of
from bot.core.finding import Blast, Effect, EffectKind, TouchedKind
from bot.core.policy.model import PathTier
from bot.core.pull import ChangedFile

# The one place where a language is registered.
LANGUAGES: tuple[Language, ...] = (
    Ansible(),
    CloudFormation(),
    Codeowners(),
    Compose(),
    Constructs(),
    Dockerfile(),
    Governance(),
    Helm(),
    Kubernetes(),
    Migrations(),
    Pipelines(),
    Policies(),
    Scanners(),
    Scripts(),
    Terraform(),
    Workflows(),
)

SEVERITY = {kind: place for place, kind in enumerate(EffectKind)}


def assess(files: tuple[ChangedFile, ...], path_tiers: tuple[PathTier, ...], infra: Infra) -> Blast:
    """Judge the changed files of one pull request. Never raises over what a file holds."""
    read = readable(files, infra.kinds)
    effects: list[Effect] = []
    unread = list(read.unread)
    for language in LANGUAGES:
        for stack in stacks_of(language, read.changes):
            judgement = judge_safely(language, stack, infra)
            effects += judgement.effects
            effects += rebuilt(stack, judgement, infra)
            unread += judgement.unread
    kinds = touched_kinds(read.touched, infra)
    ordered = tuple(sorted(set(effects), key=worst_first))
    tier, reasons = tier_of(
        kinds=kinds,
        effects=ordered,
        unread=tuple(unread),
        paths=_paths(files),
        path_tiers=path_tiers,
        infra=infra,
    )
    return Blast(tier=tier, kinds=kinds, effects=ordered, reasons=reasons, incomplete=tuple(unread))


def stacks_of(language: Language, changes: tuple[Change, ...]) -> Iterator[Stack]:
    """The stacks a language judges, by folder."""
    seen = tuple(change.under(language.kinds) for change in changes if change.kinds & language.kinds)
    if language.span is Span.MODULE:
        yield from modules_of(seen)
        return
    folders: dict[str, list[Change]] = defaultdict(list)
    for change in seen:
        folders[_place(change, language.span)].append(change)
    for folder in sorted(folders):
        yield Stack(folder=folder, changes=tuple(folders[folder]))


def _place(change: Change, span: Span) -> str:
    match span:
        case Span.FILE:
            return change.path
        case Span.FOLDER | Span.MODULE:
            return change.path.rpartition("/")[0]
        case Span.PULL:
            return ""
    assert_never(span)


def judge_safely(language: Language, stack: Stack, infra: Infra) -> Judgement:
    """The boundary at which a fault of ours, or a text that breaks a parser, raises the tier and not an error."""
    where = stack.folder or (stack.changes[0].path if len(stack.changes) == 1 else "the change")
    try:
        return language.judge(stack, infra)
    except TooManyError as error:
        return Judgement(unread=(f"`{where}` was not judged as {language.name}: {error}",))
    except Exception as error:  # noqa: BLE001 - any fault here must shut the gate, and none may hide another language's finding
        return Judgement(unread=(f"`{where}` could not be judged as {language.name} ({type(error).__name__})",))


def touched_kinds(touched: tuple[tuple[ChangedFile, frozenset[str]], ...], infra: Infra) -> tuple[TouchedKind, ...]:
    """Kind by kind the paths, old and new, heaviest first."""
    paths: dict[str, set[str]] = defaultdict(set)
    for file, kinds in touched:
        for kind in kinds:
            paths[kind] |= {file.path, file.old_path}
    rows = infra.kinds.rows
    found = [TouchedKind(kind=kind, weight=rows[kind].weight, paths=tuple(sorted(paths[kind]))) for kind in paths]
    return tuple(sorted(found, key=lambda kind: (-kind.weight, kind.kind)))


def _paths(files: tuple[ChangedFile, ...]) -> tuple[str, ...]:
    return tuple(sorted({path for file in files for path in (file.path, file.old_path)}))


def worst_first(effect: Effect) -> tuple[int, int, str, int, str, str, str]:
    place = (SEVERITY[effect.effect], -effect.confidence, effect.path)
    return (*place, effect.line or 0, effect.address, effect.rule, effect.reason)
