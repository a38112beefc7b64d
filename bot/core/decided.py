"""What the ledger tells, long after, of the decisions on a pull request: whether its merge had the gate's success."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

import msgspec

from bot.core.decision import Conclusion, Verdict
from bot.core.finding import Tier
from bot.core.policy.requirement import POLICY_RULE
from bot.core.pull import PullState

_OPENING = frozenset({Verdict.CLEAR.value, Verdict.APPROVED.value})
_TIERS = {tier.word: tier for tier in Tier}


class _Counted(msgspec.Struct, frozen=True):
    who: str


class _Approvals(msgspec.Struct, frozen=True):
    counted: tuple[_Counted, ...] = ()
    missing: tuple[str, ...] = ()
    broke_glass: str = ""

    @property
    def needed_glass(self) -> bool:
        """Whether only the broken glass let it through."""
        return bool(self.broke_glass and self.missing)


class _Blast(msgspec.Struct, frozen=True):
    tier: str


class _Requirement(msgspec.Struct, frozen=True):
    rules: tuple[str, ...] = ()


class Decided(msgspec.Struct, frozen=True):
    """One decision as the ledger keeps it. `state` is the pull request's at that look."""

    verdict: str
    conclusion: str
    head_sha: str
    base_ref: str
    state: str
    approvals: _Approvals
    blast: _Blast
    requirement: _Requirement = _Requirement()

    @property
    def tier(self) -> Tier | None:
        """None when it is not known. Whatever else it touches, a change to the policy is critical."""
        if self.verdict == Verdict.BROKEN.value:
            return None
        return Tier.CRITICAL if POLICY_RULE in self.requirement.rules else _TIERS.get(self.blast.tier)

    @property
    def opens(self) -> bool:
        return self.verdict in _OPENING


@dataclass(frozen=True, slots=True, kw_only=True)
class Landed:
    """A pull request as it landed: the head that was merged."""

    number: int
    head_sha: str


class DecidedGroup(msgspec.Struct, frozen=True):
    """The decision on a merge group, and the pull requests in it."""

    conclusion: str
    members: tuple[Landed, ...] = ()

    @property
    def is_success(self) -> bool:
        return self.conclusion == Conclusion.SUCCESS.value


def decided_of(bodies: Iterable[str]) -> tuple[Decided, ...]:
    """Decisions from the bodies of their lines, in the same order. ValueError when one cannot be read."""
    return tuple(msgspec.json.decode(body, type=Decided) for body in bodies)


def decided_group_of(body: str) -> DecidedGroup:
    """ValueError when it cannot be read."""
    return msgspec.json.decode(body, type=DecidedGroup)


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """Whether a merge had the gate's success, and why in words.

    `is_exception`: it passed though nobody approved it (a broken glass, shadow mode). `is_unseen`: the gate knows
    nothing of this head yet. `is_blocked`: a senior's block stood at the merge. `tier` is the change's, None when it is
    not known. `approvers` are logins, sorted.
    """

    is_good: bool
    why: str
    is_exception: bool = False
    is_unseen: bool = False
    is_blocked: bool = False
    tier: Tier | None = None
    approvers: tuple[str, ...] = ()


def standing_of(decided: Sequence[Decided], pull: Landed, base_ref: str, *, later: bool = False) -> Standing:
    """Of the merge of exactly this head into exactly this branch; `decided` in the ledger's order.

    What counts is the last decision while the pull request was open. One that was merged before any look counts as
    good only if nothing was asked of it. `later`: an approval given after the merge counts too.
    """
    exact = [one for one in decided if (one.head_sha, one.base_ref) == (pull.head_sha, base_ref)]
    before = [one for one in exact if one.state == PullState.OPEN.value]
    after = [one for one in exact if one.state == PullState.MERGED.value]
    place = f"#{pull.number}"
    told = (*before[-1:], *after[-1:])
    approvers = {one.who for decision in told for one in decision.approvals.counted}
    standing = _at_the_merge(before, after, place)
    if later and not (standing.is_good and not standing.is_exception) and after and _is_reviewed(after[-1]):
        standing = Standing(is_good=True, why=f"{place} was approved after the merge")
    return replace(
        standing,
        tier=told[0].tier if told else None,
        approvers=tuple(sorted(approvers)),
        is_blocked=bool(before) and before[-1].verdict == Verdict.BLOCKED.value and not standing.is_good,
    )


def _is_reviewed(decided: Decided) -> bool:
    return decided.opens and not decided.approvals.needed_glass


def _at_the_merge(before: Sequence[Decided], after: Sequence[Decided], place: str) -> Standing:
    if not before:
        if after and after[-1].verdict == Verdict.CLEAR.value:
            return Standing(is_good=True, why=f"{place}: nothing is asked of it")
        why = f"{place} was merged before the gate had looked at it"
        return Standing(is_good=False, why=why, is_unseen=not after)
    last = before[-1]
    if last.opens and last.approvals.needed_glass:
        return Standing(is_good=True, why=f"{place}: {last.approvals.broke_glass} broke the glass", is_exception=True)
    if last.opens:
        return Standing(is_good=True, why=_told(last, place))
    if last.conclusion == Conclusion.SUCCESS.value:
        return Standing(is_good=True, why=f"{place}: shadow mode, it was {last.verdict}", is_exception=True)
    return Standing(is_good=False, why=f"{place} was merged while the gate said {last.verdict}")


def _told(decided: Decided, place: str) -> str:
    who = ", ".join(one.who for one in decided.approvals.counted)
    return f"{place} was approved by {who}" if who else f"{place}: nothing is asked of it"
