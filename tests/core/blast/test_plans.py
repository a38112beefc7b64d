"""The law: plans only raise; what came for another head, on an old base or long ago is said."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.blast.assess import assess
from bot.core.blast.plan_json import read_plan
from bot.core.blast.plans import FRESH_SECONDS, StackPlan, is_planned, plan_notes, plans_digest, raise_by_plans
from bot.core.finding import Blast, EffectKind, Tier
from bot.data.infra import load_infra
from tests.builders import pull
from tests.core.blast.files import changed
from tests.core.blast.plans import change, plan_of

INFRA = load_infra()
HEAD, BASE = "a" * 40, "b" * 40
ESTIMATE = assess((changed("infra/a.tf", 'resource "aws_sns_topic" "x" {\n}\n', ""),), (), INFRA)
UNREADABLE = b"{}"


def planned(raw: bytes, stack: str = "infra", **more: str | int) -> StackPlan:
    reading = read_plan(raw, stack=stack, infra=INFRA)
    known = {"head_sha": HEAD, "digest": "sha256:1", "received_at": 1000, **more}
    return StackPlan(stack=stack, reading=reading, **known)  # type: ignore[arg-type]  # a test's shorthand


NOTHING, UNREAD = planned(plan_of()), planned(UNREADABLE)
WORSE = planned(plan_of(change(["delete"], "aws_db_instance")))


def test_a_plan_raises_the_tier_and_comes_first() -> None:
    raised = raise_by_plans(ESTIMATE, (WORSE,), INFRA)
    assert (raised.tier, raised.reasons[0]) == (Tier.CRITICAL, "critical: destroys `aws_db_instance.x`, plan infra")
    assert set(ESTIMATE.effects) < set(raised.effects)
    assert raised.effects[0].effect is EffectKind.DESTROY


def test_a_harmless_plan_takes_nothing_away() -> None:
    assert raise_by_plans(ESTIMATE, (NOTHING,), INFRA) == ESTIMATE


ACTIONS = st.sampled_from([["no-op"], ["create"], ["update"], ["delete"], ["delete", "create"], ["obliterate"]])
PLANS = st.lists(
    st.builds(lambda actions, stack: planned(plan_of(change(actions)), stack), ACTIONS, st.sampled_from("ab"))
)


@given(PLANS, PLANS)
def test_more_plans_never_say_less(first: list[StackPlan], more: list[StackPlan]) -> None:
    """Save that a plan that can be read takes the place of one of its stack that could not."""
    few, many = (raise_by_plans(ESTIMATE, tuple(plans), INFRA) for plans in (first, [*first, *more]))
    assert set(ESTIMATE.effects) <= set(few.effects) <= set(many.effects)
    assert ESTIMATE.tier <= min(few.tier, many.tier)


def test_a_later_harmless_plan_of_the_stack_does_not_clear_an_earlier_one() -> None:
    assert raise_by_plans(ESTIMATE, (WORSE, NOTHING), INFRA).tier is Tier.CRITICAL


@pytest.mark.parametrize(
    ("name", "plans", "is_unread"),
    [
        ("unreadable", (UNREAD,), True),
        ("mended", (UNREAD, NOTHING), False),
        ("spoilt since", (NOTHING, UNREAD), True),
        ("another stack is fine", (UNREAD, planned(plan_of(), "other")), True),
    ],
)
def test_a_plan_that_cannot_be_read_counts_as_infrastructure_nobody_looked_at(
    name: str, plans: tuple[StackPlan, ...], is_unread: bool
) -> None:
    raised = raise_by_plans(Blast(tier=Tier.LOW, kinds=(), effects=(), reasons=()), plans, INFRA)
    assert (bool(raised.incomplete), raised.tier) == (is_unread, Tier.HIGH if is_unread else Tier.LOW), name
    if is_unread:
        assert raised.incomplete[0].startswith(
            "the Terraform plan of `infra` is not known whole: `$` is not as in a plan"
        )


@pytest.mark.parametrize(
    ("name", "plans", "now", "enough"),
    [
        ("none", (), 1000, False),
        ("one", (NOTHING,), 1000, True),
        ("unreadable", (UNREAD,), 1000, False),
        ("one of two unreadable", (NOTHING, planned(UNREADABLE, "other")), 1000, False),
        ("a week old", (NOTHING,), 1000 + FRESH_SECONDS, True),
        ("older", (NOTHING,), 1001 + FRESH_SECONDS, False),
    ],
)
def test_when_a_policy_that_asks_for_a_plan_has_one(
    name: str, plans: tuple[StackPlan, ...], now: int, enough: bool
) -> None:
    assert is_planned(plans, now) is enough, name


def test_only_plans_of_trusted_workflows_are_enough_where_they_are_named() -> None:
    trusted, others = planned(plan_of(), workflow="ours"), planned(plan_of(), "other", workflow="theirs")
    nobodys = planned(plan_of(), "third")
    for plans, enough in (((trusted,), True), ((others, nobodys), False), ((trusted, others), True)):
        assert is_planned(plans, 1000, ("ours",)) is enough
    assert not is_planned((trusted, planned(UNREADABLE, workflow="ours")), 1000, ("ours",))
    assert not is_planned((planned(plan_of(), "infra"), planned(UNREADABLE, workflow="ours")), 1000, ("ours",))


def test_the_digest_is_of_what_is_done_and_not_of_who_said_it_when() -> None:
    again = planned(plan_of(change(["delete"], "aws_db_instance")), received_at=5, digest="sha256:2", origin="run 2")
    assert plans_digest((WORSE,)) == plans_digest((again, WORSE, NOTHING)) != plans_digest((NOTHING,)) == ""


@pytest.mark.parametrize(
    ("name", "plans", "earlier", "now", "said"),
    [
        ("nothing", (), (), 1000, ()),
        ("another head", (), ("c" * 40, "d" * 40), 1000, ("commit dddddddd, an earlier head", "again")),
        ("this head", (NOTHING,), ("c" * 40,), 1000, ("`infra` of this head: 0 objects, none destroyed",)),
        ("this head, badly", (WORSE,), (), 1000, ("1 object, 1 of note",)),
        (
            "this base",
            (planned(plan_of(), base_sha=BASE),),
            (),
            1000,
            ("none destroyed, replaced, weakened or opened",),
        ),
        ("an old base", (planned(plan_of(), base_sha="e" * 40),), (), 1000, ("commit eeeeeeee of the base branch",)),
        ("long ago", (NOTHING,), (), 1001 + FRESH_SECONDS, ("older than 7 days",)),
        ("unreadable: said elsewhere", (UNREAD,), (), 1000, ()),
    ],
)
def test_what_is_said_of_the_plans(
    name: str, plans: tuple[StackPlan, ...], earlier: tuple[str, ...], now: int, said: tuple[str, ...]
) -> None:
    notes = plan_notes(plans, earlier, pull(base_sha=BASE, head_sha=HEAD), now)
    assert len(notes) == bool(said), name
    for words in said:
        assert words in notes[0], name


def test_more_than_is_listed_is_said_and_approved_anew_when_it_grows() -> None:
    def destroying(count: int) -> StackPlan:
        gone = [{**change(["delete"], "aws_db_instance"), "address": f"aws_db_instance.x[{n}]"} for n in range(count)]
        return planned(plan_of(*gone), digest=f"sha256:{count}")

    many, more = destroying(60), destroying(61)
    (note,) = plan_notes((many,), (), pull(base_sha=BASE, head_sha=HEAD), 1000)
    assert "60 objects, 60 of note, 10 of them listed nowhere here: read the plan itself" in note
    assert plans_digest((many,)) != plans_digest((many, more))
    assert plans_digest((many,)) == plans_digest((many, many))
