"""The record's page tells what was decided and why, from whatever release's lines, and hostile words stay words."""

from __future__ import annotations

import html
import json
import re
from typing import Any
from urllib.parse import unquote

import pytest

from bot.store.entries import Entry
from bot.store.ledger import link
from bot.web.words import sentence
from tests.web.conftest import Gate
from tests.web.stepping import PATH, PLACE, decision, judged, person

HOSTILE = "<script>alert(1)</script>\"'><img src=x onerror=alert(1)> `**{{ 7*7 }}` \u202e"


async def page(gate: Gate) -> str:
    browser = (await person(gate)).browser
    return await (await browser.get(PATH)).text()


def shown(text: str) -> str:
    """As a reader sees it."""
    return re.sub(r"\s+", " ", html.unescape(re.sub(r"<[^>]+>", "", text)))


async def test_it_tells_verdict_way_out_reasons_evidence_and_approvals(gate: Gate) -> None:
    await judged(gate)
    text = shown(await page(gate))
    for words in (
        "pending Waiting for 1 senior with a passkey",
        "Still missing: 1 senior with a passkey.",
        "Blast radius: critical",
        "replace aws_db_instance.orders, terraform/db main.tf:7",
        "orders is created anew (from the plan, tf-replace)",
        "AI involvement: explicit",
        "claude-code, found in commit aaaaaaaa, no longer there: Co-Authored-By: Claude",
        "asked: 1 senior from acme/sre with a passkey (rule critical)",
        "void: eve gave it for commit bbbbbbbb",
    ):
        assert words in text, words


async def test_a_place_links_to_its_line_at_the_commit_that_was_judged(gate: Gate) -> None:
    await judged(gate)
    assert f'href="https://github.com/acme/shop/blob/{"a" * 40}/terraform/db%20main.tf#L7"' in await page(gate)
    gone = decision()["blast"]
    gone["effects"][0] |= {"side": "base", "path": "a#b?c/%2e%2e/d.tf"}
    await judged(gate, blast=gone)
    (address,) = re.findall(r'href="(https://github.com/acme/shop/blob/[^"]*)"', await page(gate))
    assert address.startswith(f"https://github.com/acme/shop/blob/{'b' * 40}/a%23b%3Fc/%252e%252e/d.tf#L7")
    assert unquote(address.partition("/" + "b" * 40 + "/")[2].partition("#")[0]) == "a#b?c/%2e%2e/d.tf"


def hostile(value: Any) -> Any:
    """The same shape with every free text replaced."""
    if isinstance(value, dict):
        return {hostile_key(key): hostile(one) for key, one in value.items()}
    if isinstance(value, list):
        return [hostile(one) for one in value]
    return HOSTILE if isinstance(value, str) else value


def hostile_key(key: str) -> str:
    return HOSTILE if key == "terraform" else key


async def test_hostile_words_stay_words_wherever_they_come_from(gate: Gate) -> None:
    told = hostile(decision()) | {"verdict": "pending", "state": "OPEN", "mode": "enforce"}
    statement: dict[str, Any] = {
        "id": "comment:1",
        "act": HOSTILE,
        "actor": {"login": HOSTILE, "id": 5, "kind": "User"},
    }
    statement |= {"method": HOSTILE, "said_at": 5, "head_sha": HOSTILE, "argument": HOSTILE}
    body = json.dumps({"statement": statement, "refusal": HOSTILE, "recorded_at": 6, "binding": None})
    await judged(gate, Entry(subject=PLACE.subject, kind="record", key=HOSTILE, at=6, body=body), **told)
    text = await page(gate)
    assert "<script>alert" not in text
    assert "<img" not in text
    assert "49" not in shown(text).replace("1970", "")
    assert shown(text).count("<script>alert(1)</script>") > 10


@pytest.mark.parametrize(
    "body",
    ["{}", '{"verdict": "pending"}', '{"verdict": 5}', "[]", "null"],
    ids=["nothing", "a part", "another type", "a list", "null"],
)
async def test_a_decision_of_no_known_shape_leaves_the_rest_of_the_page(gate: Gate, body: str) -> None:
    entry = Entry(subject=PLACE.subject, kind="decision", key="odd", at=7, body=body)
    await judged(gate, entry)
    text = shown(await page(gate))
    assert "Waiting for 1 senior" in text
    assert "odd" in text


async def test_whatever_else_the_verdict_waits_for_is_told(gate: Gate) -> None:
    asked = decision()["requirement"] | {"declaration": True, "plan": True}
    await judged(gate, requirement=asked)
    wanted = "Still missing: 1 senior with a passkey; the author's word on AI use; a Terraform plan of this head."
    assert wanted in shown(await page(gate))


async def test_what_a_change_would_make_of_the_policy_is_shown(gate: Gate) -> None:
    row = {"involvement": "AI", "tier": "low", "effect": "any", "paths": HOSTILE, "now": "1 senior", "then": "nothing"}
    await judged(gate, proposed_policy={"faults": [], "differences": [row | {"asks_less": True}]})
    text = await page(gate)
    assert '<span class="mark no">less</span> nothing' in text
    assert "<script>alert" not in text


async def test_decisions_over_time_are_listed_newest_first(gate: Gate) -> None:
    await judged(gate)
    gate.clock.time += 60
    await judged(gate, title="Approved by jay", verdict="approved")
    text = shown(await page(gate))
    assert text.index("Approved by jay", text.index("Decisions over time")) < text.rindex("Waiting for 1 senior")


async def test_a_refusal_is_told_with_its_code_and_names_marked(gate: Gate) -> None:
    statement: dict[str, Any] = {
        "id": "comment:1",
        "act": "approve",
        "actor": {"login": "eve", "id": 6, "kind": "User"},
    }
    statement |= {"method": "comment", "said_at": 5}
    refusal = "Not accepted: **eve** opened this: comment `/approve-ai aaaa`."
    body = json.dumps({"statement": statement, "refusal": refusal, "recorded_at": 6, "binding": None})
    await judged(gate, Entry(subject=PLACE.subject, kind="record", key="comment:1", at=6, body=body))
    assert "Not accepted: <b>eve</b> opened this: comment <code>/approve-ai aaaa</code>." in await page(gate)


@pytest.mark.parametrize("asked", [f"{PATH}?format=json", PATH])
async def test_as_json_it_holds_every_line_with_what_its_hash_covers(gate: Gate, asked: str) -> None:
    await judged(gate)
    browser = (await person(gate)).browser
    headers = {} if "?" in asked else {"Accept": "application/json"}
    response = await browser._ask("GET", asked, headers=headers)
    assert response.content_type == "application/json"
    told = await response.json()
    assert (told["owner"], told["number"], told["verdict"]) == ("acme", 2, "pending")
    assert told["decision"]["blast"]["tier"] == "critical"
    (line,) = told["lines"]
    previous, sequence, digest = (line.pop(name) for name in ("previous", "sequence", "hash"))
    assert digest == link(previous, sequence, Entry(**line))


async def test_json_is_for_the_same_eyes_alone(gate: Gate) -> None:
    await judged(gate)
    assert (await gate.browser().get(f"{PATH}?format=json")).status == 303
    eve = (await person(gate, "eves")).browser
    assert (await eve.get(f"{PATH}?format=json")).status == 404


async def test_a_very_long_line_is_cut_on_the_page_and_whole_in_the_json(gate: Gate) -> None:
    await judged(gate, notes=["x" * 50_000])
    assert "Cut here; the JSON has all of it." in await page(gate)
    browser = (await person(gate)).browser
    assert "x" * 50_000 in await (await browser.get(f"{PATH}?format=json")).text()


@pytest.mark.parametrize(
    ("text", "marked"),
    [
        ("a `b` c", "a <code>b</code> c"),
        ("**a** b", "<b>a</b> b"),
        ("`<b>`", "<code>&lt;b&gt;</code>"),
        ("<i>`", "&lt;i&gt;`"),
        ("`a **b** c`", "<code>a **b** c</code>"),
        ("", ""),
    ],
)
def test_a_sentence_marks_code_and_names_and_nothing_else(text: str, marked: str) -> None:
    assert str(sentence(text)) == marked
