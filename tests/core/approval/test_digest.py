"""Equal digests mean the same change, byte for byte; what is not known has no digest."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.approval.digest import diff_digest, modes_known
from bot.core.pull import EXECUTABLE_MODE, Blob, ChangedFile, FileStatus
from tests.builders import changed_file


def blob(digit: str, mode: str = "100644") -> Blob:
    return Blob(sha=digit * 40, mode=mode, size=1, text="x")


def modified(path: str = "infra/db.tf", base: str = "1", head: str = "2") -> ChangedFile:
    return ChangedFile(path=path, old_path=path, status=FileStatus.MODIFIED, base=blob(base), head=blob(head))


FILE = modified()
OTHERS = [
    ("another old content", replace(FILE, base=blob("3"))),
    ("another new content", replace(FILE, head=blob("3"))),
    ("another mode", replace(FILE, head=blob("2", EXECUTABLE_MODE))),
    ("another old mode", replace(FILE, base=blob("1", EXECUTABLE_MODE))),
    ("an unknown mode", replace(FILE, head=blob("2", ""))),
    ("another path", replace(FILE, path="infra/dc.tf")),
    ("another old path", replace(FILE, old_path="infra/dc.tf")),
    ("another status", replace(FILE, status=FileStatus.RENAMED)),
    ("sides swapped", modified(base="2", head="1")),
]
UNKNOWN = [
    ("no name", replace(FILE, head=blob(""))),
    ("all zeros", replace(FILE, head=blob("0"))),
    ("a short name", replace(FILE, base=Blob(sha="1" * 39, mode="100644", size=1, text="x"))),
    ("a base that was not read", replace(FILE, base=None)),
    ("a head that was not read", replace(FILE, head=None)),
    ("a removed file with a head", replace(FILE, status=FileStatus.REMOVED)),
    ("an added file with a base", replace(FILE, status=FileStatus.ADDED)),
]


@pytest.mark.parametrize("name, other", OTHERS, ids=[row[0] for row in OTHERS])
def test_another_change_has_another_digest(name: str, other: ChangedFile) -> None:
    assert diff_digest((other,)) not in (None, diff_digest((FILE,))), name


@pytest.mark.parametrize("name, file", UNKNOWN, ids=[row[0] for row in UNKNOWN])
def test_an_unknown_side_has_no_digest(name: str, file: ChangedFile) -> None:
    assert diff_digest((file, FILE)) is None, name


def test_sha256_repositories_have_digests_too() -> None:
    assert diff_digest((replace(FILE, head=Blob(sha="2" * 64, mode="100644", size=1, text="x")),))


@given(
    st.permutations(
        [modified("a"), modified("b", "3", "4"), changed_file("c", None, "x"), changed_file("d", "x", None)]
    )
)
def test_the_order_of_files_does_not_matter(files: list[ChangedFile]) -> None:
    assert diff_digest(tuple(files)) == diff_digest(tuple(reversed(files)))


@given(st.text(), st.text())
def test_paths_cannot_run_into_one_another(first: str, second: str) -> None:
    one = replace(FILE, old_path=first, path=second)
    other = replace(FILE, old_path=first + second, path="")
    assert (diff_digest((one,)) == diff_digest((other,))) == (one == other)


def test_undecodable_paths_have_digests() -> None:
    assert diff_digest((replace(FILE, path="\udcff"),)) != diff_digest((replace(FILE, path="\udcfe"),))


def test_an_unknown_mode_is_told() -> None:
    assert modes_known((FILE, changed_file("a", None, "x")))
    assert not modes_known((replace(FILE, head=blob("2", "")),))
