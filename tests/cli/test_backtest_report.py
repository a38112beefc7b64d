"""A judged history reads the same on the terminal, as JSON and as a page, and the page needs nothing from elsewhere."""

from __future__ import annotations

import io
import json
from html.parser import HTMLParser

import pytest
from rich.console import Console

from bot.cli.backtest_page import page
from bot.cli.backtest_report import backtest_document, backtest_report, iso
from bot.core.decision import Verdict
from bot.core.finding import Tier
from bot.core.tally import Backtest, Case, tally
from tests.builders import effect, evidence
from tests.core.decisions import demand, judged

EVIL = '<script>alert(1)</script>\x1b[2J"&'


def history(*cases: Case, interrupted: bool = False) -> Backtest:
    return Backtest(
        name="shop",
        policy_source="built-in",
        selected=5,
        passed_over=2,
        failed=(("f" * 40, f"cannot read {EVIL}"),),
        interrupted=interrupted,
        seconds=1.5,
        tally=tally(cases),
    )


CLEAR = Case(sha="a" * 40, number=None, subject="Docs", landed_at=1767225600, decision=judged(Verdict.CLEAR))
ASKED = Case(
    sha="b" * 40,
    number=12,
    subject=EVIL,
    landed_at=1767830400,
    decision=judged(found=(evidence(),), effects=(effect(),), tier=Tier.CRITICAL, demands=(demand(EVIL, 2),)),
)


def test_the_document_has_the_counts() -> None:
    found = backtest_document(history(CLEAR, ASKED))
    assert json.loads(json.dumps(found)) == found
    assert (found["judged"], found["asked"], found["share"], found["approvals"]) == (2, 1, 0.5, 2)
    assert (found["first"], found["last"]) == ("2026-01-01T00:00:00Z", "2026-01-08T00:00:00Z")
    assert found["by_agent"] == {"claude-code": 1}
    assert (found["selected"], found["passed_over"], found["interrupted"]) == (5, 2, False)
    assert found["failed"] == [{"sha": "f" * 40, "reason": f"cannot read {EVIL}"}]
    worst = found["worst"]
    assert isinstance(worst, list)
    assert [(case["number"], case["tier"], case["seniors"]) for case in worst] == [(12, "critical", 2)]


def test_the_report_starts_with_the_share_and_the_cost() -> None:
    out = io.StringIO()
    Console(file=out, width=160).print(backtest_report(history(CLEAR, ASKED)))
    text = out.getvalue()
    assert text.startswith("1 of 2 changes (50%) would have waited for somebody: 2 approvals, 2.0 a week\n")
    assert (
        "2 of 5 landed changes judged; 2 direct commits passed over (--direct judges them); 1 could not be judged"
        in text
    )
    assert "#12" in text
    assert "\x1b" not in text


@pytest.mark.parametrize("cases", [(), (CLEAR,)])
def test_a_quiet_history_has_a_report_and_a_page_too(cases: tuple[Case, ...]) -> None:
    Console(file=io.StringIO()).print(backtest_report(history(*cases)))
    assert "0 %" in page(history(*cases))


def test_an_interrupted_run_says_what_was_covered() -> None:
    assert history(CLEAR, interrupted=True).coverage.startswith("1 of 5 landed changes judged, stopped early")
    assert "stopped early" in page(history(CLEAR, interrupted=True))


class _Outside(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.references: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.references += [name for name, _ in attrs if name in {"src", "href", "srcset", "action", "data"}]


def test_the_page_holds_no_script_and_refers_to_nothing() -> None:
    text = page(history(CLEAR, ASKED))
    reader = _Outside()
    reader.feed(text)
    assert not reader.tags & {"script", "link", "img", "iframe", "object", "form", "a"}
    assert reader.references == []
    assert "url(" not in text
    assert "&lt;script&gt;" in text
    assert "\x1b" not in text


@pytest.mark.parametrize(("seconds", "text"), [(0, "1970-01-01T00:00:00Z"), (10**15, "1970-01-01T00:00:00Z")])
def test_a_time_that_no_calendar_holds_is_the_epoch(seconds: int, text: str) -> None:
    assert iso(seconds) == text
