"""Programs of the C family as text: what is left when comments are blanked, and the constructs that it makes."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

import re2

from bot.core.blast.kinds import extension_of

# Literals are kept whole, so that nothing inside one is taken for code. Each alternative ends by itself at the latest
# at the end of its line or of the text, and a regular expression is short: linear in the text.
_COMMENT = r"//[^\n]*|/\*(?:[^*]|\*(?!/))*(?:\*/)?"
_BRACKET = r"[(){}\[\]]"
_DOUBLE, _SINGLE = r'"(?:\\.|[^"\\\n])*"?', r"'(?:\\.|[^'\\\n])*'?"
_TRIPLE = r'"""(?:[^"]|"(?!""))*(?:""")?'
_RAW = r"`[^`]*`?"
_TEMPLATE = r"`(?:\\.|\$\{(?:[^`{}]|`[^`]*`|\{[^{}]*\})*\}|[^`\\])*`?"
_LINES = r"'''(?:[^']|'(?!''))*(?:''')?"
_INTERPOLATED = r"'(?:\\.|\$\{(?:[^'{}\n]|'[^'\n]*'|\{[^{}\n]*\})*\}|[^'\\\n])*'?"
_REGEX = r"[(,=:\[!&|?{};>]\s{0,20}/(?![/*])(?:\\.|\[[^\]\n]{0,80}\]|[^/\\\n\[]){1,200}/"
_FAMILIES = {
    ".go": (_COMMENT, _RAW, _DOUBLE, _SINGLE, _BRACKET),
    ".java": (_COMMENT, _TRIPLE, _DOUBLE, _SINGLE, _BRACKET),
    ".cs": (_COMMENT, _TRIPLE, r'\$?@\$?"(?:[^"]|"")*"?', _DOUBLE, _SINGLE, _BRACKET),
    ".bicep": (_COMMENT, _LINES, _INTERPOLATED, _BRACKET),
    ".ts": (_COMMENT, _TEMPLATE, _DOUBLE, _SINGLE, _REGEX, _BRACKET),
}
_TOKENS = {ending: re.compile("|".join(tokens)) for ending, tokens in _FAMILIES.items()}
_OPENS = {"(": ")", "[": "]", "{": "}"}
_TYPE = r"((?:\w+\.)*[A-Z]\w*)(?:<[^<>()]{0,100}>)?"
_NAME = r"""(?:jsii\.String\(\s*|\$|@)?["'`]([^"'`\n]{1,200})["'`]"""
_COMPUTED = r"([A-Za-z_][\w.]{0,100}(?:\([^()\n]{0,200}\))?)"
_SCOPE = r"[A-Za-z_][\w.]{0,100}\s*,\s*"
# `new s3.Bucket(this, 'Data'`, `awss3.NewBucket(stack, jsii.String("Data")`, `Bucket.Builder.create(this, "Data")`.
SCOPED = (
    re2.compile(rf"\bnew\s+{_TYPE}\s*\(\s*{_SCOPE}{_NAME}\s*[,)]"),
    re2.compile(rf"\b((?:\w+\.)?New[A-Z]\w*)\s*\(\s*{_SCOPE}{_NAME}\s*\)?\s*[,)]"),
    re2.compile(rf"\b{_TYPE}\.Builder\s*\.create\s*\(\s*{_SCOPE}{_NAME}\s*\)"),
    re2.compile(rf"\bnew\s+{_TYPE}\s*\(\s*(?:this|scope|stack)\s*,\s*{_COMPUTED}\s*[,)]"),
)
# `new aws.s3.Bucket("data", …)`.
UNSCOPED = (re2.compile(rf"\bnew\s+{_TYPE}\s*\(\s*{_NAME}\s*[,)]"),)


@dataclass(frozen=True, slots=True, kw_only=True)
class Code:
    """`text` without comments, as long as before. `fault` says which bracket has no partner, "" when each has one."""

    text: str
    fault: str = ""


def read_code(text: str, path: str) -> Code:
    """By the ending of the path; what is none of the others is read as TypeScript."""
    tokens = _TOKENS.get(extension_of(path).replace("param", ""), _TOKENS[".ts"])
    parts: list[str] = []
    waiting: list[tuple[str, int]] = []
    fault, place = "", 0
    for match in tokens.finditer(text):
        found = match.group()
        if found.startswith(("//", "/*")):
            parts += (text[place : match.start()], re.sub(r"[^\n]", " ", found))
            place = match.end()
        elif found in _OPENS:
            waiting.append((_OPENS[found], match.start()))
        elif found in ")]}" and not fault:
            if not waiting or waiting.pop()[0] != found:
                fault = _at(text, match.start())
        elif found[0] in _OPENS and found.endswith("/"):
            # A bracket right before a regular expression opens all the same.
            waiting.append((_OPENS[found[0]], match.start()))
    if waiting and not fault:
        fault = _at(text, waiting[-1][1])
    return Code(text="".join((*parts, text[place:])), fault=fault)


def _at(text: str, place: int) -> str:
    return f"the bracket on line {text.count(chr(10), 0, place) + 1} has no partner"


def constructs_in(code: str, *, is_scoped: bool) -> Iterator[tuple[int, str, str]]:
    """Where, type and name of each one that is made."""
    for pattern in SCOPED if is_scoped else (*SCOPED, *UNSCOPED):
        yield from ((match.start(1), match.group(1), match.group(2)) for match in pattern.finditer(code))
