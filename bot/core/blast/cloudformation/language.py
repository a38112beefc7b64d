"""CloudFormation as a language of the blast radius: a template is a stack, its sides are compared by logical id."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from bot.core.blast.cloudformation.access import widened_access
from bot.core.blast.cloudformation.guards import weakened_guards
from bot.core.blast.cloudformation.instances import fewer_instances, is_stateful
from bot.core.blast.cloudformation.replacement import forced_replacements
from bot.core.blast.cloudformation.template import Template, read_template
from bot.core.blast.infra import Infra
from bot.core.blast.language import Comparison, Declared, Judgement, Span, Stack, compare, doubted, effect_of
from bot.core.finding import Effect, Side

# What a deleted resource leaves behind: https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-attribute-deletionpolicy.html
RETAINING = ("Retain", "RetainExceptOnCreate")


class CloudFormation:
    name = "CloudFormation"
    kinds = frozenset({"cloudformation", "serverless"})
    span = Span.FILE

    def judge(self, stack: Stack, infra: Infra) -> Judgement:
        (change,) = stack.changes
        base, head = read_template(change.base), read_template(change.head)
        comparison = compare(base.resources, head.resources)
        effects = [
            *lost_resources(comparison, infra),
            *fewer_instances(comparison, infra),
            *forced_replacements(comparison, head, infra),
            *weakened_guards(comparison, base, head, infra),
            *widened_access(comparison, base, head, infra),
        ]
        unread = tuple(template.fault for template in (base, head) if template.fault)
        if change.base and change.head and _texts(base) != _texts(head):
            unread += (f"what the macros and loops of `{change.path}` make of it now is not seen",)
        return Judgement(
            effects=tuple(doubted(effects) if unread else effects),
            compared=replace(comparison, removed=tuple(lost_of(comparison))),
            ended=frozenset({stack.folder}) if change.is_gone else frozenset(),
            unread=unread,
        )


def _texts(template: Template) -> dict[str, str]:
    return {path: text for path, (text, _) in template.made.items()}


def lost_of(comparison: Comparison) -> Iterator[Declared]:
    """The removed resources that are not let live on."""
    return (one for one in comparison.removed if one.attributes.get("DeletionPolicy") not in RETAINING)


def lost_resources(comparison: Comparison, infra: Infra) -> Iterator[Effect]:
    for before in lost_of(comparison):
        yield _removed(before, infra)
    for pair in comparison.renamed:
        rule = (
            "cloudformation-stateful-renamed" if is_stateful(pair.before, infra) else "cloudformation-resource-renamed"
        )
        reason = f"`{pair.before.address}` becomes `{pair.after.address}`: a new logical id is a new resource"
        yield effect_of(infra, rule, pair.before, kind="cloudformation", side=Side.BASE, reason=reason)


def _removed(before: Declared, infra: Infra) -> Effect:
    rule = "cloudformation-resource-removed"
    if is_stateful(before, infra):
        rule = "cloudformation-stateful-removed"
    elif before.type in infra.names["cloudformation-observing-types"]:
        rule = "cloudformation-observer-removed"
    reason = f"`{before.address}` ({before.type}) is no longer declared, so an update deletes it"
    return effect_of(infra, rule, before, kind="cloudformation", side=Side.BASE, reason=reason)
