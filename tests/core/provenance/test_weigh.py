"""Evidence once seen stays; only a dispute clears it, and a declaration lowers nothing."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from bot.core.finding import Declaration, Dispute, Evidence, Involvement, Remembered, Strength
from bot.core.policy.model import ProvenancePolicy
from bot.core.provenance.weigh import weigh

POLICY = ProvenancePolicy()


def seen(
    strength: Strength = Strength.EXPLICIT, involvement: Involvement = Involvement.AUTHORED, **more: object
) -> Evidence:
    fields: dict[str, object] = {"rule": "r", "agent": "claude-code", "where": "commit 1a2b3c4d", "text": "t"}
    return Evidence(strength=strength, involvement=involvement, **(fields | more))  # type: ignore[arg-type]  # a test's keywords


def known(evidence: Evidence, first_seen_at: int = 100) -> Remembered:
    return Remembered(evidence=evidence, first_seen_at=first_seen_at)


DISPUTE = Dispute(by="sam", at=100)
EVIDENCE = st.lists(
    st.builds(seen, st.sampled_from(Strength), st.sampled_from(Involvement), rule=st.text("ab", max_size=1))
)


def test_the_level_is_the_strongest_counted_sign() -> None:
    found = [seen(Strength.WEAK), seen(Strength.STRONG), seen(Strength.EXPLICIT, Involvement.REVIEWED)]
    assert weigh(found, [], POLICY, Declaration.NONE, None).level is Strength.STRONG


def test_a_memory_counts_and_is_marked_as_past() -> None:
    weighed = weigh([], [known(seen())], POLICY, Declaration.NONE, None)
    assert weighed.level is Strength.EXPLICIT
    assert weighed.evidence[0].past


def test_what_is_present_is_shown_once_and_not_as_past() -> None:
    weighed = weigh([seen()], [known(seen(past=True))], POLICY, Declaration.NONE, None)
    assert [one.past for one in weighed.evidence] == [False]


def test_a_dispute_clears_the_level_and_keeps_the_evidence() -> None:
    weighed = weigh([seen()], [known(seen(), 90), known(seen(), 200)], POLICY, Declaration.HUMAN, DISPUTE)
    assert (weighed.level, weighed.disputed_by, weighed.contradicted) == (Strength.NONE, "sam", False)
    assert weighed.evidence


def test_a_dispute_does_not_clear_what_was_found_after_it() -> None:
    for remembered in ([], [known(seen(), 101)]):
        weighed = weigh([seen()], [known(seen(Strength.STRONG), 100), *remembered], POLICY, Declaration.NONE, DISPUTE)
        assert (weighed.level, weighed.disputed_by) == (Strength.EXPLICIT, "sam")
    weighed = weigh([], [known(seen(), 101)], POLICY, Declaration.NONE, DISPUTE)
    assert weighed.level is Strength.EXPLICIT


def test_a_declaration_of_ai_is_explicit_evidence() -> None:
    weighed = weigh([], [], POLICY, Declaration.AI, None)
    assert weighed.level is Strength.EXPLICIT
    assert weighed.evidence[0].rule == "declared-ai"


def test_a_declaration_that_stands_is_shown_once_though_it_is_remembered() -> None:
    first = weigh([], [], POLICY, Declaration.AI, None)
    assert weigh([], map(known, first.evidence), POLICY, Declaration.AI, None) == first


def test_a_human_declaration_against_strong_evidence_is_a_contradiction() -> None:
    assert weigh([seen(Strength.STRONG)], [], POLICY, Declaration.HUMAN, None).contradicted
    assert not weigh([seen(Strength.WEAK)], [], POLICY, Declaration.HUMAN, None).contradicted
    assert weigh([seen()], [], POLICY, Declaration.HUMAN, None).level is Strength.EXPLICIT


def test_what_could_not_be_read_counts_whatever_the_policy_counts() -> None:
    blind = ProvenancePolicy(counts=frozenset())
    assert weigh([seen(rule="unread-text")], [], blind, Declaration.NONE, None).level is Strength.EXPLICIT
    assert weigh([seen()], [], blind, Declaration.NONE, None).level is Strength.NONE


@given(EVIDENCE, EVIDENCE, st.sampled_from(Declaration))
def test_more_evidence_never_lowers_the_level(
    some: list[Evidence], more: list[Evidence], declaration: Declaration
) -> None:
    fewer = weigh(some, [], POLICY, declaration, None)
    assert weigh(some, map(known, more), POLICY, declaration, None).level >= fewer.level
    assert weigh([*some, *more], [], POLICY, declaration, None).level >= fewer.level


@given(EVIDENCE, EVIDENCE)
def test_the_order_of_the_evidence_does_not_matter(some: list[Evidence], remembered: list[Evidence]) -> None:
    forward = weigh(some, map(known, remembered), POLICY, Declaration.NONE, None)
    assert forward == weigh(some[::-1], map(known, remembered[::-1]), POLICY, Declaration.NONE, None)
