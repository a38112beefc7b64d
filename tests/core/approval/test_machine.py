"""Whatever happens in whatever order: an open gate means that an eligible human approved exactly this change.

A small GitHub is driven at random. It keeps the truth of its own: which head each person had before their eyes, who
had a hand in the change, what stands of what they said. The judgement sees only statements, which may be lost, doubled
or late, and the present state.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from bot.core.approval.binding import bind
from bot.core.approval.digest import approval_digest
from bot.core.approval.records import Act, Method, Record, Sighting, Statement
from bot.core.approval.standing import standing_approvals
from bot.core.decision import Approvals
from bot.core.finding import Tier
from bot.core.policy.digest import with_digest
from bot.core.policy.model import ApprovalPolicy, CarryOver, Policy
from bot.core.pull import Actor, Comment, PullRequest, Review, ReviewState
from tests.builders import JUNIOR, OTHER_SENIOR, SENIOR, commit
from tests.core.approval.people import (
    AGENT,
    MACHINE,
    OUTSIDER,
    POLICY,
    ROSTER,
    SENIORS,
    asking,
    bound_to,
    change,
    demand,
    file,
    said,
)

# Each head with the content of its one file: the first two are a rebase of one another, with an identical diff.
HEADS = {"a" * 40: "2", "c" * 40: "2", "d" * 40: "3"}
CARRYING = with_digest(replace(POLICY, approvals=ApprovalPolicy(carry_over=CarryOver.IDENTICAL_DIFF)))
EXPIRING = with_digest(replace(POLICY, approvals=ApprovalPolicy(expire_after=3_600)))
POLICIES = (POLICY, CARRYING, EXPIRING)
SPEAKERS = st.sampled_from([SENIOR, OTHER_SENIOR, JUNIOR, OUTSIDER, MACHINE, AGENT])


@dataclass(frozen=True, kw_only=True)
class Truth:
    """What really happened when somebody approved; `saw` is None when no rule could know."""

    actor: Actor
    saw: str | None
    base: str
    policy: str
    at: int


class Gate(RuleBasedStateMachine):
    @initialize()
    def open(self) -> None:
        self.now = 10_000
        self.head, self.base, self.policy, self.tier = next(iter(HEADS)), "main", POLICY, Tier.MEDIUM
        self.previous, self.pushed_at, self.is_seen = self.head, 0, True
        self.members = {SENIOR, OTHER_SENIOR, MACHINE, AGENT}
        self.pushers: set[Actor] = set()
        self.reviews: dict[int, Review] = {}
        self.comments: dict[int, Comment] = {}
        self.on_the_way: list[Statement] = []
        self.delivered: list[Statement] = []
        self.records: tuple[Record, ...] = ()
        self.sightings = {
            (self.head, self.base): Sighting(
                head_sha=self.head, base_ref=self.base, first_seen_at=9_000, published_at=9_001
            )
        }
        self.truth: dict[str, Truth] = {}
        self.number = 100
        self.approvals: Approvals | None = None

    def pass_time(self, seconds: int) -> None:
        self.now += seconds
        self.approvals = None

    def pull(self) -> PullRequest:
        return change(
            head_sha=self.head,
            base_ref=self.base,
            files=(file(HEADS[self.head]),),
            commits=(commit(sha=self.head, author_account=JUNIOR),),
            pushers=tuple(sorted(self.pushers, key=lambda actor: actor.login)),
            reviews=tuple(self.reviews.values()),
            comments=tuple(self.comments.values()),
        )

    def say(self, actor: Actor, act: Act, method: Method, number: int, **changes: str) -> str:
        reference = f"{'review' if method is Method.REVIEW else 'comment'}:{number}"
        statement = said(
            actor, act, method, id=f"{reference}:{act.value}", reference=reference, **{"head_sha": "", **changes}
        )
        self.on_the_way.append(replace(statement, said_at=self.now, received_at=self.now + 1))
        return statement.id

    @rule(head=st.sampled_from(sorted(HEADS)), by=st.sampled_from([JUNIOR, JUNIOR, OTHER_SENIOR]), heard=st.booleans())
    def push(self, head: str, by: Actor, heard: bool) -> None:
        self.pass_time(100)
        self.previous, self.head, self.pushed_at, self.is_seen = self.head, head, self.now, heard
        self.pushers.add(by)
        if heard:
            self.see()

    def see(self) -> None:
        fresh = Sighting(head_sha=self.head, base_ref=self.base, first_seen_at=self.now, published_at=self.now + 1)
        self.sightings.setdefault((self.head, self.base), fresh)
        self.is_seen = True

    @rule(base=st.sampled_from(["main", "release"]))
    def retarget(self, base: str) -> None:
        self.pass_time(100)
        self.base = base
        self.see()

    @rule(seconds=st.sampled_from([1, 10, 40, 4_000]))
    def wait(self, seconds: int) -> None:
        self.pass_time(seconds)

    @rule(actor=SPEAKERS, stale=st.booleans())
    def approve_by_review(self, actor: Actor, stale: bool) -> None:
        self.pass_time(1)
        self.number += 1
        saw = self.previous if stale else self.head
        self.reviews[self.number] = Review(
            id=self.number, author=actor, state=ReviewState.APPROVED, commit_sha=self.head, submitted_at=self.now
        )
        self.remember(self.say(actor, Act.APPROVE, Method.REVIEW, self.number, head_sha=saw), actor, saw)

    @rule(actor=SPEAKERS, method=st.sampled_from([Method.BUTTON, Method.STEP_UP]), stale=st.booleans())
    def approve_by_button(self, actor: Actor, method: Method, stale: bool) -> None:
        self.pass_time(1)
        self.number += 1
        saw = self.previous if stale else self.head
        shown = bound_to(replace(self.pull(), head_sha=saw, files=(file(HEADS[saw]),)), self.tier, self.policy)
        signed = approval_digest(10, 7, shown) if method is Method.STEP_UP else ""
        key = self.say(actor, Act.APPROVE, method, self.number, head_sha=saw, base_ref=self.base, seen=signed)
        self.remember(key, actor, saw)

    @rule(actor=SPEAKERS, with_sha=st.booleans(), stale=st.booleans())
    def approve_by_comment(self, actor: Actor, with_sha: bool, stale: bool) -> None:
        self.pass_time(1)
        self.number += 1
        self.comments[self.number] = Comment(id=self.number, author=actor, edited=False)
        # A page grows old for less than half a minute; what the gate never heard of it cannot hold against a comment.
        old = stale and self.now - self.pushed_at < 30
        saw: str | None = self.previous if old else self.head
        named = (saw or "")[:12] if with_sha else ""
        key = self.say(actor, Act.APPROVE, Method.COMMENT, self.number, head_sha=named)
        self.remember(key, actor, saw if with_sha or self.is_seen else None)

    def remember(self, key: str, actor: Actor, saw: str | None) -> None:
        self.truth[key] = Truth(actor=actor, saw=saw, base=self.base, policy=self.policy.digest, at=self.now)

    @precondition(lambda self: self.reviews)
    @rule(data=st.data(), state=st.sampled_from([ReviewState.DISMISSED, ReviewState.COMMENTED]))
    def dismiss(self, data: st.DataObject, state: ReviewState) -> None:
        self.pass_time(1)
        number = data.draw(st.sampled_from(sorted(self.reviews)))
        self.reviews[number] = replace(self.reviews[number], state=state)
        self.say(JUNIOR, Act.REVIEW_DISMISSED, Method.REVIEW, number)

    @rule(actor=SPEAKERS)
    def request_changes(self, actor: Actor) -> None:
        self.pass_time(1)
        self.number += 1
        self.reviews[self.number] = Review(
            id=self.number, author=actor, state=ReviewState.CHANGES_REQUESTED, commit_sha="", submitted_at=self.now
        )
        self.say(actor, Act.CHANGES_REQUESTED, Method.REVIEW, self.number)

    @precondition(lambda self: self.comments)
    @rule(data=st.data(), delete=st.booleans())
    def tamper(self, data: st.DataObject, delete: bool) -> None:
        self.pass_time(1)
        number = data.draw(st.sampled_from(sorted(self.comments)))
        if delete:
            del self.comments[number]
        else:
            self.comments[number] = replace(self.comments[number], edited=True)

    @rule(actor=st.sampled_from([SENIOR, OTHER_SENIOR]))
    def change_membership(self, actor: Actor) -> None:
        self.pass_time(1)
        self.members ^= {actor}

    @rule(policy=st.sampled_from(POLICIES), tier=st.sampled_from([Tier.MEDIUM, Tier.HIGH]))
    def change_policy(self, policy: Policy, tier: Tier) -> None:
        self.pass_time(1)
        self.policy, self.tier = policy, tier

    @precondition(lambda self: self.on_the_way)
    @rule(data=st.data(), fate=st.sampled_from(["arrive", "arrive", "twice", "lost"]))
    def deliver(self, data: st.DataObject, fate: str) -> None:
        self.approvals = None
        statement = self.on_the_way.pop(data.draw(st.integers(0, len(self.on_the_way) - 1)))
        known = {record.statement.id for record in self.records} | {each.id for each in self.delivered}
        if fate != "lost" and statement.id not in known:
            self.delivered.append(statement)
        if fate == "twice":
            self.on_the_way.append(statement)

    @rule()
    def look(self) -> None:
        pull = self.pull()
        present = replace(bound_to(pull, self.tier, self.policy))
        roster = replace(ROSTER, teams={**ROSTER.teams, SENIORS: frozenset(self.members)})
        for statement in tuple(self.delivered):
            record = bind(
                statement,
                present=present,
                pull=pull,
                sightings=tuple(self.sightings.values()),
                policy=self.policy,
                roster=roster,
                records=self.records,
                now=self.now,
            )
            if record is not None:
                self.delivered.remove(statement)
                self.records = (*self.records, record)
        self.see()
        self.approvals = standing_approvals(
            self.records,
            present=present,
            requirement=asking(demand()),
            policy=self.policy,
            pull=pull,
            roster=roster,
            now=self.now,
        )

    @rule(actor=st.sampled_from([SENIOR, SENIOR, OTHER_SENIOR]))
    def approve_as_it_should_be(self, actor: Actor) -> None:
        """Otherwise the gate would open too seldom to prove anything."""
        self.approve_by_review(actor, stale=False)
        self.delivered.append(self.on_the_way.pop())
        self.look()

    @invariant()
    def an_open_gate_was_opened_for_this_change(self) -> None:
        if self.approvals is None or self.approvals.missing:
            return
        assert any(self.is_good(counted.record) for counted in self.approvals.counted)
        assert all(self.is_good(counted.record) for counted in self.approvals.counted)

    def is_good(self, record: Record) -> bool:
        truth = self.truth[record.statement.id]
        binding = record.binding
        carries = self.policy is CARRYING and truth.saw is not None and HEADS[truth.saw] == HEADS[self.head]
        same_diff = binding is not None and binding.diff_digest == bound_to(self.pull()).diff_digest
        return (
            binding is not None
            and same_diff
            and (binding.head_sha, binding.base_ref) == (self.head if not carries else binding.head_sha, self.base)
            and binding.policy_digest == self.policy.digest
            and binding.tier >= self.tier
            and (truth.saw in (None, self.head) or carries)
            and truth.actor in self.members - self.pushers - {MACHINE, AGENT, JUNIOR}
            and (self.policy is not EXPIRING or self.now - truth.at < 3_600)
            and self.still_stands(record.statement, truth)
        )

    def still_stands(self, statement: Statement, truth: Truth) -> bool:
        number = int(statement.reference.partition(":")[2])
        if statement.method is Method.REVIEW and self.reviews[number].state is not ReviewState.APPROVED:
            return False
        if statement.method is Method.COMMENT and (number not in self.comments or self.comments[number].edited):
            return False
        return not any(
            review.author == truth.actor
            and review.state in (ReviewState.CHANGES_REQUESTED, ReviewState.DISMISSED)
            and review.submitted_at >= truth.at
            for review in self.reviews.values()
        )


TestGate = Gate.TestCase
TestGate.settings = settings(stateful_step_count=40)
