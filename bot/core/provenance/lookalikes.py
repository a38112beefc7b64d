"""Letters that look like others: what a text would say if they were the letters they imitate."""

from __future__ import annotations

import unicodedata

import re2

# Letters of other scripts that pass for a Latin one, after https://www.unicode.org/reports/tr39/#Confusable_Detection
_IMITATED = str.maketrans(
    "АВСЕНІЈКМОРЅТХУаеіјорсухһѕԁԛԝӏ" + "ΑΒΕΖΗΙΚΜΝΟΡΤΥΧανορυχι" + "ՕՏոսց" + "‐‑‒–—−﹣",
    "ABCEHIJKMOPSTXYaeijopcyxhsdqwl" + "ABEZHIKMNOPTYXavopuxi" + "OSnug" + "-------",
)
_UNSEEN = dict.fromkeys(
    [0x00AD, 0x034F, 0x061C, 0x180E, *range(0x200B, 0x2010), *range(0x202A, 0x202F), *range(0x2060, 0x2065), 0xFEFF],
)
_SUSPECT = re2.compile(
    r"[\x{00ad}\x{034f}\x{0370}-\x{058f}\x{061c}\x{180e}\x{200b}-\x{200f}\x{202a}-\x{202e}\x{2060}-\x{2064}\x{feff}]"
    r"|[a-z][\x{2010}-\x{2015}\x{2212}\x{fe63}][a-z]",
)


def folded(text: str) -> str:
    """The text with look-alike letters replaced and unseen ones removed; the very same text when it has none."""
    if text.isascii():
        return text
    if not unicodedata.is_normalized("NFKC", text):
        text = unicodedata.normalize("NFKC", text)
    if _SUSPECT.search(text) is None:
        return text
    return text.translate(_IMITATED).translate(_UNSEEN)
