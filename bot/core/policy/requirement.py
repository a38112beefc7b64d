"""What a policy asks of one change: every rule that matches, and what it asks of its own file."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from bot.core.decision import Demand, Requirement
from bot.core.finding import Blast, Declaration, EffectKind, Provenance, Strength, Tier
from bot.core.policy.model import Policy, Rule, When
from bot.core.policy.paths import any_path_matches, fold_path
from bot.core.pull import ChangedFile, FileStatus, PullRequest

POLICY_PATH = ".github/countersign.yml"
# In the organisation's `.github` repository the policy may also lie at the top.
ORGANISATION_REPOSITORY = ".github"
ORGANISATION_PATHS = (POLICY_PATH, "countersign.yml")
POLICY_RULE = "the policy itself"
UNREAD_RULE = "infrastructure that could not be read"


def require(
    policy: Policy, provenance: Provenance, blast: Blast, pull: PullRequest, *, planned: bool = False
) -> Requirement:
    """All demands on the change; asks nothing only if no rule matches, the policy's own file is untouched, and
    everything could be read. `planned`: its head has a Terraform plan that is whole and fresh.
    """
    tier = effective_tier(blast, pull)
    demands = (
        *_own_demand(pull),
        *_unread_demand(blast),
        *(demand_of(rule) for rule in policy.rules if _matches(rule.when, provenance, blast, pull)),
    )
    asked, plan = policy.declarations_required_for, policy.plans.required_for
    return Requirement(
        demands=demands,
        seniors=max((demand.seniors for demand in demands), default=0),
        from_sets=tuple(sorted({name for demand in demands for name in demand.from_sets})),
        step_up=any(demand.step_up for demand in demands),
        declaration=asked is not None and tier >= asked and provenance.declaration is Declaration.NONE,
        plan=plan is not None and tier >= plan and _touches_terraform(blast) and not planned,
    )


def _touches_terraform(blast: Blast) -> bool:
    return any(touched.kind.partition("-")[0] == "terraform" for touched in blast.kinds)


def effective_tier(blast: Blast, pull: PullRequest) -> Tier:
    """The tier of the change; a change to the policy's own file is critical, whatever else is touched."""
    return Tier.CRITICAL if policy_files(pull) else blast.tier


def policy_files(pull: PullRequest) -> tuple[ChangedFile, ...]:
    """The changed files that are, were or become a policy file, spelt in any case."""
    is_organisation = pull.repository.name.casefold() == ORGANISATION_REPOSITORY
    paths = set(ORGANISATION_PATHS if is_organisation else (POLICY_PATH,))
    return tuple(file for file in pull.files if {fold_path(file.path), fold_path(file.old_path)} & paths)


def _own_demand(pull: PullRequest) -> Iterator[Demand]:
    """Two seniors to change a policy that stands, one to add the first."""
    files = policy_files(pull)
    if files:
        first = all(file.status is FileStatus.ADDED for file in files)
        yield Demand(rule=POLICY_RULE, seniors=1 if first else 2, from_sets=(), step_up=False)


def _unread_demand(blast: Blast) -> Iterator[Demand]:
    """A person must look at what no parser could: never success by itself, and never stuck for ever."""
    if blast.incomplete:
        yield Demand(rule=UNREAD_RULE, seniors=1, from_sets=(), step_up=False)


def _matches(when: When, provenance: Provenance, blast: Blast, pull: PullRequest) -> bool:
    return holds(
        when,
        level=provenance.level,
        tier=effective_tier(blast, pull),
        effects=frozenset(effect.effect for effect in blast.effects),
        touches=lambda paths: any_path_matches(paths, pull.files),
    )


def holds(
    when: When,
    *,
    level: Strength,
    tier: Tier,
    effects: frozenset[EffectKind],
    touches: Callable[[tuple[str, ...]], bool],
) -> bool:
    """Whether the conditions of a rule hold; `touches` tells whether a changed path matches one of the patterns."""
    return (
        (when.provenance is None or level >= when.provenance)
        and (when.tier is None or tier >= when.tier)
        and (not when.effects or bool(when.effects & effects))
        and (not when.paths or touches(when.paths))
    )


def demand_of(rule: Rule) -> Demand:
    return Demand(
        rule=rule.name,
        seniors=rule.require.seniors,
        from_sets=rule.require.from_sets,
        step_up=rule.require.step_up,
        senior_authors=rule.require.senior_authors,
    )
