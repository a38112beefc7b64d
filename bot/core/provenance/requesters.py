"""Whom an agent says it worked for: the people named in its pull request as having asked for the change."""

from __future__ import annotations

from collections.abc import Iterator

import re2

from bot.core.pull import ActorKind, PullRequest

LONGEST_BODY = 1 << 17
"""Characters of a pull request body; GitHub allows 65,536."""

_LOGIN = r"[`*\[]{0,2}@([A-Za-z0-9](?:[A-Za-z0-9-]{0,37}[A-Za-z0-9])?)\b"
_AGENTS_LINE = re2.compile(rf"(?i)(?:🤖.{{0,80}}\b(?:for|on behalf of)|\bJules\b.{{0,160}}\bstarted by) {_LOGIN}")
_BOTS_LINE = re2.compile(
    rf"(?i)\b(?:(?:requested|started|initiated|triggered|prompted|assigned|asked) by|on behalf of):? {_LOGIN}",
)


def named_requesters(pull: PullRequest) -> tuple[str, ...]:
    """Logins, lower case and sorted, all of them. A person's pull request names nobody but in an agent's line.

    Being named only ever takes a vote away, so that nobody gains by naming somebody; a limit would let many
    names hide the one that counts. The length of the bodies bounds them.
    """
    return tuple(sorted(set(_named(pull))))


def _named(pull: PullRequest) -> Iterator[str]:
    pattern = _BOTS_LINE if pull.author.kind is ActorKind.BOT else _AGENTS_LINE
    for body in (pull.body, *pull.past_bodies):
        for line in body[:LONGEST_BODY].splitlines():
            if not line.lstrip().startswith(">"):
                yield from (match.group(1).lower() for match in pattern.finditer(line))
