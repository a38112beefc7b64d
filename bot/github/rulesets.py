"""A ruleset as GitHub has it, made at least as strict as is wanted, and what that changes in words."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from bot.core.protection.branch import actor_words
from bot.core.protection.facts import Bypass, Enforcement
from bot.core.protection.wanted import Wanted
from bot.core.render import check_name
from bot.github.client import Client, shaped
from bot.github.read.guards import MOST_RULESETS, Actor, Ruleset

Json = dict[str, Any]

_PULL_REQUEST: Json = {
    "required_approving_review_count": 0,
    "dismiss_stale_reviews_on_push": True,
    "require_code_owner_review": False,
    "require_last_push_approval": False,
    "required_review_thread_resolution": False,
}
_NAMES = {
    "non_fast_forward": "forbids forced pushes",
    "deletion": "forbids deleting the branch",
    "pull_request": "asks for a pull request",
    "required_status_checks": "requires checks",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Home:
    """Where rulesets live: a repository ("acme/shop") or an organisation ("acme")."""

    name: str

    @property
    def path(self) -> str:
        return f"/{'repos' if '/' in self.name else 'orgs'}/{self.name}/rulesets"


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One ruleset to make (`id` is None) or to change. `lines` say what is new, "+ …" or "- …"; never empty."""

    home: Home
    name: str
    id: int | None
    body: Json
    lines: tuple[str, ...]


async def read_own(client: Client, home: Home) -> dict[str, Json]:
    """The rulesets of the gate that stand at home, by name, whole."""
    listed = await client.items(f"{home.path}?per_page=100", most=MOST_RULESETS)
    mine = [
        one
        for one in shaped(listed, tuple[Ruleset, ...])
        if one.name.startswith(check_name("")) and one.source.lower() == home.name.lower()
    ]
    return {one.name: await client.get(f"{home.path}/{{id}}", id=one.id) for one in mine}


def plan_change(home: Home, wanted: Wanted, standing: Json | None, teams: Mapping[int, str]) -> Change | None:
    """What must change, None when nothing does. What stands is never loosened. `teams` are names by id."""
    body = tightened(wanted, standing)
    lines = tuple(_differences(standing, body, teams))
    if not lines:
        return None
    return Change(home=home, name=wanted.name, id=None if standing is None else standing["id"], body=body, lines=lines)


async def carry_out(client: Client, change: Change) -> None:
    """Make it so. NotFound when the token may not administer the place."""
    if change.id is None:
        await client.post(change.home.path, change.body)
    else:
        await client.put(f"{change.home.path}/{{id}}", change.body, id=change.id)


def tightened(wanted: Wanted, standing: Json | None) -> Json:
    """The whole ruleset, in GitHub's words: all that is wanted, and all that stands and is stricter."""
    stands = standing or {}
    is_active = stands.get("enforcement") == Enforcement.ACTIVE
    return {
        "name": wanted.name,
        "target": "branch",
        "enforcement": Enforcement.ACTIVE.value if is_active else wanted.enforcement.value,
        "bypass_actors": [],
        "conditions": _conditions(wanted, stands.get("conditions") or {}),
        "rules": _rules(wanted, stands.get("rules") or []),
    }


def _conditions(wanted: Wanted, stands: Mapping[str, Any]) -> Json:
    names = stands.get("ref_name") or {}
    refs = {"include": _union(names.get("include", []), [f"refs/heads/{wanted.branch}"]), "exclude": []}
    if not wanted.repositories:
        return {"ref_name": refs}
    by_name = stands.get("repository_name") or {}
    if "~ALL" in by_name.get("include", []) and not by_name.get("exclude"):
        return {"ref_name": refs, "repository_name": by_name}
    ids = (stands.get("repository_id") or {}).get("repository_ids", [])
    return {"ref_name": refs, "repository_id": {"repository_ids": sorted({*ids, *wanted.repositories})}}


def _rules(wanted: Wanted, stands: Iterable[Json]) -> list[Json]:
    """What is wanted, in a fixed order, and every other rule that stands."""
    told = {rule["type"]: rule.get("parameters") or {} for rule in stands}
    mine = {
        "deletion": None,
        "non_fast_forward": None,
        "pull_request": _pull_request(wanted, told.get("pull_request", {})),
        "required_status_checks": _checks(wanted, told.get("required_status_checks", {})),
    }
    others = [rule for rule in stands if rule["type"] not in mine]
    return [{"type": kind} | ({"parameters": asked} if asked else {}) for kind, asked in mine.items()] + others


def _pull_request(wanted: Wanted, stands: Json) -> Json:
    merged = dict(stands)
    for name, value in _PULL_REQUEST.items():
        merged[name] = max(stands.get(name, value), value)
    reviewers = _reviewers(wanted, stands.get("required_reviewers") or [])
    return merged | ({"required_reviewers": reviewers} if reviewers else {})


def _reviewers(wanted: Wanted, stands: Iterable[Json]) -> list[Json]:
    """One entry per team that is asked; a pattern that takes another one back is dropped from ours."""
    kept = {entry["reviewer"]["id"]: entry for entry in stands}
    for one in wanted.reviewers:
        entry = kept.get(one.team_id, {"file_patterns": [], "minimum_approvals": 0})
        patterns = [pattern for pattern in entry["file_patterns"] if not pattern.startswith("!")]
        kept[one.team_id] = {
            "file_patterns": _union(patterns, one.patterns),
            "minimum_approvals": max(entry["minimum_approvals"], one.approvals),
            "reviewer": {"id": one.team_id, "type": "Team"},
        }
    return [kept[id_] for id_ in sorted(kept)]


def _checks(wanted: Wanted, stands: Json) -> Json:
    others = [check for check in stands.get("required_status_checks", []) if check["context"] != wanted.name]
    mine = {"context": wanted.name, "integration_id": wanted.app_id}
    merged = {key: value for key, value in stands.items() if key != "do_not_enforce_on_create"}
    return merged | {
        "strict_required_status_checks_policy": bool(stands.get("strict_required_status_checks_policy")),
        "required_status_checks": [*others, mine],
    }


def _union(first: Iterable[str], second: Iterable[str]) -> list[str]:
    return list(dict.fromkeys((*first, *second)))


def _differences(standing: Json | None, body: Json, teams: Mapping[int, str]) -> Iterator[str]:
    """Each statement of the new ruleset that the standing one does not make, and each that it takes back."""
    before, after = set(_statements(standing or {}, teams)), list(_statements(body, teams))
    if standing is not None and "bypass_actors" not in standing:
        yield "? who bypasses it now is not told to this token; afterwards nobody does"
    yield from (f"- {line}" for line in sorted(before - set(after)))
    yield from (f"+ {line}" for line in after if line not in before)


def _statements(ruleset: Json, teams: Mapping[int, str]) -> Iterator[str]:
    """A ruleset as sentences, each of which can be there or not."""
    if not ruleset:
        return
    yield f"is {ruleset['enforcement']}"
    conditions = ruleset.get("conditions") or {}
    names = conditions.get("ref_name") or {}
    yield from (f"binds {ref}" for ref in names.get("include", []))
    yield from (f"leaves out {ref}" for ref in names.get("exclude", []))
    yield from (f"in repository {id_}" for id_ in (conditions.get("repository_id") or {}).get("repository_ids", []))
    if ruleset.get("bypass_actors") == []:
        yield "nobody bypasses it"
    for actor in shaped(ruleset.get("bypass_actors") or [], tuple[Actor, ...]):
        name = teams.get(actor.actor_id or 0, "") if actor.actor_type == "Team" else ""
        who = actor_words(Bypass(kind=actor.actor_type, id=actor.actor_id, name=name))
        yield f"{who} bypasses it ({actor.bypass_mode})"
    for rule in ruleset.get("rules") or []:
        yield from _rule_statements(rule["type"], rule.get("parameters") or {}, teams)


def _rule_statements(kind: str, asked: Json, teams: Mapping[int, str]) -> Iterator[str]:
    yield _NAMES.get(kind, f"has the rule {kind}")
    for check in asked.get("required_status_checks", []):
        source = check.get("integration_id")
        yield f"requires `{check['context']}` from " + ("anybody" if source is None else f"the App {source} only")
    if asked.get("do_not_enforce_on_create"):
        yield "asks no check of a new branch"
    if asked.get("strict_required_status_checks_policy"):
        yield "asks that branches are up to date"
    for entry in asked.get("required_reviewers") or []:
        team = entry["reviewer"]["id"]
        who = f"{entry['minimum_approvals']} of {teams.get(team, f'team {team}')}"
        yield from (f"asks {who} for changes to {pattern}" for pattern in entry["file_patterns"])
    if asked.get("dismiss_stale_reviews_on_push"):
        yield "dismisses reviews of what was replaced"
    if asked.get("required_approving_review_count"):
        yield f"asks {asked['required_approving_review_count']} approving reviews of any change"
