"""A proposed policy's faults and effects are said in the check, its faults on their very lines."""

from __future__ import annotations

import pytest

from bot.core.annotations import ANNOTATION_LIMIT, line_annotations
from bot.core.decision import Decision, Difference, Preview, Requirement, Setting, Verdict
from bot.core.finding import Tier
from bot.core.policy.model import Fault, PolicyError
from bot.core.render import check_run
from tests import builders
from tests.core.decisions import judged

PATH = ".github/countersign.yml"
ASKED = Requirement(demands=(), seniors=0, from_sets=(), step_up=False)


def faulty(*lines: int) -> Decision:
    error = PolicyError(source=PATH, faults=tuple(Fault(line=line, column=3, message="unknown key") for line in lines))
    return builders.decision(verdict=Verdict.BROKEN, preview=Preview(errors=(error,)))


def previewing(preview: Preview, verdict: Verdict = Verdict.CLEAR) -> str:
    return check_run(builders.decision(verdict=verdict, preview=preview), builders.pull(), "").summary


def row(**changes: object) -> Difference:
    words = {
        "involvement": "any",
        "tier": "any",
        "effect": "any",
        "paths": "any",
        "now": "2 seniors",
        "then": "1 senior",
    }
    return Difference(**{"asks_less": True, **words, **changes})  # type: ignore[arg-type]  # rows vary what they say


def test_faults_are_annotated_before_effects_and_within_the_limit() -> None:
    shown = check_run(faulty(2), builders.pull(), "")
    assert [(note.path, note.line, note.column, note.message) for note in shown.annotations] == [
        (PATH, 2, 3, "unknown key")
    ]
    assert shown.title == "The proposed policy cannot be used: unknown key"
    assert "- line 2, column 3: `unknown key`" in shown.summary
    assert "mend the policy file here" in shown.summary
    many = faulty(*range(1, 60))
    assert len(line_annotations(many)) == ANNOTATION_LIMIT


def test_an_effect_comes_after_the_faults() -> None:
    with_effect = judged(Verdict.PENDING, effects=(builders.effect(),), tier=Tier.HIGH)
    assert [note.column for note in line_annotations(with_effect)] == [None]


def test_columns_that_tell_nothing_apart_are_left_out() -> None:
    text = previewing(Preview(differences=(row(tier="high or more"), row(asks_less=False)), then=ASKED))
    assert "| tier | asked now | would be asked |" in text
    assert "| `high or more` | `2 seniors` | **less:** `1 senior` |" in text
    assert "| `any` | `2 seniors` | `1 senior` |" in text


def test_a_setting_and_this_pull_request_are_told() -> None:
    text = previewing(Preview(settings=(Setting(key="mode", now="enforce", then="shadow"),), then=ASKED))
    assert "- `mode`: now `enforce`, then `shadow`" in text
    assert "every kind of change would be asked what it is asked now" in text
    assert "this very pull request would be asked nothing; it is asked nothing" in text


def test_without_a_policy_in_force_nothing_is_compared() -> None:
    assert "cannot be told while the policy in force cannot be used" in previewing(Preview(), Verdict.BROKEN)


@pytest.mark.parametrize("hostile", ["a|b", "@sam", "</details>", "`x`"])
def test_outside_text_stays_text(hostile: str) -> None:
    text = previewing(Preview(differences=(row(paths=hostile),), then=ASKED))
    (line,) = [line for line in text.splitlines() if "2 seniors" in line]
    assert line.count("|") == 4
    assert "@sam" not in text


def test_a_long_list_of_differences_is_cut() -> None:
    rows = tuple(row(paths=f"p{number}/**") for number in range(40))
    assert "- and 15 more kinds of change" in previewing(Preview(differences=rows, then=ASKED))
