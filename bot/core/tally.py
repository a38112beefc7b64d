"""Many decisions counted: what share of a history the gate would have stopped, why, and at what cost."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from bot.core.decision import Decision, Verdict
from bot.core.finding import Strength, Tier
from bot.core.render import title

WORST_SHOWN = 20
SECONDS_PER_WEEK = 7 * 24 * 3600


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One judged change. `landed_at` in Unix seconds, `number` None when the history does not tell it."""

    sha: str
    number: int | None
    subject: str
    landed_at: int
    decision: Decision

    @property
    def asked(self) -> bool:
        """Whether anybody would have had to act: a verdict that is not `clear`."""
        return self.decision.verdict is not Verdict.CLEAR

    @property
    def sentence(self) -> str:
        return title(self.decision)

    @property
    def agents(self) -> frozenset[str]:
        """The tools of the evidence that decided the level; empty when none counts."""
        provenance = self.decision.provenance
        if provenance.level is Strength.NONE:
            return frozenset()
        return frozenset(found.agent for found in provenance.evidence if found.strength is provenance.level)


@dataclass(frozen=True, slots=True, kw_only=True)
class Tally:
    """Counts over `judged` cases; a case counts once per rule and once per agent.

    `approvals` is the sum of the seniors asked, `approvals_per_week` over the time between first and last landing
    (at least one week). `worst` has the asked cases with the highest tier and the most effects first.
    """

    judged: int
    asked: int
    broken: int
    approvals: int
    approvals_per_week: float
    first_landed_at: int
    last_landed_at: int
    by_verdict: Mapping[str, int]
    by_tier: Mapping[str, int]
    by_level: Mapping[str, int]
    by_rule: Mapping[str, int]
    by_agent: Mapping[str, int]
    by_effect: Mapping[str, int]
    worst: tuple[Case, ...]

    @property
    def share(self) -> float:
        """The share of judged cases that would have been asked, 0 when none was judged."""
        return self.asked / self.judged if self.judged else 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Backtest:
    """A judged history. Of `selected` changes those in `tally` were judged; `failed` are pairs of commit and reason.

    `passed_over` counts direct commits that nobody asked to judge. `interrupted` is true when the run was stopped.
    """

    name: str
    policy_source: str
    selected: int
    passed_over: int
    failed: tuple[tuple[str, str], ...]
    interrupted: bool
    seconds: float
    tally: Tally

    @property
    def coverage(self) -> str:
        """One sentence on what was judged."""
        stopped = ", stopped early" if self.interrupted else ""
        passed = f"; {self.passed_over} direct commits passed over (--direct judges them)" if self.passed_over else ""
        failed = f"; {len(self.failed)} could not be judged" if self.failed else ""
        return f"{self.tally.judged} of {self.selected} landed changes judged{stopped}{passed}{failed}"


def tally(cases: Iterable[Case]) -> Tally:
    """Count the cases; their order does not matter."""
    ordered = sorted(cases, key=lambda case: (case.landed_at, case.sha))
    asked = [case for case in ordered if case.asked]
    approvals = sum(case.decision.requirement.seniors for case in ordered)
    first, last = (ordered[0].landed_at, ordered[-1].landed_at) if ordered else (0, 0)
    decisions = [case.decision for case in ordered]
    return Tally(
        judged=len(ordered),
        asked=len(asked),
        broken=sum(decision.verdict is Verdict.BROKEN for decision in decisions),
        approvals=approvals,
        approvals_per_week=approvals / max(1.0, (last - first) / SECONDS_PER_WEEK),
        first_landed_at=first,
        last_landed_at=last,
        by_verdict={verdict.value: count for verdict in Verdict if (count := _count(decisions, verdict))},
        by_tier={tier.word: sum(decision.blast.tier is tier for decision in decisions) for tier in reversed(Tier)},
        by_level={
            level.word: sum(decision.provenance.level is level for decision in decisions)
            for level in reversed(Strength)
        },
        by_rule=_most_first(rule for decision in decisions for rule in set(decision.requirement.rules)),
        by_agent=_most_first(agent for case in ordered for agent in case.agents),
        by_effect=_most_first(
            effect for decision in decisions for effect in {found.effect.value for found in decision.blast.effects}
        ),
        worst=tuple(sorted(asked, key=_worst_first)[:WORST_SHOWN]),
    )


def _count(decisions: list[Decision], verdict: Verdict) -> int:
    return sum(decision.verdict is verdict for decision in decisions)


def _most_first(names: Iterable[str]) -> dict[str, int]:
    return dict(sorted(Counter(names).items(), key=lambda entry: (-entry[1], entry[0])))


def _worst_first(case: Case) -> tuple[int, int, int, int, str]:
    """Tier, then the best proven effects, then the level of AI involvement, then the newest."""
    decision = case.decision
    return (-decision.blast.tier, -len(decision.blast.effects), -decision.provenance.level, -case.landed_at, case.sha)
