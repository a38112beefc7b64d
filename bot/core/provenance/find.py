"""Looks at every surface of a pull request and names each sign of AI involvement with its place."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from bot.core.finding import Evidence
from bot.core.policy.model import ProvenancePolicy
from bot.core.provenance.habits import signs_of_line
from bot.core.provenance.identities import Sign, sign_of, signs_of_person
from bot.core.provenance.index import Index, index_of
from bot.core.provenance.markers import Markers, Surface
from bot.core.provenance.message import read_text
from bot.core.pull import Commit, PullRequest

LONGEST_EVIDENCE = 200


def find_evidence(pull: PullRequest, policy: ProvenancePolicy, markers: Markers) -> tuple[Evidence, ...]:
    """Every sign of AI involvement in the pull request as it stands, and on the heads and texts it had before.

    Sorted strongest first, then by place; each sign once. Never raises on any text.
    """
    index = index_of(markers, policy)
    found = dict.fromkeys(_everywhere(pull, index))
    return tuple(sorted(found, key=lambda one: (-one.strength, one.past, one.where, one.rule, one.text)))


def _everywhere(pull: PullRequest, index: Index) -> Iterator[Evidence]:
    for commit in pull.commits:
        yield from evidence_of_commit(commit, index)
    for commit in pull.past_commits:
        yield from evidence_of_commit(commit, index, past=True)
    yield from _of_branches((pull.head_ref,), index, past=False)
    yield from _of_branches(pull.past_head_refs, index, past=True)


def evidence_of_commit(commit: Commit, index: Index, *, past: bool = False) -> list[Evidence]:
    """The signs in one commit: its message, author, committer, accounts, signature and notes."""
    where = f"commit {commit.sha[:8]}"
    found = []
    for line in read_text(commit.message, index.hints).lines:
        found += [_evidence(sign, where, line.text, past=past) for sign in signs_of_line(line, index)]
    author = f"{commit.author.name} <{commit.author.email}>"
    for sign in signs_of_person(commit.author.name, commit.author.email, Surface.AUTHOR, index):
        found.append(_evidence(sign, f"{where}, author", author, past=past))
    return found


def _of_branches(refs: Iterable[str], index: Index, *, past: bool) -> Iterator[Evidence]:
    for ref in refs:
        lower = ref.lower()
        rows = [row for prefix, row in index.branch_prefixes if lower.startswith(prefix)]
        rows += [row for pattern, row in index.patterns[Surface.BRANCH] if pattern.search(ref) is not None]
        yield from (_evidence(sign_of(row), "head branch", ref, past=past) for row in rows)


def _evidence(sign: Sign, where: str, text: str, *, past: bool) -> Evidence:
    return Evidence(
        rule=sign.rule,
        agent=sign.agent,
        strength=sign.strength,
        involvement=sign.involvement,
        where=where,
        text=text[:LONGEST_EVIDENCE],
        past=past,
    )
