"""Looks at every surface of a pull request and names each sign of AI involvement with its place."""

from __future__ import annotations

import fnmatch
from collections.abc import Iterable, Iterator
from dataclasses import replace

from bot.core.finding import LONGEST_EVIDENCE, Declaration, Evidence, Involvement, Strength
from bot.core.policy.model import ProvenancePolicy
from bot.core.provenance.body import readable
from bot.core.provenance.declarations import declared_in
from bot.core.provenance.identities import UNREAD_IDENTITY, signs_of_account, signs_of_person
from bot.core.provenance.index import POLICY, Index, believing_no_names, index_of
from bot.core.provenance.lines import signs_of_line
from bot.core.provenance.markers import Marker, Markers, Surface
from bot.core.provenance.message import LONGEST_TEXT, read_text
from bot.core.provenance.notes import parse_note
from bot.core.provenance.signs import Sign, habit, sign_of
from bot.core.provenance.traces import signs_of_files
from bot.core.pull import Actor, ActorKind, Commit, PullRequest, Signatory

LOCAL_CLONE = 0
"""The repository id of a clone on this machine, which has no accounts: its authors are names in commits alone."""

_UNREAD_TEXT = "unread-text"


def find_evidence(pull: PullRequest, policy: ProvenancePolicy, markers: Markers) -> tuple[Evidence, ...]:
    """Every sign of AI involvement in the pull request as it stands, and on the heads and texts it had before.

    Sorted strongest first, then by place; each sign once. Never raises on any text; what was too long to be read is
    evidence of its own.
    """
    index = index_of(markers, policy)
    found = dict.fromkeys(_everywhere(pull, policy, index))
    return tuple(sorted(found, key=lambda one: (-one.strength, one.past, one.where, one.rule, one.text, one.agent)))


def find_in_commit(commit: Commit, policy: ProvenancePolicy, markers: Markers) -> tuple[Evidence, ...]:
    """The signs in one commit alone, in the order of reading: for histories, where no pull request is at hand.

    Names are all that a history has, so an automation's usual name (`acme-renovate[bot]`) is believed.
    """
    found = tuple(_of_commit(commit, index_of(markers, policy), past=False))
    return found if len(found) < 2 else tuple(dict.fromkeys(found))  # noqa: PLR2004 - one sign cannot come twice


def _everywhere(pull: PullRequest, policy: ProvenancePolicy, index: Index) -> Iterator[Evidence]:
    if not _is_one_bots_history(pull):
        index = believing_no_names(index)
    for commit in pull.commits:
        yield from _of_commit(commit, index, past=False)
    for commit in pull.past_commits:
        yield from _of_commit(commit, index, past=True)
    yield from _of_people(pull, index)
    yield from _of_branches((pull.head_ref,), index, past=False)
    yield from _of_branches(pull.past_head_refs, index, past=True)
    yield from _of_titles((pull.title,), index, past=False)
    yield from _of_titles(pull.past_titles, index, past=True)
    yield from _of_bodies((pull.body,), index, past=False)
    yield from _of_bodies(pull.past_bodies, index, past=True)
    if pull.deleted_bodies:
        yield _evidence(habit(_UNREAD_TEXT, index), "pull request body", _deleted(pull.deleted_bodies), past=True)
    yield from _of_labels(pull.labels, policy, index)
    for sign, path in signs_of_files(pull.files, index):
        yield _evidence(sign, "changed file", path, past=False)


def _deleted(bodies: int) -> str:
    return f"{bodies} earlier {'text' if bodies == 1 else 'texts'} deleted from its history"


def _is_one_bots_history(pull: PullRequest) -> bool:
    """Whether nothing is known but names, and all commits bear the same: then an automation's usual name is believed.

    Who merged the base into its branch has written nothing of it. On GitHub no name is believed: there, a bot that
    opens, pushes or commits is listed or unknown.
    """
    own = (commit for commit in (*pull.commits, *pull.past_commits) if not commit.parents[1:])
    authors = {commit.author for commit in own}
    return pull.repository.id == LOCAL_CLONE and len(authors) == 1


def _of_commit(commit: Commit, index: Index, *, past: bool) -> Iterator[Evidence]:
    where = f"commit {commit.sha[:8]}"
    yield from _of_text(commit.message, where, index, past=past)
    for sign, text in _signs_of(commit.author, commit.author_account, index):
        yield _evidence(_as_author(sign), f"{where}, author", text, past=past)
    if commit.committer != commit.author:
        account = commit.committer_account if commit.committer_account != commit.author_account else None
        for sign, text in _signs_of(commit.committer, account, index):
            yield _evidence(_as_committer(sign), f"{where}, committer", text, past=past)
    if commit.signature is not None:
        for row in _signing_rows(commit.signature.fingerprint, index):
            yield _evidence(sign_of(row), f"{where}, signature", commit.signature.fingerprint, past=past)
    for note in commit.notes:
        yield from _of_note(note, f"{where}, note", index, past=past)


def _signs_of(who: Signatory, account: Actor | None, index: Index) -> Iterator[tuple[Sign, str]]:
    """The signs in the name that git carries and in the account that GitHub linked to it, with the text of each."""
    for sign in signs_of_person(who.name, who.email, Surface.AUTHOR, index):
        yield sign, f"{who.name} <{who.email}>"
    if account is not None:
        yield from ((sign, account.login) for sign in signs_of_account(account, index))


def _signing_rows(fingerprint: str, index: Index) -> list[Marker]:
    """A forged signature with a tool's key only raises what is asked, so that it need not be verified."""
    known = index.signatures.get(fingerprint)
    return [*([known] if known is not None else []), *index.patterns[Surface.SIGNATURE].matching(fingerprint)]


def _as_author(sign: Sign) -> Sign:
    """A tool that usually suggests has authored what it is the author of."""
    if sign.involvement in (Involvement.SUGGESTION, Involvement.REVIEWED):
        return replace(sign, involvement=Involvement.AUTHORED)
    return sign


def _as_committer(sign: Sign) -> Sign:
    """Who only committed has rebased or cherry-picked what somebody else wrote."""
    return replace(sign, strength=Strength.WEAK, involvement=Involvement.TOUCHED)


def _of_text(text: str, where: str, index: Index, *, past: bool) -> Iterator[Evidence]:
    reading = read_text(text, index.hints)
    for line in reading.lines:
        for sign in signs_of_line(line, index):
            yield _evidence(sign, where, line.text, past=past)
    if reading.unread:
        yield _evidence(habit(_UNREAD_TEXT, index), where, reading.unread, past=past)


def _of_note(text: str, where: str, index: Index, *, past: bool) -> Iterator[Evidence]:
    note = parse_note(text)
    if note is None:
        yield from _of_text(text, where, index, past=past)
        return
    own = (row for row in index.patterns[Surface.NOTE].matching(text) if row.source == POLICY)
    yield from (_evidence(sign_of(row), where, "a note that the policy's pattern matches", past=past) for row in own)
    row = index.by_id["git-ai-note"]
    for attestation in note.attestations:
        yield _evidence(replace(sign_of(row), agent=attestation.tool), where, attestation.text, past=past)
    if note.unread:
        yield _evidence(habit(_UNREAD_TEXT, index), where, note.unread, past=past)


def _of_people(pull: PullRequest, index: Index) -> Iterator[Evidence]:
    """The accounts that opened and pushed are the only authenticated signs; a reviewer has written nothing."""
    if pull.author.kind is ActorKind.GHOST and pull.repository.id != LOCAL_CLONE:
        yield _evidence(
            habit(UNREAD_IDENTITY, index),
            "pull request author",
            pull.author.login or "an account that is gone",
            past=False,
        )
    for sign in signs_of_account(pull.author, index):
        yield _evidence(_as_author(sign), "pull request author", pull.author.login, past=False)
    for pusher in _others(pull.pushers, pull.author):
        for sign in signs_of_account(pusher, index):
            yield _evidence(_as_author(sign), "pushed by", pusher.login, past=False)
    for reviewer in _others((review.author for review in pull.reviews), pull.author):
        for sign in signs_of_account(reviewer, index):
            reviewed = replace(sign, strength=Strength.WEAK, involvement=Involvement.REVIEWED)
            yield _evidence(reviewed, "reviewed by", reviewer.login, past=False)


def _others(actors: Iterable[Actor], author: Actor) -> Iterator[Actor]:
    return (actor for actor in dict.fromkeys(actors) if actor != author)


def _of_branches(refs: Iterable[str], index: Index, *, past: bool) -> Iterator[Evidence]:
    for ref in refs:
        lower = ref.lower()
        rows = [row for prefix, row in index.branch_prefixes if lower.startswith(prefix)]
        rows += index.patterns[Surface.BRANCH].matching(ref)
        yield from (_evidence(sign_of(row), "head branch", ref, past=past) for row in rows)


def _of_titles(titles: Iterable[str], index: Index, *, past: bool) -> Iterator[Evidence]:
    for title in titles:
        yield from _of_text(title, "pull request title", index, past=past)


def _of_bodies(bodies: Iterable[str], index: Index, *, past: bool) -> Iterator[Evidence]:
    where = "pull request body"
    for body in bodies:
        for line in body[:LONGEST_TEXT].splitlines():
            for row in index.patterns[Surface.BODY].matching(line):
                yield _evidence(sign_of(row), where, line.strip(), past=past)
        yield from _of_text(readable(body), where, index, past=past)
        if declared_in(body) is Declaration.AI:
            yield _evidence(habit("declared-in-body", index), where, "the box that declares AI is ticked", past=past)


def _of_labels(labels: Iterable[str], policy: ProvenancePolicy, index: Index) -> Iterator[Evidence]:
    for label in labels:
        lower = label.lower()
        if any(fnmatch.fnmatchcase(lower, glob.lower()) for glob in policy.labels):
            yield _evidence(habit("configured-label", index), "label", label, past=False)
        rows = [index.labels[lower]] if lower in index.labels else []
        rows += index.patterns[Surface.LABEL].matching(label)
        yield from (_evidence(sign_of(row), "label", label, past=False) for row in rows)


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
