"""Whether the policy's rules can bite, and whether the people they ask exist."""

from __future__ import annotations

from collections.abc import Iterator

from bot.core.policy.model import Mode, Policy, PolicyError
from bot.core.policy.paths import matches_none
from bot.core.protection.facts import Repository, Team
from bot.core.protection.gap import Gap, Severity

_MEMBERS = "grant the App “Members: read”, or correct the name in the policy"


def gaps_of_policy(
    repository: Repository, policy: Policy | PolicyError, own: Policy | PolicyError | None
) -> Iterator[Gap]:
    """`policy` is what holds; `own` is the repository's own file, None when it has none."""
    where = repository.name
    if isinstance(policy, PolicyError):
        fault = policy.faults[0]
        wrong = f"the policy {policy.source} cannot be used: {fault.line}:{fault.column} {fault.message}"
        yield Gap(
            id="policy-broken", severity=Severity.BREAKS, where=where, wrong=wrong, remedy="see `app.py policy check`"
        )
        return
    if policy.mode is Mode.SHADOW:
        yield Gap(
            id="policy-shadow",
            severity=Severity.OPENS,
            where=where,
            wrong="the policy only shadows: the check always passes",
            remedy="set `mode: enforce` when the trial is over",
        )
    if isinstance(own, Policy):
        yield from _dead_patterns(repository, own)
    for team in repository.teams:
        yield from _team(repository, team)
    yield from _too_few(repository, policy)


def _dead_patterns(repository: Repository, own: Policy) -> Iterator[Gap]:
    """An organisation's pattern may be meant for other repositories; one's own that matches nothing is a slip."""
    if repository.paths is None:
        if any(True for _ in _patterns(own)):
            yield Gap(
                id="patterns-unknown",
                severity=Severity.UNKNOWN,
                where=repository.name,
                wrong="whether the policy's patterns match any file is not known: the tree could not be read whole",
                remedy="compare them with `git ls-files` in a clone",
            )
        return
    for place, pattern in _patterns(own):
        if matches_none(pattern, repository.paths):
            yield Gap(
                id="dead-pattern",
                severity=Severity.OPENS,
                where=repository.name,
                wrong=f"{place}: the pattern `{pattern}` matches no file, so what it means is not protected",
                remedy=f"correct or remove it in {own.source}",
            )


def _patterns(policy: Policy) -> Iterator[tuple[str, str]]:
    for rule in policy.rules:
        yield from ((f"rule “{rule.name}”", pattern) for pattern in rule.when.paths)
    for row in policy.tiers:
        yield from ((f"tier {row.tier.word}", pattern) for pattern in row.paths)


def _team(repository: Repository, team: Team) -> Iterator[Gap]:
    def gap(id_: str, severity: Severity, wrong: str, remedy: str) -> Gap:
        return Gap(id=id_, severity=severity, where=repository.name, wrong=wrong, remedy=remedy)

    if team.members is None:
        wrong = f"the team {team.name} cannot be read, so nobody in it counts"
        yield gap("team-unreadable", Severity.BREAKS, wrong, _MEMBERS)
        return
    if not team.members:
        yield gap("team-empty", Severity.BREAKS, f"the team {team.name} is empty", "add its seniors")
    elif team.may_push is not None and not team.may_push:
        wrong = f"nobody of the team {team.name} can push to the repository, so that nobody's approval counts"
        yield gap("team-without-write", Severity.BREAKS, wrong, "give the team write on the repository")
    elif team.has_write is False:
        wrong = f"the team {team.name} was not given write, so that GitHub asks it for no review"
        yield gap("team-not-reviewing", Severity.ADVICE, wrong, "give the team write on the repository")
    if team.is_secret:
        wrong = f"the team {team.name} is secret, so that GitHub asks it for no review"
        yield gap("team-secret", Severity.ADVICE, wrong, "make the team visible")


def _too_few(repository: Repository, policy: Policy) -> Iterator[Gap]:
    """Rules that ask more seniors than there are. The author cannot approve, so one more is needed where they are."""
    seniors = _seniors(repository, policy)
    for rule in policy.rules:
        chosen = _named(repository, rule.require.from_sets) if rule.require.from_sets else seniors
        if chosen is not None and len(chosen) < rule.require.seniors:
            asked = rule.require.seniors
            yield Gap(
                id="too-few-seniors",
                severity=Severity.BREAKS,
                where=repository.name,
                wrong=f"rule “{rule.name}” asks {asked} of {len(chosen)} people who may approve",
                remedy="add seniors who can push, or ask fewer",
            )


def _seniors(repository: Repository, policy: Policy) -> frozenset[str] | None:
    named = (*policy.seniors.teams, *policy.seniors.users)
    found = _named(repository, named) if named else repository.maintainers
    machines = frozenset(policy.seniors.machine_users)
    return None if found is None else frozenset(login for login in found if login.lower() not in machines)


def _named(repository: Repository, names: tuple[str, ...]) -> frozenset[str] | None:
    """Who of the named people and teams can push; None when that is not known."""
    teams = {team.name: team.may_push for team in repository.teams}
    if repository.pushers is None:
        return None
    found: set[str] = set()
    for name in names:
        if "/" in name:
            members = teams.get(name)
            if members is None:
                return None
            found |= members
        else:
            found |= {login for login in repository.pushers if login.lower() == name}
    return frozenset(found)
