"""Counting is fair: order does not matter, nothing is counted twice, and shares are of what was judged."""

from __future__ import annotations

import random

from hypothesis import given
from hypothesis import strategies as st

from bot.core.decision import Verdict
from bot.core.finding import EffectKind, Tier
from bot.core.tally import SECONDS_PER_WEEK, WORST_SHOWN, Case, tally
from tests.builders import effect, evidence
from tests.core.decisions import demand, judged

CLEAR = judged(Verdict.CLEAR)
PENDING = judged(
    found=(evidence(), evidence(where="commit 2"), evidence(agent="codex")),
    effects=(effect(), effect(address="other"), effect(effect=EffectKind.DESTROY)),
    tier=Tier.HIGH,
    demands=(demand(), demand("destroys", 2)),
)
BROKEN = judged(Verdict.BROKEN, tier=Tier.CRITICAL, incomplete=("a blob",))


def case(number: int, of: str = "clear", *, week: int = 0) -> Case:
    kinds = {"clear": CLEAR, "pending": PENDING, "broken": BROKEN}
    landed = week * SECONDS_PER_WEEK
    return Case(sha=f"{number:040}", number=number, subject="s", landed_at=landed, decision=kinds[of])


def test_a_small_history() -> None:
    found = tally([case(1), case(2, "pending", week=1), case(3, "broken", week=4), case(4, week=2)])
    assert (found.judged, found.asked, found.broken, found.share) == (4, 2, 1, 0.5)
    assert (found.approvals, found.approvals_per_week) == (2, 0.5)
    assert (found.first_landed_at, found.last_landed_at) == (0, 4 * SECONDS_PER_WEEK)
    assert found.by_verdict == {"clear": 2, "pending": 1, "broken": 1}
    assert found.by_tier == {"critical": 1, "high": 1, "medium": 0, "low": 0, "none": 2}
    assert found.by_level == {"explicit": 1, "strong": 0, "weak": 0, "none": 3}
    assert found.by_rule == {"AI-assisted infrastructure": 1, "destroys": 1}
    assert found.by_agent == {"claude-code": 1, "codex": 1}
    assert found.by_effect == {"destroy": 1, "replace": 1}
    assert [worst.number for worst in found.worst] == [3, 2]


def test_no_history_is_no_division_by_zero() -> None:
    found = tally([])
    assert (found.judged, found.share, found.approvals_per_week, found.worst) == (0, 0.0, 0.0, ())


def test_a_burst_within_a_week_is_not_blown_up() -> None:
    assert tally([case(1, "pending"), case(2, "pending")]).approvals_per_week == 4.0


@given(
    st.lists(st.tuples(st.sampled_from(["clear", "pending", "broken"]), st.integers(0, 200)), max_size=40), st.randoms()
)
def test_the_order_of_cases_does_not_matter(drawn: list[tuple[str, int]], shuffle: random.Random) -> None:
    cases = [case(number, of, week=week) for number, (of, week) in enumerate(drawn)]
    shuffled = list(cases)
    shuffle.shuffle(shuffled)
    found = tally(cases)
    assert found == tally(shuffled)
    assert found.judged == sum(found.by_verdict.values()) == sum(found.by_tier.values()) == sum(found.by_level.values())
    assert 0 <= found.asked <= found.judged
    assert len(found.worst) == min(found.asked, WORST_SHOWN)
