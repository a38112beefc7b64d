"""A small organisation, its policy, and a change of one file that a junior opened."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from bot.core.approval.binding import bind
from bot.core.approval.digest import approval_digest, diff_digest
from bot.core.approval.records import Act, Binding, Method, Record, Sighting, Statement
from bot.core.approval.standing import standing_approvals
from bot.core.decision import Approvals, Demand, Requirement
from bot.core.finding import Tier
from bot.core.policy.digest import with_digest
from bot.core.policy.model import BreakGlass, Mode, Policy, Require, Rule, Seniors, When
from bot.core.pull import (
    Actor,
    ActorKind,
    Blob,
    ChangedFile,
    Comment,
    FileStatus,
    PullRequest,
    Review,
    ReviewState,
)
from bot.core.roster import Permission, Roster
from tests.builders import BASE, HEAD, JUNIOR, OTHER_SENIOR, SENIOR, commit, pull, statement

THIRD_SENIOR = Actor(login="sean", id=4, kind=ActorKind.USER)
LEAD = Actor(login="lena", id=5, kind=ActorKind.USER)
OUTSIDER = Actor(login="otto", id=6, kind=ActorKind.USER)
MACHINE = Actor(login="acme-ci", id=7, kind=ActorKind.USER)
COMMANDER = Actor(login="cora", id=8, kind=ActorKind.USER)
AGENT = Actor(login="agent[bot]", id=9, kind=ActorKind.BOT)

SENIORS, LEADS, COMMANDERS = "acme/seniors", "acme/leads", "acme/commanders"
OTHER_HEAD = "c" * 40
OPENED_AT, SAID_AT, NOW = 1_000, 2_000, 3_000

POLICY = with_digest(
    Policy(
        mode=Mode.ENFORCE,
        seniors=Seniors(teams=(SENIORS,), machine_users=("acme-ci",)),
        rules=(Rule(name="infrastructure", when=When(tier=Tier.LOW), require=Require(seniors=1)),),
        break_glass=BreakGlass(teams=(COMMANDERS,), valid_for=3_600),
    )
)
ROSTER = Roster(
    teams={
        SENIORS: frozenset({SENIOR, OTHER_SENIOR, THIRD_SENIOR, MACHINE, AGENT}),
        LEADS: frozenset({LEAD}),
        COMMANDERS: frozenset({COMMANDER}),
    },
    users={"acme-ci": MACHINE},
    permissions={
        **dict.fromkeys((SENIOR.id or 0, 3, 4, 5, 7, 8, 9), Permission.WRITE),
        JUNIOR.id or 0: Permission.WRITE,
        OUTSIDER.id or 0: Permission.READ,
    },
)


def file(head: str = "2", path: str = "infra/db.tf", mode: str = "100644") -> ChangedFile:
    sides = [Blob(sha=digit * 40, mode=mode, size=1, text="x") for digit in ("1", head)]
    return ChangedFile(path=path, old_path=path, status=FileStatus.MODIFIED, base=sides[0], head=sides[1])


def change(**changes: Any) -> PullRequest:
    """The pull request with the sources of the statements that `said` makes."""
    defaults: dict[str, Any] = {
        "files": (file(),),
        "commits": (commit(author_account=JUNIOR, committer_account=JUNIOR),),
        "comments": tuple(Comment(id=actor.id or 0, author=actor, edited=False) for actor in PEOPLE),
        "reviews": tuple(review(actor) for actor in PEOPLE),
    }
    return pull(**{**defaults, **changes})


PEOPLE = (JUNIOR, SENIOR, OTHER_SENIOR, THIRD_SENIOR, LEAD, OUTSIDER, MACHINE, COMMANDER, AGENT)


def review(actor: Actor, state: ReviewState = ReviewState.APPROVED, *, at: int = SAID_AT, number: int = 0) -> Review:
    return Review(id=number or actor.id or 0, author=actor, state=state, commit_sha=HEAD, submitted_at=at)


def bound_to(change: PullRequest, tier: Tier = Tier.HIGH, policy: Policy = POLICY) -> Binding:
    """What an approval of `change` is bound to."""
    return Binding(
        head_sha=change.head_sha,
        base_ref=change.base_ref,
        merge_base=change.merge_base,
        diff_digest=diff_digest(change.files) or "",
        policy_digest=policy.digest,
        tier=tier,
    )


def said(actor: Actor = SENIOR, act: Act = Act.APPROVE, method: Method = Method.REVIEW, **changes: Any) -> Statement:
    """What `actor` said; a comment names no commit, everything else the head; a passkey signs the whole change."""
    reference = {Method.REVIEW: "review", Method.COMMENT: "comment"}.get(method, "check-run")
    defaults = {
        "id": f"{method.value}:{actor.id}:{act.value}:{changes.get('said_at', SAID_AT)}",
        "actor": actor,
        "act": act,
        "method": method,
        "head_sha": "" if method is Method.COMMENT else HEAD,
        "base_ref": "",
        "said_at": SAID_AT,
        "received_at": changes.get("said_at", SAID_AT) + 1,
        "reference": f"{reference}:{actor.id}",
        "seen": approval_digest(10, 7, bound_to(change())) if method is Method.STEP_UP else "",
    }
    return statement(**{**defaults, **changes})


def recorded(given: Statement, binding: Binding | None = None, refusal: str = "") -> Record:
    return Record(
        statement=given,
        binding=None if refusal else binding or bound_to(change()),
        refusal=refusal,
        recorded_at=given.received_at,
    )


def seen(
    head: str = HEAD, *, at: int = OPENED_AT, published_at: int | None = OPENED_AT + 5, base: str = "main"
) -> Sighting:
    return Sighting(head_sha=head, base_ref=base, first_seen_at=at, published_at=published_at)


def bind_now(given: Statement, **changes: Any) -> Record | None:
    """Bind `given` to the change, with one head seen long before."""
    current = changes.get("pull", change())
    arguments: dict[str, Any] = {
        "present": bound_to(current),
        "pull": current,
        "sightings": (seen(),),
        "policy": POLICY,
        "roster": ROSTER,
        "records": (),
        "now": NOW,
    }
    return bind(given, **{**arguments, **changes})


def demand(seniors: int = 1, *from_sets: str, **changes: Any) -> Demand:
    return replace(Demand(rule="infrastructure", seniors=seniors, from_sets=from_sets, step_up=False), **changes)


def asking(*demands: Demand) -> Requirement:
    return Requirement(
        demands=demands,
        seniors=max((each.seniors for each in demands), default=0),
        from_sets=(),
        step_up=any(each.step_up for each in demands),
    )


def standing(*records: Record, **changes: Any) -> Approvals:
    """Which of `records` count for one senior on the change."""
    current = changes.get("pull", change())
    arguments: dict[str, Any] = {
        "present": bound_to(current),
        "requirement": asking(demand()),
        "policy": POLICY,
        "pull": current,
        "roster": ROSTER,
        "now": NOW,
    }
    return standing_approvals(records, **{**arguments, **changes})


__all__ = ["BASE", "HEAD", "JUNIOR", "OTHER_SENIOR", "SENIOR"]
