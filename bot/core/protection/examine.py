"""All that is known of an installation in, every gap out, the worst first."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from bot.core.policy.model import Policy, PolicyError
from bot.core.protection.branch import gaps_of_branches
from bot.core.protection.facts import App, Grants, Repository, Reviewer
from bot.core.protection.gap import Gap, Severity, sort_gaps
from bot.core.protection.installation import WHERE, gaps_of_app
from bot.core.protection.people import gaps_of_policy


@dataclass(frozen=True, slots=True, kw_only=True)
class Examined:
    """A repository and the policy that holds there; `own` is its own file, None when it has none.

    `reviewers` are those whom GitHub itself could be told to ask.
    """

    repository: Repository
    policy: Policy | PolicyError
    own: Policy | PolicyError | None = None
    reviewers: tuple[Reviewer, ...] = ()


def examine(
    app_id: int, app: App | str, wanted: Grants, webhook_url: str, repositories: Iterable[Examined]
) -> tuple[Gap, ...]:
    """Every gap. `app` is a sentence when the App itself could not be asked: why not."""
    found = list(gaps_of_app(app, wanted, webhook_url)) if isinstance(app, App) else [_unasked(app)]
    asked = app if isinstance(app, App) else None
    for one in repositories:
        found += _repository(one, app_id, asked)
    return sort_gaps(tuple(found))


def _unasked(why: str) -> Gap:
    remedy = "run doctor with the settings that `serve` has: APP_ID, PRIVATE_KEY or PRIVATE_KEY_PATH"
    return Gap(id="app-unknown", severity=Severity.UNKNOWN, where=WHERE, wrong=why, remedy=remedy)


def _repository(one: Examined, app_id: int, app: App | None) -> Iterator[Gap]:
    repository = one.repository
    for sentence in repository.unknown:
        yield Gap(
            id="repository-unknown",
            severity=Severity.UNKNOWN,
            where=repository.name,
            wrong=sentence,
            remedy="run doctor with the token of an administrator in GITHUB_TOKEN",
        )
    if not repository.has_rules:
        yield Gap(
            id="no-rules-in-plan",
            severity=Severity.OPENS,
            where=repository.name,
            wrong="GitHub offers no rules for this private repository under its plan, so nothing can be required",
            remedy="upgrade the plan, or make the repository public",
        )
        return
    yield from gaps_of_branches(repository, app_id, app)
    yield from _reviewers(one)
    yield from gaps_of_policy(repository, one.policy, one.own)
    yield from _workflows(repository)


def _reviewers(one: Examined) -> Iterator[Gap]:
    """The check asks them all the same: where GitHub asks too, a fault of this App alone opens nothing."""
    for branch in one.repository.branches:
        asked = [entry for guard in branch.guards if guard.pull for entry in guard.pull.reviewers]
        for wanted in one.reviewers:
            known = {pattern for entry in asked if entry.team_id == wanted.team_id for pattern in entry.patterns}
            missing = [pattern for pattern in wanted.patterns if pattern not in known]
            if missing:
                yield Gap(
                    id="reviewers-not-required",
                    severity=Severity.ADVICE,
                    where=f"{one.repository.name} {branch.name}",
                    wrong=f"GitHub itself asks no senior for {len(missing)} patterns of files, such as `{missing[0]}`",
                    remedy=f"run `app.py rulesets apply --repo {one.repository.name}`",
                )


def _workflows(repository: Repository) -> Iterator[Gap]:
    told = repository.workflows
    settings = "in the repository's settings, Actions, General"
    if told is not None and told.may_approve:
        yield Gap(
            id="actions-may-approve",
            severity=Severity.ADVICE,
            where=repository.name,
            wrong="GitHub Actions can approve pull requests, which GitHub's own rules then count",
            remedy=f"turn off “Allow GitHub Actions to create and approve pull requests” {settings}",
        )
    if told is not None and told.may_write:
        yield Gap(
            id="actions-may-write",
            severity=Severity.ADVICE,
            where=repository.name,
            wrong="every workflow's token may write by default, also those that a pull request adds",
            remedy=f"set the workflow permissions to read {settings}",
        )
