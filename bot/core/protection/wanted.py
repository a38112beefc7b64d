"""The ruleset that makes the gate bind one branch, and the files whose changes a team must approve there."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from bot.core.blast.kinds import Kinds
from bot.core.blast.tier import edit_tier
from bot.core.policy.model import Policy, Rule
from bot.core.policy.requirement import POLICY_PATH
from bot.core.protection.facts import Enforcement, Repository, Reviewer, Team
from bot.core.render import check_name

# https://docs.github.com/en/rest/repos/rules#create-a-repository-ruleset
MOST_APPROVALS = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """One ruleset per branch, since the check has the branch in its name; the ruleset is called like the check.

    `repositories` are the ids an organisation's ruleset is for; empty for a repository's own.
    """

    branch: str
    app_id: int
    enforcement: Enforcement = Enforcement.ACTIVE
    reviewers: tuple[Reviewer, ...] = ()
    repositories: tuple[int, ...] = ()

    @property
    def name(self) -> str:
        return check_name(self.branch)


def required_reviewers(
    policy: Policy, repository: Repository, kinds: Kinds
) -> tuple[tuple[Reviewer, ...], tuple[str, ...]]:
    """What GitHub itself can be told to ask, and why it cannot be told the rest.

    GitHub knows files and teams; it knows no AI and no destruction. So only rules that hold whoever wrote the change
    and whatever it does can be said there, and only where they name one team.
    """
    by_team: dict[int, Reviewer] = {}
    notes: list[str] = []
    for rule in policy.rules:
        patterns = tuple(dict.fromkeys(_patterns(rule, policy, kinds)))
        if not patterns:
            continue
        team = _only_team(rule, policy, repository)
        if team is None:
            notes.append(f"rule “{rule.name}” names no single team, so GitHub cannot ask it; the check does")
            continue
        asked = Reviewer(team_id=team.id, approvals=min(rule.require.seniors, MOST_APPROVALS), patterns=patterns)
        by_team[team.id] = _both(by_team[team.id], asked) if team.id in by_team else asked
    return tuple(by_team[id_] for id_ in sorted(by_team)), tuple(notes)


def _patterns(rule: Rule, policy: Policy, kinds: Kinds) -> Iterator[str]:
    """Files whose every change falls under the rule; none where it also looks at who wrote it or what it does."""
    when = rule.when
    if when.provenance is not None or when.effects:
        return
    if when.tier is None:
        yield from when.paths
    elif not when.paths:
        yield POLICY_PATH
        yield from (path for row in policy.tiers if row.tier >= when.tier for path in row.paths)
        yield from (path for kind in kinds.rows.values() if edit_tier(kind.weight) >= when.tier for path in kind.paths)


def _only_team(rule: Rule, policy: Policy, repository: Repository) -> Team | None:
    """The one team whose approval the rule asks; GitHub cannot say "of this team or that one"."""
    names = rule.require.from_sets or (*policy.seniors.teams, *policy.seniors.users)
    return next((team for team in repository.teams if names == (team.name,) and team.members is not None), None)


def _both(first: Reviewer, second: Reviewer) -> Reviewer:
    """One entry per team: the files of both, the higher count, so that neither asks less."""
    return Reviewer(
        team_id=first.team_id,
        approvals=max(first.approvals, second.approvals),
        patterns=tuple(dict.fromkeys((*first.patterns, *second.patterns))),
    )
