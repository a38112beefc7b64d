"""The check run says the verdict, the way out and the reasons, within GitHub's limits."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.annotations import ANNOTATION_LIMIT
from bot.core.approval.debts import debt_of
from bot.core.approval.records import Act
from bot.core.decision import (
    Approvals,
    Conclusion,
    CountedApproval,
    Decision,
    Demand,
    Requirement,
    Verdict,
    VoidApproval,
)
from bot.core.finding import Blast, EffectKind, Provenance, Side, Strength, Tier, TouchedKind
from bot.core.policy.model import Fault, Mode
from bot.core.render import SUMMARY_LIMIT, UNLISTED_BOT, check_run, status_reply, title, tool_name
from tests import builders
from tests.builders import OTHER_SENIOR, SENIOR

URL = "https://countersign.example/acme/shop/pull/7"


def dangerous(**changes: Any) -> Decision:
    effect = builders.effect()
    defaults: dict[str, Any] = {
        "verdict": Verdict.PENDING,
        "provenance": Provenance(level=Strength.EXPLICIT, evidence=(builders.evidence(),)),
        "blast": Blast(
            tier=Tier.CRITICAL,
            kinds=(TouchedKind(kind="terraform", weight=9, paths=("infra/db.tf",)),),
            effects=(effect,),
            reasons=("critical: replaces `aws_db_instance.main`, infra/db.tf:14",),
        ),
        "requirement": Requirement(
            demands=(Demand(rule="ai-destroys", seniors=2, from_sets=("acme/sre",), step_up=False),),
            seniors=2,
            from_sets=("acme/sre",),
            step_up=False,
        ),
        "approvals": Approvals(counted=(), void=(), missing=("2 seniors",), eligible=(SENIOR, OTHER_SENIOR)),
    }
    return builders.decision(**{**defaults, **changes})


def shown(decision: Decision) -> str:
    return check_run(decision, builders.pull(), URL).summary


TITLES: list[tuple[str, Decision, str]] = [
    ("clear", builders.decision(), "Nothing asked: no infrastructure touched, no AI involvement disclosed"),
    (
        "pending",
        dangerous(),
        "Waiting for 2 seniors (of @sam, @sofia): replaces aws_db_instance.main, AI-assisted (Claude Code)",
    ),
    (
        "approved",
        dangerous(
            verdict=Verdict.APPROVED,
            approvals=Approvals(counted=(CountedApproval(record=builders.record()),), void=(), missing=(), eligible=()),
        ),
        "Approved by sam: replaces aws_db_instance.main, AI-assisted (Claude Code)",
    ),
    (
        "blocked",
        dangerous(
            verdict=Verdict.BLOCKED,
            approvals=Approvals(counted=(), void=(), missing=(), eligible=(), blocked_by=(builders.record(),)),
        ),
        "Blocked by sam: replaces aws_db_instance.main, AI-assisted (Claude Code)",
    ),
    (
        "broken policy",
        builders.decision(verdict=Verdict.BROKEN, faults=(Fault(line=3, column=5, message="rules: expected a list"),)),
        "The policy cannot be used: rules: expected a list",
    ),
    (
        "incomplete",
        builders.decision(verdict=Verdict.BROKEN, incomplete=("3001 files, only 3000 could be read",)),
        "Not everything could be read: 3001 files, only 3000 could be read",
    ),
    (
        "glass broken",
        dangerous(
            verdict=Verdict.APPROVED,
            approvals=Approvals(counted=(), void=(), missing=("x",), eligible=(), broke_glass=builders.record()),
            debts=(debt_of(builders.record(), builders.pull()),),
        ),
        "Glass broken by sam: review is owed",
    ),
    (
        "shadow",
        dangerous(mode=Mode.SHADOW),
        "Shadow mode, nothing is blocked; would say: Waiting for 2 seniors (of @sam, @sofia): replaces",
    ),
    (
        "undeclared",
        builders.decision(
            verdict=Verdict.PENDING,
            requirement=Requirement(demands=(), seniors=0, from_sets=(), step_up=False, declaration=True),
        ),
        "Waiting for the author to declare AI or human: no infrastructure touched",
    ),
]


@pytest.mark.parametrize(("decision", "title"), [row[1:] for row in TITLES], ids=[row[0] for row in TITLES])
def test_the_title_is_a_sentence_that_says_it_all(decision: Decision, title: str) -> None:
    assert check_run(decision, builders.pull(), URL).title.startswith(title)


CONCLUSIONS = {
    Verdict.CLEAR: Conclusion.SUCCESS,
    Verdict.APPROVED: Conclusion.SUCCESS,
    Verdict.PENDING: Conclusion.ACTION_REQUIRED,
    Verdict.BLOCKED: Conclusion.FAILURE,
    Verdict.BROKEN: Conclusion.FAILURE,
}


@pytest.mark.parametrize("verdict", Verdict)
def test_only_clear_and_approved_are_success(verdict: Verdict) -> None:
    assert builders.decision(verdict=verdict).conclusion is CONCLUSIONS[verdict]


@pytest.mark.parametrize("verdict", Verdict)
def test_shadow_mode_blocks_nothing_and_says_so(verdict: Verdict) -> None:
    decision = builders.decision(verdict=verdict, mode=Mode.SHADOW)
    assert decision.conclusion is Conclusion.SUCCESS
    assert "blocks nothing" in shown(decision)


def test_the_summary_runs_from_verdict_to_record() -> None:
    text = shown(dangerous())
    order = ["**Pending.**", "**Who can unblock:**", "**How:**", "### Blast radius: critical", "infra/db.tf:14"]
    order += ["### AI involvement: explicit", "noreply@anthropic.com", "### Approvals", URL]
    places = [text.index(piece) for piece in order]
    assert places == sorted(places)


def test_a_void_approval_is_listed_with_its_reason() -> None:
    void = Approvals(
        counted=(), void=(VoidApproval(who="june", why="wrote commit aaaaaaaa"),), missing=("1 senior",), eligible=()
    )
    assert "- void: **june**: wrote commit aaaaaaaa" in shown(dangerous(approvals=void))


def test_a_policy_fault_is_listed_with_line_and_column() -> None:
    fault = Fault(line=3, column=5, message="rules: expected a list")
    assert "line 3, column 5: `rules: expected a list`" in shown(
        builders.decision(verdict=Verdict.BROKEN, faults=(fault,))
    )


def test_nobody_eligible_is_said_plainly() -> None:
    alone = Approvals(counted=(), void=(), missing=("1 senior",), eligible=())
    assert "nobody that the policy names can approve this" in shown(dangerous(approvals=alone))


def test_a_passkey_is_named_as_the_way_when_it_is_asked() -> None:
    asked = Requirement(demands=(), seniors=1, from_sets=(), step_up=True)
    assert "with a passkey, as the policy asks for this change, on [the page" in shown(dangerous(requirement=asked))
    without = check_run(dangerous(requirement=asked), builders.pull(), "").summary
    assert "on no page yet: set `PUBLIC_URL`" in without
    assert "on the page that the check links" in status_reply(dangerous(requirement=asked))


def test_the_approve_command_names_the_head() -> None:
    assert f"/approve-ai {builders.HEAD[:12]}" in shown(dangerous())


@given(st.text(), st.text(), st.text())
def test_outside_text_adds_no_markdown_of_its_own(address: str, path: str, line: str) -> None:
    blast = Blast(tier=Tier.HIGH, kinds=(), effects=(builders.effect(address=address, path=path),), reasons=())
    provenance = Provenance(level=Strength.EXPLICIT, evidence=(builders.evidence(text=line),))
    text = shown(dangerous(blast=blast, provenance=provenance))
    assert text.count("\n#") == shown(dangerous()).count("\n#")
    assert "<img" not in text.replace("`", "") or "<img" in address + path + line


def test_everything_stays_within_the_limits_of_a_check_run() -> None:
    effects = tuple(builders.effect(address="x" * 5000, path="y" * 5000, side=Side.BASE) for _ in range(500))
    found = tuple(builders.evidence(text="z" * 5000) for _ in range(500))
    decision = dangerous(
        blast=Blast(tier=Tier.CRITICAL, kinds=(), effects=effects, reasons=("r" * 9000,) * 50),
        provenance=Provenance(level=Strength.EXPLICIT, evidence=found),
    )
    check = check_run(decision, builders.pull(), URL)
    assert len(check.summary) <= SUMMARY_LIMIT
    assert len(check.title) <= 140
    assert len(check.annotations) == ANNOTATION_LIMIT
    assert "and 475 more" in check.summary
    for button in check.buttons:
        assert (len(button.label) <= 20, len(button.description) <= 40, len(button.identifier) <= 20) == (True,) * 3


@pytest.mark.parametrize("kind", EffectKind)
def test_each_effect_has_its_annotation(kind: EffectKind) -> None:
    blast = Blast(tier=Tier.HIGH, kinds=(), effects=(builders.effect(effect=kind),), reasons=())
    (annotation,) = check_run(dangerous(blast=blast), builders.pull(), URL).annotations
    assert (annotation.path, annotation.line) == ("infra/db.tf", 14)


def test_equal_decisions_have_equal_ids_and_others_do_not() -> None:
    first, again = (check_run(dangerous(), builders.pull(), URL) for _ in range(2))
    other = check_run(dangerous(verdict=Verdict.APPROVED), builders.pull(), URL)
    assert first.external_id == again.external_id != other.external_id
    assert first.external_id.startswith("7:")


def test_what_a_plan_says_is_told_as_such_and_annotates_no_file() -> None:
    effect = builders.effect(path="plan infra", line=None, plan="infra", rule="plan-replaces")
    decision = dangerous(blast=Blast(tier=Tier.HIGH, kinds=(), effects=(effect,), reasons=()))
    assert "`plan infra`: changing identifier forces a new database (from the plan, `plan-replaces`)" in shown(decision)
    assert check_run(decision, builders.pull(), "").annotations == ()


def test_names_in_a_reason_are_code_and_the_rest_is_prose() -> None:
    effect = builders.effect(reason="`prevent_destroy` of `a.b` goes from true to unset")
    blast = Blast(tier=Tier.HIGH, kinds=(), effects=(effect,), reasons=())
    assert "`prevent_destroy` of `a.b` goes from true to unset (estimated, high" in shown(dangerous(blast=blast))


def test_a_reason_is_not_said_twice() -> None:
    blast = Blast(
        tier=Tier.CRITICAL,
        kinds=(TouchedKind(kind="terraform", weight=9, paths=("infra/db.tf",)),),
        effects=(builders.effect(),),
        reasons=(
            "critical: replaces `aws_db_instance.main`, infra/db.tf:14",
            "critical: 4 of 5 objects of `infra` are gone",
            "high: `big.tf` is over the limit",
            "medium: touches terraform, `infra/db.tf`",
        ),
        incomplete=("`big.tf` is over the limit",),
    )
    text = shown(dangerous(blast=blast))
    assert text.count("aws_db_instance.main") == 1
    assert text.count("over the limit") == 1
    assert "- critical: 4 of 5 objects of `infra` are gone" in text


def test_an_owed_review_is_said_until_it_is_paid() -> None:
    glass = builders.record(statement=builders.statement(act=Act.BREAK_GLASS))
    debt = debt_of(glass, builders.pull())
    approvals = Approvals(counted=(), void=(), missing=("1 senior",), eligible=(), broke_glass=glass)
    decision = builders.decision(verdict=Verdict.APPROVED, approvals=approvals, debts=(debt,))
    assert title(decision) == "Glass broken by sam: review is owed"
    assert "**sam** broke the glass for commit `aaaaaaaaaaaa`" in shown(decision)
    assert "### Reviews owed" in shown(replace(decision, verdict=Verdict.PENDING))
    paid = replace(decision, debts=())
    assert title(paid) == "Glass broken by sam: reviewed since"
    assert "### Reviews owed" not in shown(paid)


def test_a_disputed_and_a_contradicted_finding_are_said() -> None:
    disputed = Provenance(level=Strength.NONE, evidence=(builders.evidence(past=True),), disputed_by="sam")
    assert "disputed for this head by **sam**" in shown(builders.decision(provenance=disputed))
    later = replace(disputed, level=Strength.EXPLICIT, evidence=(builders.evidence(),))
    assert "on record; what was found after that counts" in shown(builders.decision(provenance=later))
    assert "AI-assisted (Claude Code)" in title(builders.decision(provenance=later))
    lied = Provenance(level=Strength.EXPLICIT, evidence=(builders.evidence(),), contradicted=True)
    assert "the evidence says otherwise" in shown(builders.decision(provenance=lied))


def test_a_status_reply_says_why_and_who() -> None:
    text = status_reply(dangerous())
    assert "Waiting for 2 seniors" in text
    assert "**Who can unblock:** **sam**, **sofia**" in text


def test_an_unlisted_bot_is_called_that_and_not_a_tool() -> None:
    found = builders.evidence(rule=UNLISTED_BOT, agent="unknown", text="acme-renovate[bot]")
    decision = dangerous(provenance=Provenance(level=Strength.EXPLICIT, evidence=(found,)))
    check = check_run(decision, builders.pull(), URL)
    assert "AI-assisted (a bot not listed as plain automation)" in check.title
    assert "a bot not listed as plain automation, authored" in check.summary


@pytest.mark.parametrize(
    ("count", "names"),
    [(1, "(of @s0)"), (3, "(of @s0, @s1, @s2)"), (4, "(of @s0, @s1 and 2 more)")],
)
def test_the_title_names_seniors_and_counts_the_rest(count: int, names: str) -> None:
    seniors = tuple(replace(SENIOR, login=f"s{number}", id=number) for number in range(count))
    approvals = Approvals(counted=(), void=(), missing=("1 senior",), eligible=seniors)
    assert names in check_run(dangerous(approvals=approvals), builders.pull(), URL).title


def test_a_block_is_shown_with_its_reason() -> None:
    block = builders.record(statement=builders.statement(argument="wait for the freeze"))
    approvals = Approvals(counted=(), void=(), missing=(), eligible=(), blocked_by=(block,))
    assert "A senior said no: **sam**, `wait for the freeze`." in shown(
        dangerous(verdict=Verdict.BLOCKED, approvals=approvals)
    )


def test_a_tool_is_written_as_people_write_it() -> None:
    assert tool_name("claude-github-app") == "Claude GitHub App"
    assert tool_name("codex/openai") == "Codex OpenAI"
    assert tool_name("copilot-vscode") == "GitHub Copilot"
    assert tool_name("copilot-review") == "Copilot review suggestions"
    assert tool_name("coderabbit") == "CodeRabbit"


def test_a_tool_without_a_name_is_unknown() -> None:
    assert tool_name("unknown") == "unknown tool"
