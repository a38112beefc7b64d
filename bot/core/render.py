"""Every sentence of the check run: what is decided, why, and what to do next."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict, replace
from typing import TypeVar, assert_never

from bot.core.annotations import VERB, line_annotations
from bot.core.approval.debts import Debt
from bot.core.decision import Decision, Demand, Verdict
from bot.core.finding import Blast, Effect, Evidence, Side, Strength, Tier
from bot.core.markdown import code, login, plain, shorten
from bot.core.policy.model import Mode
from bot.core.pull import PullRequest
from bot.core.render_preview import preview_section, proposed_fault
from bot.core.writes import Button, CheckRun

# https://docs.github.com/en/rest/checks/runs#create-a-check-run
TITLE_LIMIT = 140
SUMMARY_LIMIT = 65_535
# A reader stops long before; the record page has them all.
LIST_LIMIT = 25
NAMES_IN_TITLE = 2

# The catalogue's rule for bots that nobody knows: they count as AI until a policy lists them.
UNLISTED_BOT = "unknown-bot"

APPROVE = Button(label="Approve", description="Approve exactly this head as a senior", identifier="approve")
BLOCK = Button(label="Block", description="Block this pull request as a senior", identifier="block")
RECHECK = Button(label="Re-check", description="Evaluate afresh", identifier="recheck")

T = TypeVar("T")

_SPELLED = (
    "AI", "CLI", "CodeRabbit", "CodeWhisperer", "DeepSeek", "ECA", "GLM", "GPT", "GitHub", "GitLab", "HQ", "MiniMax",
    "OpenAI", "OpenClaw", "OpenCode", "OpenHands", "SWE", "SpecStory",
)  # fmt: skip
_SPELLINGS = {word.lower(): word for word in _SPELLED}
# Whose names are not their ids' words.
_NAMES = {"copilot-vscode": "GitHub Copilot", "copilot-review": "Copilot review suggestions", "lingma": "Qoder"}

_MARKDOWN_SIGNS = frozenset("*_[]<>|@#\\\n&~")

_PAGES = {None: "the page that the check links", "": "no page yet: set `PUBLIC_URL`, `CLIENT_ID`, `CLIENT_SECRET`"}


def check_name(base_ref: str) -> str:
    """One name per base branch: a result earned against a lax branch is worth nothing on another."""
    return f"countersign/{base_ref}"


def check_run(decision: Decision, pull: PullRequest, details_url: str) -> CheckRun:
    """The check run that shows `decision` on `pull`'s head."""
    shown = CheckRun(
        name=check_name(pull.base_ref),
        head_sha=pull.head_sha,
        conclusion=decision.conclusion,
        title=title(decision),
        summary=summary(decision, details_url),
        annotations=line_annotations(decision),
        buttons=buttons(decision),
        details_url=details_url,
        external_id="",
    )
    return with_id(shown, str(pull.number))


def with_id(shown: CheckRun, about: str) -> CheckRun:
    """With the id that tells whether the same stands already."""
    digest = hashlib.sha256(json.dumps(asdict(shown), sort_keys=True).encode()).hexdigest()
    return replace(shown, external_id=f"{about}:{digest[:32]}")


def title(decision: Decision) -> str:
    """One sentence, without Markdown."""
    sentence = _title(decision)
    if decision.mode is Mode.SHADOW and decision.verdict not in (Verdict.CLEAR, Verdict.APPROVED):
        sentence = f"Shadow mode, nothing is blocked; would say: {sentence}"
    return plain(sentence, TITLE_LIMIT)


def _title(decision: Decision) -> str:
    match decision.verdict:
        case Verdict.CLEAR:
            return f"Nothing asked: {_what(decision)}"
        case Verdict.APPROVED if decision.approvals.broke_glass and decision.approvals.missing:
            owed = "review is owed" if decision.debts else "reviewed since"
            return f"Glass broken by {decision.approvals.broke_glass.statement.actor.login}: {owed}"
        case Verdict.APPROVED:
            return f"Approved by {_names(decision)}: {_what(decision)}"
        case Verdict.PENDING:
            return f"{_waiting(decision)}: {_what(decision)}"
        case Verdict.BLOCKED:
            who = (
                decision.approvals.blocked_by[0].statement.actor.login if decision.approvals.blocked_by else "a senior"
            )
            return f"Blocked by {who}: {_what(decision)}"
        case Verdict.BROKEN if decision.faults:
            return f"The policy cannot be used: {decision.faults[0].message}"
        case Verdict.BROKEN if decision.breaks_policy and not decision.incomplete:
            return proposed_fault(decision)
        case Verdict.BROKEN:
            return f"Not everything could be read: {decision.incomplete[0] if decision.incomplete else 'unknown'}"
        case _:
            assert_never(decision.verdict)


def _waiting(decision: Decision) -> str:
    if decision.requirement.declaration and not decision.approvals.missing:
        return "Waiting for the author to declare AI or human"
    if decision.requirement.plan and not decision.approvals.missing:
        return "Waiting for a Terraform plan of this head"
    eligible = decision.approvals.eligible
    shown = eligible[: len(eligible) if len(eligible) <= NAMES_IN_TITLE + 1 else NAMES_IN_TITLE]
    of = ", ".join(f"@{actor.login}" for actor in shown)
    more = f" and {len(eligible) - len(shown)} more" if len(eligible) > len(shown) else ""
    wanted = decision.approvals.missing[0] if decision.approvals.missing else "a senior"
    return f"Waiting for {wanted}" + (f" (of {of}{more})" if of else "")


def _names(decision: Decision) -> str:
    return " and ".join(sorted({counted.record.statement.actor.login for counted in decision.approvals.counted}))


def _what(decision: Decision) -> str:
    parts = []
    if decision.blast.effects:
        worst = decision.blast.effects[0]
        parts.append(f"{VERB[worst.effect]} {worst.address}")
    elif decision.blast.kinds:
        parts.append(f"touches {decision.blast.kinds[0].kind}")
    else:
        parts.append("no infrastructure touched")
    parts.append(_provenance_phrase(decision))
    return ", ".join(parts)


def _provenance_phrase(decision: Decision) -> str:
    if decision.provenance.disputed_by and decision.provenance.level is Strength.NONE:
        return f"AI involvement disputed by {decision.provenance.disputed_by}"
    if decision.provenance.level is Strength.NONE:
        return "no AI involvement disclosed"
    agents = sorted(
        {_tool(found) for found in decision.provenance.evidence if found.strength is decision.provenance.level}
    )
    sign = "AI-assisted" if decision.provenance.level >= Strength.STRONG else "a hint of AI"
    return f"{sign} ({', '.join(agents[:2])})"


def _tool(found: Evidence) -> str:
    return "a bot not listed as plain automation" if found.rule == UNLISTED_BOT else tool_name(found.agent)


def tool_name(agent: str) -> str:
    """A tool's id as a reader writes it: `claude-code` → `Claude Code`."""
    if agent in {"", "unknown"}:
        return "unknown tool"
    return _NAMES.get(agent) or " ".join(
        _SPELLINGS.get(word, word.capitalize()) for word in agent.replace("/", "-").split("-")
    )


def summary(decision: Decision, details_url: str) -> str:
    """The body, in the order in which a blocked author reads: verdict, way out, why, evidence, approvals, record."""
    sections = (
        _verdict_section(decision),
        _way_out(decision, details_url),
        preview_section(decision),
        _tier_section(decision),
        _evidence_section(decision),
        _approval_section(decision),
        _debt_section(decision),
        "\n".join(f"> {note}" for note in decision.notes),
        f"[The record of this pull request]({details_url})" if details_url else "",
    )
    text = "\n\n".join(section for section in sections if section)
    return shorten(text, SUMMARY_LIMIT)


def _verdict_section(decision: Decision) -> str:
    lines = [f"**{decision.verdict.value.capitalize()}.** {_verdict_sentence(decision)}"]
    if decision.mode is Mode.SHADOW:
        lines.append("Shadow mode: this is what the gate would say; it blocks nothing.")
    lines += [
        f"- {code(decision.policy_source)} line {f.line}, column {f.column}: {code(f.message)}"
        for f in _first(decision.faults)
    ]
    lines += [f"- {code(reason)}" for reason in _first(decision.incomplete)]
    if decision.breaks_policy:
        lines.append("- the policy that this pull request proposes could not be used")
    return "\n".join(lines)


def _verdict_sentence(decision: Decision) -> str:
    match decision.verdict:
        case Verdict.CLEAR:
            return "The policy asks for no approval of this change."
        case Verdict.APPROVED if decision.approvals.broke_glass and decision.approvals.missing:
            return "The glass was broken for this head."
        case Verdict.APPROVED:
            return "Exactly this change has the approvals that the policy asks for."
        case Verdict.PENDING:
            return f"Still missing: {'; '.join(_missing(decision))}."
        case Verdict.BLOCKED:
            return f"A senior said no: {'; '.join(_block_reasons(decision)) or 'no reason is recorded'}."
        case Verdict.BROKEN:
            return "The gate stays shut until this is mended:"
        case _:
            assert_never(decision.verdict)


def _block_reasons(decision: Decision) -> list[str]:
    blocks = [record.statement for record in decision.approvals.blocked_by]
    return [f"{login(said.actor.login)}, {code(said.argument or 'without a reason')}" for said in _first(blocks)]


def _missing(decision: Decision) -> list[str]:
    missing = list(decision.approvals.missing)
    if decision.requirement.declaration:
        missing.append("the author's word on AI use (`/declare-ai` or `/declare-human`)")
    if decision.requirement.plan:
        missing.append(
            "a Terraform plan of exactly this head, whole and at most a week old, from the workflow that plans"
        )
    return missing or ["an approval"]


def _way_out(decision: Decision, details_url: str | None) -> str:
    """Who can unblock, and how. `details_url` is None beside the check's own link, "" while no page is open."""
    match decision.verdict:
        case Verdict.CLEAR | Verdict.APPROVED:
            return ""
        case Verdict.BROKEN if decision.breaks_policy and not (decision.faults or decision.incomplete):
            return "**What to do:** mend the policy file here; `app.py policy check FILE` tells its faults."
        case Verdict.BROKEN:
            return "**What to do:** mend the policy on the base branch, or press Re-check once GitHub answers again."
        case Verdict.BLOCKED:
            return "**What to do:** the senior who blocked it, or two others, comment `/unblock-ai`."
        case Verdict.PENDING if not decision.approvals.missing:
            return "**What to do:** bring what is missing; no approval stands in for it."
        case Verdict.PENDING:
            return f"**Who can unblock:** {_who(decision)}\n\n**How:** {_how(decision, details_url)}"
        case _:
            assert_never(decision.verdict)


def _who(decision: Decision) -> str:
    eligible = decision.approvals.eligible
    names = ", ".join(login(actor.login) for actor in eligible[:LIST_LIMIT])
    more = f" and {len(eligible) - LIST_LIMIT} more" if len(eligible) > LIST_LIMIT else ""
    unknown = "".join(f"\n- could not be read: {code(what)}" for what in _first(decision.approvals.incomplete))
    return (
        f"{names}{more}" if names else "nobody that the policy names can approve this; ask who keeps the policy"
    ) + unknown


def _how(decision: Decision, details_url: str | None) -> str:
    if decision.requirement.step_up:
        page = _PAGES.get(details_url, f"[the page of this pull request]({details_url})")
        return f"with a passkey, as the policy asks for this change, on {page}."
    head = decision.binding.head_sha if decision.binding else ""
    return f"approve by a review, by the button, or by the comment `/approve-ai {head[:12]}`".rstrip() + "."


def _tier_section(decision: Decision) -> str:
    lines = [f"### Blast radius: {decision.blast.tier.word}"]
    if decision.blast.tier is Tier.NONE and not decision.blast.kinds:
        return f"{lines[0]}\n\nNo infrastructure is touched."
    lines.append("")
    lines += [f"- {_effect_line(effect)}" for effect in decision.blast.effects[:LIST_LIMIT]]
    lines += _rest(decision.blast.effects)
    lines += [f"- {_sentence(reason)}" for reason in _first(_other_reasons(decision.blast))]
    if decision.blast.kinds:
        lines.append(
            "- touches " + ", ".join(f"{code(kind.kind)} ({len(kind.paths)})" for kind in _first(decision.blast.kinds))
        )
    lines += [f"- could not be read: {_sentence(what)}" for what in _first(decision.blast.incomplete)]
    return "\n".join(lines)


def _other_reasons(blast: Blast) -> list[str]:
    """The reasons for the tier that the lists of effects, kinds and unread files do not say already."""
    said = {f"`{effect.address}`" for effect in blast.effects}
    return [
        reason
        for reason in blast.reasons
        if ": touches " not in reason
        and not any(what in reason for what in blast.incomplete)
        and not any(address in reason for address in said)
    ]


def _effect_line(effect: Effect) -> str:
    place = effect.path if effect.line is None else f"{effect.path}:{effect.line}"
    before = " before the change" if effect.side is Side.BASE and effect.line is not None else ""
    known = "from the plan" if effect.plan else f"estimated, {effect.confidence.word} confidence"
    return (
        f"**{VERB[effect.effect]}** {code(effect.address)}, {code(place)}{before}: "
        f"{_sentence(effect.reason)} ({known}, {code(effect.rule)})"
    )


def _sentence(reason: str) -> str:
    """A reason of ours, whose backticks stand around outside names: those become code, and so does whatever else holds
    a sign that Markdown reads, should a name have brought backticks of its own.
    """
    pieces = plain(reason, 600).split("`")
    return "".join(
        code(piece, 300) if place % 2 or set(piece) & _MARKDOWN_SIGNS else piece
        for place, piece in enumerate(pieces)
        if piece
    )


def _evidence_section(decision: Decision) -> str:
    provenance = decision.provenance
    lines = [f"### AI involvement: {provenance.level.word}", ""]
    if provenance.disputed_by:
        later = "; what was found after that counts" if provenance.level is not Strength.NONE else ""
        lines.append(f"- disputed for this head by {login(provenance.disputed_by)}, on record{later}")
    if provenance.contradicted:
        lines.append("- **the author declared that no AI tool wrote this; the evidence says otherwise**")
    lines += [f"- {_evidence_line(found)}" for found in provenance.evidence[:LIST_LIMIT]]
    lines += _rest(provenance.evidence)
    if not provenance.evidence:
        lines.append("None disclosed. Countersign sees what tools and people disclose, nothing else.")
    return "\n".join(lines)


def _evidence_line(found: Evidence) -> str:
    past = ", no longer there" if found.past else ""
    return (
        f"{found.strength.word}: {_tool(found)}, {found.involvement.value}, found in {found.where}{past}: "
        f"{code(found.text)} ({code(found.rule)})"
    )


def _approval_section(decision: Decision) -> str:
    if not (decision.requirement.demands or decision.approvals.counted or decision.approvals.void):
        return ""
    lines = ["### Approvals", ""]
    lines += [f"- asked: {_demand(demand)}" for demand in _first(decision.requirement.demands)]
    for counted in decision.approvals.counted[:LIST_LIMIT]:
        statement = counted.record.statement
        carried = ", carried over an identical diff" if counted.carried_over else ""
        lines.append(f"- counts: {login(statement.actor.login)} by {statement.method.value}{carried}")
    lines += [f"- void: {login(void.who)}: {_sentence(void.why)}" for void in _first(decision.approvals.void)]
    return "\n".join(lines)


def _debt_section(decision: Decision) -> str:
    if not decision.debts:
        return ""
    return "\n".join(["### Reviews owed", "", *(f"- {debt_sentence(debt)}" for debt in _first(decision.debts))])


def debt_sentence(debt: Debt) -> str:
    return (
        f"{login(debt.by.login)} broke the glass for commit {code(debt.head_sha[:12])}: another senior still has to "
        f"approve it, with `/approve-ai {debt.head_sha[:12]}` also after the merge."
    )


def _demand(demand: Demand) -> str:
    seniors = f"{demand.seniors} senior" + ("s" if demand.seniors > 1 else "")
    source = f" from {', '.join(map(code, demand.from_sets))}" if demand.from_sets else ""
    return f"{seniors}{source}{' with a passkey' if demand.step_up else ''} (rule {code(demand.rule)})"


def _first(items: Sequence[T]) -> Sequence[T]:
    return items[:LIST_LIMIT]


def _rest(items: Sequence[object]) -> Iterable[str]:
    return [f"- and {len(items) - LIST_LIMIT} more"] if len(items) > LIST_LIMIT else []


def buttons(decision: Decision) -> tuple[Button, ...]:
    """At most three, GitHub's limit."""
    match decision.verdict:
        case Verdict.PENDING:
            return (APPROVE, BLOCK, RECHECK)
        case Verdict.APPROVED:
            return (BLOCK, RECHECK)
        case Verdict.CLEAR | Verdict.BLOCKED | Verdict.BROKEN:
            return (RECHECK,)
        case _:
            assert_never(decision.verdict)


def status_reply(decision: Decision) -> str:
    """The answer to `/ai-status`."""
    parts = (f"**{plain(title(decision))}**", _way_out(decision, None), _tier_section(decision))
    return "\n\n".join(part for part in parts if part)
