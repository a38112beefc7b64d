"""Facts, policy and history in, one decision out: composition only."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from bot.core.approval.binding import bind
from bot.core.approval.debts import owed_reviews, reviewed_later
from bot.core.approval.declaration import declared_tools, standing_declaration, standing_dispute
from bot.core.approval.digest import diff_digest
from bot.core.approval.records import Binding, Record
from bot.core.approval.standing import standing_approvals
from bot.core.approval.unheard import unheard_reviews
from bot.core.blast.assess import assess
from bot.core.blast.ci.pins import raise_by_pins
from bot.core.blast.plans import is_planned, plan_notes, plans_digest, raise_by_plans
from bot.core.catalogue import Catalogue
from bot.core.decision import Approvals, Conclusion, Decision, Preview, Requirement, Verdict
from bot.core.finding import Blast, Declaration, Dispute, Provenance
from bot.core.history import Facts, History
from bot.core.markdown import code
from bot.core.policy.default import BUILT_IN
from bot.core.policy.model import Mode, Policy, PolicyError
from bot.core.policy.preview import differences, settings
from bot.core.policy.requirement import effective_tier, require
from bot.core.provenance.declarations import declared_evidence
from bot.core.provenance.find import find_evidence
from bot.core.provenance.weigh import weigh
from bot.core.pull import PullRequest

_CHANGED_HANDS = (
    "{} of the policy is another account than when the policy first named it, and counts for nothing: name the person "
    "by a team, or by the login that they have now"
)

_FOREIGN = (
    "{} bears this check's name and is not Countersign's: it decides nothing where the ruleset names Countersign as "
    "the check's source"
)

# From the strictest to the most open.
STRICTNESS = (Verdict.BROKEN, Verdict.BLOCKED, Verdict.PENDING, Verdict.APPROVED, Verdict.CLEAR)


def decide(facts: Facts, policy: Policy | PolicyError, history: History, catalogue: Catalogue) -> Decision:
    """The decision on one pull request at one head. Pure and total: the same input gives the same output."""
    if isinstance(policy, PolicyError):
        return _without_policy(facts, policy, history, catalogue)
    pull = facts.pull
    blast = _blast(pull, policy, history, catalogue)
    present = _present(facts, policy, history, blast)
    new_records = _bind_all(facts, policy, history, present)
    records = (*history.records, *new_records)
    known = replace(history, records=records)
    provenance = _weighed(facts, policy, known, present, catalogue)
    planned = is_planned(history.plans, facts.now, policy.plans.workflows)
    requirement = require(policy, provenance, blast, pull, planned=planned)
    approvals = standing_approvals(
        records,
        present=present,
        requirement=requirement,
        policy=policy,
        pull=pull,
        roster=facts.roster,
        now=facts.now,
    )
    incomplete = pull.incomplete if present or pull.incomplete else ("what the changed files hold is not known",)
    preview = _preview(facts, policy, known, present, catalogue)
    return Decision(
        verdict=_verdict(requirement, approvals, incomplete, preview),
        mode=policy.mode,
        provenance=provenance,
        blast=blast,
        requirement=requirement,
        approvals=approvals,
        binding=present,
        policy_source=policy.source,
        incomplete=incomplete,
        new_records=new_records,
        debts=owed_reviews(records, pull),
        notes=(
            *plan_notes(history.plans, history.planned_heads, pull, facts.now),
            *(_CHANGED_HANDS.format(code(login)) for login in facts.roster.changed_hands),
            *(_FOREIGN.format(code(what)) for what in facts.posted.foreign),
        ),
        preview=preview,
    )


def _blast(pull: PullRequest, policy: Policy, history: History, catalogue: Catalogue) -> Blast:
    """The estimate from the text, raised by what else is known: plans, and pins of commits that nobody vouches for."""
    estimate = assess(pull.files, policy.tiers, catalogue.infra)
    return raise_by_pins(raise_by_plans(estimate, history.plans, catalogue.infra), pull.pins, catalogue.infra)


def _weighed(
    facts: Facts, policy: Policy, history: History, present: Binding | None, catalogue: Catalogue
) -> Provenance:
    declared = declared_tools(history.records, facts.pull)
    return weigh(
        (
            *find_evidence(facts.pull, policy.provenance, catalogue.markers),
            *declared_evidence(declared, policy.provenance, catalogue.markers),
        ),
        history.evidence,
        policy.provenance,
        standing_declaration(history.records, facts.pull),
        _dispute(facts, policy, history.records, present),
    )


def _preview(
    facts: Facts, policy: Policy, history: History, present: Binding | None, catalogue: Catalogue
) -> Preview | None:
    """What the pull request makes of the policy, which goes on to be judged by the one in force."""
    if facts.proposal is None or facts.proposal.policy is None:
        return Preview(errors=facts.proposal.errors) if facts.proposal else None
    then = facts.proposal.policy
    blast = _blast(facts.pull, then, history, catalogue)
    provenance = _weighed(facts, then, history, present, catalogue)
    planned = is_planned(history.plans, facts.now, then.plans.workflows)
    asked = require(then, provenance, blast, facts.pull, planned=planned)
    return Preview(differences=differences(policy, then), settings=settings(policy, then), then=asked)


def _present(facts: Facts, policy: Policy, history: History, blast: Blast) -> Binding | None:
    """What an approval given now is bound to; None when the change is not known whole, and then nothing binds."""
    pull = facts.pull
    digest = diff_digest(pull.files)
    if pull.incomplete or digest is None:
        return None
    return Binding(
        head_sha=pull.head_sha,
        base_ref=pull.base_ref,
        merge_base=pull.merge_base,
        diff_digest=digest,
        policy_digest=policy.digest,
        tier=effective_tier(blast, pull),
        plans_digest=plans_digest(history.plans),
    )


def _bind_all(facts: Facts, policy: Policy, history: History, present: Binding | None) -> tuple[Record, ...]:
    """One after the other, since a later statement may lean on an earlier one. What cannot be bound yet stays."""
    bound = reviewed_later(history.records, facts.pull) or present
    if bound is None:
        return ()
    records = history.records
    unheard = unheard_reviews(facts.pull, history, records, facts.now)
    for statement in (*history.statements, *unheard):
        record = bind(
            statement,
            present=bound,
            pull=facts.pull,
            sightings=history.sightings,
            policy=policy,
            roster=facts.roster,
            records=records,
            now=facts.now,
            debts=history.debts,
        )
        if record is not None:
            records = (*records, record)
    return records[len(history.records) :]


def _dispute(facts: Facts, policy: Policy, records: tuple[Record, ...], present: Binding | None) -> Dispute | None:
    """A dispute is about the very change; while that is not known whole, none stands."""
    if present is None:
        return None
    return standing_dispute(records, present=present, policy=policy, pull=facts.pull, roster=facts.roster)


def _verdict(
    requirement: Requirement, approvals: Approvals, incomplete: tuple[str, ...], preview: Preview | None
) -> Verdict:
    """The strictest that holds. A block outlasts a broken glass; incomplete facts outlast everything.

    A policy that could not be used after the merge shuts as well: it would shut every other pull request's gate.
    """
    if incomplete or (preview and preview.errors):
        return Verdict.BROKEN
    if approvals.blocked_by:
        return Verdict.BLOCKED
    if not requirement.demands and not requirement.waits:
        return Verdict.CLEAR
    if approvals.broke_glass is not None:
        return Verdict.APPROVED
    return Verdict.PENDING if approvals.missing or requirement.waits else Verdict.APPROVED


def _without_policy(facts: Facts, error: PolicyError, history: History, catalogue: Catalogue) -> Decision:
    """Broken, with what the built-in policy would find, so that the reader sees the change. Nothing is bound."""
    pull = facts.pull
    return Decision(
        verdict=Verdict.BROKEN,
        mode=Mode.ENFORCE,
        provenance=weigh(
            find_evidence(pull, BUILT_IN.provenance, catalogue.markers),
            history.evidence,
            BUILT_IN.provenance,
            Declaration.NONE,
            None,
        ),
        blast=_blast(pull, BUILT_IN, history, catalogue),
        requirement=Requirement(demands=(), seniors=0, from_sets=(), step_up=False),
        approvals=Approvals(counted=(), void=(), missing=(), eligible=()),
        binding=None,
        policy_source=error.source,
        faults=error.faults,
        incomplete=pull.incomplete,
        debts=owed_reviews(history.records, pull),
        preview=Preview(errors=facts.proposal.errors) if facts.proposal else None,
    )


def worst(decisions: Iterable[Decision]) -> Decision:
    """The strictest of the decisions on pull requests that share head and base; at least one is given.

    A check belongs to a commit, not to a pull request: whatever is worst for one holds for all.
    """
    known = list(decisions)
    first = strictest(known)
    if len(known) == 1:
        return first
    note = f"{len(known) - 1} more open pull request(s) carry this commit to this branch; the strictest result counts"
    return replace(first, notes=(*first.notes, note))


def strictest(decisions: Iterable[Decision]) -> Decision:
    """One that GitHub does not let pass before any that it does, whatever their verdicts are called."""

    def openness(decision: Decision) -> tuple[bool, int]:
        return decision.conclusion is Conclusion.SUCCESS, STRICTNESS.index(decision.verdict)

    return min(decisions, key=openness)
