"""Terraform as a language of the blast radius: a folder is a module, its two sides are compared object by object."""

from __future__ import annotations

from bot.core.blast.infra import Infra
from bot.core.blast.language import Judgement, Source, Span, Stack, doubted
from bot.core.blast.terraform.access import widened_access
from bot.core.blast.terraform.guards import weakened_guards
from bot.core.blast.terraform.identity import compare_modules, ended_objects, lost_identities, lost_stacks, lost_states
from bot.core.blast.terraform.instances import lost_instances
from bot.core.blast.terraform.module import Module, place_of_state, read_module
from bot.core.blast.terraform.places import changed_places
from bot.core.blast.terraform.replacement import forced_replacements

_CODE = (".tf", ".tf.json", ".tofu", ".tofu.json")


def loaded(sources: tuple[Source, ...]) -> tuple[Source, ...]:
    """Without the files that Terraform passes over: a file renamed to one of those is as good as removed.

    https://developer.hashicorp.com/terraform/language/files - and editors' leftovers, and endings in another case.
    """
    return tuple(source for source in sources if not _is_passed_over(source.path.rpartition("/")[2]))


def _is_passed_over(name: str) -> bool:
    if name.endswith("~") or (name.startswith("#") and name.endswith("#")):
        return True
    ending = next((one for one in _CODE if name.lower().endswith(one)), "")
    return bool(ending) and (name.startswith(".") or not name.endswith(ending))


class Terraform:
    name = "Terraform"
    kinds = frozenset({"terraform", "terraform-vars", "terragrunt", "terraform-stacks"})
    span = Span.MODULE

    def judge(self, stack: Stack, infra: Infra) -> Judgement:
        base, head = read_module(loaded(stack.base)), read_module(loaded(stack.head))
        comparison = compare_modules(base, head)
        effects = [
            *lost_identities(comparison, infra),
            *lost_stacks(stack, base, head, infra),
            *ended_objects(base, head, infra),
            *changed_places(stack, comparison, base, head, infra),
            *lost_states(stack, comparison, head, infra),
            *lost_instances(comparison, base, head, infra),
            *forced_replacements(comparison, infra),
            *weakened_guards(comparison, base, head, infra),
            *widened_access(comparison, base, head, infra),
        ]
        return Judgement(
            effects=tuple(doubted(effects) if head.faults else effects),
            compared=comparison,
            ended=frozenset({stack.folder}) if not stack.head and _is_root(base) else frozenset(),
            unread=(*base.faults, *head.faults),
        )


def _is_root(module: Module) -> bool:
    """Whether it is applied by itself: only then does it say with which provider, or where its state is."""
    return bool(place_of_state(module)) or any(one.type == "provider" for one in module.settings)
