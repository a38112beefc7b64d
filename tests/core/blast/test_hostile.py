"""The law: whatever a file holds, the judgement ends in time, without an exception, and no lower for being unread."""

from __future__ import annotations

import time

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.core.blast.assess import assess
from bot.core.finding import Tier
from bot.data.infra import load_infra
from tests.core.blast.files import changed

INFRA = load_infra()
MEBIBYTE = 1024 * 1024
PATHS = (
    "main.tf",
    "main.tf.json",
    "x.tfvars",
    "stack.yaml",
    "serverless.yml",
    "t.template",
    "Dockerfile",
    "db/migrations/1.sql",
)
HEADS = {
    "stack.yaml": "AWSTemplateFormatVersion: 2010-09-09\nResources: ",
    "t.template": "AWSTemplateFormatVersion: 2010-09-09\nResources: ",
}
DB = 'resource "aws_db_instance" "main" {\n  deletion_protection = true\n}\n'


def hostile(unit: str, head: str = "", tail: str = "") -> str:
    """A text just under the limit, made of one unit."""
    return head + unit * ((MEBIBYTE - len(head) - len(tail)) // len(unit)) + tail


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("a heredoc", hostile("x", "a = <<E\n", "\nE\n")),
        ("a heredoc of templates", hostile("${x}\n", "a = <<E\n", "\nE\n")),
        ("an open heredoc", hostile("x\n", "a = <<E\n")),
        ("parentheses", hostile("(", "a = ")),
        ("brackets", hostile("[", "a = ")),
        ("closed brackets", "a = " + "[" * (MEBIBYTE // 2 - 8) + "]" * (MEBIBYTE // 2 - 8)),
        ("nested blocks", hostile("b {\n")),
        ("nested conditionals", hostile("x ? ", "a = ")),
        ("quotes", hostile('"')),
        ("open templates", hostile('"${', "a = ")),
        ("many small blocks", hostile('a "b" {}\n')),
        ("many objects of one type", "".join(f'resource "a" "n{n}" {{}}\n' for n in range(35_000))),
        ("one object with many attributes", "a {\n" + "".join(f"x{n} = {n}\n" for n in range(70_000)) + "}\n"),
        ("long keys at every depth", hostile("{" + "k" * 900 + ": ")),
        ("anchors", "".join(f"a{n}: &a{n} [*a{n - 1}, *a{n - 1}]\n" for n in range(1, 30_000))),
        ("merges", "a0: &a0 {x: 1}\n" + "".join(f"a{n}: &a{n} {{<<: *a{n - 1}, k{n}: 1}}\n" for n in range(1, 25_000))),
        ("documents", hostile("---\na: 1\n")),
        ("tags", hostile("!a ")),
        ("a control character", hostile("\x01")),
        ("replacement characters", hostile("\ufffd")[: MEBIBYTE // 3 - 100]),
    ],
)  # fmt: skip
@pytest.mark.parametrize("path", PATHS)
def test_a_hostile_text_of_a_mebibyte_ends_in_time(name: str, text: str, path: str) -> None:
    start = time.process_time()
    blast = assess((changed(path, DB, HEADS.get(path, "") + text[:-60]),), (), INFRA)
    assert time.process_time() - start < 30, name
    assert blast.tier > Tier.NONE


@pytest.mark.parametrize(
    ("name", "types", "count"),
    [("removed", 1, 0), ("renamed", 1, 1), ("renamed, each of its own type", 3_000, 1), ("of thirty types", 30, 1)],
)
def test_many_objects_are_compared_in_bounded_time(name: str, types: int, count: int) -> None:
    base = "".join(f'resource "t{n % types}" "a{n}" {{\n  x = {n % 7}\n}}\n' for n in range(3_000))
    head = "".join(f'resource "t{n % types}" "b{n}" {{\n  x = {n % 7}\n}}\n' for n in range(3_000 * count))
    start = time.process_time()
    blast = assess((changed("main.tf", base, head),), (), INFRA)
    assert time.process_time() - start < 5, name
    assert blast.tier is Tier.CRITICAL


pieces = st.sampled_from(
    [
        *('resource "a" "b" ', "{", "}", "[", "]", "=", '"', "${", "}", "\n", "<<EOF", "EOF", "# ", "/*", "count"),
        *("Resources:", "  A:", "    Type: AWS::S3::Bucket", "\n", "!Ref ", "&a ", "*a", "- ", "<<: ", "Statement"),
        *("true", "false", "0", "1", "x", " ", ",", ":", "?", "\t", "\u2028", "\x00", "apiVersion: v1\n"),
    ],
)  # fmt: skip
texts = st.lists(pieces, max_size=60).map("".join) | st.text(max_size=200)


@pytest.mark.slow
@settings(max_examples=3_000, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.sampled_from(PATHS), st.none() | texts, st.none() | texts)
def test_any_two_sides_are_judged(path: str, base: str | None, head: str | None) -> None:
    lead = HEADS.get(path, "")
    sides = [None if text is None else lead + text for text in (base, head)]
    blast = assess((changed(path, *sides),), (), INFRA)
    assert not any("could not be judged" in sentence for sentence in blast.incomplete), blast.incomplete
    assert blast.tier >= Tier.HIGH or not blast.incomplete


@given(texts)
def test_a_small_part_of_the_same(text: str) -> None:
    assess((changed("main.tf", DB, text), changed("stack.yaml", None, HEADS["stack.yaml"] + text)), (), INFRA)
