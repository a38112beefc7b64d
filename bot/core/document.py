"""A decision as the JSON document that scripts rely on: keys are only ever added."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict

from bot.core.decision import Approvals, CountedApproval, Decision, Preview, Requirement
from bot.core.finding import Blast, Effect, Evidence, Provenance
from bot.core.policy.model import Fault
from bot.core.render import title

Json = Mapping[str, object]


def document(decision: Decision) -> dict[str, object]:
    """Plain values only, ready for `json.dumps`."""
    return {
        "verdict": decision.verdict.value,
        "conclusion": decision.conclusion.value,
        "title": title(decision),
        "mode": decision.mode.value,
        "policy": {
            "source": decision.policy_source,
            "faults": [_fault(fault) for fault in decision.faults],
        },
        "proposed_policy": _preview(decision.preview) if decision.preview else None,
        "provenance": _provenance(decision.provenance),
        "blast": _blast(decision.blast),
        "requirement": _requirement(decision.requirement),
        "approvals": _approvals(decision.approvals),
        "incomplete": list(dict.fromkeys((*decision.incomplete, *decision.blast.incomplete))),
        "notes": list(decision.notes),
        "owed_reviews": [{"by": debt.by.login, "head_sha": debt.head_sha} for debt in decision.debts],
    }


def _fault(fault: Fault) -> dict[str, object]:
    return {"line": fault.line, "column": fault.column, "message": fault.message}


def _preview(preview: Preview) -> Json:
    return {
        "faults": [{"path": one.source, **_fault(fault)} for one in preview.errors for fault in one.faults],
        "differences": [asdict(row) for row in preview.differences],
        "settings": [asdict(setting) for setting in preview.settings],
        "requirement": _requirement(preview.then) if preview.then else None,
    }


def _provenance(provenance: Provenance) -> Json:
    return {
        "level": provenance.level.word,
        "evidence": [_evidence(found) for found in provenance.evidence],
        "declaration": provenance.declaration.value,
        "contradicted": provenance.contradicted,
        "disputed_by": provenance.disputed_by,
    }


def _evidence(found: Evidence) -> Json:
    return {
        "rule": found.rule,
        "agent": found.agent,
        "strength": found.strength.word,
        "involvement": found.involvement.value,
        "where": found.where,
        "text": found.text,
        "past": found.past,
    }


def _blast(blast: Blast) -> Json:
    return {
        "tier": blast.tier.word,
        "kinds": [touched.kind for touched in blast.kinds],
        "paths": {touched.kind: list(touched.paths) for touched in blast.kinds},
        "effects": [_effect(effect) for effect in blast.effects],
        "reasons": list(blast.reasons),
        "incomplete": list(blast.incomplete),
    }


def _effect(effect: Effect) -> Json:
    return {
        "effect": effect.effect.value,
        "kind": effect.kind,
        "address": effect.address,
        "path": effect.path,
        "line": effect.line,
        "side": effect.side.value,
        "reason": effect.reason,
        "confidence": effect.confidence.word,
        "rule": effect.rule,
        "source": "plan" if effect.plan else "estimate",
    }


def _requirement(requirement: Requirement) -> Json:
    return {
        "seniors": requirement.seniors,
        "from": list(requirement.from_sets),
        "step_up": requirement.step_up,
        "rules": list(requirement.rules),
        "declaration": requirement.declaration,
        "plan": requirement.plan,
        "demands": [
            {"rule": d.rule, "seniors": d.seniors, "from": list(d.from_sets), "step_up": d.step_up}
            for d in requirement.demands
        ],
    }


def _approvals(approvals: Approvals) -> Json:
    return {
        "counted": [_counted(counted) for counted in approvals.counted],
        "void": [{"who": void.who, "why": void.why} for void in approvals.void],
        "missing": list(approvals.missing),
        "eligible": [actor.login for actor in approvals.eligible],
        "incomplete": list(approvals.incomplete),
        "blocked_by": [record.statement.actor.login for record in approvals.blocked_by],
        "broke_glass": approvals.broke_glass.statement.actor.login if approvals.broke_glass else "",
    }


def _counted(counted: CountedApproval) -> Json:
    statement = counted.record.statement
    return {"who": statement.actor.login, "method": statement.method.value, "carried_over": counted.carried_over}
