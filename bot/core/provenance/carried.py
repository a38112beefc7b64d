"""Evidence that follows a change into every other pull request that brings the same change."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from bot.core.approval.digest import diff_digest
from bot.core.finding import Evidence
from bot.core.provenance.patch import patch_digest
from bot.core.pull import ActorKind, Commit, PullRequest

_IN_COMMIT = "commit "
_ELSEWHERE = "#"
# Whoever labels a pull request, or this gate itself, says nothing about each single commit of it.
_OF_THE_WHOLE = frozenset({"label"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Carried:
    """What pull request `number` showed about one change."""

    number: int
    evidence: tuple[Evidence, ...]


def marks_of(pull: PullRequest) -> tuple[str, ...]:
    """The names under which the changes of `pull` are remembered, sorted, two a commit and two for the whole.

    A commit is the same change while it makes the same tree from the same parents, whatever its message says and
    whoever signs it now, and while its author and the time of writing are the same, on whatever it was rebased: two
    commits that one author wrote in one second share a name, so that each brings the evidence of both. All commits
    together are the same change while the difference is, or the lines that it takes and adds on another base, however
    it is cut into commits and whoever wrote them when.
    """
    commits = {mark for commit in pull.commits for mark in _marks_of_commit(commit)}
    return tuple(sorted(commits | _marks_of_whole(pull)))


def carry(pull: PullRequest, evidence: Iterable[Evidence]) -> dict[str, Carried]:
    """What to remember of `pull`'s changes, by their marks; nothing where no evidence is about the change.

    Evidence in one commit is about that commit; evidence on the pull request itself is about the commits of whoever
    opened it; all of it is about the whole difference.
    """
    found = tuple(replace(one, past=False) for one in evidence)
    carried = dict.fromkeys(_marks_of_whole(pull), found)
    for commit in (*pull.commits, *pull.past_commits):
        own = tuple(one for one in found if _is_about(one, commit, pull))
        carried |= {mark: (*carried.get(mark, ()), *own) for mark in _marks_of_commit(commit)}
    return {
        mark: Carried(number=pull.number, evidence=tuple(dict.fromkeys(about)))
        for mark, about in carried.items()
        if about
    }


def recall(remembered: Iterable[Carried], pull: PullRequest) -> tuple[Evidence, ...]:
    """The evidence that other pull requests showed on the changes of `pull`, each with the place it was found in."""
    commits = {f"{_IN_COMMIT}{commit.sha[:8]}" for commit in pull.commits}
    found = (
        _placed(one, carried.number, commits)
        for carried in remembered
        if carried.number != pull.number
        for one in carried.evidence
    )
    return tuple(dict.fromkeys(found))


def _marks_of_commit(commit: Commit) -> tuple[str, ...]:
    made = ":".join(("tree", commit.tree, *commit.parents)) if commit.tree else f"commit:{commit.sha}"
    return (made, f"author:{commit.authorship}") if commit.authorship else (made,)


def _marks_of_whole(pull: PullRequest) -> set[str]:
    digest, patch = diff_digest(pull.files), patch_digest(pull.files)
    marks = {f"diff:{digest}"} if pull.files and digest is not None else set()
    return marks | {f"patch:{patch}"} if patch is not None else marks


def _is_about(evidence: Evidence, commit: Commit, pull: PullRequest) -> bool:
    if evidence.where.startswith(_IN_COMMIT):
        return evidence.where.startswith(f"{_IN_COMMIT}{commit.sha[:8]}")
    if evidence.where in _OF_THE_WHOLE:
        return False
    account = commit.author_account
    return account is None or account.id == pull.author.id or pull.author.kind is not ActorKind.USER


def _placed(evidence: Evidence, number: int, commits: set[str]) -> Evidence:
    here = evidence.where.partition(",")[0] in commits
    if here or evidence.where.startswith(_ELSEWHERE):
        return evidence
    return replace(evidence, where=f"{_ELSEWHERE}{number}, {evidence.where}")
