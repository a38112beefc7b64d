"""The grammar of the policy file: every key, what it takes, and the value it stands for."""

from __future__ import annotations

from typing import Any

import re2

from bot.core.finding import EffectKind, Involvement, Strength, Tier
from bot.core.policy.model import (
    DEFAULT_COUNTED,
    ApprovalPolicy,
    BreakGlass,
    CarryOver,
    CustomMarker,
    Deployment,
    Mode,
    PathTier,
    PlanPolicy,
    ProvenancePolicy,
    Require,
    ReviewRequest,
    Rule,
    SeniorAuthors,
    Seniors,
    When,
)
from bot.core.policy.paths import pattern_fault
from bot.core.policy.shape import Choice, Duration, Flag, Many, Text, Whole
from bot.core.policy.table import Named, Table

MINUTE, HOUR, DAY = 60, 3600, 86_400
MOST_SENIORS = 10
# Where custom markers may look; the words of the catalogue's surfaces that a pattern can be searched in.
SURFACES = ("person", "author", "co-author", "trailer", "subject", "message", "body", "branch", "note")

_TIERS = {tier.word: tier for tier in Tier if tier is not Tier.NONE}
_STRENGTHS = {strength.word: strength for strength in Strength if strength is not Strength.NONE}

# https://docs.github.com/en/enterprise-cloud@latest/admin/identity-and-access-management: letters, digits and single
# hyphens; accounts of managed users also have an underscore.
_LOGIN = r"[A-Za-z0-9](?:[A-Za-z0-9_-]{0,98}[A-Za-z0-9])?"
_TEAM = rf"{_LOGIN}/[A-Za-z0-9][A-Za-z0-9._-]{{0,99}}"


def _pattern_fault(pattern: str) -> str:
    options = re2.Options()
    options.log_errors = False
    options.max_mem = 1 << 20
    try:
        compiled = re2.compile(pattern, options)
    except re2.error:
        return "an RE2 pattern: https://github.com/google/re2/wiki/Syntax"
    return "a pattern that does not match an empty text" if compiled.search("") else ""


TEAM = Text(expected="a team as org/slug", pattern=_TEAM, fold=True)
USER = Text(expected="a login of a person", pattern=_LOGIN, fold=True)
BOT = Text(expected="a login", pattern=rf"{_LOGIN}(?:\[bot\])?", fold=True)
SET = Text(expected="a team as org/slug or a login", pattern=rf"{_TEAM}|{_LOGIN}", fold=True)
PATHS = Many(item=Text(expected="a gitignore-style pattern", longest=500, fault=pattern_fault))
TIER = Choice(words=_TIERS)
COMMIT = Text(expected="the whole object name of a commit", pattern=r"[0-9a-f]{40}|[0-9a-f]{64}")

SENIORS = Table(
    keys={"teams": Many(item=TEAM), "users": Many(item=USER), "machine_users": Many(item=USER)},
    build=Seniors,
    any_of=("teams", "users"),
)
WHEN = Table(
    keys={
        "provenance": Choice(words=_STRENGTHS),
        "tier": TIER,
        "effect": Many(item=Choice(words={kind.value: kind for kind in EffectKind})),
        "paths": PATHS,
    },
    build=lambda effects=(), **rest: When(effects=frozenset(effects), **rest),
    any_of=("provenance", "tier", "effect", "paths"),
    names={"effect": "effects"},
)
REQUIRE = Table(
    keys={
        "seniors": Whole(least=1, most=MOST_SENIORS),
        "from": Many(item=SET),
        "step_up": Flag(),
        "senior_authors": Choice(words={word.value: word for word in SeniorAuthors}),
    },
    build=Require,
    needed=("seniors",),
    names={"from": "from_sets"},
)
RULE = Table(
    keys={"name": Text(expected="a name of one line", pattern=r"[^\x00-\x1f\x7f]+"), "when": WHEN, "require": REQUIRE},
    build=Rule,
    needed=("name", "when", "require"),
)
MARKER = Table(
    keys={
        "id": Text(expected="a kebab-case id", pattern=r"[a-z0-9]+(?:-[a-z0-9]+)*"),
        "agent": Text(expected="a kebab-case id of a tool", pattern=r"[a-z0-9]+(?:-[a-z0-9]+)*"),
        "surface": Choice(words={word: word for word in SURFACES}),
        "pattern": Text(expected="an RE2 pattern", longest=500, fault=_pattern_fault),
        "strength": Choice(words=_STRENGTHS),
    },
    build=CustomMarker,
    needed=("id", "agent", "surface", "pattern", "strength"),
)
PROVENANCE = Table(
    keys={
        "labels": Many(item=Text(expected="a label or a glob of labels")),
        "automation": Many(item=BOT),
        "counts": Many(item=Choice(words={word.value: word for word in Involvement})),
        "markers": Many(item=MARKER, most=100),
    },
    build=lambda counts=DEFAULT_COUNTED, **rest: ProvenancePolicy(counts=frozenset(counts), **rest),
)
APPROVALS = Table(
    keys={
        "carry_over": Choice(words={word.value: word for word in CarryOver}),
        "carry_over_up_to": TIER,
        "expire_after": Duration(least=HOUR, most=366 * DAY),
    },
    build=ApprovalPolicy,
)
WORKFLOW = Text(
    expected="a workflow such as org/repo/.github/workflows/plan.yml@refs/heads/main",
    pattern=r"[A-Za-z0-9-]+/[A-Za-z0-9._-]+/\.github/workflows/[^@\s]+@\S+",
    longest=300,
)
PLANS = Table(
    keys={"required_for": TIER, "workflows": Many(item=WORKFLOW, most=50)}, build=PlanPolicy, needed=("required_for",)
)
DEPLOYMENT = Table(
    keys={"tier": TIER, "seniors": Whole(least=1, most=MOST_SENIORS), "accepted": Many(item=COMMIT)},
    build=Deployment,
    needed=("tier",),
)
BREAK_GLASS = Table(
    keys={"teams": Many(item=TEAM), "users": Many(item=USER), "valid_for": Duration(least=5 * MINUTE, most=DAY)},
    build=BreakGlass,
    any_of=("teams", "users"),
)


def _only(**values: Any) -> Any:
    """The single value of a table with a single key."""
    return next(iter(values.values()), None)


POLICY = Table(
    keys={
        "version": Whole(least=1, most=1),
        "mode": Choice(words={mode.value: mode for mode in Mode}),
        "seniors": SENIORS,
        "rules": Many(item=RULE),
        "tiers": Many(item=Table(keys={"paths": PATHS, "tier": TIER}, build=PathTier, needed=("paths", "tier"))),
        "provenance": PROVENANCE,
        "declarations": Table(keys={"required_for": TIER}, build=_only, needed=("required_for",)),
        "plans": PLANS,
        "approvals": APPROVALS,
        "reviewers": Table(
            keys={"request": Choice(words={word.value: word for word in ReviewRequest})},
            build=_only,
            needed=("request",),
        ),
        "labels": Flag(),
        "deployments": Named(
            # GitHub compares the names of environments without case.
            name=Text(expected="the name of an environment", longest=255, fold=True),
            value=DEPLOYMENT,
        ),
        "break_glass": BREAK_GLASS,
    },
    build=dict,
    needed=("version", "seniors", "rules"),
    names={"declarations": "declarations_required_for", "reviewers": "review_request"},
)
