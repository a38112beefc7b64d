"""What lets a change onto a branch without the gate's check."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from bot.core.protection.facts import App, Branch, Bypass, Guard, Idle, Repository
from bot.core.protection.gap import Gap, Severity
from bot.core.render import check_name

# In classic protection, and in GraphQL, this number stands for any App.
ANY_APP = -1
# The ids of GitHub's built-in repository roles as bypass actors.
# https://docs.github.com/en/rest/repos/rules#create-a-repository-ruleset
ROLES = {2: "maintain", 4: "write", 5: "admin"}
# Gaps that something which was not told may fill.
_ABSENCES = frozenset(
    {"check-idle", "check-misnamed", "check-not-required", "pull-request-not-required"}
    | {"force-push-allowed", "deletion-allowed"}
)
_ACTORS = {
    "OrganizationAdmin": "an organisation owner",
    "EnterpriseOwner": "an enterprise owner",
    "DeployKey": "every deploy key with write",
    "Administrator": "an administrator of the repository",
    "RepositoryRole": "everybody with the role",
    "Integration": "the App",
    "Team": "the team",
    "User": "the user",
}
_MODES = {
    "always": "may push and merge past it",
    "exempt": "is exempt from it, and no audit log tells when",
    "pull_request": "may merge any pull request past it",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A branch where it is, and the App whose check must bind there. `app` is None when it could not be asked."""

    repository: str
    branch: Branch
    app_id: int
    app: App | None = None
    idle: tuple[Idle, ...] = ()

    def gap(self, id_: str, severity: Severity, wrong: str, remedy: str = "") -> Gap:
        apply = f"run `app.py rulesets apply --repo {self.repository}`"
        where = f"{self.repository} {self.branch.name}"
        return Gap(id=id_, severity=severity, where=where, wrong=wrong, remedy=remedy or apply)


def gaps_of_branches(repository: Repository, app_id: int, app: App | None) -> Iterator[Gap]:
    """What was not told of a branch can only bind more: it matters where something is missing, and is said there."""
    for branch in repository.branches:
        place = Place(repository=repository.name, branch=branch, app_id=app_id, app=app, idle=repository.idle)
        found = [*_check(place), *_pull_request(place), *_history(place), *_queue(place)]
        if branch.unknown and any(gap.id in _ABSENCES for gap in found):
            found = [gap for gap in found if gap.id not in _ABSENCES] + _unknown(place)
        yield from found


def _unknown(place: Place) -> list[Gap]:
    remedy = "run doctor with the token of an administrator in GITHUB_TOKEN"
    told = place.branch.unknown
    return [place.gap("branch-unknown", Severity.UNKNOWN, sentence, remedy) for sentence in told]


def _check(place: Place) -> Iterator[Gap]:
    name = check_name(place.branch.name)
    holders = [guard for guard in place.branch.guards if any(check.context == name for check in guard.checks)]
    if not holders:
        yield from _not_required(place, name)
        return
    pinned = [guard for guard in holders if _pins(guard, name, place.app_id)]
    if pinned:
        yield from _bypassed(place, [(guard, guard.bypass) for guard in pinned], f"the check `{name}`")
    else:
        yield _not_ours(place, name, holders)
    if not any(guard.is_strict or guard.has_merge_queue for guard in place.branch.guards):
        yield place.gap(
            "check-not-strict",
            Severity.ADVICE,
            "a change may merge onto a newer base than the one it was judged with",
            "require branches to be up to date before merging, or use a merge queue",
        )


def _pins(guard: Guard, name: str, app_id: int) -> bool:
    return any(check.context == name and check.app_id == app_id for check in guard.checks)


def _not_required(place: Place, name: str) -> Iterator[Gap]:
    """Why it is not: idle, under another branch's name, or nowhere."""
    idle = [one for one in place.idle if name in one.contexts]
    others = sorted(
        {check.context for guard in place.branch.guards for check in guard.checks if _is_ours(check.context)}
    )
    if idle:
        wrong = f"the ruleset `{idle[0].name}` requires `{name}`, but it is {idle[0].enforcement} and binds nobody"
        yield place.gap("check-idle", Severity.OPENS, wrong, f"set the ruleset `{idle[0].name}` to active")
    elif others:
        wrong = f"the branch requires `{others[0]}`, but the check here is called `{name}`"
        yield place.gap("check-misnamed", Severity.OPENS, wrong)
    else:
        yield place.gap("check-not-required", Severity.OPENS, f"nothing requires the check `{name}`")


def _is_ours(context: str) -> bool:
    return context.casefold().startswith(check_name(""))


def _not_ours(place: Place, name: str, holders: Iterable[Guard]) -> Gap:
    sources = {check.app_id for guard in holders for check in guard.checks if check.context == name}
    if sources & {None, ANY_APP}:
        wrong = f"`{name}` is required from any source, so that anybody with write can post it"
        return place.gap("check-unpinned", Severity.OPENS, wrong)
    wrong = f"`{name}` is required from another App than this one, {place.app_id}"
    return place.gap("check-foreign", Severity.OPENS, wrong)


def _bypassed(place: Place, holders: Iterable[tuple[Guard, tuple[Bypass, ...] | None]], what: str) -> Iterator[Gap]:
    """Nobody gets past one holder without exceptions, whatever the others allow."""
    told = list(holders)
    if any(bypass == () for _, bypass in told):
        return
    for guard, bypass in told:
        title = "the classic protection" if guard.is_classic else f"the ruleset `{guard.name}`"
        if bypass is None:
            wrong = f"who may bypass {title}, which requires {what}, is not told to this App"
            remedy = "run doctor with the token of an administrator in GITHUB_TOKEN"
            yield place.gap("bypass-unknown", Severity.UNKNOWN, wrong, remedy)
        for actor in bypass or ():
            wrong = f"{actor_words(actor)} {_MODES.get(actor.mode, actor.mode)}: {title}, which requires {what}"
            yield place.gap(_bypass_id(actor), Severity.OPENS, wrong, _bypass_remedy(guard, actor))


def _bypass_id(actor: Bypass) -> str:
    return "admins-exempt" if actor.kind == "Administrator" else "bypass-actor"


def _bypass_remedy(guard: Guard, actor: Bypass) -> str:
    if actor.kind == "Administrator":
        return "turn on “Do not allow bypassing the above settings” in the branch protection rule"
    if guard.is_classic:
        return "take it off “Allow specified actors to bypass required pull requests” in the branch protection rule"
    return f"take it off the bypass list of the ruleset `{guard.name}` of {guard.source}"


def actor_words(actor: Bypass) -> str:
    """Who it is, for a reader."""
    words = _ACTORS.get(actor.kind, actor.kind)
    name = actor.name or (ROLES.get(actor.id or 0, "") if actor.kind == "RepositoryRole" else "")
    if name or actor.id is None or actor.kind in ("OrganizationAdmin", "EnterpriseOwner", "DeployKey"):
        return f"{words} {name}".strip()
    return f"{words} {actor.id}"


def _pull_request(place: Place) -> Iterator[Gap]:
    guards = [(guard, guard.pull) for guard in place.branch.guards if guard.pull is not None]
    if not guards:
        wrong = "a commit can be pushed to the branch without a pull request"
        yield place.gap("pull-request-not-required", Severity.OPENS, wrong)
        return
    holders = [(guard, None if guard.bypass is None else (*guard.bypass, *pull.bypass)) for guard, pull in guards]
    yield from _bypassed(place, holders, "a pull request")
    if not any(pull.dismisses_stale for _, pull in guards):
        wrong = "GitHub keeps its own approvals when the change they were given to is replaced"
        yield place.gap("stale-reviews-kept", Severity.ADVICE, wrong)
    if any(pull.approvals for _, pull in guards) and not any(pull.last_push_approval for _, pull in guards):
        wrong = "GitHub's own approvals do not ask somebody else than the last pusher"
        yield place.gap(
            "last-push-unapproved", Severity.ADVICE, wrong, "turn on “Require approval of the most recent push”"
        )


def _history(place: Place) -> Iterator[Gap]:
    if not any(guard.forbids_force_push for guard in place.branch.guards):
        yield place.gap("force-push-allowed", Severity.OPENS, "a forced push can replace what was approved")
    if not any(guard.forbids_deletion for guard in place.branch.guards):
        yield place.gap("deletion-allowed", Severity.OPENS, "the branch can be deleted and made anew")


def _queue(place: Place) -> Iterator[Gap]:
    if not any(guard.has_merge_queue for guard in place.branch.guards):
        return
    if place.app is None:
        wrong = "whether this App hears of merge groups could not be read"
        remedy = "run doctor with the App's own credentials"
        yield place.gap("queue-unknown", Severity.UNKNOWN, wrong, remedy)
    elif "merge_group" not in place.app.grants.events:
        wrong = "the branch has a merge queue, and the App does not hear of merge groups"
        remedy = "subscribe the App to “Merge group” and grant “Merge queues: read”"
        yield place.gap("queue-not-heard", Severity.BREAKS, wrong, remedy)
