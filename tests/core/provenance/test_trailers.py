"""Trailers are what git says they are."""

from __future__ import annotations

import subprocess

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.provenance.trailers import Trailer, parse_trailers

LINES = st.sampled_from(
    [
        "", " ", "\t", "\r", "Subject line", "Fix: a thing", "some prose here", "---", "--- ", "---------", "# comment",
        "Co-authored-by: A <a@b.c>", "Signed-off-by: A <a@b.c>", "Signed-off-by:A", "Assisted by : Tool", " folded",
        "\tfolded twice", "(cherry picked from commit 1a2b3c4d)", "Conflicts:", "\tpath/to/file", "Key:", ": value",
        "Ключ: value", "Key: value\r", "url: https://example.com/a:b", "https://example.com", "a b c: d", "-: x",
        "> quoted: text", "* bullet: text", "\x0b", "Key\x0c: v",
    ],
)  # fmt: skip


def parsed_by_git(message: str, *arguments: str) -> list[str]:
    command = ["git", "-c", "core.commentChar=#", "interpret-trailers", "--parse", *arguments]
    done = subprocess.run(command, input=message.encode(), capture_output=True, check=True)
    return done.stdout.decode().split("\n")[:-1]


def printed(trailers: tuple[Trailer, ...]) -> list[str]:
    return [f"{trailer.key}: {trailer.value}" for trailer in trailers]


@given(st.lists(LINES, max_size=14), st.booleans())
def test_a_message_has_the_trailers_git_finds(lines: list[str], divider: bool) -> None:
    message = "\n".join(lines) + "\n"
    arguments = () if divider else ("--no-divider",)
    assert printed(parse_trailers(message, divider=divider)) == parsed_by_git(message, *arguments)


CASES: list[tuple[str, str, list[Trailer]]] = [
    (
        "a folded value is one line",
        "s\n\nCo-authored-by: bot\n     <b@c>\n",
        [Trailer(key="Co-authored-by", value="bot <b@c>")],
    ),
    ("a title is no trailer", "Fix: it\n", []),
    ("a rule does not end the message", "s\n\n---\n\nAssisted-by: X\n", [Trailer(key="Assisted-by", value="X")]),
    ("carriage returns are spaces", "s\r\n\r\nA: b\r\n", [Trailer(key="A", value="b")]),
    ("prose makes the paragraph no block", "s\n\nA: b\nprose\n", []),
]


@pytest.mark.parametrize("name, message, expected", CASES, ids=[case[0] for case in CASES])
def test_trailers_of_a_message(name: str, message: str, expected: list[Trailer]) -> None:
    del name
    assert list(parse_trailers(message)) == expected


def test_a_message_of_megabytes_is_read_in_one_pass() -> None:
    message = "s\n\n" + "Co-authored-by: A <a@b.c>\n" * 100_000
    assert len(parse_trailers(message)) == 100_000
