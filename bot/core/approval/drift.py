"""Whether a record still is about the present change: head, base, diff, policy, plans, tier and time."""

from __future__ import annotations

from bot.core.approval.digest import modes_known
from bot.core.approval.records import Binding, Record
from bot.core.policy.model import ApprovalPolicy, CarryOver
from bot.core.pull import PullRequest


def drifted(record: Record, present: Binding, policy: ApprovalPolicy, pull: PullRequest, now: int) -> str:
    """Why the record is not about the present change, continuing "the person …"; "" while it is."""
    bound = record.binding
    if bound is None:
        return "gave it for nothing that was recorded"
    if bound.base_ref != present.base_ref:
        return "gave it for another base branch"
    if bound.policy_digest != present.policy_digest:
        return "gave it under another policy"
    if present.tier > bound.tier:
        return f"gave it when the change was of tier {bound.tier.word}, not {present.tier.word}"
    if present.plans_digest not in ("", bound.plans_digest):
        return "gave it before a Terraform plan said what the change does"
    if not is_exact(bound, present) and not _carries_over(bound, present, policy, pull):
        return _moved(bound, present)
    # The earlier of GitHub's time and ours: neither clock can make an approval younger.
    age = now - min(record.statement.said_at, record.recorded_at)
    return "gave it too long ago" if policy.expire_after is not None and age >= policy.expire_after else ""


def is_exact(bound: Binding, present: Binding) -> bool:
    """Whether the record names this very head, base and diff, so that nothing needs to be carried over."""
    return (bound.head_sha, bound.base_ref, bound.merge_base, bound.diff_digest) == (
        present.head_sha,
        present.base_ref,
        present.merge_base,
        present.diff_digest,
    )


def _carries_over(bound: Binding, present: Binding, policy: ApprovalPolicy, pull: PullRequest) -> bool:
    """Over a rebase or "update branch": only a byte-identical diff, modes included, up to the policy's tier."""
    return (
        policy.carry_over is CarryOver.IDENTICAL_DIFF
        and present.tier <= policy.carry_over_up_to
        and bound.diff_digest == present.diff_digest
        and modes_known(pull.files)
    )


def _moved(bound: Binding, present: Binding) -> str:
    if bound.head_sha != present.head_sha:
        same = ", with the same diff" if bound.diff_digest == present.diff_digest else ""
        return f"gave it for commit {bound.head_sha[:8]}{same}"
    return (
        "gave it for another diff of this head"
        if bound.diff_digest != present.diff_digest
        else ("gave it for another merge base")
    )
