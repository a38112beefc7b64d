"""Terraform as a language of the blast radius: a folder is a module, its two sides are compared object by object."""

from __future__ import annotations

from bot.core.blast.infra import Infra
from bot.core.blast.language import Judgement, Span, Stack
from bot.core.blast.terraform.access import widened_access
from bot.core.blast.terraform.guards import weakened_guards
from bot.core.blast.terraform.identity import compare_modules, lost_identities, lost_stacks
from bot.core.blast.terraform.instances import lost_instances
from bot.core.blast.terraform.module import read_module
from bot.core.blast.terraform.replacement import forced_replacements


class Terraform:
    name = "Terraform"
    kinds = frozenset({"terraform", "terraform-vars", "terragrunt", "terraform-stacks"})
    span = Span.FOLDER

    def judge(self, stack: Stack, infra: Infra) -> Judgement:
        base, head = read_module(stack.base), read_module(stack.head)
        comparison = compare_modules(base, head)
        effects = [
            *lost_identities(comparison, infra),
            *lost_stacks(base, head, infra),
            *lost_instances(comparison, base, head, infra),
            *forced_replacements(comparison, infra),
            *weakened_guards(comparison, base, head, infra),
            *widened_access(comparison, base, head, infra),
        ]
        return Judgement(effects=tuple(effects), tally=comparison.tally, unread=(*base.faults, *head.faults))
