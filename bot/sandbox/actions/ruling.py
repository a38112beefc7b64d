"""Making, changing and deleting rulesets and classic protection, and telling the Apps of it."""

from __future__ import annotations

from bot.sandbox import events, rules
from bot.sandbox.objects import Account, Json, Protection, Repository, Ruleset
from bot.sandbox.world import World


def create(world: World, where: Repository, wanted: Json, *, actor: Account) -> Ruleset:
    it = rules.create(world, where, wanted)
    events.ruleset(world, where, it, "created", actor)
    return it


def create_for_organization(world: World, where: Account, wanted: Json, *, actor: Account) -> Ruleset:
    it = rules.create_for_organization(world, where, wanted)
    events.ruleset(world, where, it, "created", actor)
    return it


def edit(world: World, where: Repository | Account, it: Ruleset, wanted: Json, *, actor: Account) -> None:
    """What changed is told as GitHub tells it: the name and the enforcement by what they were, rules by kind."""
    before = (it.name, it.enforcement, list(it.rules))
    rules.change(world, it, wanted)
    changes: Json = {}
    if it.name != before[0]:
        changes["name"] = {"from": before[0]}
    if it.enforcement != before[1]:
        changes["enforcement"] = {"from": before[1]}
    kinds = {rule["type"] for rule in it.rules}
    gone = [rule for rule in before[2] if rule["type"] not in kinds]
    if gone:
        changes["rules"] = {"added": [], "deleted": gone, "updated": []}
    events.ruleset(world, where, it, "edited", actor, changes=changes)


def delete(world: World, where: Repository, it: Ruleset, *, actor: Account) -> None:
    del where.rulesets[it.id]
    events.ruleset(world, where, it, "deleted", actor)


def protect(world: World, where: Repository, wanted: Protection, *, actor: Account) -> None:
    """Put classic protection on a branch, or change it."""
    action = "edited" if wanted.branch in where.protections else "created"
    where.protections[wanted.branch] = wanted
    events.branch_protection_rule(world, where, wanted, action, actor)


def unprotect(world: World, where: Repository, branch: str, *, actor: Account) -> None:
    events.branch_protection_rule(world, where, where.protections.pop(branch), "deleted", actor)
