"""The typed policy: what an organisation asks of which change."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from bot.core.finding import EffectKind, Involvement, Strength, Tier


class Mode(StrEnum):
    """ENFORCE blocks; SHADOW posts what it would have done as success, and says so."""

    ENFORCE = "enforce"
    SHADOW = "shadow"


class CarryOver(StrEnum):
    """Whether an approval survives a rebase or "update branch"."""

    NEVER = "never"
    IDENTICAL_DIFF = "identical-diff"


class SeniorAuthors(StrEnum):
    """Whether an author who is a senior needs another senior."""

    NEED_ANOTHER = "need-another"
    EXEMPT = "exempt"


class ReviewRequest(StrEnum):
    """Whom to ask for a review."""

    ONE = "one"
    TEAM = "team"
    NONE = "none"


@dataclass(frozen=True, slots=True, kw_only=True)
class Seniors:
    """Who counts as a senior. Teams are `org/slug`, all names lower case. No teams and no users: the built-in
    default, people with `maintain` or `admin`; a policy *file* must name at least one.
    """

    teams: tuple[str, ...] = ()
    users: tuple[str, ...] = ()
    machine_users: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class When:
    """The conditions of a rule; all that are given must hold. `provenance` and `tier` mean "at least", None any.

    `effects`: any of them; empty any. `paths`: gitignore-style, any changed path (old or new); empty any.
    """

    provenance: Strength | None = None
    tier: Tier | None = None
    effects: frozenset[EffectKind] = frozenset()
    paths: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Require:
    """What a rule asks. `seniors` ≥ 1. `from_sets` are teams (`org/slug`) or logins the approvals must come from;
    empty: any senior.
    """

    seniors: int
    from_sets: tuple[str, ...] = ()
    step_up: bool = False
    senior_authors: SeniorAuthors = SeniorAuthors.NEED_ANOTHER


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    name: str
    when: When
    require: Require


@dataclass(frozen=True, slots=True, kw_only=True)
class PathTier:
    """Changed paths that match are at least of this tier."""

    paths: tuple[str, ...]
    tier: Tier


@dataclass(frozen=True, slots=True, kw_only=True)
class CustomMarker:
    """An organisation's own marker. `surface` is one of the catalogue's surfaces, `pattern` an RE2 pattern."""

    id: str
    agent: str
    surface: str
    pattern: str
    strength: Strength


DEFAULT_COUNTED = frozenset({Involvement.AUTHORED, Involvement.ASSISTED, Involvement.SUGGESTION, Involvement.TRACE})


@dataclass(frozen=True, slots=True, kw_only=True)
class ProvenancePolicy:
    """`labels` are label globs that count as explicit evidence; `automation` are bot logins that are plain
    automation, no AI; `counts` are the involvements that count.
    """

    labels: tuple[str, ...] = ()
    automation: tuple[str, ...] = ()
    counts: frozenset[Involvement] = DEFAULT_COUNTED
    markers: tuple[CustomMarker, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ApprovalPolicy:
    """`carry_over` holds up to and including `carry_over_up_to`. `expire_after` in seconds, None never."""

    carry_over: CarryOver = CarryOver.NEVER
    carry_over_up_to: Tier = Tier.CRITICAL
    expire_after: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanPolicy:
    """A change to Terraform of the tier `required_for` and above needs a plan, None none does. Only plans that one of
    `workflows` handed in are enough (`org/repo/.github/workflows/plan.yml@refs/heads/main`); empty: of any.
    """

    required_for: Tier | None = None
    workflows: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Deployment:
    """What is asked of each change that a deployment brings to one environment.

    Changes below `tier` are not asked about. `seniors` is the number of distinct seniors who must have approved, before
    or after the merge; 0: as many as the merge asked. `accepted` are commits, whole object names, that may be deployed
    as they landed, with whatever they brought.
    """

    tier: Tier = Tier.NONE
    seniors: int = 0
    accepted: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class BreakGlass:
    """Who may break the glass, and for how long one use lets its head through, in seconds."""

    teams: tuple[str, ...] = ()
    users: tuple[str, ...] = ()
    valid_for: int = 3600


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """A whole policy. `source` says where it was read ("acme/shop:.github/countersign.yml@1a2b3c", "built-in").

    `digest` is `sha256:` of the canonical form, so that two files that say the same have the same digest.
    `given` are the top-level and nested keys that the file spells out ("approvals.carry_over"): merging tells
    a default from a wish by them.
    """

    mode: Mode
    seniors: Seniors
    rules: tuple[Rule, ...]
    tiers: tuple[PathTier, ...] = ()
    provenance: ProvenancePolicy = field(default_factory=ProvenancePolicy)
    declarations_required_for: Tier | None = None
    plans: PlanPolicy = field(default_factory=PlanPolicy)
    approvals: ApprovalPolicy = field(default_factory=ApprovalPolicy)
    review_request: ReviewRequest = ReviewRequest.ONE
    labels: bool = False
    deployments: Mapping[str, Deployment] = field(default_factory=dict)
    break_glass: BreakGlass = field(default_factory=BreakGlass)
    source: str = "built-in"
    digest: str = ""
    given: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """One fault of a policy file. `line` and `column` count from 1. `message` names the thing and what is
    expected, lower case, no period.
    """

    line: int
    column: int
    message: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PolicyError:
    """A policy that cannot be used: an input of the decision, not an exception. `faults` has at least one."""

    source: str
    faults: tuple[Fault, ...]
