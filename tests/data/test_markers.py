"""Every row of the marker catalogue finds its examples and leaves its counterexamples alone."""

from __future__ import annotations

import pytest

from bot.core.provenance.markers import CatalogueError, Match, parse_markers
from bot.data import load_catalogue

ROW = """
[[tool]]
id = "acme"
name = "Acme"
vendor = "Acme"

[[marker]]
id = "acme-trailer"
tool = "acme"
surface = "trailer"
match = "key"
pattern = "Acme-Session"
strength = "explicit"
involvement = "trace"
source = "https://example.com"
matches = ["Acme-Session: 1"]
ignores = ["Other: 1"]
"""


def test_the_shipped_catalogue_is_sound() -> None:
    markers = load_catalogue().markers
    assert len(markers.tools) >= 67
    assert {"kiro", "amazon-q"} <= {marker.tool for marker in markers.markers}


def test_a_row_is_read() -> None:
    (marker,) = parse_markers(ROW).markers
    assert marker.match is Match.KEY


FAULTS = [
    ("an unknown key", ROW + 'colour = "red"\n', "unknown colour"),
    ("a missing key", ROW.replace('pattern = "Acme-Session"\n', ""), "missing pattern"),
    ("an unknown tool", ROW.replace('tool = "acme"', 'tool = "acne"'), "unknown tool"),
    ("an unknown table", "[[maker]]\n" + ROW, "unknown tables"),
    ("an unsorted row", ROW + ROW[ROW.index("[[marker]]") :], "sorted and unique"),
    ("a match that the surface has not", ROW.replace('"key"', '"email"'), "cannot be matched"),
]


@pytest.mark.parametrize("name, text, message", FAULTS, ids=[case[0] for case in FAULTS])
def test_a_faulty_catalogue_is_refused(name: str, text: str, message: str) -> None:
    del name
    with pytest.raises(CatalogueError, match=message):
        parse_markers(text)
