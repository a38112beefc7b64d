"""What the judgement finds: evidence of AI involvement, and effects on infrastructure, each with a place."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum, StrEnum

LONGEST_EVIDENCE = 200
"""Characters of an evidence's text."""


class Strength(IntEnum):
    """How sure a sign of AI involvement is; ordered. NONE is the level of a pull request without evidence."""

    NONE = 0
    WEAK = 1
    STRONG = 2
    EXPLICIT = 3

    @property
    def word(self) -> str:
        return self.name.lower()


class Involvement(StrEnum):
    """What the sign says the tool did. The first four count by default, the others only if the policy says so."""

    AUTHORED = "authored"
    ASSISTED = "assisted"
    SUGGESTION = "suggestion"
    TRACE = "trace"
    TOUCHED = "touched"
    REVIEWED = "reviewed"
    CONFIG = "config"


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """One sign of AI involvement.

    `rule` is the catalogue's id, `agent` the tool's id (`unknown` when no tool is named), `where` a place a
    reader can look up ("commit 1a2b3c4d", "pull request body", "head branch", "label"), `text` the exact line,
    at most LONGEST_EVIDENCE characters. `past` is true when the place is no longer part of the pull request.
    """

    rule: str
    agent: str
    strength: Strength
    involvement: Involvement
    where: str
    text: str
    past: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Remembered:
    """Evidence that an earlier look found, or another pull request showed; `first_seen_at` in Unix seconds."""

    evidence: Evidence
    first_seen_at: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Dispute:
    """The word of the senior `by` that this head is not AI's, said at `at`, Unix seconds: of what was known by then."""

    by: str
    at: int


class Declaration(StrEnum):
    """What the author states about AI use; NONE is silence."""

    AI = "ai"
    HUMAN = "human"
    NONE = "none"


@dataclass(frozen=True, slots=True, kw_only=True)
class Provenance:
    """Whether a machine was involved. `level` is the strongest counted evidence that no standing dispute clears.

    `evidence` is sorted strongest first, counted and not counted alike; `counted` tells which involvements count.
    `disputed_by` is the login of the senior whose dispute stands for this head, "" when nobody's does.
    `contradicted` is true when the author declared `human` and counted evidence says otherwise.
    """

    level: Strength
    evidence: tuple[Evidence, ...]
    declaration: Declaration = Declaration.NONE
    disputed_by: str = ""
    contradicted: bool = False


class EffectKind(StrEnum):
    """What a change does to infrastructure beyond an edit, worst first."""

    DESTROY = "destroy"
    REPLACE = "replace"
    WEAKEN_GUARD = "weaken-guard"
    WIDEN_ACCESS = "widen-access"


class Confidence(IntEnum):
    LOW = 1
    MEDIUM = 2
    HIGH = 3

    @property
    def word(self) -> str:
        return self.name.lower()


class Side(StrEnum):
    """Which side of the diff a line number counts in."""

    BASE = "base"
    HEAD = "head"


@dataclass(frozen=True, slots=True, kw_only=True)
class Effect:
    """One thing the change does to one object.

    `kind` is the infrastructure kind's id (`terraform`, `kubernetes`), `address` the object's name in its own
    language (`aws_db_instance.main`, `Deployment/prod/web`), `line` counts from 1 on `side`, None when the
    object has no line. `reason` is one sentence without a period. `rule` is a stable kebab-case id. `plan` is the
    stack whose Terraform plan says so, "" for an estimate from the text.
    """

    effect: EffectKind
    kind: str
    address: str
    path: str
    line: int | None
    side: Side
    reason: str
    confidence: Confidence
    rule: str
    plan: str = ""


class Tier(IntEnum):
    """How much a change could break; ordered."""

    NONE = 0
    LOW = 1
    MEDIUM = 2
    HIGH = 3
    CRITICAL = 4

    @property
    def word(self) -> str:
        return self.name.lower()


@dataclass(frozen=True, slots=True, kw_only=True)
class TouchedKind:
    """An infrastructure kind and the changed paths, old and new names, that are of it, sorted."""

    kind: str
    weight: int
    paths: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Blast:
    """What infrastructure a change touches and what it does to it.

    `kinds` and `effects` are sorted worst first, then by path. `reasons` explain the tier, the deciding one
    first ("high: replaces `aws_db_instance.main`, infra/db.tf:14"). `incomplete` names what could not be read.
    """

    tier: Tier
    kinds: tuple[TouchedKind, ...]
    effects: tuple[Effect, ...]
    reasons: tuple[str, ...]
    incomplete: tuple[str, ...] = ()
