"""Every text stands out from its ground, by day and by night. https://www.w3.org/TR/WCAG22/#contrast-minimum"""

from __future__ import annotations

import re

import pytest

from bot.web.dress import STATIC

ENOUGH = 4.5
THEMES = [
    dict(re.findall(r"--([\w-]+): (#\w+)", block))
    for block in re.findall(r":root \{(.*?)\}", (STATIC / "style.css").read_text(), re.DOTALL)
]
PAIRS = [
    *[(text, ground) for text in ("text", "soft", "link") for ground in ("ground", "card")],
    *[(kind, f"{kind}-ground") for kind in ("good", "wait", "bad")],
    ("button-text", "button"),
    ("focus", "ground"),
]


def luminance(colour: str) -> float:
    """https://www.w3.org/TR/WCAG22/#dfn-relative-luminance"""
    digits = colour.removeprefix("#")
    full = "".join(digit * 2 for digit in digits) if len(digits) == 3 else digits
    channels = [int(full[place : place + 2], 16) / 255 for place in (0, 2, 4)]
    red, green, blue = (one / 12.92 if one <= 0.04045 else ((one + 0.055) / 1.055) ** 2.4 for one in channels)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(first: str, second: str) -> float:
    lighter, darker = sorted((luminance(first), luminance(second)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


@pytest.mark.parametrize(("text", "ground"), PAIRS)
def test_text_stands_out(text: str, ground: str) -> None:
    light, dark = THEMES
    assert contrast(light[text], light[ground]) >= ENOUGH
    assert contrast(dark[text], dark[ground]) >= ENOUGH


def test_the_measure_is_the_standards() -> None:
    assert contrast("#000", "#ffffff") == pytest.approx(21)
    assert contrast("#777", "#fff") == pytest.approx(4.48, abs=0.01)
