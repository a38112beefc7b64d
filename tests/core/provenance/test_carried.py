"""Evidence follows a change: whoever brings the same change again brings its evidence too."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from bot.core.finding import Evidence
from bot.core.provenance.carried import carry, marks_of, recall
from bot.core.pull import Actor, ActorKind, Commit, PullRequest, Signatory
from tests.builders import JUNIOR, blob, changed_file, commit, evidence, pull

FILE = changed_file("infra/db.tf", "a\n", "b\n")
NAME, SHORT = "a" * 40, "aaaaaaaa"
IN_COMMIT = evidence(where=f"commit {SHORT}")
IN_BODY = evidence(rule="claude-code-footer", where="pull request body", text="Generated with Claude Code")
IN_LABEL = evidence(rule="configured-label", where="label", text="ai-assisted")


def made(**changes: Any) -> Commit:
    """A commit as GitHub tells it."""
    told: dict[str, Any] = {"tree": "7" * 40, "parents": ("b" * 40,), "authorship": "june-1"}
    return commit(**{**told, **changes})


def another(found: tuple[Evidence, ...], first: PullRequest, second: PullRequest) -> tuple[Evidence, ...]:
    """What `second` recalls of what `first` showed."""
    carried = carry(first, found)
    return recall([carried[mark] for mark in marks_of(second) if mark in carried], second)


FIRST = pull(
    number=7, commits=(made(message="Resize\n\nCo-Authored-By: Claude <noreply@anthropic.com>\n"),), files=(FILE,)
)
OTHER_FILE = (changed_file("infra/db.tf", "a\n", "c\n"),)
LATER, MOVED = {"authorship": "june-2"}, {"tree": "8" * 40, "parents": ("c" * 40,)}
SOMEBODY = Signatory(name="Sam", email="sam@example.org")


@pytest.mark.parametrize(
    ("name", "second"),
    [
        ("the very commit", made()),
        ("the trailer is gone", made(sha="c" * 40, message="Resize\n")),
        ("the trailer and the author are gone", made(sha="c" * 40, message="Resize\n", author=SOMEBODY, **LATER)),
        ("the trailer is gone and it was rebased", made(sha="c" * 40, message="Resize\n", **MOVED)),
    ],
)
def test_a_commit_brings_its_evidence_into_another_pull_request(name: str, second: Commit) -> None:
    found = another(
        (IN_COMMIT,),
        FIRST,
        pull(number=8, commits=(second, made(sha="e" * 40, **LATER, tree="9" * 40)), files=OTHER_FILE),
    )
    where = f"commit {SHORT}" if second.sha == NAME else f"#7, commit {SHORT}"
    assert found == (replace(IN_COMMIT, where=where),), name


def test_the_whole_difference_brings_its_evidence_however_it_is_cut_into_commits() -> None:
    squashed = made(sha="c" * 40, message="Resize\n", author=SOMEBODY, **LATER, **MOVED)
    found = another((IN_COMMIT, IN_BODY, IN_LABEL), FIRST, pull(number=8, commits=(squashed,), files=(FILE,)))
    assert [one.where for one in found] == ["#7, commit aaaaaaaa", "#7, pull request body", "#7, label"]


ON_ANOTHER_BASE = changed_file("infra/db.tf", "new\na\n", "new\nb\n")
BLOBS = (replace(FILE, base=blob(None, sha="1" * 40), head=blob(None, sha="2" * 40)),)
BIG = (replace(FILE, base=blob(None, sha="1" * 40), head=blob(None, sha="3" * 40)),)


@pytest.mark.parametrize(
    ("name", "first", "second", "follows"),
    [
        ("on a base that changed elsewhere", (FILE,), (ON_ANOTHER_BASE,), True),
        ("indented anew", (FILE,), (changed_file("infra/db.tf", "a\n", "\n   b\n"),), True),
        ("with its files in another order", (FILE, *OTHER_FILE), (*OTHER_FILE, FILE), True),
        ("at another path", (FILE,), (changed_file("infra/other.tf", "a\n", "b\n"),), False),
        ("with one line more", (FILE,), (changed_file("infra/db.tf", "a\n", "b\nc\n"),), False),
        ("the other way round", (FILE,), (changed_file("infra/db.tf", "b\n", "a\n"),), False),
        ("a file without text, byte by byte", BLOBS, BLOBS, True),
        ("a file without text, with other bytes", BLOBS, BIG, False),
    ],
)
def test_the_same_lines_bring_their_evidence_whoever_writes_them_when(
    name: str, first: Any, second: Any, *, follows: bool
) -> None:
    """Cherry-picked or written anew, under another name, at another time and on another base."""
    anew = made(sha="c" * 40, message="Resize\n", author=SOMEBODY, **LATER, **MOVED)
    found = another((IN_COMMIT,), replace(FIRST, files=first), pull(number=8, commits=(anew,), files=second))
    assert bool(found) is follows, name


def test_lines_that_only_moved_are_no_patch_of_their_own() -> None:
    moved = changed_file("infra/db.tf", "a\nb\n", "b\na\n")
    assert [mark for mark in marks_of(pull(files=(moved,))) if mark.startswith("patch:")] == []


def test_another_change_brings_nothing() -> None:
    other = made(sha="c" * 40, **LATER, **MOVED)
    assert another((IN_COMMIT, IN_BODY), FIRST, pull(number=8, commits=(other,), files=OTHER_FILE)) == ()


def test_pull_requests_that_change_no_file_are_not_the_same_change() -> None:
    empty = replace(FIRST, files=())
    other = pull(number=8, commits=(made(sha="c" * 40, **LATER, **MOVED),), files=())
    assert another((IN_BODY,), empty, other) == ()


def test_a_pull_request_does_not_bring_its_evidence_to_itself() -> None:
    assert another((IN_COMMIT,), FIRST, FIRST) == ()


def test_the_place_of_what_was_found_stays_over_a_chain_of_pull_requests() -> None:
    amended = made(sha="c" * 40, message="Resize\n", **MOVED)
    second = pull(number=8, commits=(amended,), files=OTHER_FILE)
    handed_on = another((IN_COMMIT,), FIRST, second)
    third = pull(number=9, commits=(replace(amended, sha="d" * 40, authorship="june-3"),), files=())
    assert another(handed_on, second, third) == (replace(IN_COMMIT, where="#7, commit aaaaaaaa"),)


@pytest.mark.parametrize(
    ("name", "author", "account", "follows"),
    [
        ("their own commit", JUNIOR, JUNIOR, True),
        ("a commit of an account that is not known", JUNIOR, None, True),
        ("somebody else's commit", JUNIOR, Actor(login="sam", id=2, kind=ActorKind.USER), False),
        ("a commit in a bot's pull request", Actor(login="x[bot]", id=9, kind=ActorKind.BOT), JUNIOR, True),
    ],
)
def test_evidence_on_the_pull_request_is_about_the_commits_of_whoever_opened_it(
    name: str, author: Actor, account: Actor | None, *, follows: bool
) -> None:
    first = replace(FIRST, author=author, commits=(made(author_account=account),))
    second = pull(number=8, commits=(made(),), files=OTHER_FILE)
    assert bool(another((IN_BODY,), first, second)) is follows, name
    assert not another((IN_LABEL,), first, second), name


def test_a_pushed_away_commit_is_remembered_too() -> None:
    pushed_away = replace(FIRST, commits=(made(sha="c" * 40, **LATER, **MOVED),), past_commits=FIRST.commits)
    second = pull(number=8, commits=FIRST.commits, files=OTHER_FILE)
    assert another((IN_COMMIT,), pushed_away, second) == (IN_COMMIT,)
